"""The report as JSON, for other programs."""

from __future__ import annotations

import json
from typing import Any

from paydown import __version__
from paydown.audit import Entry, Where
from paydown.report import Report


def render(report: Report) -> str:
    """The whole report. Lines and columns are one-based, in a notebook they count in the cell."""
    return dumped(data(report))


def dumped(value: Any) -> str:
    """A value as JSON; letters stay letters unless one of them is none in UTF-8."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=2, allow_nan=False) + "\n"
    return text


def data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "version": __version__,
        "documents": len(report.audits),
        "principal": report.principal,
        "findings": [_finding(audit.path, entry) for audit, entry in report.entries()],
        "errors": [{"path": trouble.path, "message": trouble.message} for trouble in report.all_troubles],
    }


def _finding(path: str, entry: Entry) -> dict[str, Any]:
    finding = entry.finding
    fix = next(iter(finding.fixes), None)
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.name.lower(),
        "path": path,
        **_where(entry.where),
        "message": finding.message,
        "principal": finding.principal,
        "fix": {"title": fix.title, "safe": fix.safe} if fix else None,
        "related": [{**_where(where), "message": message} for where, message in entry.related],
    }


def _where(where: Where) -> dict[str, Any]:
    return {
        "cell": None if where.cell is None else {"index": where.cell, "id": where.id},
        "line": where.line,
        "column": where.column,
        "end_line": where.end_line,
        "end_column": where.end_column,
    }
