"""A model is trained again on data that holds its own predictions, whatever it thought of them.

What it got wrong becomes a label, so it gets it wrong more firmly. Without a gate on the score nothing stops that, and the
metrics on those rows only get better.

```python bad
import numpy as np
from sklearn.linear_model import LogisticRegression

model = LogisticRegression()
model.fit(X, y)
guessed = model.predict(X_new)
model.fit(np.vstack([X, X_new]), np.concatenate([y, guessed]))  # debt: `LogisticRegression` is trained again on its own predictions, with no gate on their score: keep only the certain ones
```
```python good
import numpy as np
from sklearn.linear_model import LogisticRegression

SURE = 0.95
model = LogisticRegression()
model.fit(X, y)
sure = model.predict_proba(X_new).max(axis=1) > SURE
guessed = model.predict(X_new[sure])
model.fit(np.vstack([X, X_new[sure]]), np.concatenate([y, guessed]))
```

How to pay it off: keep only the predictions whose score passes a threshold that is chosen on labelled data, judge the result on
data that no model labelled, or use `SelfTrainingClassifier`, which does the former.

When to accept it: each added row is checked by a person.

Left out: predictions whose score is compared with anything, a second model (`correction-cascade`), predictions that are
subtracted or used as features.

*Sculley et al., 2015, section 4: Feedback loops (direct feedback loops).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.flow.events import Call, Compare, Fit, Predict
from paydown.rule import WARNING, Anchor, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD402",
    severity=WARNING,
    principal=60,
    message="{model} is trained again on its own predictions, with no gate on their score: keep only the certain ones",
)

_TOGETHER = frozenset(
    {"pandas.concat", "frame.append", "numpy.concatenate", "numpy.vstack", "numpy.hstack", "numpy.append", "numpy.r_",
     "list.append", "list.extend", "scipy.sparse.vstack", "torch.cat", "frame.concat"}
)  # fmt: skip
_OF_ROWS = frozenset({"pandas.concat", "frame.append", "frame.concat", "frame.union", "frame.unionByName"})
_CHOOSES = (
    ".argsort", ".argpartition", ".sort_values", ".nlargest", ".nsmallest", ".topk", ".quantile", ".percentile",
    ".query", ".filter", ".between", ".gt", ".ge", ".sort", ".top_k", ".rank",
)  # fmt: skip


@rule.check
def ungated(document: DocumentView) -> Iterator[Draft]:
    """The first training on predictions of the same model, put together with other rows."""
    if not document.events(Predict):
        return
    for fit in document.events(Fit):
        if fit.estimator.kind not in ("estimator", "search") or not fit.estimator.name:
            continue
        if fit.call.endswith("train_on_batch"):  # reinforcement learning learns from its own estimates
            continue
        for predict in document.origins(fit.target, Predict):
            learnt = next(document.origins(predict.estimator, Fit), None)
            own = predict.estimator.name == fit.estimator.name
            if not own or learnt is None or _is_gated(document, learnt.anchor):
                continue
            again = learnt.anchor in fit.estimator.origins  # the same object; else another of the class
            together = _put_together(document, predict.anchor, fit, by_rows=not again)
            if together is None:
                continue
            name = fit.estimator.name.rpartition(".")[2].rpartition(":")[2]
            yield rule.at(fit, related=[(predict, "predicts here"), (together, "added here")], model=f"`{name}`")
            return


def _put_together(document: DocumentView, predict: Anchor, fit: Fit, *, by_rows: bool) -> Call | None:
    """The call that puts predictions below other data that a training gets as well."""
    learnt_from = fit.data.origins | fit.target.origins
    for call in document.events(Call):
        axis = call.keyword("axis")
        if axis is not None and axis.constant in (1, -1, "columns"):
            continue
        if call.call in (_OF_ROWS if by_rows else _TOGETHER):
            given = frozenset[Anchor]().union(*(value.origins for value in (call.receiver, *call.arguments)))
            if predict in given and given <= learnt_from:
                return call
    return None


def _is_gated(document: DocumentView, learnt: Anchor) -> bool:
    """Whether a score of the model is compared with anything, or rows are chosen by it."""
    for compare in document.events(Compare):
        for predict in document.origins(compare.left, Predict):
            if learnt in predict.estimator.origins and compare.operator[:1] in "<>":
                return True
    for call in document.events(Call):
        if call.call.endswith(_CHOOSES):
            for value in (call.receiver, *call.arguments[:1]):
                scores = (one for one in document.origins(value, Predict) if not one.call.endswith(".predict"))
                if any(learnt in one.estimator.origins for one in scores):
                    return True
    return False
