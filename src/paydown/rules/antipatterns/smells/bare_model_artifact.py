"""A trained model is saved with nothing about it.

Months later the file tells neither which features it wants, in which order, nor which library version wrote it, nor how
good it was. Whoever loads it has to guess, and a wrong guess predicts without an error.

```python bad
import joblib
from sklearn.linear_model import LogisticRegression

model = LogisticRegression().fit(X_train, y_train)
joblib.dump(model, "model.joblib")  # debt: a `LogisticRegression` is saved alone: keep its features, library version and metrics beside it
```
```python good
import joblib
import sklearn
from sklearn.linear_model import LogisticRegression

model = LogisticRegression().fit(X_train, y_train)
joblib.dump({"model": model, "features": list(X_train.columns), "sklearn": sklearn.__version__}, "model.joblib")
```

How to pay it off: save a dict with the model, its features, the library's version and its metrics; or write them to a
file beside it; or let a tracker (MLflow, Weights & Biases) or the format (`save_pretrained`, Keras' own) keep them.

When to accept it: a checkpoint that lives no longer than the run.

Left out are preprocessors, dicts that hold more than weights, weights in a document that loads them again, documents that write
metrics or metadata to a file or that use a tracker.

*Sculley et al., 2015, section 5: ML-system anti-patterns (common smells: plain-old-data type).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from paydown.fixes import CellEdits, Target, Unfixable, ensure_import, wrap
from paydown.fixes.calls import call_at
from paydown.flow.events import Call, Save, Write
from paydown.flow.values import Value
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD521",
    severity=INFORMATION,
    principal=20,
    message="{what} is saved alone: keep its {about}, library version and metrics beside it",
    in_tests=False,
)

_BARE = ("joblib.dump", "pickle.dump", "dill.dump", "cloudpickle.dump", "torch.save", "compress_pickle.dump")
_TRACKERS = (
    "mlflow.",
    "wandb.",
    "neptune.",
    "comet_ml.",
    "clearml.",
    "dvclive.",
    "aim.",
    "sacred.",
    "bentoml.",
    "skops.card",
)
# Where a library's models keep the names of their features.
_FEATURES = {
    "sklearn": "feature_names_in_",
    "imblearn": "feature_names_in_",
    "xgboost": "feature_names_in_",
    "lightgbm": "feature_name_",
    "catboost": "feature_names_",
}
_GIVEN = ("value", "obj")
_RESTORES = ("torch.load", ".load_state_dict")
_ABOUT = re.compile(
    r"(?:^|[^a-z])(?:metrics?|meta|metadata|info|params?|config|scores?|results?|report|features?|columns|card|history"
    r"|summary|manifest|settings|evaluation|stats|threshold)(?:[^a-z]|$)",
    re.IGNORECASE,
)


@rule.check
def bare(document: DocumentView) -> Iterator[Draft]:
    """Models pickled with nothing beside them."""
    saves = [event for event in document.events(Save) if event.call in _BARE and _is_model(event)]
    if not saves:
        return
    calls = {call.call for call in document.events(Call)}
    if any(call.startswith(_TRACKERS) for call in calls):
        return
    if any(call.endswith(_RESTORES) for call in calls):
        saves = [event for event in saves if not _weights(event)]
        if not saves:
            return
    outputs: list[Save | Write] = [*document.events(Write), *document.events(Save)]
    if any(_tells_about(event) for event in outputs):
        return
    first, *others = saves
    related = [(event, "and this one") for event in others if event.anchor != first.anchor]
    libraries = {_library(event) for event in saves}
    library = libraries.pop() if len(libraries) == 1 else ""
    about = "settings" if _weights(first) else "features"
    fixes = None if library else ()
    yield rule.at(first, what=_what(first), about=about, library=library, related=related, fixes=fixes)


def _library(event: Save) -> str:
    """The library of a model that the fix can tell about, or empty."""
    value = event.value
    name = value.name.partition(".")[0]
    simple = value.kind in ("estimator", "search") and event.call != "torch.save" and not event.via
    return name if simple and name in _FEATURES else ""


def _weights(event: Save) -> bool:
    """Whether only a network's weights are saved: what is restored at the end of the run is a checkpoint of it."""
    return "weights" in (event.value.kind, *(held.kind for _, held in _held(event.value)))


def _held(value: Value) -> tuple[tuple[Any, Value], ...]:
    """What a dict holds, if that is a single thing: the others tell about it."""
    return value.items if value.kind == "dict" and len(value.items) == 1 else ()


def _is_model(event: Save) -> bool:
    value = event.value
    if value.kind in ("tuple", "list"):
        return any(item.kind in ("estimator", "search") for item in value.items)
    return any(one.kind in ("estimator", "search", "weights") for one in (value, *(held for _, held in _held(value))))


def _tells_about(event: Save | Write) -> bool:
    if isinstance(event, Save) and event.call in _BARE:
        return event.value.kind == "dict" and len(event.value.items) > 1
    location = event.reference.location if event.reference is not None else getattr(event, "pattern", "")
    return bool(_ABOUT.search(location.rpartition("/")[2]))


def _what(event: Save) -> str:
    name = event.value.name.rpartition(".")[2]
    if _weights(event):
        return "a `state_dict`"
    if event.value.kind == "estimator" and name[:1].isupper():
        return f"a `{name}`"
    return "a model"


@rule.fix("Save it with its features, the library's version and the time", safe=False)
def tell(target: Target) -> CellEdits:
    """Wrap the model in a dict that tells about it. What loads it has to unpack that."""
    name = target.fact("library")
    for place in (target, *target.related):
        call = call_at(place, place.span)
        given = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg in _GIVEN), None)
        if given is None:
            raise Unfixable("what is saved is passed in another way")
        span = place.facts.span(given)
        model = place.segment(span)
        library, imports = ensure_import(place, name)
        yield from imports
        clock, imports = ensure_import(place, "datetime")
        yield from imports
        told = (
            f'{{"model": {{}}, "features": list(getattr({model}, "{_FEATURES[name]}", [])), '
            f'"{name}": {library}.__version__, "saved": {clock}.datetime.now().isoformat()}}'
        )
        yield from wrap(place, span, told)
