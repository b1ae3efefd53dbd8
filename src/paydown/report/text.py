"""The report for people at a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from paydown.audit import Audit, Entry, Trouble, Where
from paydown.ledger import duration, many
from paydown.report import Report
from paydown.rule import Severity

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]")
_BOLD, _DIM, _RED, _YELLOW, _BLUE, _CYAN = "1", "2", "31", "33", "34", "36"
_NARROWEST = 30  # columns for a message; with fewer the terminal breaks its lines
_COLOURS = {Severity.WARNING: _YELLOW, Severity.INFORMATION: _BLUE, Severity.HINT: _DIM}


def render(
    report: Report, *, colour: bool = False, source: bool = False, statistics: bool = False, columns: int = 0
) -> Iterator[str]:
    """The lines of the report. ``source`` shows the line of each finding, ``statistics`` only the totals by rule. With
    ``columns`` messages are broken between words; without, each finding has one line."""
    paint = _painted if colour else _plain
    if not statistics:
        for trouble in report.troubles:
            yield f"{paint('error', _RED)}: {visible(_said(trouble))}"
        for audit in report.audits:
            if audit.entries or audit.troubles:
                yield from _document(audit, paint, source=source, columns=columns)
                yield ""
    else:
        for trouble in report.all_troubles:
            if trouble.fatal:
                yield f"{paint('error', _RED)}: {visible(_said(trouble))}"
        yield from _rules(report, paint)
    yield from _summary(report, paint)


def _said(trouble: Trouble) -> str:
    return f"{trouble.path}: {trouble.message}" if trouble.path else trouble.message


def _document(audit: Audit, paint: _Paint, *, source: bool, columns: int) -> Iterator[str]:
    yield paint(visible(audit.path), _BOLD)
    width = max((len(_place(entry.where)) for entry in audit.entries), default=0)
    for trouble in audit.troubles:
        word = paint("error", _RED) if trouble.fatal else paint("note", _DIM)
        yield f"  {word}: {visible(trouble.message)}"
    for entry in audit.entries:
        yield from _entry(entry, width, paint, source=source, columns=columns)


def _entry(entry: Entry, width: int, paint: _Paint, *, source: bool, columns: int) -> Iterator[str]:
    finding = entry.finding
    name = paint(finding.name, _COLOURS[finding.severity])
    fix = " [fix]" if any(fix.safe and not fix.command for fix in finding.fixes) else ""
    place, message = _place(entry.where).ljust(width), visible(finding.message)
    margin = " " * (width + 4)
    head = f"  {paint(place, _DIM)}  {finding.code} {name}{paint(fix, _CYAN) if fix else ''}"
    room = columns - len(margin)
    if room >= _NARROWEST and width_of(f"{finding.code} {finding.name}{fix}  {message}") > room:
        yield head
        yield from (margin + line for line in _broken(message, room))
    else:
        yield f"{head}  {message}"
    if not source:
        return
    number = str(entry.where.line)
    yield f"{margin}{paint(number + ' |', _DIM)} {visible(entry.excerpt)}"
    carets = _carets(entry)
    if carets:
        yield f"{margin}{paint(' ' * len(number) + ' |', _DIM)} {paint(carets, _COLOURS[finding.severity])}"
    for where, message in entry.related:
        yield f"{margin}{paint(' ' * len(number) + ' =', _DIM)} {visible(_place(where))}: {visible(message)}"


def _broken(text: str, room: int) -> Iterator[str]:
    """``text`` in lines of at most ``room`` columns, as far as its words allow."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer) > room:
            yield line
            longer = word
        line = longer
    yield line


def _carets(entry: Entry) -> str:
    """Blanks and carets under the flagged part of the excerpt, as wide as that shows."""
    where = entry.where
    start = where.column - 1
    end = where.end_column - 1 if where.end_line == where.line else len(entry.excerpt)
    before, flagged = entry.excerpt[:start], entry.excerpt[start:end]
    if start > len(entry.excerpt) or not flagged:
        return ""
    return "".join("\t" if sign == "\t" else " " * width_of(sign) for sign in before) + "^" * width_of(flagged)


def _place(where: Where) -> str:
    if where.cell is None:
        return f"{where.line}:{where.column}"
    return f"cell {where.cell + 1}:{where.line}:{where.column}"


def _rules(report: Report, paint: _Paint) -> Iterator[str]:
    for section in report.sections:
        yield paint(f"{section.section} {section.title}", _BOLD)
        for rule in section.rules:
            yield f"  {rule.findings:>7,}  {duration(rule.principal):>11}  {rule.code} {rule.name}"
    yield ""


def _summary(report: Report, paint: _Paint) -> Iterator[str]:
    sections = report.sections
    documents = many(len(report.audits), "document")
    failures = sum(trouble.fatal for trouble in report.all_troubles)
    failed = f"; {many(failures, 'error')}" if failures else ""
    accepted = sum(len(audit.accepted) for audit in report.audits)
    taken = f"; {accepted:,} accepted" if accepted else ""
    if not sections:
        lost = sum(any(trouble.fatal for trouble in audit.troubles) for audit in report.audits)
        seen = f"the {len(report.audits) - lost:,} of {documents} that could be analysed" if lost else documents
        yield paint(f"No debt found in {seen}{taken}{failed}.", _BOLD)
        return
    if len(sections) > 1:
        for section in sections:
            found = f"{section.findings:>6,} {'finding' if section.findings == 1 else 'findings'}"
            yield f"  {section.section} {section.title:<50}{found:<15}{duration(section.principal):>11}"
    count = sum(section.findings for section in sections)
    holding = sum(bool(audit.entries) for audit in report.audits)
    due = duration(report.principal)
    where = documents if holding == len(report.audits) else f"{holding:,} of {documents}"
    yield paint(
        f"{many(count, 'finding')} in {where}, {due} to pay off{taken}{failed}.",
        _BOLD,
    )
    fixable = sum(any(fix.safe and not fix.command for fix in entry.finding.fixes) for _, entry in report.entries())
    if fixable:
        yield f"`paydown fix` can pay off {fixable:,} of them."


def visible(text: str) -> str:
    """``text`` without anything that a terminal obeys or hides."""
    return _UNSEEN.sub(
        lambda found: f"\\u{ord(found[0]):04x}" if ord(found[0]) > 255 else f"\\x{ord(found[0]):02x}", text
    )


def width_of(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(visible(text)) if _UNSEEN.search(text) else len(text)
    return sum(
        len(visible(sign))
        if _UNSEEN.match(sign)
        else 0
        if unicodedata.combining(sign)
        else 2
        if unicodedata.east_asian_width(sign) in "WF"
        else 1
        for sign in text
    )


class _Paint:
    """Puts a colour around a text, or doesn't."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text


_plain, _painted = _Paint(on=False), _Paint(on=True)
