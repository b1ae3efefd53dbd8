"""The report as one page of HTML: totals on top, then each document, each cell with its findings beside it.

The page needs no script and loads nothing; texts from the documents are escaped and shown, never interpreted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from paydown import __version__
from paydown.audit import Audit, Entry, Shown, Where
from paydown.ledger import SectionTotal, duration, many
from paydown.report import Report
from paydown.report.markup import Mark, code_lines, escaped, markdown, prose
from paydown.rule import Rule, Severity, all_rules
from paydown.span import Span

_STYLES = {Severity.WARNING: "warning", Severity.INFORMATION: "information", Severity.HINT: "hint"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(report: Report) -> str:
    """The whole page."""
    title = (
        report.audits[0].path.rpartition("/")[2] if len(report.audits) == 1 else many(len(report.audits), "document")
    )
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f'<meta name="generator" content="paydown {__version__}">',
            f"<title>{escaped(title)} · technical debt</title>",
            f"<style>{_style()}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#findings">Skip to the findings</a>',
            *_head(report, title),
            '<main id="findings">',
            *(line for number, audit in enumerate(report.audits) for line in _document(report, number, audit)),
            "</main>",
            *_rules(report),
            f"<footer>Made by paydown {__version__}. Sections are those of Sculley et al., “Hidden Technical Debt in "
            "Machine Learning Systems” (NIPS 2015). Principal is an estimate of the time to pay a debt off.</footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


@lru_cache(maxsize=1)
def _style() -> str:
    return files("paydown.report").joinpath("audit.css").read_text(encoding="utf-8")


def _head(report: Report, title: str) -> Iterator[str]:
    count = sum(len(audit.entries) for audit in report.audits)
    by_severity = dict.fromkeys(Severity, 0)
    for _, entry in report.entries():
        by_severity[entry.finding.severity] += 1
    accepted = sum(len(audit.accepted) for audit in report.audits)
    words = [f"{number:,} {_said(severity, number)}" for severity, number in by_severity.items() if number]
    words += [f"{accepted:,} accepted"] * bool(accepted)
    yield "<header>"
    yield '<p class="kind">Hidden technical debt</p>'
    yield f"<h1>{escaped(title)}</h1>"
    due = f"<strong>{duration(report.principal)}</strong> to pay off"
    yield f'<p class="principal">{due}, in {many(count, "finding")}</p>'
    if words:
        yield f'<p class="counts">{" · ".join(words)}</p>'
    for trouble in report.troubles:
        where = f"{escaped(trouble.path)}: " if trouble.path else ""
        yield f'<p class="trouble">{where}{prose(trouble.message)}</p>'
    if report.sections:
        yield from _totals(report.sections, report.principal)
    elif not report.all_troubles:
        yield '<p class="clean">No debt found.</p>'
    if len(report.audits) > 1:
        yield from _contents(report)
    yield "</header>"


def _said(severity: Severity, number: int) -> str:
    word = severity.name.lower()
    return word if number == 1 or severity is Severity.INFORMATION else word + "s"


def _totals(sections: tuple[SectionTotal, ...], principal: int) -> Iterator[str]:
    yield '<table class="totals"><caption>By section of the paper</caption>'
    yield '<thead><tr><th scope="col">Section</th><th scope="col">Rules</th><th scope="col" class="n">Findings</th>'
    yield '<th scope="col" class="n">Principal</th><th scope="col">Share</th></tr></thead><tbody>'
    for section in sections:
        rules = " ".join(
            f'<span><a href="#{rule.code}">{rule.name}</a> <i>{rule.findings:,}</i></span>' for rule in section.rules
        )
        share = 100 * section.principal / max(1, principal)
        yield (
            f'<tr><th scope="row"><span class="number">{section.section}</span>{escaped(section.title)}</th>'
            f'<td class="rules">{rules}</td><td class="n">{section.findings:,}</td>'
            f'<td class="n">{duration(section.principal)}</td>'
            f'<td class="share"><span style="width:{share:.0f}%"></span><em>{share:.0f}%</em></td></tr>'
        )
    yield "</tbody></table>"


def _contents(report: Report) -> Iterator[str]:
    yield '<nav aria-label="Documents"><table class="contents"><caption>By document</caption><thead><tr>'
    yield '<th scope="col">Document</th><th scope="col" class="n">Findings</th><th scope="col" class="n">Principal</th>'
    yield "</tr></thead><tbody>"
    ordered = sorted(enumerate(report.audits), key=lambda pair: (-pair[1].principal, pair[0]))
    for number, audit in ordered:
        if audit.entries or audit.troubles:
            yield (
                f'<tr><th scope="row"><a href="#d{number}">{escaped(audit.path)}</a></th>'
                f'<td class="n">{len(audit.entries):,}</td><td class="n">{duration(audit.principal)}</td></tr>'
            )
    yield "</tbody></table></nav>"
    clean = sum(not audit.entries and not audit.troubles for audit in report.audits)
    if clean:
        yield f'<p class="counts">{many(clean, "document")} without any debt.</p>'


def _document(report: Report, number: int, audit: Audit) -> Iterator[str]:
    alone = len(report.audits) == 1
    if not alone and not audit.entries and not audit.troubles:
        return
    yield f'<article id="d{number}" aria-label="{escaped(audit.path)}">'
    if not alone:
        due = f"{duration(audit.principal)} in {many(len(audit.entries), 'finding')}"
        yield f'<h2>{escaped(audit.path)} <span class="quiet">{due}</span></h2>'
    for trouble in audit.troubles:
        yield f'<p class="{"trouble" if trouble.fatal else "note"}">{prose(trouble.message)}</p>'
    found: dict[int, list[Entry]] = {}
    for entry in audit.entries:
        found.setdefault(_cell_of(audit, entry), []).append(entry)
    for cell in audit.cells:
        if cell.text.strip() or cell.number in found:
            yield from _cell(number, audit, cell, found.get(cell.number, []))
    yield "</article>"


def _cell_of(audit: Audit, entry: Entry) -> int:
    """The number of the cell that a finding stands in; a script's is found by the line."""
    if entry.where.cell is not None:
        return entry.where.cell
    return next((cell.number for cell in reversed(audit.cells) if cell.line < entry.where.line), 0)


def _cell(number: int, audit: Audit, cell: Shown, entries: list[Entry]) -> Iterator[str]:
    name = f"Cell {cell.number + 1}" if audit.kind == "notebook" else ""
    yield f'<section class="cell{" with-findings" if entries else ""}" id="d{number}c{cell.number}">'
    if name:
        yield f'<h3 class="label">{name}</h3>'
    if cell.kind == "markdown" and not entries and audit.kind == "notebook":
        yield f'<div class="text">{markdown(cell.text, 4)}</div>'
    else:
        yield f'<div class="code" tabindex="0" role="region" aria-label="{name or "Source"}"><pre>'
        loudest_last = sorted(entries, key=lambda entry: -entry.finding.severity)
        marks = [Mark(_span(audit, cell, entry.where), _STYLES[entry.finding.severity]) for entry in loudest_last]
        first = cell.line + 1 if audit.kind == "script" else 1
        text = cell.text.removesuffix("\n")
        for line, html in enumerate(code_lines(text, marks, python=cell.kind == "code"), first):
            gutter = f'<span class="no" aria-hidden="true">{line}</span>'
            yield f'<span class="line" id="d{number}c{cell.number}l{line}">{gutter}{html}</span>'
        yield "</pre></div>"
    if entries:
        yield f'<aside aria-label="Findings{" in " + name.lower() if name else ""}"><ul>'
        for entry in entries:
            yield from _finding(number, audit, cell, entry)
        yield "</ul></aside>"
    yield "</section>"


def _span(audit: Audit, cell: Shown, where: Where) -> Span:
    up = cell.line if audit.kind == "script" else 0
    return Span(where.line - 1 - up, where.column - 1, where.end_line - 1 - up, where.end_column - 1)


def _finding(number: int, audit: Audit, cell: Shown, entry: Entry) -> Iterator[str]:
    finding = entry.finding
    style = _STYLES[finding.severity]
    yield f'<li class="finding {style}">'
    yield (
        f'<p class="what"><span class="severity">{finding.severity.name.lower()}</span> '
        f'<a class="rule" href="#{finding.code}">{finding.name}</a>'
        f'<span class="due">{duration(finding.principal)}</span></p>'
    )
    line = f'<a href="#d{number}c{cell.number}l{entry.where.line}">line {entry.where.line}</a>'
    yield f'<p>{prose(finding.message)} <span class="quiet">({line}, {finding.code})</span></p>'
    if finding.fixes:
        ways = [f"{prose(fix.title)}{'' if fix.safe else ' (look it over)'}" for fix in finding.fixes]
        others = "".join(f", or {way[:1].lower()}{way[1:]}" for way in ways[1:])
        yield f'<p class="fix"><b>To pay it off:</b> {ways[0]}{others}</p>'
    if entry.related:
        yield '<ul class="related">'
        for where, message in entry.related[:50]:
            yield f"<li>{_place(number, audit, where)}: {prose(message)}</li>"
        yield "</ul>"
    yield "</li>"


def _place(number: int, audit: Audit, where: Where) -> str:
    if where.cell is None:
        home = next((cell.number for cell in reversed(audit.cells) if cell.line < where.line), 0)
        return f'<a href="#d{number}c{home}l{where.line}">line {where.line}</a>'
    return f'<a href="#d{number}c{where.cell}l{where.line}">cell {where.cell + 1}, line {where.line}</a>'


def _rules(report: Report) -> Iterator[str]:
    """The page of each rule that found something."""
    found = {entry.finding.name for _, entry in report.entries()}
    rules = [rule for rule in all_rules().values() if rule.name in found]
    if not rules:
        return
    yield '<section class="rules-told" aria-labelledby="rules-title"><h2 id="rules-title">What the rules say</h2>'
    for rule in rules:
        yield _rule(rule)
    yield "</section>"


def _rule(rule: Rule) -> str:
    summary, _, rest = rule.page.partition("\n")
    return (
        f'<details id="{rule.code}"><summary><b>{rule.name}</b> <span class="quiet">{rule.code}</span> {prose(summary)}'
        f'</summary><div class="text"><p class="quiet">Section {rule.section}, {escaped(rule.section_title)} · '
        f"about {duration(rule.principal)} to pay off</p>{markdown(rest)}</div></details>"
    )
