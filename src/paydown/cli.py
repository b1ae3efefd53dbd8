"""The command line: ``paydown check``, ``fix``, ``explain``, ``rules``, ``pin``, ``verify`` and ``server``.

Exit codes: 0 nothing found, 1 debt found or something could not be analysed, 2 wrong use.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from paydown import __version__

INTERRUPTED = 130
_FORMATS = ("text", "json", "sarif", "github", "html", "markdown")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    options = parser().parse_args(arguments)
    atexit.register(gc.freeze)  # what is left when the process ends need not be looked through
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        command = importlib.import_module(f"paydown.commands.{options.command}")
        code: int = command.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("paydown: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone; nobody is left to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + getattr(signal, "SIGPIPE", 13)
    except WrongUse as error:
        print(f"paydown: {error}", file=sys.stderr)
        return 2
    return code


class WrongUse(Exception):  # noqa: N818  # it says whose mistake it is
    """The command can't be carried out as it was given."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong first, then how to get help."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nTry `{self.prog} --help`.\n")


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    top = _Parser(
        prog="paydown",
        description="Hidden technical debt of machine-learning notebooks and scripts.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"paydown {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)

    check = command("check", "Report the debt of notebooks, scripts and folders.")
    _paths(check, "notebooks, scripts and folders; `-` reads a document from standard input")
    check.add_argument("--output-format", choices=_FORMATS, default="text", help="what to write (default: text)")
    check.add_argument("--output-file", metavar="FILE", help="write the report there instead of to standard output")
    _selection(check)
    check.add_argument(
        "--severity",
        action="append",
        default=[],
        metavar="RULE=SEVERITY",
        help="how loud a rule or section is: warning, information or hint; may be repeated",
    )
    check.add_argument("--exit-zero", action="store_true", help="exit with 0 also when debt is found")
    check.add_argument("--statistics", action="store_true", help="only the totals of each rule")
    check.add_argument(
        "--show-source", action="store_true", help="show the line of each finding and the places related to it"
    )
    _running(check)

    fix = command("fix", "Pay off what has a safe fix.")
    _paths(fix, "notebooks, scripts and folders")
    fix.add_argument("--suggested", action="store_true", help="also apply fixes that may change what the code does")
    fix.add_argument(
        "--diff", action="store_true", help="show what would change and write nothing; exit with 1 if anything would"
    )
    _selection(fix)
    fix.add_argument("--exit-zero", action="store_true", help="exit with 0 also when debt remains")
    _running(fix, jobs=False)

    explain = command("explain", "Tell what a rule finds, what it costs and how to pay it off.")
    explain.add_argument("rule", metavar="RULE", help="a rule's name or code")
    explain.add_argument("--output-format", choices=("text", "json"), default="text")

    rules = command("rules", "List all rules.")
    rules.add_argument("--output-format", choices=("text", "json"), default="text")

    pin = command("pin", "Write the version of each external data read to paydown.lock.")
    _paths(pin, "notebooks, scripts and folders whose reads to pin")
    pin.add_argument("--urls", action="store_true", help="also download what is read from the web, to hash it")
    pin.add_argument(
        "--largest",
        type=_size,
        default=2 << 30,
        metavar="SIZE",
        help="the most to download, such as 500MB (default: 2GB)",
    )
    pin.add_argument("--config", metavar="FILE", help="a TOML file to use in place of pyproject.toml")
    pin.add_argument("--no-progress", action="store_true", help="show no progress bar")

    verify = command("verify", "Compare the data with paydown.lock.")
    verify.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project's folder, or anything in it")
    verify.add_argument("--urls", action="store_true", help="also download what is pinned from the web")
    verify.add_argument(
        "--largest", type=_size, default=2 << 30, metavar="SIZE", help="the most to download (default: 2GB)"
    )
    verify.add_argument("--no-progress", action="store_true", help="show no progress bar")

    command("server", "Run the language server on standard input and output.")
    return top


def _paths(command: argparse.ArgumentParser, text: str) -> None:
    command.add_argument("paths", nargs="*", default=["."], metavar="PATH", help=f"{text} (default: this folder)")


def _selection(command: argparse.ArgumentParser) -> None:
    kinds = "names, codes (HTD811), their beginnings (HTD8) or sections, separated by commas"
    command.add_argument("--select", action="append", default=[], metavar="RULES", help=f"only these rules: {kinds}")
    command.add_argument("--extend-select", action="append", default=[], metavar="RULES", help="these rules as well")
    command.add_argument("--ignore", action="append", default=[], metavar="RULES", help="not these rules")
    command.add_argument(
        "--exclude", action="append", default=[], metavar="GLOBS", help="pass over these files and folders"
    )
    command.add_argument("--config", metavar="FILE", help="a TOML file to use in place of pyproject.toml")


def _running(command: argparse.ArgumentParser, *, jobs: bool = True) -> None:
    if jobs:
        command.add_argument(
            "--jobs", "-j", type=_jobs, default=0, metavar="N", help="processes to use (default: one a core)"
        )
    command.add_argument(
        "--stdin-filename", default="", metavar="NAME", help="what the document on standard input is called"
    )
    command.add_argument(
        "--time-limit", type=float, default=60.0, metavar="SECONDS", help="the most for one document (default: 60)"
    )
    command.add_argument("--no-progress", action="store_true", help="show no progress bar")


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of processes")
    return int(text)


def _size(text: str) -> int:
    units = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
    number = text.upper().removesuffix("B").rstrip("KMGT")
    unit = text.upper().removesuffix("B")[len(number) :]
    try:
        size = float(number) * units[unit]
        return int(size) if size > 0 else int("")
    except (ValueError, KeyError, OverflowError):
        raise argparse.ArgumentTypeError(f"`{text}` is no size; 500MB is one") from None


if __name__ == "__main__":
    sys.exit(main())
