"""Places in a text, and edits of it.

One coordinate system inside paydown: zero-based lines, columns in code points. Faces convert at their edges.
Lines end at ``\\n``, ``\\r\\n`` or a lone ``\\r``, as Python's own tokenizer and the Language Server Protocol count them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\r|\n")


class Span(NamedTuple):
    """A half-open stretch of a text; ``line`` and ``column`` are zero-based, columns count code points."""

    line: int
    column: int
    end_line: int
    end_column: int

    def below(self, lines: int) -> Span:
        """The same stretch, ``lines`` further down."""
        return Span(self.line + lines, self.column, self.end_line + lines, self.end_column)

    def touches(self, other: Span) -> bool:
        """Whether the two share a position; an empty span touches what it stands in or borders."""
        return (self.line, self.column) <= (other.end_line, other.end_column) and (
            other.line,
            other.column,
        ) <= (self.end_line, self.end_column)


class Edit(NamedTuple):
    """Replace ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


def line_starts(text: str) -> list[int]:
    """The offset in code points at which each line of ``text`` begins."""
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


def split_lines(text: str) -> list[str]:
    """The lines of ``text`` without their ends; always at least one."""
    return _LINE_END.split(text) if "\r" in text else text.split("\n")


def apply(text: str, edits: Iterable[Edit]) -> str:
    """``text`` after ``edits``, whose spans refer to the text before and do not overlap.

    Raises ``ValueError`` when two edits overlap. Insertions at one place keep their order.
    """
    starts = line_starts(text)
    last = len(text)

    def offset(line: int, column: int) -> int:
        return min(starts[line] + column, last) if line < len(starts) else last

    pieces: list[str] = []
    done = 0
    ordered = sorted(edits, key=lambda edit: edit.span)
    for span, new in ordered:
        start, end = offset(span.line, span.column), offset(span.end_line, span.end_column)
        if start < done:
            raise ValueError(f"overlapping edits at line {span.line + 1}")
        pieces += (text[done:start], new)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)
