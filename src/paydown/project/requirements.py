"""The versions that a project's own files pin: requirements, constraints, lock files, environments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.installed import canonical

NAMES = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements.lock", "constraints.txt", "requirements.txt",
    "requirements-dev.txt", "dev-requirements.txt", "requirements/base.txt", "environment.yml", "environment.yaml",
    "conda.yml", "conda.yaml",
)  # fmt: skip
"""The files looked at, the surest first."""
_LINE = re.compile(
    r"^[ \t]*([A-Za-z][\w.-]*)(?:\[[^\]]*\])?[ \t]*===?[ \t]*(\d[\w.+!]*)[ \t]*(?:[;\\#].*)?$", re.MULTILINE
)
_LOCKED = re.compile(r'^name = "([^"]+)"\r?\nversion = "(\d[^"]*)"', re.MULTILINE)
_PIPFILE = re.compile(r'"([A-Za-z][\w.-]*)": \{[^{}]*?"version": "==(\d[^"]*)"')
_CONDA = re.compile(
    r"^[ \t]*-[ \t]*(?:[\w-]+::)?([A-Za-z][\w.-]*)[ \t]*==?[ \t]*(\d[\w.+!]*)(?:=\S+)?[ \t]*(?:#.*)?$", re.MULTILINE
)


def pins(name: str, text: str) -> Iterator[tuple[str, str]]:
    """The packages and versions that a file of that name pins."""
    pattern = _LINE
    if name == "Pipfile.lock":
        pattern = _PIPFILE
    elif name.endswith(".lock") and name != "requirements.lock":
        pattern = _LOCKED
    elif name.endswith((".yml", ".yaml")):
        pattern = _CONDA
    for match in pattern.finditer(text):
        yield canonical(match[1]), match[2]
