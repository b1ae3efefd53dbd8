"""Globs as users write them in settings: ``*`` stays within a folder, ``**`` crosses folders, ``{a,b}`` is either."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a glob over paths with ``/``; a pattern without ``/`` fits any part of it."""
    pattern = pattern.replace("\\", "/").removeprefix("./")
    anywhere = "/" not in pattern.rstrip("/")
    body = _translated(pattern.strip("/"))
    before = "(?:.*/)?" if anywhere and not pattern.startswith("/") else ""
    return re.compile(f"{before}{body}(?:/.*)?", re.DOTALL)


def matches(pattern: str, path: str, root: str = "") -> bool:
    """Whether ``pattern`` (relative to ``root``, unless it is absolute) covers ``path`` or a folder that holds it."""
    path = path.replace("\\", "/")
    if pattern.startswith("/") or re.match(r"[A-Za-z]:[/\\]", pattern):
        return compiled(pattern).fullmatch(path.strip("/")) is not None
    inside = path[len(root) :].lstrip("/") if root and path.startswith(root.rstrip("/") + "/") else path.lstrip("/")
    return compiled(pattern).fullmatch(inside.removeprefix("./")) is not None


def _translated(pattern: str) -> str:
    """The body of the regular expression of ``pattern``."""
    out: list[str] = []
    position, depth = 0, 0
    while position < len(pattern):
        rest = pattern[position:]
        if rest.startswith("**/"):
            out.append("(?:.*/)?")
            position += 3
            continue
        if rest.startswith("**"):
            out.append(".*")
            position += 2
            continue
        character = pattern[position]
        position += 1
        if character == "*":
            out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
        elif character == "[" and "]" in rest[2:]:
            end = rest.index("]", 2)
            inner = rest[1:end].replace("\\", r"\\").replace("[", r"\[")
            out.append("[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]")
            position += end
        elif character == "{" and "}" in rest:
            out.append("(?:")
            depth += 1
        elif character == "}" and depth:
            out.append(")")
            depth -= 1
        elif character == "," and depth:
            out.append("|")
        else:
            out.append(re.escape(character))
    out.append(")" * depth)
    return "".join(out)
