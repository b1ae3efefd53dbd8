"""``paydown fix``: pay off what can be paid off without looking, or show what that would change."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from paydown.audit import Trouble
from paydown.batch import POOL_FROM, Analyst, Plan, contents, without_collector
from paydown.cli import WrongUse
from paydown.commands.check import wants_colour
from paydown.commands.common import analyst_for, documents, overrides, settings_troubles
from paydown.commands.progress import bar
from paydown.configuration import Configuration
from paydown.document import Document, Unreadable, read, with_cell_texts
from paydown.ledger import duration, many
from paydown.project.files import create_file, joined, replace_file, slashed
from paydown.report.text import visible
from paydown.rule import Finding
from paydown.settings import merged
from paydown.span import split_lines


class Fixed(NamedTuple):
    """What came of a document: its new bytes and the new texts of cells, what was found before and what is left, and the
    texts of new files beside it."""

    document: Document
    old: bytes
    new: bytes
    texts: Mapping[str, str]
    before: list[Finding]
    after: list[Finding]
    files: Mapping[str, str] = {}


def run(options: argparse.Namespace) -> int:
    """Fix each document; 1 when debt remains, or with ``--diff`` when something would change."""
    said = overrides(options)
    chosen: dict[str, Any] = {key: said.pop(key) for key in ("select", "extend-select") if key in said}
    names = {rule.name for rule in merged(Configuration(), chosen)[0].rules()} if chosen.get("select") else None
    plan = Plan(said, slashed(os.path.abspath(options.config)) if options.config else "", seconds=options.time_limit)
    analyst = analyst_for(plan)
    if options.paths == ["-"]:
        return _standard_input(options, analyst, names)
    named = {joined(slashed(os.getcwd()), slashed(path)) for path in options.paths}
    paths = documents(options.paths, analyst)
    troubles = list(settings_troubles(analyst))
    before: list[Finding] = []
    after: list[Finding] = []
    changed = 0
    files: dict[str, str] = {}  # new ones: with --diff nothing is written, and names must differ all the same
    with (
        bar(len(paths), "document", shown=len(paths) >= POOL_FROM and not options.no_progress) as advance,
        without_collector() as tidy,
    ):
        for path, shown in paths:
            result = analyst.attempt(
                shown, partial(_fixed, analyst, path, names, suggested=options.suggested, files=files)
            )
            if isinstance(result, Fixed) and result.new != result.old and not options.diff:
                written = analyst.attempt(shown, partial(_written, path, result, explicit=path in named))
                if isinstance(written, Trouble):
                    for name in result.files:  # no other document can read them
                        del files[name]
                result = written
            if isinstance(result, Trouble):
                troubles.append(result)
            else:
                before += result.before
                after += result.after
                changed += result.new != result.old
                _tell(shown, result, diff=options.diff)
            advance(1)
            tidy()
    for trouble in troubles:
        print(f"paydown: {visible(trouble.path)}: {visible(trouble.message)}", file=sys.stderr)
    _summary(before, after, changed, diff=options.diff)
    failed = bool(changed) if options.diff else bool(after)
    return 1 if (failed or troubles) and not options.exit_zero else 0


def _fixed(
    analyst: Analyst,
    path: str,
    names: set[str] | None,
    data: bytes | None = None,
    *,
    suggested: bool,
    files: dict[str, str] | None = None,
) -> Fixed:
    """The document at ``path`` with its debt of the rules ``names`` paid off as far as fixes go. Nothing is written.

    ``files`` are the new files of other documents, and get those of this one; without them it gets none.
    """
    from paydown.fixes import fix_all

    data, analysis = analyst.analysis(path, data)
    document = analysis.document
    engine = analyst.engine(path)
    before = _relevant(analysis.all, names)
    if not any(not fix.command for finding in before for fix in finding.fixes):
        return Fixed(document, data, data, {}, before, before)
    made = None if files is None else dict(files)
    try:
        texts = fix_all(document, engine, names=names, safe_only=not suggested, files=made)
        new = with_cell_texts(data, document, texts)
        after = _relevant(engine.analyse(read(path, new)).all, names) if texts else before
    finally:
        engine.forget(path)
    own: dict[str, str] = {}
    if files is not None and made is not None:
        own = {name: text for name, text in made.items() if name not in files}
        files.update(own)  # not before: what has failed makes no file that others could read
    return Fixed(document, data, new, texts, before, after, own)


def _relevant(findings: list[Finding], names: set[str] | None) -> list[Finding]:
    return [finding for finding in findings if names is None or finding.name in names]


def _written(path: str, result: Fixed, *, explicit: bool) -> Fixed:
    """Write the new text and the files that it needs, unless somebody else has written meanwhile."""
    real = slashed(os.path.realpath(path))
    if not explicit and os.path.islink(path):
        raise Unreadable(f"is a link to {real}; name it to have it fixed")
    if not os.access(path, os.W_OK):
        raise Unreadable("is read-only; nothing written")
    if contents(path, len(result.old)) != result.old:
        raise Unreadable("has changed meanwhile; nothing written")
    made: list[str] = []
    try:
        for name, text in result.files.items():
            create_file(name, text.encode())
            made.append(name)
        replace_file(path, result.new)
    except OSError as error:
        for name in made:  # nobody reads them
            with contextlib.suppress(OSError):
                os.unlink(name)
        raise Unreadable(f"can't be written: {error.strerror or error}") from None
    return result


def _standard_input(options: argparse.Namespace, analyst: Analyst, names: set[str] | None) -> int:
    """Fix what comes in and write it out; what doesn't make sense goes out as it came."""
    shown = options.stdin_filename or "stdin.py"
    data = sys.stdin.buffer.read()
    if not options.stdin_filename and data.lstrip()[:1] == b"{":
        shown = "stdin.ipynb"
    path = joined(slashed(os.getcwd()), slashed(shown))
    result = analyst.attempt(shown, partial(_fixed, analyst, path, names, data, suggested=options.suggested))
    if isinstance(result, Trouble):
        sys.stdout.buffer.write(data)
        raise WrongUse(f"{shown}: {result.message}")
    if options.diff:
        _tell(shown, result, diff=True)
        return 1 if result.new != result.old and not options.exit_zero else 0
    sys.stdout.buffer.write(result.new)
    sys.stdout.buffer.flush()
    return 1 if result.after and not options.exit_zero else 0


def _tell(shown: str, result: Fixed, *, diff: bool) -> None:
    if result.new == result.old:
        return
    if diff:
        for line in _difference(shown, result):
            print(line)
        return
    gone = Counter(finding.name for finding in result.before)
    gone.subtract(Counter(finding.name for finding in result.after))
    words = ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in sorted(gone.items()) if count > 0)
    files = ", ".join(_beside(shown, result, name) for name in result.files)
    print(f"{visible(shown)}: {words or 'changed'}{f' → {visible(files)}' if files else ''}")


def _difference(shown: str, result: Fixed) -> Iterator[str]:
    """A unified diff of each changed cell; of a script as a whole."""
    from difflib import unified_diff

    colours = {"+": "32", "-": "31", "@": "36"} if wants_colour(sys.stdout) else {}
    document = result.document
    if document.kind == "script":
        old = "".join(cell.text for cell in document.cells)
        pairs = [("", old, "".join(result.texts.get(cell.id, cell.text) for cell in document.cells))]
    else:
        changed = [cell for cell in document.cells if cell.id in result.texts]
        pairs = [(f" (cell {cell.index + 1})", cell.text, result.texts[cell.id]) for cell in changed]
    compared = [(shown + cell_name, shown + cell_name, before, after) for cell_name, before, after in pairs]
    compared += [("/dev/null", _beside(shown, result, name), "", text) for name, text in result.files.items()]
    for old_name, new_name, before, after in compared:
        one, other = (split_lines(text.rstrip("\n")) if text else [] for text in (before, after))
        for line in unified_diff(one, other, visible(old_name), visible(new_name), lineterm=""):
            colour = colours.get(line[:1])
            text = visible(line)
            yield f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def _beside(shown: str, result: Fixed, path: str) -> str:
    """What a new file is called where the document is called ``shown``."""
    folder = result.document.path.rpartition("/")[0]
    return os.path.join(os.path.dirname(shown), path[len(folder) + 1 :])


def _summary(before: list[Finding], after: list[Finding], changed: int, *, diff: bool) -> None:
    saved = sum(finding.principal for finding in before) - sum(finding.principal for finding in after)
    verb = "Would pay off" if diff else "Paid off"
    rest = f"; {len(after):,} remain" if after else ""
    done = f"{many(len(before) - len(after), 'finding')} in {many(changed, 'document')} ({duration(max(0, saved))})"
    print(f"{verb} {done}{rest}." if changed else f"Nothing to fix{rest}.", file=sys.stderr if diff else sys.stdout)
