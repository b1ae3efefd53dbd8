"""Rows that go on towards training or output."""

from __future__ import annotations

import re

from paydown.flow.events import Compare, Fit, Read, Write
from paydown.flow.values import Value
from paydown.rule import Anchor
from paydown.view import DocumentView

_ROOT = re.compile(r"[A-Za-z_]\w*")


def goes_on(document: DocumentView) -> set[Anchor]:
    """The reads whose data a training learns from, or a write puts out."""
    found: set[Anchor] = set()
    for fit in document.events(Fit):
        if fit.estimator.kind != "transformer":
            found |= fit.data.origins | fit.target.origins
    for write in document.events(Write):
        found |= write.value.origins
    return {anchor for anchor in found if anchor.kind == Read.__name__}


def is_column(value: Value) -> bool:
    """Whether a value is (part of) a frame."""
    return value.kind == "frame"


def filters(event: Compare) -> bool:
    """Whether a comparison decides which rows of a frame are kept under the frame's own name."""
    root = _ROOT.match(event.text)
    return (
        is_column(event.left) and "mask" in event.context and root is not None and f"assign:{root[0]}" in event.context
    )
