"""The commands that shell magics hand to a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.facts import Magic

SHELLS = frozenset(["bash", "sh", "script", "!", "sx", "system", "shell", "cmd"])
_PART = re.compile(r"""(?:[^\s"'|&;]|"[^"]*"|'[^']*'|(?<=>)&|&(?=>))+|[|&;]+""")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def lines(magic: Magic) -> Iterator[tuple[int, str]]:
    """What a magic runs in a shell, each with the number of its line below the magic's own."""
    if magic.kind == "shell":
        yield 0, magic.argument
    elif magic.kind == "line" and magic.name in ("pip", "conda", "mamba", "uv"):
        yield 0, f"{magic.name} {magic.argument}"
    elif magic.kind == "line" and magic.name in SHELLS:
        yield 0, magic.argument
    elif magic.kind == "cell" and magic.name in SHELLS:
        kept, first = "", 0
        for number, line in enumerate(magic.body.splitlines(), 1):
            first = first if kept else number
            kept += line
            if kept.endswith("\\"):
                kept = kept[:-1] + " "
                continue
            yield first, kept
            kept = ""


def commands(line: str) -> list[list[str]]:
    """The commands of a line, each as its words without quotes; what stands behind ``#`` is none of them."""
    found: list[list[str]] = [[]]
    for word in _PART.findall(_COMMENT.sub("", line)):
        if word[0] in "|&;" and not word.startswith("&>"):
            found.append([])
        else:
            found[-1].append(word.strip("\"'"))
    return [words for words in found if words]
