"""What a document gets from modules of its own project: the texts and paths that a ``config.py`` holds.

Only those: a number or a switch in such a module is named already, and what its functions do is another document's matter.
Modules are never imported; their text is walked as a cell is. Those whose name, and what is imported of them, sound like
functions and classes are not looked at, for the time that it would take.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from posixpath import dirname, relpath
from typing import Any

from paydown.facts import parse
from paydown.flow.run import Run
from paydown.flow.values import NOTHING, Value
from paydown.libraries import Libraries

Find = Callable[[str, str], "tuple[str, str] | None"]
"""From a dotted name and the path of the importing file to the path and the text of a module of the project."""
Table = Mapping[str, Value]

_SETS = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.ClassDef)
_HOLDS = re.compile(r"conf|cfg|setting|const|path|param|global|default|common|env|dirs|project", re.IGNORECASE)
_HELD = re.compile(r"[A-Z][A-Z0-9_]+$|.*(?:path|dir|root|conf|cfg|setting|const)", re.DOTALL)
_DEPTH = 3  # modules that import one another
_KINDS = frozenset({"list", "tuple", "dict", "instance"})


class Modules:
    """The modules of its project that a document imports, by the dotted name it has for them.

    A class of such a module is in there like a module: its attributes under its dotted name.
    """

    def __init__(self, find: Find | None, libraries: Libraries, path: str, around: tuple[str, ...] = ()) -> None:
        self._find = find if path else None  # what is nowhere imports nothing
        self._libraries = libraries
        self._path = path
        self._around = around or (path,)  # the files whose walk asks, the document first
        self._tables: dict[str, Table] = {}
        self._asked: set[str] = set()

    def table(self, dotted: str) -> Table | None:
        """The texts and paths of a module or class that was asked for, or nothing."""
        return self._tables.get(dotted)

    def imported(self, dotted: str, names: Iterable[str] = ()) -> Table | None:
        """The document imports ``names`` of a module: what that holds, if it is one of the project."""
        if self._find is None or dotted in self._asked:
            return self._tables.get(dotted)
        if not _HOLDS.search(dotted) and not any(map(_HELD.match, names)):
            return None
        return self._load(dotted)

    def _load(self, dotted: str) -> Table | None:
        self._asked.add(dotted)
        root = dotted.partition(".")[0]
        if len(self._around) > _DEPTH or root in sys.stdlib_module_names or self._libraries.knows(root):
            return None
        found = self._find(dotted, self._around[-1]) if self._find is not None else None
        if found is None or found[0] in self._around:
            return None
        self._learn(dotted, *found)
        return self._tables[dotted]

    def renewed(self) -> Modules | None:
        """The same modules as they are now; ``None`` when they are what they were."""
        fresh = Modules(self._find, self._libraries, self._path, self._around)
        for dotted in self._asked:
            fresh._load(dotted)
        return None if fresh._tables == self._tables else fresh

    def _learn(self, dotted: str, place: str, text: str) -> None:
        lines, statements = _statements(text)
        inner = Modules(self._find, self._libraries, self._path, (*self._around, place))
        here = {"__file__": Value("path", "", relpath(place, dirname(self._path) or "."))}
        run = Run("", lines, text.isascii(), here, {}, self._libraries, inner)
        try:
            run.body(statements)
        except RecursionError:
            run.frames.clear()
        table: dict[str, Value] = {}
        for name, value in run.names.items():
            if value.kind == "class":
                inside = {key: kept for key, one in value.items if (kept := _plain(one)) is not None}
                if inside:
                    self._tables[f"{dotted}.{name}"] = inside
            elif (kept := _plain(value)) is not None:
                table[name] = kept
        self._tables[dotted] = table


@lru_cache(maxsize=64)
def _statements(text: str) -> tuple[tuple[str, ...], list[ast.stmt]]:
    """The lines of a module, and its statements that may bind a text: many documents import the same one."""
    facts = parse(text)
    return tuple(facts.lines), [one for one in facts.tree.body if isinstance(one, _SETS)]


def _plain(value: Any) -> Value | None:
    """A text or path, or what holds some, without a trace of where it is from; else nothing."""
    if not isinstance(value, Value):
        return None
    if value.pattern or value.text is not None:
        return value._replace(marks=value.marks & {"setting", "environment", "named"}, origins=NOTHING)
    if value.kind not in _KINDS:
        return None
    items: tuple[Any, ...]
    if value.kind in ("dict", "instance"):
        items = tuple((key, kept) for key, one in value.items if (kept := _plain(one)) is not None)
    else:
        items = tuple(kept for one in value.items if (kept := _plain(one)) is not None)
        if len(items) < len(value.items):
            return None
    return Value(value.kind, "", None, value.marks & {"setting", "environment"}, NOTHING, items) if items else None
