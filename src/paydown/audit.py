"""What is reported of a document: its findings with their places as people count them, small and picklable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from paydown.document import Cell, Document
from paydown.ledger import many
from paydown.rule import Finding, Related
from paydown.span import Edit, Span, split_lines

_EXCERPT = 200


class Where(NamedTuple):
    """A place. In a notebook ``cell`` is the cell's zero-based index and lines count in it; in a script ``cell`` is
    ``None`` and lines count in the file. Lines and columns are one-based, columns count code points, ends exclude.

    ``file_line`` is the line of the file as it is stored, where ``line`` does not say that; 0 when nobody asked for it.
    """

    cell: int | None
    id: str
    line: int
    column: int
    end_line: int
    end_column: int
    file_line: int = 0


class Change(NamedTuple):
    """A fix as edits of the file itself."""

    title: str
    edits: tuple[Edit, ...]


Key = tuple[str, str, Span]


def key_of(finding: Finding) -> Key:
    """What tells a finding from the others of its document."""
    return finding.cell, finding.code, finding.span


class Entry(NamedTuple):
    """A finding and where it stands. ``excerpt`` is its first line; ``changes`` are there only when asked for."""

    finding: Finding
    where: Where
    excerpt: str
    related: tuple[tuple[Where, str], ...] = ()
    changes: tuple[Change, ...] = ()


class Trouble(NamedTuple):
    """Something that paydown could not look at. ``fatal`` when that is the whole document."""

    path: str
    message: str
    fatal: bool = True


class Shown(NamedTuple):
    """A cell as a report shows it."""

    kind: str
    text: str
    number: int
    line: int
    id: str


class Audit(NamedTuple):
    """What is reported of one document."""

    path: str
    kind: str
    entries: tuple[Entry, ...] = ()
    accepted: tuple[Entry, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    cells: tuple[Shown, ...] = ()

    @property
    def principal(self) -> int:
        """The minutes to pay everything off."""
        return sum(entry.finding.principal for entry in self.entries)


def audited(
    path: str,
    document: Document,
    analysis: Any,
    *,
    with_cells: bool = False,
    file_lines: Mapping[int, Any] | None = None,
    changes: Mapping[Key, tuple[Change, ...]] | None = None,
) -> Audit:
    """The audit of a document under the name ``path``, from what the engine says of it."""
    lines: dict[str, list[str]] = {}
    locate = _Locator(document, file_lines or {})
    entries = tuple(
        _entry(finding, document, locate, lines)._replace(changes=changes.get(key_of(finding), ()) if changes else ())
        for cell in document.cells
        for finding in sorted(analysis.findings.get(cell.id, ()), key=lambda finding: (finding.span, finding.code))
    )
    accepted = tuple(_entry(finding, document, locate, lines) for finding in analysis.accepted)
    troubles = [Trouble(path, text, False) for text in _unparsed(analysis.errors, locate)]
    if analysis.language_skipped:
        troubles.append(Trouble(path, analysis.language_skipped, False))
    shown = tuple(Shown(cell.kind, cell.text, cell.index, cell.line, cell.id) for cell in document.cells)
    return Audit(path, document.kind, entries, accepted, tuple(troubles), shown if with_cells else ())


def _unparsed(errors: Iterable[tuple[str, Any]], locate: _Locator) -> Iterator[str]:
    """A line about each cell of which a part does not parse."""
    by_cell: dict[str, list[Any]] = {}
    for cell, problem in errors:
        by_cell.setdefault(cell, []).append(problem)
    for cell, problems in by_cell.items():
        first = problems[0]
        more = f" and {many(len(problems) - 1, 'other place')}" if len(problems) > 1 else ""
        yield f"{spoken(locate(cell, first.span))}{more}: can't be parsed, left out: {first.message}"


class _Locator:
    """From a cell and a span to a ``Where``."""

    def __init__(self, document: Document, file_lines: Mapping[int, Any]) -> None:
        self.document = document
        self.file_lines = file_lines

    def __call__(self, name: str, span: Span) -> Where:
        cell = self.document.by_id[name]
        if self.document.kind == "script":
            line, column, end_line, end_column = span.below(cell.line)
            return Where(None, "", line + 1, column + 1, end_line + 1, end_column + 1, line + 1)
        line, column, end_line, end_column = span
        stored = self.file_lines.get(cell.index, ())
        file_line = stored[min(line, len(stored) - 1)] if stored else 0
        return Where(cell.index, cell.id, line + 1, column + 1, end_line + 1, end_column + 1, file_line)


def _entry(finding: Finding, document: Document, locate: _Locator, lines: dict[str, list[str]]) -> Entry:
    if finding.cell not in lines:
        lines[finding.cell] = split_lines(document.by_id[finding.cell].text)
    text = lines[finding.cell]
    excerpt = text[finding.span.line][:_EXCERPT] if finding.span.line < len(text) else ""
    related = tuple((locate(one.cell, one.span), one.message) for one in _known(finding.related, document.by_id))
    return Entry(finding._replace(facts=(), related=()), locate(finding.cell, finding.span), excerpt, related)


def _known(related: Iterable[Related], cells: Mapping[str, Cell]) -> Iterable[Related]:
    return (one for one in related if one.cell in cells)


def spoken(where: Where) -> str:
    """A place in words: ``cell 3, line 2``; cells count from one, all kinds of cells included."""
    return f"line {where.line}" if where.cell is None else f"cell {where.cell + 1}, line {where.line}"
