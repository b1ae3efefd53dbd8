"""``paydown verify``: compare the data with ``paydown.lock``."""

from __future__ import annotations

import argparse
import os

from paydown.cli import WrongUse
from paydown.commands.progress import bar
from paydown.ledger import many
from paydown.project import Project, lock
from paydown.project.files import exists, joined
from paydown.project.pinning import verified, weight
from paydown.report.text import visible


def run(options: argparse.Namespace) -> int:
    """Hash everything again; 1 when something has changed or is missing."""
    if not os.path.exists(options.path):
        raise WrongUse(f"no such file or folder: `{options.path}`")
    project = Project.around(options.path)
    if not exists(joined(project.root, lock.NAME)):
        raise WrongUse(f"no {lock.NAME} in `{project.root}`; `paydown pin` writes one")
    wrong = unseen = right = 0
    try:
        pins = lock.read(project.root)
        total = weight(joined(project.root, key) for key in pins if not lock.is_address(key))
        with bar(total, "byte", shown=not options.no_progress, scale=True) as advance:
            for key, problem in verified(project, urls=options.urls, largest=options.largest, progress=advance):
                if problem.startswith("?"):
                    unseen += 1
                    print(f"not looked at  {visible(key)}: {problem[1:]}")
                elif problem:
                    wrong += 1
                    print(f"differs        {visible(key)}: {visible(problem)}")
                else:
                    right += 1
    except lock.LockError as error:
        raise WrongUse(str(error)) from None
    words = [f"{many(right, 'pin')} as pinned"]
    words += [f"{wrong:,} changed or missing"] * bool(wrong)
    words += [f"{unseen:,} on the web not looked at"] * bool(unseen)
    print(f"{', '.join(words)}.")
    return 1 if wrong else 0
