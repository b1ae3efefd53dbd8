"""From drafts to findings: where each stands now, its fingerprint, and whether it is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paydown.accepting import acceptances, markdown_acceptances
from paydown.configuration import Configuration
from paydown.document import Cell
from paydown.fingerprint import digest
from paydown.rule import Anchor, Draft, Finding, Place, Related
from paydown.span import Span, split_lines
from paydown.view import CellRecord


def resolved(
    cell: Cell, drafts: list[Draft], records: Mapping[str, CellRecord], configuration: Configuration
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], frozenset[str]]:
    """The findings of a cell, those that are accepted, and the other cells they speak of."""
    if not drafts:
        return (), (), frozenset()
    lines = split_lines(cell.text)
    seen: dict[tuple[str, Span], int] = {}
    found: list[Finding] = []
    others: set[str] = set()
    for draft in drafts:
        span = span_of(draft.where, records, others, cell.id)
        if span is None or (draft.rule.code, span) in seen:
            continue
        seen[draft.rule.code, span] = 1
        related = []
        told = {(cell.id, span)}  # what stands in a function that is called twice is one place
        for where, message in draft.related:
            place = span_of(where, records, others, cell.id)
            home = home_of(where, records.get(where.cell)) if place is not None else ""
            if place is not None and (home, place) not in told:
                told.add((home, place))
                related.append(Related(home, place, message))
        found.append(
            Finding(
                draft.rule.code, draft.rule.name, configuration.severity(draft.rule, draft.severity),
                draft.message, draft.rule.principal, cell.id, span, tuple(related), draft.rule.offers(draft),
                draft.rule.unnecessary, "", draft.facts,
            )
        )  # fmt: skip
    found.sort(key=lambda finding: (finding.span, finding.code))
    numbered = _fingerprinted(found, lines)
    marks = _acceptances(cell, records)
    if not marks:
        return tuple(numbered), (), frozenset(others)
    accepted = [finding for finding in numbered if any(mark.covers(finding) for mark in marks)]
    standing = [finding for finding in numbered if finding not in accepted]
    return tuple(standing), tuple(accepted), frozenset(others)


def _acceptances(cell: Cell, records: Mapping[str, CellRecord]) -> tuple[Any, ...]:
    if "paydown:" not in cell.text:
        return ()
    if cell.kind != "code":
        return markdown_acceptances(cell.text)
    return acceptances(records[cell.id].parsed())


def span_of(where: Place | Anchor, records: Mapping[str, CellRecord], others: set[str], home: str) -> Span | None:
    """Where a place stands in its cell now; ``None`` when it is gone. What other cells than ``home`` it hangs on is added to
    ``others``."""
    if isinstance(where, Anchor):
        record = records.get(where.cell)
        if record is None:
            return None
        others.add(where.cell)
        place = record.flow.anchored(where.kind, where.index)
        if place is None:
            return None
        where = place
    if where.cell != home:
        others.add(where.cell)
    if not where.within:
        return where.span
    record = records.get(where.cell)
    line = record.flow.definitions.get(where.within) if record is not None else None
    return where.span.below(line) if line is not None else None


def home_of(where: Place | Anchor, record: CellRecord | None) -> str:
    """The cell in whose text a place is: that of a function, not the one that calls it."""
    if isinstance(where, Anchor) and record is not None:
        place = record.flow.anchored(where.kind, where.index)
        if place is not None:
            return place.cell
    return where.cell


def _fingerprinted(found: list[Finding], lines: list[str]) -> list[Finding]:
    """The findings with fingerprints: the code, the flagged text, and which of several alike it is."""
    counts: dict[str, int] = {}
    numbered = []
    for finding in found:
        known = digest(finding.code, lines, finding.span)
        number = counts[known] = counts.get(known, 0) + 1
        numbered.append(finding._replace(fingerprint=f"{known}.{number}"))
    return numbered
