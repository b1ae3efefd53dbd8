"""What the rules about leaks have in common: parts of data, preprocessing, trainings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from paydown.flow.events import Call, Event, Fit, Name, Part, Predict, Read, Score, Split, Transform
from paydown.flow.values import Value
from paydown.rule import Anchor
from paydown.view import DocumentView

_TEST_FILE = re.compile(r"(?:^|[^a-z])(?:test|holdout|hold_out)[^/\\]*$")
E = TypeVar("E", bound=Event)
_FRAMEWORKS = ("sklearn.", "xgboost.", "lightgbm.", "catboost.", "imblearn.")


class Cut(NamedTuple):
    """Data is split: by a call, or by hand (``data[:n]`` and ``data[n:]``)."""

    event: Split | Part
    data: tuple[Value, ...]
    folds: bool
    parts: frozenset[Anchor] = frozenset()  # the parts that are cut by hand
    learnt: bool = True  # whether a model learns of one of them; else only their names tell what they are

    @property
    def call(self) -> str:
        """What splits, for messages."""
        if isinstance(self.event, Part):
            return self.event.at if self.event.at.startswith("`") else f"[:{self.event.at}]"
        name = self.event.call.rpartition(".")[2]
        return {"fit": "the search"}.get(name, f"`{name}`")


def reached(events: Iterable[E]) -> list[E]:
    """The events without those of a function's own walk, where a call of that function is seen as well."""
    found = list(events)
    called = {event.function for event in found if not event.idle}
    return [event for event in found if not event.idle or event.function not in called]


def cuts(document: DocumentView) -> Iterator[Cut]:
    """Every split of the document, in order; those by hand last."""
    for event in reached(document.events(Split)):
        yield Cut(event, event.data, event.folds)
    parts = [part for part in reached(document.events(Part)) if _is_of_rows(document, part)]
    if not parts:
        return
    learnt = _gathered(fit.data for fit in document.events(Fit) if is_training(fit))
    learnt |= _gathered(
        value for call in document.events(Call) if _OWN_TRAINING.search(call.call) for value in call.arguments
    )
    judged = _gathered(predict.data for predict in document.events(Predict))
    judged |= _gathered(value for score in document.events(Score) for value in score.arguments)
    named = _gathered(
        one.value for one in document.events(Name) if one.action == "bind" and "train" in one.name.lower()
    )
    tails = [part for part in parts if not part.head]
    for head in parts:
        pairs = [tail for tail in tails if _is_rest(tail.at, head.at) and tail.data.origins & head.data.origins]
        if not head.head or not pairs:
            continue
        anchors = frozenset(part.anchor for part in (head, *pairs))
        if head.at.startswith("`"):
            if anchors & learnt and anchors & (judged - learnt):
                yield Cut(head, (head.data,), False, anchors)
        elif anchors & (learnt | named):
            yield Cut(head, (head.data,), False, anchors, bool(anchors & learnt))


def _is_rest(tail: str, head: str) -> bool:
    """Whether what begins at one place goes with what ends at another: a series' rest begins a window earlier."""
    return tail == head or tail.startswith(f"{head} - ")


_OWN_TRAINING = re.compile(r"^\..*(?:fit|train)[^.]*$")  # of a class or function of the document


def _gathered(values: Iterable[Value]) -> frozenset[Anchor]:
    """Where any of the values comes from."""
    return frozenset[Anchor]().union(*(value.origins for value in values))


def _is_of_rows(document: DocumentView, part: Part) -> bool:
    """Whether rows are cut: not the names of columns, nor what was put together of files and is taken apart again."""
    return part.data.kind != "form" and sum(1 for _ in document.origins(part.data, Read)) < 2


def is_part(document: DocumentView, value: Value, by_hand: frozenset[Anchor]) -> bool:
    """Whether a value holds only a part of split data. What a file's name calls test data is a whole of its own, also
    when it is put to a train part."""
    if is_joined(value) and not (from_test_file(document, value) and any(one.kind == "Split" for one in value.origins)):
        return False
    if value.marks & {"train", "validation"}:
        return True
    if "test" in value.marks and any(one.kind == "Split" for one in value.origins):
        return True
    return bool(value.origins & by_hand)


def is_joined(value: Value) -> bool:
    """Whether it is made of several parts: of a train part and of what was set aside from it."""
    return len(value.marks & {"train", "test", "validation"}) > 1


def is_test_file(document: DocumentView, value: Value) -> bool:
    """Whether all that a value comes from is read from files whose names say that they hold test data."""
    reads = [read.reference for read in document.origins(value, Read)]
    return bool(reads) and all(one is not None and _TEST_FILE.search(one.location.lower()) for one in reads)


def from_test_file(document: DocumentView, value: Value) -> bool:
    """Whether some of what a value comes from is read from a file whose name says that it holds test data."""
    reads = (read.reference for read in document.origins(value, Read))
    return any(one is not None and _TEST_FILE.search(one.location.lower()) for one in reads)


def is_preprocessing(fit: Fit) -> bool:
    """Whether a transformer learns something of the features."""
    estimator = fit.estimator
    if "pipeline" in estimator.marks:
        return (estimator.kind == "transformer" or fit.call.endswith("fit_transform")) and _learns(estimator)
    if estimator.kind == "transformer":
        return not estimator.marks & {"stateless", "labels"} and bool(estimator.name)
    return (
        estimator.kind == "estimator" and fit.call.endswith("fit_transform") and estimator.name.startswith(_FRAMEWORKS)
    )


def _learns(value: Value) -> bool:
    """Whether one of the steps of a pipeline learns something."""
    if value.kind == "transformer" and not value.items:
        return not value.marks & {"stateless", "labels"}
    return any(
        _learns(item[1] if value.kind in ("estimator", "transformer", "dict") else item)
        for item in value.items
        if not isinstance(item, str)
    )


def is_training(fit: Fit) -> bool:
    """Whether an estimator learns that predicts."""
    return fit.estimator.kind in ("estimator", "search", "unknown") and not fit.call.endswith(("transform", "resample"))


def applications(document: DocumentView, fit: Fit) -> list[Transform]:
    """Where a fitted transformer is applied."""
    return [use for use in reached(document.events(Transform)) if fit.anchor in use.estimator.origins]


def spelled(fit: Fit) -> str:
    """The class of what learns."""
    return fit.estimator.name.rpartition(".")[2].rpartition(":")[2] or fit.call.rpartition(".")[2]


def quoted(fit: Fit) -> str:
    """What learns, as messages name it: its class, the function that trains, or nothing but a model."""
    name = fit.estimator.name.rpartition(".")[2].rpartition(":")[2]
    if not name and "." in fit.call and not fit.call.startswith(("any.", "estimator.")):
        name = fit.call
    return f"`{name}`" if name else "the model"


def has_hold_out(document: DocumentView) -> bool:
    """Whether there is a further hold-out: data that something predicts for and that no split was given."""
    whole = _gathered(value for split in document.events(Split) for value in split.data)
    return any(
        all(one.kind != "Split" for one in event.data.origins)
        and ("test" in event.data.marks or any(one.kind in ("Read", "Part") for one in event.data.origins - whole))
        for event in document.events(Predict)
    )
