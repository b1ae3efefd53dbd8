"""``paydown pin``: write the version of each external data read to ``paydown.lock``."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import NamedTuple

from paydown.audit import Trouble
from paydown.batch import Analyst, Plan, without_collector
from paydown.cli import WrongUse
from paydown.commands.common import analyst_for, documents
from paydown.commands.progress import bar
from paydown.ledger import many
from paydown.project import Project, lock
from paydown.project.files import joined, slashed
from paydown.project.pinning import Outcome, Wanted, pin
from paydown.project.walk import SUFFIXES, documents_below
from paydown.report.text import visible


def run(options: argparse.Namespace) -> int:
    """Pin what the documents read, project by project."""
    plan = Plan(config=slashed(os.path.abspath(options.config)) if options.config else "")
    analyst = analyst_for(plan)
    data = [path for path in options.paths if _is_data(path)]
    rest = [path for path in options.paths if path not in data]
    paths = documents(rest, analyst) if rest or not data else []
    projects: dict[str, tuple[Project, list[tuple[Wanted, str]]]] = {}
    failed = False
    here = slashed(os.getcwd()) + "/"
    for path in data:
        place = path if lock.is_address(path) else joined(here, slashed(path))
        project = analyst.home(here if lock.is_address(path) else place).project
        projects.setdefault(project.root, (project, []))[1].append((Data("local", place), here))
    with bar(len(paths), "document", shown=not options.no_progress) as advance, without_collector() as tidy:
        for path, shown in paths:
            advance(1)
            tidy()
            references = analyst.attempt(shown, partial(_references, analyst, path))
            if isinstance(references, Trouble):
                print(f"paydown: {visible(shown)}: {visible(references.message)}", file=sys.stderr)
                failed = True
                continue
            project = analyst.home(path).project
            projects.setdefault(project.root, (project, []))[1].extend((one, path) for one in references)
    if not any(wanted for _, wanted in projects.values()):
        print("No data reads whose place is known.")
    for project, wanted in projects.values():
        if not wanted:
            continue
        try:
            with bar(0, "byte", shown=not options.no_progress, scale=True) as advance:
                outcome = pin(project, wanted, urls=options.urls, largest=options.largest, progress=advance)
        except lock.LockError as error:
            raise WrongUse(str(error)) from None
        except OSError as error:
            raise WrongUse(f"can't write {lock.NAME} in `{project.root}`: {error.strerror or error}") from None
        _tell(project, outcome)
    return 1 if failed else 0


class Data(NamedTuple):
    """Data that is named itself, instead of a document that reads it."""

    scheme: str
    location: str


def _is_data(path: str) -> bool:
    """Whether a path is an address, a file that is no document, or a folder without any."""
    if lock.is_address(path):
        return True
    if os.path.isdir(path):
        return documents_below(path, 0) == ()
    return os.path.isfile(path) and not path.endswith(SUFFIXES)


def _references(analyst: Analyst, path: str) -> list[Wanted]:
    """The data reads of a document."""
    return list(analyst.analysis(path)[1].references)


def _tell(project: Project, outcome: Outcome) -> None:
    for key in sorted(outcome.written):
        print(f"pinned      {visible(key)}")
    for key in sorted(outcome.same):
        print(f"unchanged   {visible(key)}")
    for location, why in outcome.refused:
        print(f"not pinned  {visible(location)}: {visible(why)}")
    versioned = f"; {many(len(outcome.versioned), 'other')} already under version control" if outcome.versioned else ""
    print(f"{many(len(lock.read(project.root)), 'pin')} in {visible(project.root)}/{lock.NAME}{versioned}.")
