"""Rows that go on towards training or output."""

from __future__ import annotations

import re

from paydown.flow.events import Compare, Fit, Read, Write
from paydown.flow.values import Value
from paydown.rule import Anchor
from paydown.view import DocumentView

_ROOT = re.compile(r"[A-Za-z_]\w*")
_COLUMN = re.compile(r"[A-Za-z_]\w*(?:\[['\"]|\.)")  # of a frame that nothing else is known of: `rows["price"]`
_SPARK = re.compile(r"(?:\w+\.)?(?:col|column)\(['\"]")
_KEEPS = frozenset(
    ["filtered", "filter", "clean", "cleaned", "train", "training", "trimmed", "kept", "preferred", "final", "valid", "x",
     "selected", "subset", "outliers"]
)  # fmt: skip


def goes_on(document: DocumentView) -> set[Anchor]:
    """The reads whose data a training learns from, or a write puts out."""
    found: set[Anchor] = set()
    for fit in document.events(Fit):
        if fit.estimator.kind != "transformer":
            found |= fit.data.origins | fit.target.origins
    for write in document.events(Write):
        found |= write.value.origins
    return {anchor for anchor in found if anchor.kind == Read.__name__}


def leads_on(document: DocumentView) -> bool:
    """Whether a document trains a model or writes data at all."""
    return bool(document.events(Write)) or any(fit.estimator.kind != "transformer" for fit in document.events(Fit))


def is_column(value: Value) -> bool:
    """Whether a value is (part of) a frame."""
    return value.kind == "frame"


def keeps(target: str, root: str) -> bool:
    """Whether a frame that is cut from ``root`` and gets a name takes its place: its own name, `clean_df`, `train`."""
    return target == root or bool(_KEEPS & set(target.lower().split("_")))


def filters(event: Compare) -> bool:
    """Whether a comparison decides which rows of a frame are kept, under the frame's own name or one that says so."""
    context = event.context
    root = _ROOT.match(event.text)
    if root is None or not (is_column(event.left) or event.left.kind == "unknown"):
        return False
    assigned = [one[7:] for one in context if one.startswith("assign:")]
    if _SPARK.match(
        event.text
    ):  # `clean = frame.filter(col("price") < 500)`; whether a frame keeps its name isn't known
        return ("call:filter" in context or "call:where" in context) and any(keeps(one, "") for one in assigned)
    if "mask" not in context or _COLUMN.match(event.text) is None:
        return False
    if "call:drop" in context and "statement" in context:
        return True
    return any(keeps(one, root[0]) for one in assigned)
