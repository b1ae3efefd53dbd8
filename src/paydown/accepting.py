"""Accepted debt: ``# paydown: accept[magic-threshold] reason`` in a text.

At the end of a line the comment speaks of what is found there; alone on a line, also of the statement below.
In Markdown it is ``<!-- paydown: accept[admitted-debt] reason -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from paydown.facts import Facts
from paydown.rule import Finding
from paydown.span import Span, split_lines
from paydown.statements import Statement, statements

_MARK = re.compile(r"#\s*paydown:\s*accept\[([^\]\r\n]*)\][ \t]*(.*?)(?=\s*#\s*paydown:|$)")
_MARKDOWN_MARK = re.compile(r"<!--\s*paydown:\s*accept\[([^\]\r\n]*)\][ \t]*([^\r\n]*?)\s*-->")
_FOREIGN_MARK = re.compile(r"^[ \t]*(?:#|--|//|%(?!%))\s*paydown:\s*accept\[([^\]\r\n]*)\][ \t]*([^\r\n]*?)[ \t]*$")


class Acceptance(NamedTuple):
    """What one comment accepts: ``names`` are those of rules (or their codes), ``span`` is where it stands.

    ``lines`` are the first lines a finding may have; ``within`` are the lines of the statement it stands on.
    """

    names: tuple[str, ...]
    reason: str
    span: Span
    lines: range
    within: range

    def covers(self, finding: Finding) -> bool:
        """Whether it accepts ``finding``, which is of the same cell."""
        if finding.name not in self.names and finding.code.lower() not in self.names:
            return False
        first, last, here = finding.span.line, _last_line(finding.span), self.span.line
        return first in self.lines or here in (first, last) or (first in self.within and first <= here <= last)


def acceptances(facts: Facts) -> tuple[Acceptance, ...]:
    """What the comments of a code cell accept."""
    if "paydown:" not in facts.text:
        return ()
    return tuple(_of_python(facts) if facts.language == "python" else _of_foreign(facts.text))


def markdown_acceptances(text: str) -> tuple[Acceptance, ...]:
    """What the HTML comments of a Markdown cell accept: findings on their line, and on the next that isn't blank."""
    if "paydown:" not in text:
        return ()
    return tuple(_of_markdown(text))


def _of_markdown(text: str) -> Iterator[Acceptance]:
    lines = split_lines(text)
    for number, line in enumerate(lines):
        for match in _MARKDOWN_MARK.finditer(line):
            alone = line.strip() == match[0]
            below = next((n for n in range(number + 1, len(lines)) if lines[n].strip()), number) if alone else number
            span = Span(number, match.start(), number, match.end())
            yield Acceptance(_names(match[1]), match[2], span, range(number, below + 1), range(number, number + 1))


def _of_foreign(text: str) -> Iterator[Acceptance]:
    """In a cell of another language a comment of that language speaks of the whole cell."""
    lines = split_lines(text)
    for number, line in enumerate(lines):
        for match in _FOREIGN_MARK.finditer(line):
            span = Span(number, match.start(), number, match.end())
            yield Acceptance(_names(match[1]), match[2], span, range(len(lines)), range(0))


def _of_python(facts: Facts) -> Iterator[Acceptance]:
    logical: list[Statement] = []
    for comment in facts.comments:
        for match in _MARK.finditer(comment.text):
            logical = logical or statements(facts.source)
            line, column = comment.span.line, comment.span.column
            around = next((one for one in logical if one.line <= line <= one.end_line), None)
            within = range(around.line, around.end_line + 1) if around else range(line, line + 1)
            lines = range(line, line + 1)
            if comment.alone and match.start() == 0:
                lines = range(line, 1 + (line + 1 if around else _last_below(facts.source, logical, line)))
            span = Span(line, column + match.start(), line, column + match.end())
            yield Acceptance(_names(match[1]), match[2].strip(), span, lines, within)


def _last_below(source: str, logical: list[Statement], line: int) -> int:
    """The last line of the statement below ``line``; decorators are part of what they decorate."""
    last = line + 1
    for one in logical:
        if one.line > line:
            last = one.end_line
            if not source.startswith("@", one.start):
                break
    return last


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower().replace("_", "-") for name in text.split(",") if name.strip())


def _last_line(span: Span) -> int:
    return span.end_line - 1 if span.end_column == 0 and span.end_line > span.line else span.end_line
