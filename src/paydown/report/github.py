"""The report as workflow commands of GitHub Actions, which put each finding beside its line."""

from __future__ import annotations

from collections.abc import Iterator

from paydown.audit import Entry, spoken
from paydown.ledger import duration
from paydown.report import Report
from paydown.rule import Severity

_LEVELS = {Severity.WARNING: "warning", Severity.INFORMATION: "notice", Severity.HINT: "notice"}


def render(report: Report) -> Iterator[str]:
    """One command for each finding and each error."""
    for trouble in report.all_troubles:
        file = f" file={_property(trouble.path)}," if trouble.path else " "
        yield f"::{'error' if trouble.fatal else 'notice'}{file}title=paydown::{_message(trouble.message)}"
    for audit, entry in report.entries():
        finding = entry.finding
        title = _property(f"{finding.code} {finding.name}")
        properties = f"file={_property(audit.path)},{_lines(entry)},title={title}"
        cell = "" if entry.where.cell is None else f"{spoken(entry.where)}: "
        text = f"{cell}{finding.message} ({duration(finding.principal)})"
        yield f"::{_LEVELS[finding.severity]} {properties}::{_message(text)}"


def _lines(entry: Entry) -> str:
    """Where GitHub should put it; in a notebook the line of the JSON, where columns mean nothing."""
    where = entry.where
    if where.cell is not None:
        return f"line={where.file_line or 1}"
    if where.end_line != where.line:
        return f"line={where.line},endLine={where.end_line}"
    return f"line={where.line},col={where.column},endColumn={max(where.column, where.end_column - 1)}"


def _message(text: str) -> str:
    """As GitHub's own toolkit escapes data; what is no text at all becomes a question mark."""
    text = text.encode("utf-8", "replace").decode()
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
