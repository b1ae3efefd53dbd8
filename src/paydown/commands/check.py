"""``paydown check``: report the debt of documents."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence

from paydown.audit import Audit, Trouble
from paydown.batch import POOL_FROM, Analyst, Plan, audits
from paydown.cli import WrongUse
from paydown.commands.common import analyst_for, documents, lock_troubles, overrides, settings_troubles
from paydown.commands.progress import bar
from paydown.project.files import joined, slashed
from paydown.report import Report


def run(options: argparse.Namespace) -> int:
    """Analyse, report, and tell by the exit code whether there is debt."""
    plan = Plan(
        overrides(options),
        slashed(os.path.abspath(options.config)) if options.config else "",
        with_cells=options.output_format == "html",
        with_file_lines=options.output_format in ("sarif", "github"),
        with_changes=options.output_format == "sarif",
        seconds=options.time_limit,
    )
    analyst = analyst_for(plan)
    here = slashed(os.getcwd())
    found = (_standard_input(options, analyst),) if options.paths == ["-"] else _folder(options, plan, analyst)
    report = Report(found, (*settings_troubles(analyst), *lock_troubles(joined(here, one.path) for one in found)))
    _write(report, options)
    return 1 if report.failed and not options.exit_zero else 0


def _standard_input(options: argparse.Namespace, analyst: Analyst) -> Audit:
    shown = options.stdin_filename or "stdin.py"
    data = sys.stdin.buffer.read()
    if not options.stdin_filename and data.lstrip()[:1] == b"{":
        shown = "stdin.ipynb"
    return analyst.audit(joined(slashed(os.getcwd()), slashed(shown)), shown, data)


def _folder(options: argparse.Namespace, plan: Plan, analyst: Analyst) -> tuple[Audit, ...]:
    paths = documents(options.paths, analyst)
    jobs = options.jobs or _cores()
    found: list[Audit | None] = [None] * len(paths)
    with bar(len(paths), "document", shown=len(paths) >= POOL_FROM and not options.no_progress) as advance:
        for index, audit in audits(paths, plan, analyst, jobs):
            found[index] = audit
            advance(1)
    lost = [shown for (_, shown), audit in zip(paths, found, strict=True) if audit is None]
    kept = [audit for audit in found if audit is not None]
    return (*kept, *(Audit(name, "script", troubles=(Trouble(name, "was not analysed"),)) for name in lost))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _write(report: Report, options: argparse.Namespace) -> None:
    """Write the report; people's text line by line in the terminal's encoding, the others in UTF-8."""
    lines = rendered(report, options.output_format, options)
    if options.output_file:
        try:
            with open(options.output_file, "w", encoding="utf-8", errors="replace", newline="\n") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            raise WrongUse(f"can't write `{options.output_file}`: {error.strerror}") from None
        return
    if options.output_format == "text":
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def rendered(report: Report, name: str, options: argparse.Namespace) -> Sequence[str]:
    """The lines of the report in the format ``name``."""
    if name == "json":
        from paydown.report import json

        return json.render(report).splitlines()
    if name == "sarif":
        from paydown.report import sarif

        return sarif.render(report).splitlines()
    if name == "github":
        from paydown.report import github

        return list(github.render(report))
    if name == "html":
        from paydown.report.html import render

        return [render(report).rstrip("\n")]
    if name == "markdown":
        from paydown.report import markdown

        return list(markdown.render(report))
    from paydown.report import text

    colour = not options.output_file and wants_colour(sys.stdout)
    columns = shutil.get_terminal_size().columns if not options.output_file and sys.stdout.isatty() else 0
    shown = text.render(
        report, colour=colour, source=options.show_source, statistics=options.statistics, columns=columns
    )
    return list(shown)


def wants_colour(stream: object) -> bool:
    """Whether to write colours: on a terminal, unless ``NO_COLOR`` is set; anywhere when ``FORCE_COLOR`` is."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool(getattr(stream, "isatty", lambda: False)()) and os.environ.get("TERM") != "dumb"
