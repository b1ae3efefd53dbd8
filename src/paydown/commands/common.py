"""What several commands share: from their options to documents and settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from paydown.audit import Trouble
from paydown.batch import Analyst, Plan
from paydown.cli import WrongUse
from paydown.configuration import Configuration
from paydown.project import lock, root_of
from paydown.project.files import joined, slashed
from paydown.project.walk import documents as walked
from paydown.settings import merged


def overrides(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line gives; raises ``WrongUse`` about those that make no sense."""
    table: dict[str, Any] = {}
    for name in ("select", "extend_select", "ignore", "exclude"):
        said = [one.strip() for text in getattr(options, name, ()) for one in text.split(",")]
        if any(said):
            table[name.replace("_", "-")] = [one for one in said if one]
    severities = {}
    for text in getattr(options, "severity", ()):
        selector, equals, word = text.partition("=")
        if not equals:
            raise WrongUse(f"--severity wants RULE=SEVERITY, not `{text}`")
        severities[selector.strip()] = word.strip()
    if severities:
        table["severity"] = severities
    if table:
        _, problems = merged(Configuration(), table)
        for problem in problems:
            raise WrongUse(problem.message)
    return table


def analyst_for(plan: Plan) -> Analyst:
    """Somebody who analyses by the plan."""
    if plan.config and not os.path.isfile(plan.config):
        raise WrongUse(f"no such settings file: `{plan.config}`")
    return Analyst(plan)


def documents(paths: Sequence[str], analyst: Analyst) -> list[tuple[str, str]]:
    """The documents at and below ``paths``: where each is, and what it's called in the report."""

    def excluded(path: str) -> bool:
        return analyst.home(path).configuration.excludes(path)

    found, missing = walked(paths, excluded)
    if missing:
        raise WrongUse(f"no such file or folder: `{missing[0]}`")
    if not found:
        named = ", ".join(f"`{path}`" for path in paths)
        print(f"paydown: no notebooks or scripts in {named}", file=sys.stderr)
    return [(path, shown(path)) for path in found]


def shown(path: str) -> str:
    """What a file is called in a report: its path from here, if it's below."""
    return path.removeprefix(slashed(os.getcwd()).rstrip("/") + "/")


def settings_troubles(analyst: Analyst) -> tuple[Trouble, ...]:
    """What makes no sense in the settings that were met."""
    return tuple(
        Trouble(shown(problem.file), f"line {problem.line}: {problem.message}" if problem.line else problem.message)
        for problem in analyst.problems()
    )


def lock_troubles(paths: Iterable[str]) -> tuple[Trouble, ...]:
    """The locks of pins around documents that nobody understands: nothing counts as pinned there."""
    found = []
    for root in {root_of(folder + "/"): None for folder in {path.rpartition("/")[0]: None for path in paths}}:
        try:
            lock.read(root)
        except lock.LockError as problem:
            found.append(Trouble(shown(joined(root, lock.NAME)), f"{problem}; nothing counts as pinned"))
    return tuple(found)
