"""The story of a value: what a name holds and which reads, fits and splits that comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from paydown.document import Document
from paydown.flow.events import Called, Event, Load, Read
from paydown.flow.values import Value
from paydown.rule import Anchor, Place
from paydown.span import Span, split_lines
from paydown.view import CellRecord

_WORD = re.compile(r"[^\W\d]\w*")
_KINDS = {
    "frame": "a data frame", "array": "an array", "tensor": "a tensor", "estimator": "an estimator",
    "transformer": "a transformer", "search": "a search over settings", "splitter": "a splitter", "score": "a score",
    "prediction": "predictions", "metric": "a metric", "path": "a path", "groupby": "grouped data",
    "bunch": "a data set", "file": "a file",
}  # fmt: skip
_MARKS = {
    "train": "the train part", "test": "the test part", "validation": "the validation part", "sampled": "cut to a sample",
    "fitted": "fitted", "statistic": "a statistic", "setting": "a setting", "tuned": "chosen from data",
}  # fmt: skip
_STEPS = {
    "Read": "read",
    "Load": "loaded",
    "Fit": "fitted",
    "Split": "split",
    "Sample": "sampled",
    "Predict": "predicted",
    "Score": "scored",
}


def of_name(
    document: Document, records: Mapping[str, CellRecord], cell: str, line: int, column: int,
    place: Callable[[Place | Anchor], Span | None],
) -> str:  # fmt: skip
    """The story of the name at a position, as plain lines; empty when nothing is known."""
    lines = split_lines(records[cell].cell.text)
    if line >= len(lines):
        return ""
    name = next((match.group() for match in _WORD.finditer(lines[line]) if match.start() <= column <= match.end()), "")
    value = _value_of(records, cell, name) if name else None
    if value is None:
        return ""
    told = [_described(name, value)] if value.kind in _KINDS or value.marks & _MARKS.keys() else []
    for anchor in sorted(value.origins, key=lambda one: _rank(records, one)):
        event = _event(records, anchor)
        span = place(anchor)
        if event is not None and span is not None and anchor.kind in _STEPS:
            told.append(f"- {_step(document, anchor, event, span)}")
    return "\n".join(told)


def _value_of(records: Mapping[str, CellRecord], cell: str, name: str) -> Value | None:
    found: Value | None = None
    for cell_id, record in records.items():
        found = record.flow.writes.get(name, found)
        if cell_id == cell:
            break
    return found


def _described(name: str, value: Value) -> str:
    what = _KINDS.get(value.kind, "a value")
    if value.name and value.kind in ("estimator", "transformer", "search", "splitter"):
        what = value.name.rpartition(".")[2]
    marks = [text for mark, text in _MARKS.items() if mark in value.marks]
    return f"{name}: {what}" + (f", {', '.join(marks)}" if marks else "")


def _rank(records: Mapping[str, CellRecord], anchor: Anchor) -> tuple[int, str, int]:
    order = list(records)
    return (order.index(anchor.cell) if anchor.cell in records else -1, anchor.kind, anchor.index)


def _event(records: Mapping[str, CellRecord], anchor: Anchor) -> Event | None:
    record = records.get(anchor.cell)
    if record is None:
        return None
    for kind, events in record.flow.events.items():
        if kind.__name__ == anchor.kind and anchor.index < len(events):
            return events[anchor.index]
    return None


def _step(document: Document, anchor: Anchor, event: Event, span: Span) -> str:
    cell = document.by_id[anchor.cell]
    where = f"line {cell.line + span.line + 1}"
    if document.kind == "notebook":
        where = f"cell {cell.index + 1}, {where}"
    call = event.call.rpartition(".")[2] if isinstance(event, Called) else ""
    what = f" {event.reference.location}" if isinstance(event, (Read, Load)) and event.reference else ""
    return f"{_STEPS[anchor.kind]}{what} with {call} ({where})"
