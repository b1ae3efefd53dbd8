"""The documents that an editor holds open: notebooks and scripts. Changes are applied to the JSON as it comes.

A ``Document`` is made anew per version and shares every ``Cell`` that has not changed with the version before.
A cell's id here is the URI its editor gave it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from paydown.document import Cell, Document, from_notebook_json, from_script
from paydown_lsp.cells import MARKDOWN, PYTHON, OpenCell, Saved, is_colab, layers
from paydown_lsp.opentext import OpenText
from paydown_lsp.positions import Encoding
from paydown_lsp.uris import path_of

Json = dict[str, Any]


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
                Document(self.path, tuple(self._cells), "notebook", self._language(), is_colab(self.metadata))
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
            cell = OpenCell(text, MARKDOWN, {}, {}, saved)
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
        for said in layers(self.metadata):
            if "kernelspec" in said or "language_info" in said:
                return from_notebook_json("", {"cells": [], "metadata": dict(said)}).language
        if self.saved_language:
            return self.saved_language
        spoken = [cell.text.language for cell in self.cells if cell.kind != MARKDOWN and cell.text.language != "raw"]
        return "python" if not spoken or PYTHON.intersection(spoken) else spoken[0]


Open = OpenNotebook | OpenScript


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
