"""From cells to the file they are stored in: which line holds what, and what a fix changes there."""

from __future__ import annotations

from bisect import bisect_left

from paydown import encoding, jsontext
from paydown.audit import Change, Key, key_of
from paydown.document import Document, Unreadable, with_cell_texts
from paydown.rule import Finding
from paydown.span import Edit, Span, apply

_MOST_CHANGES = 200
_LARGEST = 4 << 20


def file_lines(data: bytes, document: Document) -> dict[int, list[int]]:
    """For each cell, by its index, the one-based line of the file that holds each line of its text."""
    try:
        lines = jsontext.source_lines(encoding.decoded(data, notebook=True).text)
    except (ValueError, IndexError, RecursionError, Unreadable):
        return {}
    return {cell.index: [line + 1 for line in lines[cell.index]] for cell in document.cells if cell.index < len(lines)}


def changes(data: bytes, document: Document, findings: list[Finding]) -> dict[Key, tuple[Change, ...]]:
    """The fixes of ``findings`` as edits of the file; of very many, or in a huge file, only the first or none."""
    from paydown.fixes import Unfixable, edits

    found: dict[Key, tuple[Change, ...]] = {}
    if len(data) > _LARGEST:
        return found
    offered = [(finding, fix) for finding in findings for fix in finding.fixes if not fix.command and not fix.creates]
    for finding, fix in offered[:_MOST_CHANGES]:
        try:
            made = edits(document, finding, fix.key)
            texts = {cell: apply(document.by_id[cell].text, several) for cell, several in made.items()}
            whole = tuple(_edit(data, document, cell, text) for cell, text in sorted(texts.items()))
        except (Unfixable, Unreadable, ValueError):
            continue
        if whole:
            key = key_of(finding)
            found[key] = (*found.get(key, ()), Change(fix.title, whole))
    return found


def _edit(data: bytes, document: Document, cell: str, text: str) -> Edit:
    """The one stretch of the file that changes when a cell gets a new text."""
    notebook = document.kind == "notebook"
    old = encoding.decoded(data, notebook=notebook).text
    new = encoding.decoded(with_cell_texts(data, document, {cell: text}), notebook=notebook).text
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    stop = len(old) - end
    return Edit(Span(*_place(old, start), *_place(old, stop)), new[start : len(new) - end])


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return bisect_left(range(1, min(len(one), len(other)) + 1), True, key=lambda count: one[:count] != other[:count])


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset; lines end as they do for SARIF: at ``\\n``, ``\\r\\n`` or a lone ``\\r``."""
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return lines.count("\n"), offset - (max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1)
