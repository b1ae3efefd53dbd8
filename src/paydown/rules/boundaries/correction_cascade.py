"""One model learns from what another model predicts.

The second model corrects the first one's mistakes, so a better first model makes the second one worse: neither can be
improved or replaced alone any more. Cascades of several models end in an improvement deadlock.

```python bad
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression

base = LinearRegression()
base.fit(X_train, y_train)
X_train["base"] = base.predict(X_train)
model = GradientBoostingRegressor()
model.fit(X_train, y_train)  # debt: `GradientBoostingRegressor` learns from what `LinearRegression` predicts: neither can be improved alone; make one model
```
```python good
from sklearn.ensemble import GradientBoostingRegressor, StackingRegressor
from sklearn.linear_model import LinearRegression, RidgeCV

parts = [("line", LinearRegression()), ("trees", GradientBoostingRegressor())]
model = StackingRegressor(parts, final_estimator=RidgeCV())
model.fit(X_train, y_train)
```

How to pay it off: give the first model's features to the second and let it learn the correction directly, or make the cascade
one model that is trained, tested and released as a whole (`StackingClassifier`, a pipeline).

When to accept it: the first model is owned elsewhere and its versions are pinned, or both are always retrained together.

Left out: `StackingClassifier`, `VotingClassifier` and calibration, distillation that says so (a teacher and a student), clusters
and outlier flags, pretrained networks that extract features, autoencoders, pseudo labels that say so, a model trained on from its own predictions
(`ungated-self-training`), predictions in a column that the second model doesn't get.

*Sculley et al., 2015, section 2: Complex models erode boundaries (correction cascades).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.flow.events import Fit, Name, Predict
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.boundaries.leaks import is_training, reached
from paydown.rules.lines import line_of
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD202",
    severity=WARNING,
    principal=120,
    message="{second} learns from what {first} predicts: neither can be improved alone; make one model",
)

_UNSUPERVISED = (
    "sklearn.cluster.",
    "sklearn.mixture.",
    "sklearn.covariance.",
    "sklearn.decomposition.",
    "sklearn.manifold.",
)
_DETECTORS = ("IsolationForest", "LocalOutlierFactor", "OneClassSVM", "IsotonicRegression", "CalibratedClassifierCV")
Cascades = dict[Fit, list[tuple[Fit, Predict]]]  # the trainings on what a model predicts, by that model's training
_DISTILLED = ("teacher", "student", "distil", "surrogate")
_PSEUDO = ("pseudo",)  # labels for more rows


@rule.check
def cascade(document: DocumentView) -> Iterator[Draft]:
    """Trainings of estimators on the predictions of another: one finding for each model that predicts."""
    predictions = document.events(Predict)
    if len(document.events(Fit)) < 2 or not predictions:
        return
    cascades: Cascades = {}
    for training in reached(document.events(Fit)):
        if not _is_supervised(training):
            continue
        own = training.estimator.origins | {training.anchor}
        targets = () if _says(document, _PSEUDO) else document.origins(training.target, Predict)
        for predict in (*document.origins(training.data, Predict), *targets):
            learnt = [fit for fit in document.origins(predict.estimator, Fit) if _is_supervised(fit)]
            if learnt and not any(fit.anchor in own or _is_same(document, fit, training) for fit in learnt):
                cascades.setdefault(learnt[-1], []).append((training, predict))
                break
    cascades = {
        first: kept
        for first, found in cascades.items()
        if not _learns_itself(document, first)
        and (kept := [pair for pair in found if not _is_back(document, first, pair[0], cascades)])
    }
    if not cascades or _says(document, _DISTILLED):
        return
    for first, found in cascades.items():
        training, predict = found[0]
        related: list[tuple[Fit | Predict, str]] = [(first, "the first model learns here"), (predict, "predicts here")]
        related += [(other, "learns from it too") for other, _ in found[1:]]
        yield rule.at(
            training, related=related, second=_named(training) or "this model", first=_named(first) or "another model"
        )


def _is_supervised(fit: Fit) -> bool:
    """Whether an estimator learns to predict a target."""
    name = fit.estimator.name or fit.call
    if name.startswith(_UNSUPERVISED) or name.endswith(_DETECTORS) or not is_training(fit):
        return False
    if fit.estimator.kind == "unknown":
        return fit.call.endswith(".train") and not fit.call.startswith("any.")
    return len(fit.arguments) > 1 or fit.keyword("y") is not None


def _named(fit: Fit) -> str:
    if fit.estimator.kind == "unknown":
        return f"`{fit.call}`"
    name = fit.estimator.name.rpartition(".")[2].rpartition(":")[2]
    return f"`{name}`" if name else ""


def _is_same(document: DocumentView, one: Fit, other: Fit) -> bool:
    """Whether two trainings are one place of the text that is come by several times, or two of a function that is
    called again with what it returned."""
    if one.function and one.function == other.function and one.via != other.via:
        return True
    return one.estimator.name == other.estimator.name and document.place_of(one) == document.place_of(other)


def _is_back(document: DocumentView, first: Fit, training: Fit, cascades: Cascades) -> bool:
    """Whether a cascade only goes back to where another begins: rounds of training on labels of one's own."""
    begins, ends = _position(document, first), _position(document, training)
    forth = (pair for other, found in cascades.items() if _position(document, other) == ends for pair in found)
    return ends < begins and any(_position(document, one) == begins for one, _ in forth)


def _position(document: DocumentView, fit: Fit) -> tuple[int, int]:
    """Where a training stands in the document."""
    line = line_of(document, fit)
    return list(document.order).index(line.cell), line.number


def _learns_itself(document: DocumentView, fit: Fit) -> bool:
    """Whether a network learns to give back what it gets: an autoencoder makes features."""
    line = line_of(document, fit)
    for node in nodes_of(document.facts(line.cell).tree):
        if isinstance(node, ast.Call) and node.lineno == line.number and getattr(node.func, "attr", "") == "fit":
            given = [*node.args[:2], *(one.value for one in node.keywords if one.arg in ("x", "y"))][:2]
            return len(given) == 2 and ast.unparse(given[0]) == ast.unparse(given[1])
    return False


def _says(document: DocumentView, words: tuple[str, ...]) -> bool:
    """Whether a name of the document has one of the words."""
    return any(word in event.name.lower() for event in document.events(Name) for word in words)
