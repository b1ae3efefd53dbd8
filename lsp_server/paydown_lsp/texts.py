"""The texts that an editor holds open: notebooks of cells, and scripts. Changes are applied to the JSON as it comes.

A ``Document`` is made anew per version and shares every ``Cell`` that has not changed with the version before.
A cell's id here is the URI its editor gave it.

What the server reads of a cell besides its text: the count of its last run from ``metadata.execution_count`` (VS Code
empties it when an executed cell is edited), else from ``executionSummary.executionOrder``, else from the file;
whether that run failed from ``executionSummary.success``, else from the file's outputs; tags from ``metadata.tags`` or
VS Code's ``metadata.metadata.tags``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from paydown.document import Cell, Document, from_notebook_json, from_script
from paydown_lsp.positions import Encoding, column, lines_of
from paydown_lsp.uris import path_of

Json = dict[str, Any]

PYTHON = frozenset({"python", "ipython", "python3"})
_MARKDOWN = 1  # NotebookCellKind


@dataclass(slots=True)
class OpenText:
    """A text that is open, and its version."""

    uri: str
    language: str
    version: int
    text: str
    _lines: list[str] | None = None

    @classmethod
    def of(cls, item: Json) -> OpenText:
        """The text of a ``TextDocumentItem``."""
        return cls(item["uri"], item.get("languageId", ""), item.get("version") or 0, item["text"])

    def change(self, events: Iterable[Json], encoding: Encoding) -> None:
        """Apply ``TextDocumentContentChangeEvent``s, one after the other."""
        for event in events:
            span = event.get("range")
            if span is None:
                self._lines = None
                self.text = event["text"]
            else:
                self._replace(span, event["text"], encoding)

    def _replace(self, span: Json, new: str, encoding: Encoding) -> None:
        lines = self._lines
        if lines is None:
            lines = self._lines = lines_of(self.text)
        first, start = _place(lines, span["start"], encoding)
        last, end = max((first, start), _place(lines, span["end"], encoding))
        middle = lines[first][:start] + new + lines[last][end:]
        if first and middle.startswith("\n") and lines[first - 1].endswith("\r"):
            first -= 1  # what were two line ends is now one
            middle = lines[first] + middle
        pieces = lines_of(middle)
        if last + 1 < len(lines):
            pieces.pop()  # empty: the middle ends with the end of its last line
        lines[first : last + 1] = pieces
        self.text = "".join(lines)


def _place(lines: list[str], position: Json, encoding: Encoding) -> tuple[int, int]:
    """Line and column of a position, in code points; behind the text it's the end of the text."""
    line = position["line"]
    if line >= len(lines):
        return len(lines) - 1, len(lines[-1])
    return line, column(lines[line], position["character"], encoding)


class Saved(NamedTuple):
    """What the file says of a cell and the editor may not."""

    execution_count: int | None = None
    failed: bool = False
    tags: tuple[str, ...] = ()


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
            "markdown" if self.kind == _MARKDOWN else "code" if self.text.language in PYTHON else "raw"
        )
        return Cell(self.text.uri, self.text.text, kind, index, 0, self._count(), self._failed(), self._tags())

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
        for said in _layers(self.metadata):
            tags = said.get("tags")
            if isinstance(tags, list):
                return tuple(tag for tag in tags if isinstance(tag, str))
        return self.saved.tags


@dataclass(slots=True)
class OpenScript:
    """A script that is open. Its cells are those of its ``# %%`` lines."""

    text: OpenText
    path: str
    fresh: int = 0  # characters that have not been analysed yet, a measure of the work ahead
    _document: Document | None = None
    _current: bool = False

    @classmethod
    def of(cls, item: Json) -> OpenScript:
        """The script of a ``TextDocumentItem``."""
        text = OpenText.of(item)
        return cls(text, path_of(text.uri), len(text.text))

    @property
    def uri(self) -> str:
        return self.text.uri

    @property
    def version(self) -> int:
        return self.text.version

    def change(self, identifier: Json, events: Iterable[Json], encoding: Encoding) -> None:
        """Apply a ``textDocument/didChange``."""
        self.text.change(events, encoding)
        self.text.version = identifier.get("version") or self.text.version + 1
        self._current = False

    def document(self) -> Document:
        """The document at this version."""
        if self._document is None or not self._current:
            made = from_script(self.path, self.text.text)
            before = self._document.by_id if self._document else {}
            cells = tuple(known if (known := before.get(cell.id)) == cell else cell for cell in made.cells)
            self.fresh += sum(len(cell.text) for cell in cells if cell is not before.get(cell.id))
            self._document = Document(made.path, cells, made.kind, made.language, made.colab)
            self._current = True
        return self._document

    def uri_of(self, _cell: str) -> str:
        """The URI of the text that holds a cell."""
        return self.uri

    def version_of(self, _cell: str) -> int:
        """The version of the text that holds a cell."""
        return self.version

    def uris(self) -> Iterable[str]:
        """The URIs that diagnostics are sent for."""
        return (self.uri,)

    def cell_at(self, _uri: str, line: int) -> Cell | None:
        """The cell that holds a line of the script."""
        return next((cell for cell in reversed(self.document().cells) if cell.line <= line), None)


@dataclass(slots=True)
class OpenNotebook:
    """A notebook that is open."""

    uri: str
    path: str
    version: int
    metadata: Mapping[str, Any]
    cells: list[OpenCell]
    saved_language: str = ""
    fresh: int = 0
    index: dict[str, int] = field(default_factory=dict)  # cell URI → where it stands
    _cells: list[Cell] = field(default_factory=list)
    _document: Document | None = None
    _before: Document | None = None  # the version before, as long as only cells' contents have changed since
    _renewed: dict[str, Cell] = field(default_factory=dict)  # those cells

    @classmethod
    def of(cls, said: Json, items: Iterable[Json]) -> OpenNotebook:
        """The notebook of a ``NotebookDocument`` and the ``TextDocumentItem``s of its cells."""
        notebook = cls(said["uri"], path_of(said["uri"]), said.get("version") or 0, said.get("metadata") or {}, [])
        notebook._arrange(said.get("cells") or (), 0, 0, items)
        return notebook

    def change(self, version: int | None, change: Json, encoding: Encoding) -> list[str]:
        """Apply a ``NotebookDocumentChangeEvent``; the cells whose text came or changed."""
        self.version = self.version + 1 if version is None else version
        if change.get("metadata") is not None:
            self.metadata = change["metadata"]
            self._document = self._before = None
        cells = change.get("cells") or {}
        touched: list[str] = []
        if structure := cells.get("structure"):
            array, opened = structure["array"], structure.get("didOpen") or ()
            self._arrange(array.get("cells") or (), array["start"], array.get("deleteCount", 0), opened)
            touched += (item["uri"] for item in opened if item["uri"] in self.index)
        for said in cells.get("data") or ():
            if (index := self.index.get(said["document"])) is not None:
                self.cells[index].describe(said)
                self._renew(index)
        for content in cells.get("textContent") or ():
            identifier = content["document"]
            index = self.index.get(identifier["uri"])
            if index is None:  # a cell that was never opened, or is gone
                continue
            text = self.cells[index].text
            text.change(content["changes"], encoding)
            text.version = identifier.get("version") or text.version + 1
            self._renew(index)
            self.fresh += len(text.text)
            touched.append(text.uri)
        return touched

    def learn(self, saved: Mapping[str, Saved], language: str) -> bool:
        """Take over what the file says of the cells; whether that is news."""
        news = language != self.saved_language
        self.saved_language = language
        for uri, said in saved.items():
            index = self.index.get(uri)
            if index is not None and self.cells[index].saved != said:
                self.cells[index].saved = said
                before = self._cells[index]
                self._renew(index)
                news = news or self._cells[index] != before
        if news:
            self._document = self._before = None
        return news

    def document(self) -> Document:
        """The document at this version."""
        if self._document is None:
            self._document = (
                Document(self.path, tuple(self._cells), "notebook", self._language(), _colab(self.metadata))
                if self._before is None
                else _with_cells(self._before, self._cells, self._renewed)
            )
            self._before, self._renewed = self._document, {}
        return self._document

    def uri_of(self, cell: str) -> str:
        """The URI of the text that holds a cell: here a cell's id."""
        return cell

    def version_of(self, cell: str) -> int:
        """The version of a cell's text."""
        index = self.index.get(cell)
        return self.version if index is None else self.cells[index].text.version

    def uris(self) -> Iterable[str]:
        """The URIs that diagnostics are sent for."""
        return self.index

    def cell_at(self, uri: str, _line: int) -> Cell | None:
        """The cell at ``uri``."""
        index = self.index.get(uri)
        return None if index is None else self._cells[index]

    def _arrange(self, said: Iterable[Json], start: int, removed: int, items: Iterable[Json]) -> None:
        """Replace ``removed`` cells from ``start`` on. A cell that moves keeps its text: it isn't opened again."""
        opened = {item["uri"]: OpenText.of(item) for item in items}
        known = {cell.text.uri: cell for cell in self.cells}
        arrived: list[OpenCell] = []
        for one in said:
            uri = one["document"]
            text = opened.get(uri) or (known[uri].text if uri in known else OpenText(uri, "", 0, ""))
            saved = known[uri].saved if uri in known and uri not in opened else Saved()
            cell = OpenCell(text, _MARKDOWN, {}, {}, saved)
            cell.describe(one)
            arrived.append(cell)
        self.cells[start : start + removed] = arrived
        self.index = {cell.text.uri: index for index, cell in enumerate(self.cells)}
        self.fresh += sum(len(text.text) for text in opened.values())
        before = {cell.id: cell for cell in self._cells}
        self._cells = [_shared(before.get(cell.text.uri), cell.cell(i)) for i, cell in enumerate(self.cells)]
        self._document = self._before = None

    def _renew(self, index: int) -> None:
        cell = self._cells[index] = self.cells[index].cell(index)
        self._renewed[cell.id] = cell
        self._document = None

    def _language(self) -> str:
        for said in _layers(self.metadata):
            if "kernelspec" in said or "language_info" in said:
                return from_notebook_json("", {"cells": [], "metadata": dict(said)}).language
        if self.saved_language:
            return self.saved_language
        spoken = [cell.text.language for cell in self.cells if cell.kind != _MARKDOWN and cell.text.language != "raw"]
        return "python" if not spoken or PYTHON.intersection(spoken) else spoken[0]


Open = OpenNotebook | OpenScript


def saved_cells(notebook: OpenNotebook, file: Document) -> dict[str, Saved]:
    """What ``file`` says of the open cells: matched by the id that it gives them, else by place and text."""
    by_id = {cell.id: cell for cell in file.cells}
    found: dict[str, Saved] = {}
    for index, cell in enumerate(notebook.cells):
        known = next((by_id[name] for name in _names(cell) if name in by_id), None)
        if known is None and index < len(file.cells) and file.cells[index].text == cell.text.text:
            known = file.cells[index]
        if known is not None:
            found[cell.text.uri] = Saved(known.execution_count, known.failed, known.tags)
    return found


def _names(cell: OpenCell) -> Iterator[str]:
    """What the file may call a cell: VS Code tells it in the metadata, JupyterLab's URIs end with it."""
    for said in _layers(cell.metadata):
        if isinstance(said.get("id"), str):
            yield said["id"]
    yield cell.text.uri.rpartition("#")[2]


def _layers(metadata: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The metadata, and those of the file that VS Code keeps inside its own."""
    yield metadata
    for outer in (metadata, metadata.get("custom")):
        inner = outer.get("metadata") if isinstance(outer, dict) else None
        if isinstance(inner, dict):
            yield inner


def _colab(metadata: Mapping[str, Any]) -> bool:
    return any("colab" in said for said in _layers(metadata))


def _with_cells(before: Document, cells: list[Cell], renewed: dict[str, Cell]) -> Document:
    """``before`` with the contents of some cells changed.

    Its constructor would index all cells anew, which with 1,000 cells takes 0.1 ms at each key; a copy of the index with
    the new cells in it takes a hundredth of that.
    """
    made = object.__new__(Document)
    for name in Document.__slots__:
        object.__setattr__(made, name, getattr(before, name))
    object.__setattr__(made, "cells", tuple(cells))
    object.__setattr__(made, "by_id", {**before.by_id, **renewed})
    return made


def _shared(before: Cell | None, now: Cell) -> Cell:
    return before if before is not None and before == now else now
