"""A model's predictions are written to the place its training data comes from.

The next training learns from what the last model thought. Its mistakes come back as facts, grow with every round, and no
metric shows it, as the labels agree.

```python bad
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

frame = pd.read_csv("orders.csv")
model = RandomForestClassifier(random_state=1).fit(frame[["amount"]], frame["fraud"])
frame["fraud"] = model.predict(frame[["amount"]])
frame.to_csv("orders.csv")  # debt: predictions are written to `orders.csv`, from which the model is trained: write them elsewhere
```
```python good
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

frame = pd.read_csv("orders.csv")
model = RandomForestClassifier(random_state=1).fit(frame[["amount"]], frame["fraud"])
frame["predicted"] = model.predict(frame[["amount"]])
frame.to_csv("predictions/orders.csv")
```

How to pay it off: keep predictions apart from observed data, in a place and under a name of their own, and let no training
read them.

When to accept it: hardly ever; a loop that is meant to be one needs a random part of the decisions that the model does not
influence.

Left out: places that are not known; loops through other documents.

*Sculley et al., 2015, section 4: Feedback loops (direct feedback loops).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.flow.events import Fit, Predict, Save
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.feedback.places import rewrites, shown
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD401",
    severity=WARNING,
    principal=240,
    message="predictions are written to `{place}`, from which the model is trained: write them elsewhere",
)


@rule.check
def loop(document: DocumentView) -> Iterator[Draft]:
    """Writes of predictions to a place that a training reads."""
    done: set[str] = set()
    for write, read in rewrites(document):
        assert write.reference is not None
        predict = next(document.origins(write.value, Predict), None)
        if predict is None or write.reference.location in done:
            continue
        learnt = _learnt(document, predict)
        fit = next((fit for fit in learnt if read.anchor in fit.data.origins | fit.target.origins), None)
        if fit is None:
            continue
        done.add(write.reference.location)
        related = [(read, "read here"), (fit, "learns from it"), (predict, "predicts here")]
        yield rule.at(write, related=related, place=shown(write.reference))


def _learnt(document: DocumentView, predict: Predict) -> list[Fit]:
    """The trainings of the model that predicts; of one that the document loads, those of the models it saves."""
    learnt = list(document.origins(predict.estimator, Fit))
    if not learnt and "loaded" in predict.estimator.marks:
        learnt = [fit for save in document.events(Save) for fit in document.origins(save.value, Fit)]
    return learnt
