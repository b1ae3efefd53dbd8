"""Targets of fixes, written down as texts with the flagged part between ``«`` and ``»``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from paydown.document import Cell, Document
from paydown.fixes import CellEdit, Target
from paydown.rule import Finding, Severity
from paydown.span import Edit, Span, apply, line_starts


def target(
    marked: str, *before: str, script: bool = False, tags: Sequence[str] = (), name: str = "some-debt"
) -> Target:
    """A finding in a cell, after other cells; ``tags`` are those of the first cell."""
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    texts = (*before, text)
    cells = tuple(Cell(f"c{n}", one, index=n, tags=tuple(tags) if n == 0 else ()) for n, one in enumerate(texts))
    document = Document("/project/x.py" if script else "/project/x.ipynb", cells, "script" if script else "notebook")
    finding = Finding("HTD000", name, Severity.HINT, "", 1, cells[-1].id, span(text, start, end))
    return Target(document, finding)


def span(text: str, start: int, end: int) -> Span:
    """The span between two offsets."""
    starts = line_starts(text)
    first, last = bisect_right(starts, start) - 1, bisect_right(starts, end) - 1
    return Span(first, start - starts[first], last, end - starts[last])


def by_cell(made: Iterable[CellEdit]) -> dict[str, list[Edit]]:
    """Edits by cell, each once."""
    found: dict[str, list[Edit]] = {}
    for cell, edit in made:
        if edit not in found.setdefault(cell, []):
            found[cell].append(edit)
    return found


def texts(target: Target, made: Iterable[CellEdit]) -> list[str]:
    """The texts of all cells after edits."""
    found = by_cell(made)
    return [apply(cell.text, found.get(cell.id, ())) for cell in target.document.cells]


def text(target: Target, made: Iterable[CellEdit]) -> str:
    """The text of the target's cell after edits, which touch no other cell."""
    found = by_cell(made)
    assert set(found) <= {target.cell.id}
    return apply(target.text, found.get(target.cell.id, ()))
