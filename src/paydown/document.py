"""Documents and their cells: what a notebook or a script consists of.

A script is a document of one cell, or of its ``# %%`` cells. Cells keep the identity their file or editor gave them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``index`` counts all cells of the document from zero; ``line`` is where a script's cell begins in its file."""

    id: str
    text: str
    kind: Literal["code", "markdown", "raw"] = "code"
    index: int = 0
    line: int = 0
    execution_count: int | None = None
    failed: bool = False  # a saved output is an error traceback
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A notebook or a script; ``path`` is absolute with ``/`` between its parts, or empty when it has none yet."""

    path: str
    cells: tuple[Cell, ...]
    kind: Literal["notebook", "script"] = "notebook"
    language: str = "python"
    colab: bool = False
    by_id: dict[str, Cell] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {cell.id: cell for cell in self.cells})


class Unreadable(Exception):
    """A file is no document. ``message`` says why in one clear line; ``line`` (one-based) says where, when known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
