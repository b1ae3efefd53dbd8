"""The examples of a rule's page, and of its edge cases, as documents to run.

Fences: ``python bad`` has exactly the findings of its ``# debt: message`` comments, ``python fixed`` right after it is
what applying the rule's fixes gives, ``python good`` has none. ``# %%`` starts a new cell; ``# %% [markdown]`` a Markdown
one (its lines commented); ``# %% [7]`` gives a cell its execution count, ``# %% tags=parameters`` its tags, ``# %% failed``
a saved traceback, ``# %% installed=pandas==2.2.3`` what its saved output says of an installation. Words after ``bad``/``good``: ``script`` makes it a script instead of a notebook,
``name=folder/train.py`` names the file. Consecutive fences with names are the files of one project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from paydown.document import Cell, Document

_FENCE = re.compile(r"^```python (bad|good|fixed)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_HEAD = re.compile(r"^# %%(.*)$")
ROOT = "/project/"


@dataclass
class Example:
    """A document, the messages expected in it as ``(cell, line, message)``, and what fixing gives (cells' texts)."""

    rule: str
    number: int
    document: Document
    expected: list[tuple[str, int, str]] = field(default_factory=list)
    fixed: list[str] | None = None

    def __str__(self) -> str:
        return f"{self.rule}-{self.number}"


def examples(rule: str, page: str) -> Iterator[Example]:
    """The examples of a page, in order."""
    last: Example | None = None
    for number, match in enumerate(_FENCE.finditer(page), 1):
        kind, words, body = match.groups()
        if kind == "fixed":
            assert last is not None, f"{rule}: a `fixed` fence follows a `bad` one"
            assert last.expected, f"{rule}: a `fixed` fence follows a `bad` one"
            last.fixed = [cell.text for cell in _document(body, words)[0].cells]
            continue
        if last is not None:
            yield last
        document, expected = _document(body, words)
        assert bool(expected) == (kind == "bad"), f"{rule}: example {number} is {kind} but expects {expected}"
        last = Example(rule, number, document, expected)
    if last is not None:
        yield last


def _document(body: str, words: str) -> tuple[Document, list[tuple[str, int, str]]]:
    name = next((word[5:] for word in words.split() if word.startswith("name=")), "")
    script = "script" in words.split() or name.endswith(".py")
    cells: list[Cell] = []
    expected: list[tuple[str, int, str]] = []
    lines: list[str] = []
    head = ""

    def close() -> None:
        if not lines and not cells and not head:
            return
        text = "\n".join(lines).rstrip("\n")
        markdown = "[markdown]" in head
        if markdown:
            text = "\n".join(line.removeprefix("# ").removeprefix("#") for line in text.split("\n"))
        kind: Literal["code", "markdown"] = "markdown" if markdown else "code"
        count = re.search(r"\[(\d+)\]", head)
        tags = tuple(word[5:] for word in head.split() if word.startswith("tags="))
        installed = tuple(word[10:] for word in head.split() if word.startswith("installed="))
        index = len(cells)
        cells.append(
            Cell(
                f"c{index}",
                text,
                kind,
                index,
                0,
                int(count[1]) if count else None,
                "failed" in head.split(),
                tags,
                installed,
            )
        )

    for line in body.split("\n"):
        match = _HEAD.match(line)
        if match and not script:
            if lines or head or cells:
                close()
            lines, head = [], match[1] or " "
            continue
        source, *messages = line.split("# debt: ")
        expected += ((f"c{len(cells)}", len(lines), message.strip()) for message in messages)
        lines.append(source.rstrip() if messages else source)
    close()
    path = ROOT + (name or ("example.py" if script else "example.ipynb"))
    return Document(path, tuple(cells), "script" if script else "notebook"), expected
