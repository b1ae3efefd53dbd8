"""A cell that is open, and what is known of it besides its text.

The count of its last run is taken from ``metadata.execution_count`` (VS Code empties it when an executed cell is
edited), else from ``executionSummary.executionOrder``, else from the file; whether that run failed from
``executionSummary.success``, else from the file's outputs; tags from ``metadata.tags`` or VS Code's
``metadata.metadata.tags``, else from the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from paydown.document import Cell, Document
from paydown_lsp.opentext import OpenText

Json = dict[str, Any]

PYTHON = frozenset({"python", "ipython", "python3"})
MARKDOWN = 1  # NotebookCellKind


class Saved(NamedTuple):
    """What the file says of a cell and the editor may not."""

    execution_count: int | None = None
    failed: bool = False
    tags: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()


@dataclass(slots=True)
class OpenCell:
    """A cell that is open."""

    text: OpenText
    kind: int
    metadata: Mapping[str, Any]
    summary: Mapping[str, Any]
    saved: Saved = field(default_factory=Saved)

    def describe(self, said: Json) -> None:
        """Take over a ``NotebookCell``: kind, metadata and execution summary."""
        self.kind = said.get("kind", self.kind)
        self.metadata = said.get("metadata") or {}
        self.summary = said.get("executionSummary") or {}

    def cell(self, index: int) -> Cell:
        """The cell as it stands."""
        kind: Literal["code", "markdown", "raw"] = (
            "markdown" if self.kind == MARKDOWN else "code" if self.text.language in PYTHON else "raw"
        )
        uri, text, installed = self.text.uri, self.text.text, self.saved.installed
        return Cell(uri, text, kind, index, 0, self._count(), self._failed(), self._tags(), installed)

    def _count(self) -> int | None:
        if "execution_count" in self.metadata:
            count = self.metadata["execution_count"]
        else:
            count = self.summary.get("executionOrder", self.saved.execution_count)
        return count if isinstance(count, int) else None

    def _failed(self) -> bool:
        succeeded = self.summary.get("success")
        return self.saved.failed if succeeded is None else not succeeded

    def _tags(self) -> tuple[str, ...]:
        for said in layers(self.metadata):
            tags = said.get("tags")
            if isinstance(tags, list):
                return tuple(tag for tag in tags if isinstance(tag, str))
        return self.saved.tags


def saved_cells(cells: Sequence[OpenCell], file: Document) -> dict[str, Saved]:
    """What ``file`` says of the open cells: matched by the id that it gives them, else by place and text."""
    by_id = {cell.id: cell for cell in file.cells}
    found: dict[str, Saved] = {}
    for index, cell in enumerate(cells):
        known = next((by_id[name] for name in _names(cell) if name in by_id), None)
        if known is None and index < len(file.cells) and file.cells[index].text == cell.text.text:
            known = file.cells[index]
        if known is not None:
            found[cell.text.uri] = Saved(known.execution_count, known.failed, known.tags, known.installed)
    return found


def _names(cell: OpenCell) -> Iterator[str]:
    """What the file may call a cell: VS Code tells it in the metadata, JupyterLab's URIs end with it."""
    for said in layers(cell.metadata):
        if isinstance(said.get("id"), str):
            yield said["id"]
    yield cell.text.uri.rpartition("#")[2]


def layers(metadata: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The metadata, and those of the file that VS Code keeps inside its own."""
    yield metadata
    for outer in (metadata, metadata.get("custom")):
        inner = outer.get("metadata") if isinstance(outer, dict) else None
        if isinstance(inner, dict):
            yield inner


def is_colab(metadata: Mapping[str, Any]) -> bool:
    return any("colab" in said for said in layers(metadata))
