"""Which documents a folder holds.

What git ignores, what is hidden, and what others wrote (installed, vendored, generated) is passed over; a file that is
named itself never is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator

from paydown.project import git
from paydown.project.files import exists, joined, slashed

SUFFIXES = (".ipynb", ".py")
_FOREIGN = frozenset(
    [
        *("node_modules", "site-packages", "dist-packages", "__pycache__", "__pypackages__", "venv", "env"),
        *("_build", "build", "dist", "buck-out", "generated", "_generated"),
        *("vendor", "vendored", "_vendor", "third_party", "third-party", "thirdparty"),
    ]
)
_NOT_WITHOUT = {"venv": "pyvenv.cfg", "env": "pyvenv.cfg"}  # innocent names unless this file is in them
_ENTRIES = 20_000
_GENERATED = ("_pb2.py", "_pb2_grpc.py")


def documents(
    paths: Iterable[str], excluded: Callable[[str], bool] = lambda path: False
) -> tuple[list[str], list[str]]:
    """The absolute paths of the notebooks and scripts at and below ``paths``, each once, in the order of the paths and
    sorted below each; and those of ``paths`` that do not exist."""
    found: dict[str, None] = {}
    missing: list[str] = []
    for path in paths:
        place = joined(slashed(os.getcwd()), slashed(path))
        if os.path.isdir(place):
            found.update(dict.fromkeys(_below(place, excluded)))
        elif os.path.lexists(place):
            found[place] = None
        else:
            missing.append(path)
    return list(found), missing


def _below(folder: str, excluded: Callable[[str], bool]) -> Iterator[str]:
    ignored = _ignored(folder) if git.top_of(folder) else frozenset()
    yield from _entered(folder, ignored, excluded)


def _entered(folder: str, ignored: frozenset[str], excluded: Callable[[str], bool]) -> Iterator[str]:
    """The documents of a folder and those below it. Links to folders are not followed, so there are no loops."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in ordered:
        name = entry.name
        path = f"{folder.rstrip('/')}/{name}"
        if name.endswith(SUFFIXES):
            if name[0] != "." and not name.endswith(_GENERATED) and path not in ignored and _is_file(entry):
                if not excluded(path):
                    yield path
                continue
            if not entry.is_dir(follow_symlinks=False):
                continue
        elif not entry.is_dir(follow_symlinks=False):
            continue
        if name[0] == "." or path in ignored or _foreign(name, path) or excluded(path):
            continue
        nested = exists(f"{path}/.git")  # a repository of its own: a submodule, or a clone inside another
        yield from _entered(path, _ignored(path) if nested else ignored, excluded)


def _foreign(name: str, path: str) -> bool:
    if name not in _FOREIGN:
        return False
    mark = _NOT_WITHOUT.get(name)
    return mark is None or exists(f"{path}/{mark}")


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _ignored(folder: str) -> frozenset[str]:
    """What git ignores below a folder, a whole folder as one path."""
    return frozenset(joined(folder, path.rstrip("/")) for path in git.ignored(folder))


# At the start of a line, or of a line of a notebook's JSON.
_IMPORT = re.compile(r"""(?:^|"|\\n)[ \t"]*(?:from[ \t]+[\w.]+[ \t]+import|import)[ \t][^\n#\\]*""", re.MULTILINE)


def documents_below(folder: str, most: int) -> tuple[str, ...] | None:
    """The documents of a folder and those below it, what is hidden or foreign passed over; ``None`` when there are more
    than ``most``, or far too much else."""
    found: list[str] = []
    left = _ENTRIES
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != "." and not _foreign(name, joined(place, name)))
        left -= len(files) + len(folders)
        found += (joined(place, name) for name in files if name.endswith(SUFFIXES) and name[0] != ".")
        if left < 0 or len(found) > most:
            return None
    return tuple(sorted(found))


def documents_in(folder: str) -> list[str]:
    """The notebooks and scripts of one folder, not of those below it."""
    try:
        with os.scandir(folder) as entries:
            return sorted(f"{folder.rstrip('/')}/{entry.name}" for entry in entries if entry.name.endswith(SUFFIXES))
    except OSError:
        return []


def imported(text: str) -> set[str]:
    """The words of a document's imports: modules, their parts, and what is imported from them."""
    return {word for line in _IMPORT.findall(text) for word in re.findall(r"\w+", line)}
