"""A running system decides by a threshold that is set once and for all.

It was right for one model on one data set. Nothing chooses it again when the model is trained again, so each retraining
moves precision and recall without anybody having decided so.

```python bad script
import joblib
from fastapi import FastAPI

THRESHOLD = 0.73  # debt: `THRESHOLD = 0.73` decides over scores, and nothing derives it from data: choose it on validation data

app = FastAPI()
model = joblib.load("model.joblib")

@app.post("/churn")
def churn(customer: list[float]):
    return {"churns": bool(model.predict_proba([customer])[0, 1] > THRESHOLD)}
```

```python good script
import joblib
from fastapi import FastAPI

app = FastAPI()
saved = joblib.load("model.joblib")
model, threshold = saved["model"], saved["threshold"]

@app.post("/churn")
def churn(customer: list[float]):
    return {"churns": bool(model.predict_proba([customer])[0, 1] > threshold)}
```

```python good
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve

MINIMAL_PRECISION = 0.9

model = LogisticRegression().fit(X_train, y_train)
precision, recall, thresholds = precision_recall_curve(y_validation, model.predict_proba(X_validation)[:, 1])
threshold = thresholds[(precision[:-1] >= MINIMAL_PRECISION).argmax()]
churns = model.predict_proba(X_new)[:, 1] > threshold
```

**How to pay it off.** Choose the threshold on validation data in the same run that trains the model
(`precision_recall_curve`, `TunedThresholdClassifierCV`), for what errors cost, and keep it with the model.

**When to accept it.** When the threshold is given from outside (a law, a contract), or is chosen elsewhere for this model.

It looks at systems that decide on and on: services and their handlers, scheduled jobs, consumers of streams, apps, and batch jobs
that load a model and write out what they decide. In an analysis or a notebook that trains, a named threshold is well kept
(`magic-threshold` asks for no more). Left out: steps of a metric that count as progress, thresholds from the command line, the environment or a configuration; documents that choose a threshold from data
somewhere; literals in the comparison itself (`magic-threshold` finds those).

*Sculley et al., 2015, section 7: Dealing with changes in the external world (fixed thresholds in dynamic systems).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.flow.events import Call, Compare, Name, Predict, Write
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.scores import decides, handed, names_threshold, words
from paydown.rules.world.services import serves
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD702",
    severity=INFORMATION,
    principal=60,
    message="`{name} = {number:g}` decides over scores, and nothing derives it from data: choose it on validation data",
    in_tests=False,
)
_UNNAMED = "`{text} {operator} …` decides by a fixed {number:g}, and nothing derives it from data: choose it on validation data"
_DERIVE = frozenset(
    ["precision_recall_curve", "roc_curve", "det_curve", "TunedThresholdClassifierCV", "quantile", "percentile", "nanpercentile",
     "threshold_otsu", "FixedThresholdClassifier", "find_best_threshold"]
)  # fmt: skip


@rule.check
def fixed(document: DocumentView) -> Iterator[Draft]:
    """Named literals that scores are compared with."""
    uses: dict[float, list[Compare]] = {}
    for event in document.events(Compare):
        number = event.right.number
        if (
            number is None
            or event.literal
            or "named" not in event.right.marks
            or event.right.marks & {"setting", "tuned"}
        ):
            continue
        ordered = event.operator in ("<", "<=", ">", ">=") and "assert" not in event.context
        call = document.event(event.via[-1]) if ordered and event.via else None
        if isinstance(call, Call) and handed(call, number) is not None:
            continue  # `magic-threshold` finds that
        if ordered and event.left.kind != "metric" and " - " not in event.text and decides(event, number):
            uses.setdefault(number, []).append(event)
    if not uses or any(event.call.rpartition(".")[2] in _DERIVE for event in document.events(Call)):
        return
    if not any(serves(cell.text) for cell in document.cells if cell.kind == "code"):
        uses = {
            number: kept for number, found in uses.items() if (kept := [one for one in found if _is_job(document, one)])
        }
    bound: dict[float, Name] = {}
    for name in document.events(Name):
        number = name.value.number if name.action == "bind" else None
        if number in uses and (names_threshold(name.name) or words(name.name) & {"min", "max", "limit", "level"}):
            bound.setdefault(number, name)
    for number, (first, *others) in uses.items():
        if first.left.kind == "frame" and (number not in bound or not names_threshold(bound[number].name)):
            continue
        at = bound.get(number)
        if at is not None:
            related = [(event, "decides by it") for event in (first, *others)]
            yield rule.at(at, related=related, name=at.name, number=number)
        elif any(names_threshold(name.name) for name in bound.values()):
            continue
        else:
            related = [(event, "decides by it too") for event in others]
            yield rule.at(
                first, related=related, message=_UNNAMED, text=first.text, operator=first.operator, number=number
            )


def _is_job(document: DocumentView, event: Compare) -> bool:
    """Whether a loaded model gave the scores, and what it predicts is written out."""
    found = document.origins(event.left, Predict)
    predicted = [predict.anchor for predict in found if "loaded" in predict.estimator.marks]
    return any(anchor in write.value.origins for write in document.events(Write) for anchor in predicted)
