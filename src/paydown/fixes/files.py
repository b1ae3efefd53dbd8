"""Text that moves out of the code, into a file beside the document."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import count

from paydown.fixes.bindings import code_cells
from paydown.fixes.expressions import replace_expression
from paydown.fixes.settings import ensure_import
from paydown.fixes.target import CellEdit, NewFile, Stale, Target, Unfixable, facts_of, holds
from paydown.project.files import contents, is_folder, is_free
from paydown.span import Span

_LONGEST = 60  # characters of a file's name
_MOVES = re.compile(r"\bchdir\(")
_ODD = re.compile(r"\W+", re.ASCII)


def move_to_file(
    target: Target, span: Span, hint: str, suffix: str, *, folders: tuple[str, ...] = ()
) -> Iterator[CellEdit | NewFile]:
    """Put the text of the string literal at ``span`` into a file that is called after ``hint``, and read it there.

    The file lies beside the document, or in the first of ``folders`` that is there. What stands in a file already is never
    overwritten: the name gets a number, unless the file holds this very text.
    """
    node = target.node(span, ast.expr)
    text = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(text, str) or any(holds(span, one.span) for one in target.facts.comments):
        raise Unfixable("it is more than a string")
    if "\r" in text or "\0" in text:
        raise Unfixable("a file would not keep its line ends")
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise Unfixable("it has characters that no file can hold") from None
    try:
        if ast.literal_eval(f"({target.segment(span)}\n)") != text:  # a place within an f-string may be wrong
            raise Stale("the code has changed")
    except (SyntaxError, ValueError):
        raise Stale("the code has changed") from None
    in_script = _needs_own_folder(target)
    path, name, is_there = _free(target, data, hint, suffix, folders)
    local, imported = ensure_import(target, "pathlib", "Path")
    encoding = "" if text.isascii() else 'encoding="utf-8"'
    yield from imported
    place = f'{local}("{name}")'
    if in_script:
        beside = "parent.joinpath" if "/" in name else "with_name"
        place = f'{local}(__file__).{beside}("{name}")'
    yield from replace_expression(target, span, f"{place}.read_text({encoding})")
    if not is_there:
        yield NewFile(path, text)


def _needs_own_folder(target: Target) -> bool:
    """Whether the code has to say where it lies: a notebook runs in its folder, a script wherever it is started."""
    document = target.document
    if not document.path or document.colab:
        raise Unfixable("the document has no folder")
    cells = list(code_cells(document))
    if document.kind == "script":
        if len(cells) > 1 and not any("__file__" in cell.text for cell in cells):
            raise Unfixable("its cells may run where no `__file__` is known")
        return True
    moves = (magic for cell in cells for magic in facts_of(cell.text).magics if magic.name in ("cd", "pushd"))
    if next(moves, None) or any(_MOVES.search(cell.text) for cell in cells):
        raise Unfixable("the notebook changes the folder it runs in")
    return False


def _free(target: Target, data: bytes, hint: str, suffix: str, folders: tuple[str, ...]) -> tuple[str, str, bool]:
    """A path, its name as seen from the document, and whether the file is there with this very text."""
    beside = target.document.path.rpartition("/")[0]
    inner = next((f"{one}/" for one in folders if is_folder(f"{beside}/{one}")), "")
    stem = _ODD.sub("_", hint).strip("_").lower()[:_LONGEST] or "text"
    for number in count(1):
        name = f"{inner}{stem}{suffix}" if number == 1 else f"{inner}{stem}_{number}{suffix}"
        path = f"{beside}/{name}"
        promised = target.files.get(path)
        if promised is not None:
            if promised.encode() == data:
                return path, name, True
        elif is_free(path):
            return path, name, False
        elif contents(path, len(data)) == data:
            return path, name, True
    raise AssertionError
