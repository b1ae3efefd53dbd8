"""``paydown explain``: a rule's page."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches

from paydown.cli import WrongUse
from paydown.commands.check import wants_colour
from paydown.commands.rules import described
from paydown.ledger import duration
from paydown.rule import Rule, all_rules, rule_named


def run(options: argparse.Namespace) -> int:
    """Print the page of a rule."""
    name = options.rule.strip()
    try:
        rule = rule_named(name)
    except KeyError:
        close = get_close_matches(name.lower(), list(all_rules()), 1, 0.5)
        meant = f"; did you mean `{close[0]}`?" if close else "; `paydown rules` lists them all"
        raise WrongUse(f"unknown rule `{name}`{meant}") from None
    if options.output_format == "json":
        from paydown.report.json import dumped

        sys.stdout.write(dumped({**described(rule), "markdown": page(rule)}))
        return 0
    text = page(rule)
    if wants_colour(sys.stdout):
        text = "\n".join(f"\x1b[1m{line}\x1b[0m" if line.startswith("#") else line for line in text.splitlines())
    print(text)
    return 0


def page(rule: Rule) -> str:
    """A rule's page with its title and what it belongs to."""
    return (
        f"# {rule.name} ({rule.code})\n\n"
        f"Section {rule.section}, {rule.section_title} · {rule.severity.name.lower()} · "
        f"about {duration(rule.principal)} to pay off\n\n{rule.page}"
    )
