"""What the saved output of an installation tells: which versions were installed, or were there already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LONGEST = 1 << 20
_DONE = re.compile(r"^[ \t]*Successfully installed (.+)$", re.MULTILINE)
_THERE = re.compile(
    r"^[ \t]*Requirement already (?:satisfied|up-to-date): ([A-Za-z][\w.-]*)[^\n]*\((\d[\w.+!-]*)\)[ \t]*$",
    re.MULTILINE,
)
_EACH = re.compile(r"([A-Za-z][\w.-]*?)-(\d[\w.+!]*)")


def installed_by(outputs: Sequence[object]) -> tuple[str, ...]:
    """The ``name==version`` that outputs of pip name, the last word on each package."""
    found: dict[str, str] = {}
    for text in _texts(outputs):
        for match in _THERE.finditer(text):
            found.setdefault(canonical(match[1]), match[2])
        for match in _DONE.finditer(text):
            for one in match[1].split():
                if parts := _EACH.fullmatch(one):
                    found[canonical(parts[1])] = parts[2]
    return tuple(f"{name}=={version}" for name, version in found.items())


def canonical(name: str) -> str:
    """The one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _texts(outputs: Sequence[object]) -> Iterator[str]:
    """What is written to the standard output."""
    for output in outputs:
        if not isinstance(output, dict) or output.get("output_type") != "stream":
            continue
        text = output.get("text")
        joined = "".join(part for part in text if isinstance(part, str)) if isinstance(text, list) else text
        if isinstance(joined, str) and len(joined) < _LONGEST:
            yield joined
