"""What the debt adds up to: findings and principal by rule and by section of the paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from paydown.rule import SECTIONS, Finding


class RuleTotal(NamedTuple):
    """What one rule found. ``principal`` is in minutes."""

    code: str
    name: str
    findings: int
    principal: int


class SectionTotal(NamedTuple):
    """What the rules of one section of the paper found, the dearest rule first."""

    section: str
    title: str
    findings: int
    principal: int
    rules: tuple[RuleTotal, ...]


def totals(findings: Iterable[Finding]) -> tuple[SectionTotal, ...]:
    """The totals of ``findings`` by section, in the paper's order; sections without any are left out."""
    rules: dict[tuple[str, str], list[int]] = {}
    for finding in findings:
        total = rules.setdefault((finding.code, finding.name), [0, 0])
        total[0] += 1
        total[1] += finding.principal
    sections: dict[str, list[RuleTotal]] = {}
    for (code, name), (count, principal) in sorted(rules.items()):
        sections.setdefault(code[3], []).append(RuleTotal(code, name, count, principal))
    return tuple(
        SectionTotal(
            section,
            SECTIONS.get(section, "Other"),
            sum(rule.findings for rule in members),
            sum(rule.principal for rule in members),
            tuple(sorted(members, key=lambda rule: (-rule.principal, rule.code))),
        )
        for section, members in sorted(sections.items())
    )


def duration(minutes: int) -> str:
    """Minutes as people say them: ``45 min``, ``2 h``, ``1 h 30 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours:,} h {rest} min" if rest and hours < 100 else f"{hours:,} h"


def many(count: int, word: str) -> str:
    """A number of things: ``1 finding``, ``2,000 findings``."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
