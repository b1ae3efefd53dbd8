"""The report as Markdown, for the summary of a CI job or a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.audit import Entry
from paydown.ledger import duration
from paydown.report import Report

_MOST = 200
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@])")
_SPACE = re.compile(r"\s+")


def render(report: Report) -> Iterator[str]:
    """Totals by section, then the findings of each document; of very many only the first, and how many more."""
    count = sum(len(audit.entries) for audit in report.audits)
    yield f"## Hidden technical debt: {duration(report.principal)}"
    yield ""
    yield f"{count:,} findings in {len(report.audits):,} documents."
    yield ""
    if report.sections:
        yield "| Section of the paper | Findings | Principal |"
        yield "|---|---:|---:|"
        for section in report.sections:
            yield f"| {section.section} {section.title} | {section.findings:,} | {duration(section.principal)} |"
        yield ""
    for trouble in report.all_troubles:
        yield f"- **{'error' if trouble.fatal else 'note'}** {escaped(trouble.path)}: {_prose(trouble.message)}"
    if report.all_troubles:
        yield ""
    left = _MOST
    for audit in report.audits:
        if not audit.entries or left <= 0:
            continue
        yield f"### {escaped(audit.path)}"
        yield ""
        for entry in audit.entries[:left]:
            yield f"- {_place(entry)}: **{entry.finding.name}** ({entry.finding.code}): {_prose(entry.finding.message)}"
        left -= len(audit.entries)
        yield ""
    if count > _MOST:
        yield f"… and {count - _MOST:,} more."


def escaped(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line, and nobody is mentioned by it."""
    return _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", text)).replace("\\@", "&#64;")


def _prose(message: str) -> str:
    """A message: its text escaped, its `code` kept as code."""
    parts = _SPACE.sub(" ", message).split("`")
    if len(parts) % 2 == 0:
        return escaped(message)
    return "".join(f"`{part}`" if index % 2 else escaped(part) for index, part in enumerate(parts))


def _place(entry: Entry) -> str:
    where = entry.where
    return f"line {where.line}" if where.cell is None else f"cell {where.cell + 1}, line {where.line}"
