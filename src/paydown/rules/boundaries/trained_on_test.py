"""The test part takes part in training.

A score on rows that the model, its preprocessing, its early stopping or its threshold has already seen says nothing about new
ones. It is too good, and the difference shows only in use.

```python bad
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.fit_transform(X_test)  # debt: `StandardScaler` is fitted anew on the test part: fit it on the train part, only `transform` here
```
```python fixed
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
```
```python bad
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = XGBClassifier(early_stopping_rounds=10)
model.fit(X_train, y_train, eval_set=[(X_test, y_test)])  # debt: `XGBClassifier` stops by the test part that then gives its score: stop by a validation part
print(model.score(X_test, y_test))
```
```python good
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=1)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, random_state=1)
model = XGBClassifier(early_stopping_rounds=10)
model.fit(X_train, y_train, eval_set=[(X_val, y_val)])
print(model.score(X_test, y_test))
```

How to pay it off: fit on the train part alone. Set a validation part aside for early stopping, thresholds and choices, and
use the test part once, at the end.

When to accept it: the last model, trained on all data after the score is known, is never judged again.

Left out: a final model trained on everything that is not judged on the test part afterwards, an `eval_set` or
`validation_data` that only reports, test files whose rows go into a vocabulary together with the train rows.

*Sculley et al., 2015, section 2: Complex models erode boundaries (entanglement).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Target
from paydown.fixes.calls import call_at
from paydown.flow.events import Call, Fit, Predict, Read, Score, Split
from paydown.flow.values import Value, mixed
from paydown.rule import WARNING, Anchor, Draft, Rule
from paydown.rules.boundaries.leaks import (
    from_test_file,
    has_hold_out,
    is_joined,
    is_preprocessing,
    is_test_file,
    is_training,
    quoted,
    reached,
)
from paydown.rules.lines import line_of
from paydown.span import Span
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD205",
    severity=WARNING,
    principal=60,
    message="{step} is trained on the test part: keep that for the last score",
)

_JOINED = "{step} is trained on the test part too, on which it is then judged: train it on the train part"
_LABELS = "{step} gets labels of the test part: check the order in which the split is unpacked"
_ANEW = "{step} is fitted anew on the {part} part: fit it on the train part, only `transform` here"
_STOPS = "{step} stops by the test part that then gives its score: stop by a validation part"
_THRESHOLD = "the threshold is chosen on the test part that then gives the score: choose it on a validation part"
_TABLES = ("frame", "array", "tensor", "unknown")  # a list or dict may hold the parts side by side
_EVALUATED = ("eval_set", "validation_data", "valid_sets", "evals", "eval_data", "watchlist", "X_val")
_PART = re.compile(r"(?<![a-z])(?:test|val|valid|validation)(?![a-z])", re.IGNORECASE)
_LOOKED_AT = (
    "sklearn.manifold.",
    "umap.",
    "sklearn.cluster.",
    "sklearn.mixture.",
    "eli5.",
    "yellowbrick.",
    "scikitplot.",
)
_GENERATORS = "ImageDataGenerator"  # what it learns is used only if it is told to centre or whiten


@rule.check
def trained(document: DocumentView) -> Iterator[Draft]:
    """Trainings and preprocessing that get the test part."""
    fits = [fit for fit in reached(document.events(Fit)) if fit.data.marks or fit.target.marks]
    for fit in fits:
        predicted = any(one.kind == "Predict" for one in fit.data.origins)  # out of fold, for a second level
        if predicted or fit.estimator.name.startswith(_LOOKED_AT) or fit.estimator.name.endswith(_GENERATORS):
            continue
        split = next(document.origins(fit.data, Split), None)
        related: list[tuple[Anchor | Split, str]] = [(anchor, "in this call") for anchor in fit.via]
        related += [(split, "split here")] if split is not None else []
        if is_training(fit):
            message = _what_is_wrong(document, fit, split)
            if message:
                yield rule.at(fit, related=related, step=quoted(fit), message=message or None, fixes=[])
        elif not is_joined(fit.data) and (is_preprocessing(fit) or "labels" in fit.estimator.marks):
            part = next((one for one in ("test", "validation") if one in fit.data.marks), "")
            if part and (split is not None or _is_held_out(document, fit)) and not _is_guarded(document, fit):
                anew = fit.call.endswith("fit_transform") and "fitted" in fit.estimator.marks
                yield rule.at(
                    fit, related=related, step=quoted(fit), part=part, message=_ANEW,
                    fixes=["transform-only"] if anew else [],
                )  # fmt: skip


@rule.check
def on_everything(document: DocumentView) -> Iterator[Draft]:
    """Trainings on all that was split, of a model that is then judged on the test part."""
    splits = [split for split in reached(document.events(Split)) if not split.folds and split.data]
    if not splits:
        return
    for fit in reached(document.events(Fit)):
        if not is_training(fit) or fit.data.marks or not fit.data.origins:
            continue
        split = next((one for one in splits if one.data[0] == fit.data), None)
        if split is None:
            continue
        score = next((one for one in document.events(Score) if _is_last(document, one, fit, split.anchor)), None)
        if score is not None and _first_name(document, fit) == _first_name(document, split) != "":
            related = [*((anchor, "in this call") for anchor in fit.via), (split, "split here"), (score, "scored here")]
            yield rule.at(fit, related=related, step=quoted(fit), message=_JOINED, fixes=[])


def _is_last(document: DocumentView, score: Score, fit: Fit, split: Anchor) -> bool:
    """Whether a score on the test part is one of the model as this training left it."""
    if not _scores(score, split):
        return False
    given = [*score.arguments, *(value for _, value in score.keywords)]
    models = [score.receiver, *(predict.estimator for value in given for predict in document.origins(value, Predict))]
    trained = [list(document.origins(model, Fit)) for model in models]
    return any(fits[-1] == fit for fits in trained if fits)


def _first_name(document: DocumentView, event: Fit | Split) -> str:
    """The name of the first argument of a call."""
    line = line_of(document, event)
    called = event.call.rpartition(".")[2]
    for node in nodes_of(document.facts(line.cell).tree):
        if (
            isinstance(node, ast.Call)
            and node.lineno == line.number
            and node.args
            and isinstance(node.args[0], ast.Name)
        ):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == called:
                return node.args[0].id
    return ""


@rule.check
def named(document: DocumentView) -> Iterator[Draft]:
    """Preprocessing that is fitted on ``X_train`` and anew on ``X_test``, where the flow doesn't know what they are."""
    fits = [
        fit
        for fit in reached(document.events(Fit))
        if fit.call.endswith("fit_transform")
        and fit.estimator.name
        and ":" not in fit.estimator.name
        and (is_preprocessing(fit) or "labels" in fit.estimator.marks)
    ]
    if len(fits) < 2 or all(fit.data.marks & {"test", "train", "validation"} for fit in fits):
        return
    spelled_out = {fit: _spelled_out(document, fit) for fit in fits}
    names = {fit: name for fit, (name, _) in spelled_out.items()}
    receivers = {fit: receiver for fit, (_, receiver) in spelled_out.items()}
    for fit, name in names.items():
        part = _PART.search(name)
        if part is None or fit.data.marks & {"test", "train", "validation"}:
            continue
        trained = name[: part.start()] + "train" + name[part.end() :]
        twin = next((one for one in fits if names[one].lower() == trained.lower()), None)
        if twin is None or (twin.estimator.name, receivers[twin]) != (fit.estimator.name, receivers[fit]):
            continue
        if not _is_guarded(document, fit):
            part_name = "test" if part[0].lower() == "test" else "validation"
            yield rule.at(
                fit, related=[(twin, "fitted on the train part here")], step=quoted(fit), part=part_name, message=_ANEW,
                fixes=["transform-only"] if "fitted" in fit.estimator.marks else [],
            )  # fmt: skip


def _spelled_out(document: DocumentView, fit: Fit) -> tuple[str, str]:
    """The name of the data that a fit is called with, and what it is called on."""
    line = line_of(document, fit)
    for node in nodes_of(document.facts(line.cell).tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="fit_transform", value=receiver), args=[data, *_]) if (
                node.lineno == line.number
            ):
                while isinstance(data, (ast.Attribute, ast.Subscript, ast.Call)):
                    data = data.func if isinstance(data, ast.Call) else data.value
                return (data.id if isinstance(data, ast.Name) else ""), ast.unparse(receiver)
    return "", ""


def _is_held_out(document: DocumentView, fit: Fit) -> bool:
    """Whether the data is read from test files, and a model predicts for it or the same was fitted on other data.

    Some train a second level on a hold-out; some only look into it.
    """
    if not is_test_file(document, fit.data):
        return False
    reads = {read.anchor for read in document.origins(fit.data, Read)}
    fits = document.events(Fit)
    if any(is_training(one) and reads & one.data.origins for one in fits):
        return False
    learnt = any(one.estimator.name == fit.estimator.name and not reads & one.data.origins for one in fits)
    return learnt or any(fit.anchor in predict.data.origins for predict in document.events(Predict))


def _is_guarded(document: DocumentView, fit: Fit) -> bool:
    """Whether a helper fits only if its caller asks for it (``if scaler is None``)."""
    line = line_of(document, fit)
    if line.function is None:
        return False
    given = {one.arg for one in nodes_of(line.function.args) if isinstance(one, ast.arg)}
    guards = (node for node in nodes_of(line.function) if isinstance(node, ast.If) and line.within(node))
    return any(isinstance(name, ast.Name) and name.id in given for guard in guards for name in nodes_of(guard.test))


def _what_is_wrong(document: DocumentView, fit: Fit, split: Split | None) -> str:
    """The message about a training on the test part; empty when there is none."""
    if split is None:
        return ""
    if (
        "test" in fit.target.marks
        and fit.data.marks & {"train"}
        and not is_joined(fit.data)
        and not is_joined(fit.target)
    ):
        return _LABELS
    if "test" not in fit.data.marks:
        return ""
    if not is_joined(fit.data):
        return "" if _is_swapped(document, fit.anchor, split.anchor) else rule.message
    # Parts of folds are disjoint, so what looks joined there comes from elsewhere; a part cut out by hand may be either.
    unclear = split.folds or any(one.kind == "Part" for one in fit.data.origins) or fit.data.kind not in _TABLES
    if unclear or from_test_file(document, fit.data):
        return ""
    return _JOINED if "train" in fit.data.marks and _is_judged(document, fit.anchor, split.anchor) else ""


def _is_judged(document: DocumentView, fit: Anchor, split: Anchor) -> bool:
    """Whether a model predicts or is scored on the test part of a split after a training."""
    for predict in document.events(Predict):
        if fit in predict.estimator.origins and _is_test(predict.data, split):
            return True
    for score in document.events(Score):
        if fit in score.receiver.origins and any(_is_test(value, split) for value in score.arguments):
            return True
    return False


def _is_swapped(document: DocumentView, fit: Anchor, split: Anchor) -> bool:
    """Whether the parts have changed places: what is trained on the test part is judged on the train part."""
    judged = [(one.estimator, one.data) for one in document.events(Predict)]
    judged += [(one.receiver, value) for one in document.events(Score) for value in one.arguments]
    return any(
        fit in estimator.origins and split in data.origins and data.marks & {"train", "test"} == {"train"}
        for estimator, data in judged
    )


def _is_test(value: Value, split: Anchor) -> bool:
    return "test" in value.marks and "train" not in value.marks and split in value.origins


@rule.check
def stopped(document: DocumentView) -> Iterator[Draft]:
    """Early stopping by the test part that gives the score."""
    for fit in reached(document.events(Fit)):
        evaluated = mixed(value for key, value in fit.keywords if key in _EVALUATED)
        if "test" not in evaluated.marks or "test" in fit.data.marks or not _stops_early(document, fit):
            continue
        if _is_trial(document, fit):
            continue
        for split in document.origins(evaluated, Split):
            if split.folds:
                continue
            scores = [one for one in document.events(Score) if _scores(one, split.anchor)]
            score = next((one for one in scores if _judges(document, one, fit.anchor)), None)
            if score is not None and not has_hold_out(document):
                related = [(split, "split here"), (score, "scored here")]
                yield rule.at(fit, related=related, step=quoted(fit), message=_STOPS, fixes=[])
                break


def _is_trial(document: DocumentView, fit: Fit) -> bool:
    """Whether a search trains it to see how good its parameters are: then the part is one to choose by."""
    function = line_of(document, fit).function if fit.function else None
    return function is not None and [one.arg for one in function.args.args][:1] == ["trial"]


def _scores(score: Score, split: Anchor) -> bool:
    return any(_is_test(value, split) for value in (*score.arguments, *(value for _, value in score.keywords)))


def _judges(document: DocumentView, score: Score, fit: Anchor) -> bool:
    """Whether a score is one of the model that a training makes."""
    given = (*score.arguments, *(value for _, value in score.keywords))
    if fit in score.receiver.origins:
        return True
    return any(fit in predict.estimator.origins for value in given for predict in document.origins(value, Predict))


def _stops_early(document: DocumentView, fit: Fit) -> bool:
    """Whether a training ends, or keeps the best it had, by what it is evaluated on."""
    rounds = fit.keyword("early_stopping_rounds")
    if (rounds is not None and not (rounds.known and not rounds.constant)) or "stops-early" in fit.estimator.marks:
        return True
    callbacks = fit.keyword("callbacks")
    names = {value.name for value in (callbacks, *callbacks.items)} if callbacks is not None else set()
    for call in document.events(Call):
        if callbacks is None or (call.cell != fit.cell and call.call not in names):
            continue
        monitor = call.keyword("monitor")
        by_value = monitor is None or not monitor.text or monitor.text.startswith("val")
        if call.call.endswith(".EarlyStopping") and call.call in names and by_value:
            return True
        if call.call.endswith(".ModelCheckpoint") and call.call in names and by_value:
            best = call.keyword("save_best_only")
            if best is not None and best.constant is True:
                return True
        if call.call == "lightgbm.early_stopping":
            return True
    return False


@rule.check
def tuned(document: DocumentView) -> Iterator[Draft]:
    """Thresholds that are chosen on the test part and judged on it."""
    for score in reached(document.events(Score)):
        if any("tuned-on-test" in value.marks for value in score.arguments) and any(
            "test" in value.marks and "tuned-on-test" not in value.marks for value in score.arguments
        ):
            yield rule.at(score, step="", message=_THRESHOLD, fixes=[])
            return


@rule.fix("Only `transform` here", safe=False)
def transform_only(target: Target) -> CellEdits:
    """Apply what was fitted before."""
    call = call_at(target, target.span)
    place = target.facts.span(call.func)
    start = place.end_column - len("fit_transform")
    yield target.edit(Span(place.end_line, start, place.end_line, place.end_column), "transform")
