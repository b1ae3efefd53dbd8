"""The settings of a project as its files hold them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from paydown.configuration import Configuration, Problem, frozen
from paydown.libraries.own import together
from paydown.project import root_of
from paydown.project.files import contents, joined
from paydown.settings import from_toml, own_library

_LIMIT = 4 << 20
_TABLE = re.compile(rb"^\s*\[\s*tool\s*\.\s*[\"']?paydown[\"']?\s*[.\]]", re.MULTILINE)


def found(folder: str) -> tuple[Configuration, tuple[Problem, ...]]:
    """The configuration that holds in ``folder``: of the nearest ``pyproject.toml`` at or above it that has a
    ``[tool.paydown]`` table; without one every rule as it is."""
    here = folder
    while True:
        text = contents(joined(here, "pyproject.toml"), _LIMIT)
        if text is not None and b"paydown" in text and _TABLE.search(text):
            return load(here)
        above = here.rpartition("/")[0] or "/"
        if above == here:
            return Configuration(root=root_of(folder + "/")), ()
        here = above


def load(root: str, file: str = "") -> tuple[Configuration, tuple[Problem, ...]]:
    """The configuration of the project at ``root``, from ``file`` or ``pyproject.toml``, and what is wrong there."""
    name = file or "pyproject.toml"
    path = joined(root, name)
    text = contents(path, _LIMIT)
    if text is None:
        return Configuration(root=root), (Problem("the file can't be read", 0, "", file),) if file else ()
    configuration, problems = from_toml(Configuration(root=root), text, name)
    if not configuration.extend_libraries:
        return configuration, problems
    tables: dict[str, Any] = {}
    for library in configuration.extend_libraries:
        data = contents(joined(root, library), _LIMIT)
        if data is None:
            problem = Problem(
                f"the library file `{library}` can't be read", _line(text, library), "extend-libraries", name
            )
            problems += (problem,)
            continue
        try:
            said = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            problems += (Problem("the file is not UTF-8", 0, "", library),)
            continue
        own, complaints = own_library(said, library)
        problems += complaints
        tables = together(tables, own)
    tables = together(tables, configuration.libraries)  # what stands in the settings themselves counts most
    return replace(configuration, frozen_libraries=frozen(tables)), problems


def _line(text: bytes, word: str) -> int:
    """The one-based line that holds a word, or 0."""
    before, found, _ = text.partition(word.encode())
    return before.count(b"\n") + 1 if found else 0
