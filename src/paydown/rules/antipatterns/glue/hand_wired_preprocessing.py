"""A preprocessor is fitted and applied by hand beside the model that needs it.

Training, evaluation and serving each have to repeat the same calls in the same order. Sooner or later one of them forgets a
step or fits it anew, and predictions go wrong without an error.

```python bad
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
model = LogisticRegression()
model.fit(X_train, y_train)  # debt: `StandardScaler` is applied by hand beside `LogisticRegression`: make them one pipeline, so that no use misses it
```
```python fixed
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.pipeline import make_pipeline

scaler = StandardScaler()
model = make_pipeline(scaler, LogisticRegression())
model.fit(X_train, y_train)
```
```python good
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(X_train, y_train)
model.score(X_test, y_test)
```

How to pay it off: give the preprocessors and the estimator to `make_pipeline` (steps for some columns to
`make_column_transformer` first), fit it once, and save that one object.

When to accept it: a costly step whose result many models share, while they are being compared.

Left out: transformers that learn nothing, encoders of the target, models of other libraries than scikit-learn's interface,
trainings with an `eval_set`, which needs its data prepared.

*Sculley et al., 2015, section 5: ML-system anti-patterns (glue code).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.fixes import CellEdits, Target
from paydown.flow.events import Fit, Transform
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.antipatterns.glue.pipelines import into_pipeline, is_plain
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD502",
    severity=INFORMATION,
    principal=20,
    message="{steps} applied by hand beside {model}: make them one pipeline, so that no use misses {them}",
    in_tests=False,
)

_PIPELINES = ("sklearn.", "xgboost.", "lightgbm.", "catboost.", "imblearn.")


@rule.check
def hand_wired(document: DocumentView) -> Iterator[Draft]:
    """Trainings on what a preprocessor made that is applied to other data as well."""
    applied = [use for use in document.events(Transform) if not use.call.endswith("inverse_transform")]
    if not applied:
        return
    done: set[Fit] = set()
    for training in document.events(Fit):
        if not _is_training(training):
            continue
        steps = [fit for fit in document.origins(training.data, Fit) if _is_preprocessing(fit)]
        uses = {fit: [use for use in applied if fit.anchor in use.estimator.origins] for fit in steps}
        steps = [fit for fit in steps if fit not in done and _is_applied_again(fit, uses[fit])]
        if not steps:
            continue
        done.update(steps)
        names = list(dict.fromkeys(f"`{fit.estimator.name.rpartition('.')[2]}`" for fit in steps))
        related: list[tuple[Fit | Transform, str]] = []
        for fit in steps:
            related.append((fit, "fitted here"))
            related += [(use, "applied here") for use in uses[fit]]
        several = len(names) > 1
        yield rule.at(
            training, related=related, model=_named(training), steps=", ".join(names) + (" are" if several else " is"),
            them="them" if several else "it",
            fixes=["pipeline"] if all(is_plain(event) for event, _ in (*related, (training, ""))) else [],
        )  # fmt: skip


def _is_training(fit: Fit) -> bool:
    """Whether an estimator learns that could be the end of a pipeline."""
    estimator = fit.estimator
    if estimator.kind not in ("estimator", "search") or "pipeline" in estimator.marks:
        return False
    if estimator.name and not estimator.name.startswith(_PIPELINES):
        return False
    return not fit.keyword("eval_set") and not fit.call.endswith("transform")


def _is_applied_again(fit: Fit, uses: list[Transform]) -> bool:
    """Whether it is applied to more than what it was fitted to."""
    return len(uses) + fit.call.endswith("fit_transform") > 1 or any(use.data != fit.data for use in uses)


def _named(training: Fit) -> str:
    name = training.estimator.name.rpartition(".")[2]
    return f"`{name}`" if name else "the models"


def _is_preprocessing(fit: Fit) -> bool:
    """Whether a transformer learns something of the features."""
    estimator = fit.estimator
    if estimator.kind == "transformer":
        return not estimator.marks & {"stateless", "labels", "resampler"} and bool(estimator.name)
    return "pipeline" in estimator.marks and fit.call.endswith("fit_transform")


@rule.fix("Make one pipeline of it", safe=False)
def pipeline(target: Target) -> CellEdits:
    """Put the preprocessors in front of the estimator."""
    yield from into_pipeline(target, target.related)
