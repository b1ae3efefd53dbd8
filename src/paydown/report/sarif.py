"""The report as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from paydown import __version__
from paydown.audit import Audit, Change, Entry, Trouble, Where, spoken
from paydown.ledger import duration
from paydown.report import Report
from paydown.report.json import dumped
from paydown.rule import Rule, Severity, all_rules

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.WARNING: "warning", Severity.INFORMATION: "note", Severity.HINT: "note"}
_ROOT = "%SRCROOT%"


def render(report: Report) -> str:
    """One run with every rule that found something."""
    found = {entry.finding.name for _, entry in report.entries()}
    rules = [rule for rule in all_rules().values() if rule.name in found]
    numbers = {rule.name: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "paydown",
                "version": __version__,
                "semanticVersion": __version__,
                "shortDescription": {"text": "Hidden technical debt of machine-learning notebooks and scripts."},
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that paydown was run in."}}},
        "invocations": [
            {
                "executionSuccessful": not any(trouble.fatal for trouble in report.all_troubles),
                "toolExecutionNotifications": [_notification(trouble) for trouble in report.all_troubles],
            }
        ],
        "results": list(_results(report, numbers)),
        "properties": {"documents": len(report.audits), "principal": report.principal},
    }
    return dumped({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    text = rule.summary.rstrip(".") + "."
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": rule.page, "markdown": f"# {rule.name} ({rule.code})\n\n{rule.page}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["technical-debt", "machine-learning", rule.name, f"section-{rule.section}"],
            "principal": rule.principal,
            "section": f"{rule.section} {rule.section_title}",
        },
    }


def _results(report: Report, numbers: dict[str, int]) -> Iterable[dict[str, Any]]:
    """Every finding. Of several alike in a document, each gets a fingerprint of its own."""
    seen: Counter[tuple[str, str]] = Counter()
    for audit, entry in report.entries():
        mark = f"{entry.finding.code}:{entry.finding.fingerprint}"
        seen[audit.path, mark] += 1
        number = seen[audit.path, mark]
        yield _result(audit, entry, numbers, mark if number == 1 else f"{mark}/{number}")


def _result(audit: Audit, entry: Entry, numbers: dict[str, int], fingerprint: str) -> dict[str, Any]:
    finding = entry.finding
    where = "" if entry.where.cell is None else f"{spoken(entry.where)}: "
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": numbers[finding.name],
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{where}{finding.message} ({duration(finding.principal)})"},
        "locations": [_location(audit.path, entry.where, entry.excerpt)],
        "partialFingerprints": {"paydown/v1": fingerprint},
        "properties": {"name": finding.name, "principal": finding.principal},
    }
    if entry.related:
        result["relatedLocations"] = [
            {"id": number, **_location(audit.path, where), "message": {"text": message}}
            for number, (where, message) in enumerate(entry.related, 1)
        ]
    if entry.changes:
        result["fixes"] = [_fix(audit.path, change) for change in entry.changes]
    return result


def _location(path: str, where: Where, excerpt: str = "") -> dict[str, Any]:
    """A place in the file. In a notebook that is the line of its JSON; the cell is told beside it."""
    region: dict[str, Any] = {
        "startLine": where.line,
        "startColumn": where.column,
        "endLine": where.end_line,
        "endColumn": where.end_column,
    }
    if where.cell is not None:
        region = {"startLine": where.file_line or 1}
        if excerpt:
            region["snippet"] = {"text": excerpt}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}
    if where.cell is not None:
        location["logicalLocations"] = [
            {
                "name": f"cell {where.cell + 1}",
                "fullyQualifiedName": where.id or f"cell {where.cell + 1}",
                "kind": "element",
            }
        ]
        location["properties"] = {"cell": where.cell, "line": where.line, "column": where.column}
    return location


def _artifact(path: str) -> dict[str, Any]:
    slashed = path.replace("\\", "/") if os.sep == "\\" else path
    try:
        quoted = quote(slashed.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        quoted = quote(slashed.encode("utf-8", "replace"))
    if os.path.isabs(path):
        return {"uri": "file://" + ("" if quoted.startswith("/") else "/") + quoted}
    return {"uri": quoted, "uriBaseId": _ROOT}


def _fix(path: str, change: Change) -> dict[str, Any]:
    return {
        "description": {"text": change.title},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": list(_replacements(change))},
        ],
    }


def _replacements(change: Change) -> Iterable[dict[str, Any]]:
    for (line, column, end_line, end_column), text in change.edits:
        yield {
            "deletedRegion": {
                "startLine": line + 1,
                "startColumn": column + 1,
                "endLine": end_line + 1,
                "endColumn": end_column + 1,
            },
            "insertedContent": {"text": text},
        }


def _notification(trouble: Trouble) -> dict[str, Any]:
    notification: dict[str, Any] = {
        "level": "error" if trouble.fatal else "note",
        "message": {"text": trouble.message},
    }
    if trouble.path:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(trouble.path)}}]
    return notification
