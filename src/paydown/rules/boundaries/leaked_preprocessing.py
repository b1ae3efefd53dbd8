"""A preprocessor has seen the rows that are set aside for testing.

What it learnt of them (means, vocabularies, components, chosen columns) goes into training, so the test score is better than
the model will ever be, and nobody notices before it is in use.

```python bad
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

scaler = StandardScaler()
X = scaler.fit_transform(X)  # debt: `StandardScaler` is fitted on rows that `train_test_split` sets aside for testing: fit it on the train part
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = LogisticRegression()
model.fit(X_train, y_train)
```
```python fixed
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.pipeline import make_pipeline

scaler = StandardScaler()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = make_pipeline(scaler, LogisticRegression())
model.fit(X_train, y_train)
```
```python good
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = make_pipeline(StandardScaler(), LogisticRegression())
cross_val_score(model, X_train, y_train)  # fits the scaler anew in each fold
model.fit(X_train, y_train)
```

How to pay it off: split first. Then give the preprocessors to `make_pipeline` together with the estimator (with a resampler,
imbalanced-learn's one), so that each fit, also in each fold, learns from its train rows alone. Fill and scale by
statistics of the train part, or let `SimpleImputer` and `StandardScaler` do it. Choose columns by a selector in the
pipeline.

When to accept it: what the step learns is known beforehand and cannot differ in use, such as a fixed vocabulary.

Left out: transformers that learn nothing (`Normalizer`, `HashingVectorizer`, `FunctionTransformer`), encoders of the target,
`get_dummies`, filters by a statistic, what is fitted on the train part alone (but for resampling before
cross-validation), a lone minimum or maximum.

*Sculley et al., 2015, section 2: Complex models erode boundaries (entanglement).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target
from paydown.flow.events import Call, Event, Fit, Part, Predict, Split, Statistic
from paydown.flow.values import Value
from paydown.rule import WARNING, Anchor, Draft, Rule
from paydown.rules.antipatterns.glue.pipelines import into_pipeline, is_plain
from paydown.rules.boundaries.leaks import (
    Cut,
    applications,
    cuts,
    is_joined,
    is_part,
    is_preprocessing,
    is_training,
    reached,
    spelled,
)
from paydown.rules.lines import line_of
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD204",
    severity=WARNING,
    principal=30,
    message="`{step}` is fitted on rows that {split} sets aside for testing: fit it on the train part",
)

_RESAMPLES = "`{step}` makes rows of those that {split} sets aside for testing: resample the train part only"
_STATISTIC = "the `{step}` of all rows goes into data that {split} sets aside for testing: take it of the train part"
_IMPORTANT = "columns are chosen by what `{step}` learnt of all rows, those that {split} sets aside for testing too: choose them on the train part"
_TELLING = (
    "sklearn.ensemble.",
    "sklearn.tree.",
    "sklearn.linear_model.",
    "sklearn.svm.",
    "xgboost.",
    "lightgbm.",
    "catboost.",
)
_BACK = frozenset({"map", "merge", "join", "replace"})
_OF = "of:"  # a statistic of each group
_ENCODERS = ("Encoder", "Binarizer")
_ENCODED = "statistics of the target `{step}` over all rows go into data that {split} sets aside for testing: take them of the train part"
_CHOICE = (
    "columns are chosen by a correlation over rows that {split} sets aside for testing: choose them on the train part"
)


@rule.check
def fitted_too_early(document: DocumentView) -> Iterator[Draft]:
    """Preprocessors that learn from whole data which is split, or of whose parts a model learns."""
    early = [fit for fit in reached(document.events(Fit)) if is_preprocessing(fit)]
    if not early:
        return
    splits = list(cuts(document))
    by_hand = frozenset[Anchor]().union(*(cut.parts for cut in splits))
    found: dict[tuple[Anchor, str], list[Fit]] = {}
    where: dict[Anchor, Cut] = {}
    for fit in early:
        cut = _leaks_into(document, fit, splits, by_hand)
        if cut is not None and not _is_looked_into(document, fit):
            where[cut.event.anchor] = cut
            found.setdefault((cut.event.anchor, spelled(fit)), []).append(fit)
    for (split, step), (fit, *others) in found.items():
        cut = where[split]
        trainings = [one for one in document.events(Fit) if is_training(one) and fit.anchor in one.data.origins]
        resamples = "resampler" in fit.estimator.marks
        related = [
            *((anchor, "in this call") for anchor in fit.via),
            *((one, "and here") for one in others),
            *((use, "applied here") for use in applications(document, fit)),
            (cut.event, "cross-validated here" if cut.folds else "split here"),
            *((one, "learns from it") for one in trainings[:1]),
        ]
        alone = not others and not resamples and len(trainings) == 1 and is_plain(fit) and is_plain(trainings[0])
        yield rule.at(
            fit, related=related, step=step, split=cut.call, message=_RESAMPLES if resamples else None,
            fixes=["pipeline"] if alone and not cut.folds and _is_straight(document, fit, cut.event) else [],
        )  # fmt: skip


def _is_straight(document: DocumentView, fit: Fit, split: Split | Part) -> bool:
    """Whether the one thing that a named preprocessor makes is bound to a name, and that is what is split."""
    steps = [fit] if fit.call.endswith("fit_transform") else list(applications(document, fit))
    if len(steps) != 1 or not isinstance(split, Split):
        return False
    match _statement(document, steps[0]):
        case ast.Assign(targets=[ast.Name(id=made)], value=ast.Call(func=ast.Attribute(value=ast.Name()))):
            pass
        case _:
            return False
    match _statement(document, split):
        case ast.Assign(value=ast.Call(args=[ast.Name(id=given), *_])):
            return made == given
    return False


def _statement(document: DocumentView, event: Event) -> ast.stmt | None:
    """The statement of the top level that an event stands in."""
    line = line_of(document, event)
    return next((node for node in document.facts(line.cell).tree.body if line.within(node)), None)


def _is_looked_into(document: DocumentView, fit: Fit) -> bool:
    """Whether nothing but the components of the data is wanted."""
    decomposes = fit.call.endswith(".fit") and fit.estimator.name.startswith("sklearn.decomposition.")
    return decomposes and not applications(document, fit)


def _leaks_into(document: DocumentView, fit: Fit, splits: list[Cut], by_hand: frozenset[Anchor]) -> Cut | None:
    """The split whose test rows a preprocessor has seen."""
    anchor = fit.anchor
    if is_part(document, fit.data, by_hand):
        if "resampler" not in fit.estimator.marks:
            return None
        return next((cut for cut in splits if cut.folds and _holds(cut, anchor)), None)
    if spelled(fit).endswith(_ENCODERS):
        splits = [cut for cut in splits if not _is_target(cut, anchor)]
    given = "test" in fit.data.marks  # in a file of its own: put together and taken apart again by hand
    direct = next((cut for cut in splits if _holds(cut, anchor) and not (given and isinstance(cut.event, Part))), None)
    if direct is not None:
        return direct
    # Split elsewhere: it is applied to a part of the data of whose whole it has learnt, or learnt of both parts.
    parts = [use.data for use in applications(document, fit)]
    if is_joined(fit.data):
        aside = fit.data.marks & {"test", "validation"}
        parts = [part for part in parts if part.marks & aside and "train" not in part.marks]
        shared = fit.data.origins.intersection(*(part.origins for part in parts)) if parts else frozenset()
        return next((cut for cut in splits if cut.event.anchor in shared), None)
    parts += [one.data for one in reached(document.events(Fit)) if anchor in one.data.origins]
    for cut in splits:
        split = cut.event.anchor
        if given and isinstance(cut.event, Part):
            continue
        if any(
            split in part.origins and _same_rows(fit.data, part) for part in parts if part.marks or split in by_hand
        ):
            return cut
    return None


def _is_target(cut: Cut, anchor: Anchor) -> bool:
    """Whether what an encoder makes is the target of split data, and none of its features."""
    return len(cut.data) > 1 and not any(anchor in value.origins for value in cut.data[:-1])


def _holds(cut: Cut, anchor: Anchor) -> bool:
    return any(anchor in value.origins for value in cut.data)


def _same_rows(whole: Value, part: Value) -> bool:
    return any(one.kind == "Read" for one in whole.origins & part.origins)


@rule.check
def chosen_too_early(document: DocumentView) -> Iterator[Draft]:
    """Columns that are chosen by what a model has learnt of whole data, its importances or coefficients."""
    fits = [fit for fit in reached(document.events(Fit)) if is_training(fit) and fit.data.origins and _is_taught(fit)]
    if not fits:
        return
    splits = list(cuts(document))
    by_hand = frozenset[Anchor]().union(*(cut.parts for cut in splits))
    for fit in fits:
        if is_part(document, fit.data, by_hand) or "test" in fit.data.marks:
            continue
        cut = next((cut for cut in splits if any(_is_chosen(document, value, fit) for value in cut.data)), None)
        if cut is not None:
            related = [
                *((anchor, "in this call") for anchor in fit.via),
                (cut.event, "cross-validated here" if cut.folds else "split here"),
            ]
            step = fit.estimator.name.rpartition(".")[2]
            yield rule.at(fit, related=related, step=step, split=cut.call, message=_IMPORTANT, fixes=[])


def _is_taught(fit: Fit) -> bool:
    """Whether an estimator of a known kind is given a target, and tells afterwards which columns matter."""
    return fit.estimator.kind == "estimator" and len(fit.arguments) > 1 and fit.estimator.name.startswith(_TELLING)


def _is_chosen(document: DocumentView, value: Value, fit: Fit) -> bool:
    """Whether columns of a value are chosen by what a training learnt, and it holds no predictions of that."""
    if "chosen" not in value.marks or fit.anchor not in value.origins:
        return False
    return not any(fit.anchor in predict.estimator.origins for predict in document.origins(value, Predict))


@rule.check
def summed_up_too_early(document: DocumentView) -> Iterator[Draft]:
    """Statistics of whole data that go into data which is split: one finding for each split and kind."""
    early = reached(document.events(Statistic))
    if not early:
        return
    splits = list(cuts(document))
    by_hand = frozenset[Anchor]().union(*(cut.parts for cut in splits))
    targets = _targets(document, splits) if any(one.how.startswith(_OF) for one in early) else frozenset()
    found: dict[tuple[Anchor, str], list[Statistic]] = {}
    where: dict[Anchor, Cut] = {}
    for statistic in early:
        column = statistic.how.removeprefix(_OF) if statistic.how.startswith(_OF) else ""
        if is_part(document, statistic.data, by_hand) or (
            column and not _is_encoding(document, statistic, column, targets)
        ):
            continue
        given = "test" in statistic.data.marks
        cut = next(
            (
                one
                for one in splits
                if _holds(one, statistic.anchor)
                and not (isinstance(one.event, Part) and (given or not one.learnt))
                and not _is_of_others(one, statistic)
            ),
            None,
        )
        if cut is None:
            continue
        where[cut.event.anchor] = cut
        kind = statistic.how if statistic.how in ("corr", "resample") or column else "summary"
        found.setdefault((cut.event.anchor, kind), []).append(statistic)
    for (split, kind), statistics in found.items():
        if kind == "summary" and len({one.how for one in statistics}) == 1 and statistics[0].how in ("min", "max"):
            continue
        first, *others = statistics
        message = _ENCODED if kind.startswith(_OF) else {"corr": _CHOICE, "resample": _RESAMPLES}.get(kind, _STATISTIC)
        related = [
            *((anchor, "in this call") for anchor in first.via),
            *((one, "and here") for one in others),
            (where[split].event, "cross-validated here" if where[split].folds else "split here"),
        ]
        step = first.call.rpartition(".")[2] if kind == "resample" else first.how.removeprefix(_OF)
        yield rule.at(first, related=related, step=step, split=where[split].call, message=message, fixes=[])


def _is_of_others(cut: Cut, statistic: Statistic) -> bool:
    """Whether a statistic is one of rows that are not split: of another file than the features and their target."""
    if len(cut.data) < 2:
        return False
    split = {one for one in cut.data[0].origins.intersection(*(value.origins for value in cut.data)) if _is_file(one)}
    summed_up = {one for one in statistic.data.origins if _is_file(one)}
    return bool(split and summed_up) and not split & summed_up


def _is_file(origin: Anchor) -> bool:
    return origin.kind == "Read"


def _is_encoding(document: DocumentView, statistic: Statistic, column: str, targets: frozenset[str]) -> bool:
    """Whether a statistic of groups is one of the target, and gets back to the rows: some only sum them up."""
    if column not in targets:
        return False
    return statistic.call.endswith("transform") or any(
        call.call.rpartition(".")[2] in _BACK and any(statistic.anchor in value.origins for value in call.arguments)
        for call in document.events(Call)
    )


def _targets(document: DocumentView, splits: list[Cut]) -> frozenset[str]:
    """The names of the columns that models learn to predict."""
    values = [value for cut in splits for value in cut.data[1:]]
    values += [fit.target for fit in document.events(Fit) if is_training(fit)]
    return frozenset(value.name[1:-1] for value in values if value.name.startswith("["))


@rule.fix("Put it into a pipeline with the model, after the split", safe=False)
def pipeline(target: Target) -> CellEdits:
    """Take the step out and put it in front of the estimator."""
    places = list(target.related)
    said = [place.message for place in target.finding.related]
    steps = [target, *(place for place, text in zip(places, said, strict=True) if text == "applied here")]
    split = places[said.index("split here")]
    training = places[said.index("learns from it")]
    yield from into_pipeline(training, steps, split)
