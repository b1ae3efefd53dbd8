"""``paydown rules``: list all rules."""

from __future__ import annotations

import argparse
import sys

from paydown.commands.check import wants_colour
from paydown.rule import SECTIONS, Rule, all_rules


def run(options: argparse.Namespace) -> int:
    """Print every rule, by section of the paper."""
    rules = list(all_rules().values())
    if options.output_format == "json":
        from paydown.report.json import dumped

        sys.stdout.write(dumped([described(rule) for rule in rules]))
        return 0
    bold = ("\x1b[1m", "\x1b[0m") if wants_colour(sys.stdout) else ("", "")
    width = max((len(rule.name) for rule in rules), default=0)
    for number, title in SECTIONS.items():
        members = [rule for rule in rules if rule.section == number]
        if not members:
            continue
        print(f"{bold[0]}{number} {title}{bold[1]}")
        for rule in members:
            severity = rule.severity.name.lower()
            print(f"  {rule.code} {rule.name.ljust(width)}  {severity:<11} {rule.principal:>4} min  {rule.summary}")
    return 0


def described(rule: Rule) -> dict[str, object]:
    """A rule as plain data."""
    return {
        "name": rule.name,
        "code": rule.code,
        "summary": rule.summary,
        "section": rule.section,
        "sectionTitle": rule.section_title,
        "severity": rule.severity.name.lower(),
        "principal": rule.principal,
        "inTests": rule.in_tests,
        "options": rule.options,
        "fixes": [
            {"key": fix.key, "title": fix.title, "safe": fix.safe, "command": fix.command}
            for fix in rule.fixes.values()
        ],
    }
