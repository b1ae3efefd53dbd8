"""The parts that need no process: texts, columns, edits, URIs, Markdown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsp_client import Notebook, Text, units
from paydown_lsp import convert, positions, words
from paydown_lsp.convert import Client, text_edits
from paydown_lsp.opentext import OpenText
from paydown_lsp.texts import OpenNotebook, OpenScript
from paydown_lsp.uris import path_of, uri_of, within

from paydown.document import Cell, Document
from paydown.span import Span, apply

ENCODINGS: list[positions.Encoding] = ["utf-8", "utf-16", "utf-32"]
pieces = st.text(alphabet="ab\n\r é😀\u2028\x0c", max_size=12)
Json = dict[str, Any]


@given(text=pieces, changes=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), pieces), max_size=6))
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_changes_give_the_text_that_the_client_has(
    encoding: positions.Encoding, text: str, changes: list[tuple[int, int, str]]
) -> None:
    theirs = Text("file:///a.py", text, encoding=encoding)
    ours = OpenText.of(theirs.item)
    for place, length, new in changes:
        start, end = min(place, len(theirs.text)), min(place + length, len(theirs.text))
        if "\r\n" in (theirs.text[start - 1 : start + 1], theirs.text[end - 1 : end + 1]):
            continue  # no editor has a place in the middle of a line end
        ours.change([theirs.splice(start, end, new)], encoding)
        assert ours.text == theirs.text


@given(line=st.text(alphabet="aé中😀", max_size=10), column=st.integers(0, 10))
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_columns_there_and_back(encoding: positions.Encoding, line: str, column: int) -> None:
    column = min(column, len(line))
    there = positions.units(line, column, encoding)
    assert there == units(line[:column], encoding)
    assert positions.column(line, there, encoding) == column


def test_places_that_no_client_should_name() -> None:
    assert positions.column("😀b\r\n", 1, "utf-16") == 0  # within a character
    assert positions.column("ab\r\n", 99, "utf-16") == 2
    assert positions.column("é\n", 99, "utf-8") == 1
    assert positions.units("ab", 5, "utf-16") == 5
    lone = "\ud83d"  # half of a character, which JSON can hold
    assert positions.units(lone + "x", 2, "utf-16") == 2


@given(before=pieces, after=pieces)
def test_edits_between_two_texts_give_the_second(before: str, after: str) -> None:
    assert apply(before, text_edits(before, after)) == after


def test_edits_leave_other_lines_alone() -> None:
    edits = text_edits("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n")
    assert [edit.span for edit in edits] == [Span(1, 0, 2, 0), Span(4, 0, 4, 0)]


def test_a_notebook_shares_what_has_not_changed() -> None:
    notebook = _opened(Notebook("file:///a.ipynb", "a = 1", "b = 1", "c = 1"))
    first = notebook.document()
    place = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 5}}
    content = {
        "document": {"uri": notebook.cells[1].text.uri, "version": 2},
        "changes": [{"range": place, "text": "2"}],
    }
    assert notebook.change(2, {"cells": {"textContent": [content]}}, "utf-16") == [notebook.cells[1].text.uri]
    second = notebook.document()
    assert [cell.text for cell in second.cells] == ["a = 1", "b = 2", "c = 1"]
    assert second.cells[0] is first.cells[0]
    assert second.cells[2] is first.cells[2]
    assert first.cells[1].text == "b = 1"
    assert second == Document(first.path, second.cells)
    assert second.by_id == {cell.id: cell for cell in second.cells}
    assert notebook.document() is second


def test_a_script_shares_the_cells_that_have_not_changed() -> None:
    script = OpenScript.of(Text("file:///a.py", "# %%\nx = 1\n# %%\ny = 1\n").item)
    first = script.document()
    place = {"start": {"line": 3, "character": 4}, "end": {"line": 3, "character": 5}}
    script.change({"uri": script.uri, "version": 2}, [{"range": place, "text": "2"}], "utf-16")
    second = script.document()
    assert second.cells[0] is first.cells[0]
    assert second.cells[1].text == "# %%\ny = 2\n"


@pytest.mark.parametrize(
    ("about", "count", "failed", "tags"),
    [
        ({}, None, False, ()),
        ({"executionSummary": {"executionOrder": 3, "success": False}}, 3, True, ()),
        (
            {"executionSummary": {"executionOrder": 3, "success": True}, "metadata": {"execution_count": None}},
            None,
            False,
            (),
        ),
        ({"metadata": {"execution_count": 4, "metadata": {"tags": ["parameters", 1]}}}, 4, False, ("parameters",)),
        ({"metadata": {"tags": ["a"]}}, None, False, ("a",)),
        ({"metadata": {"custom": {"metadata": {"tags": ["b"]}}}}, None, False, ("b",)),
        ({"metadata": {"execution_count": "nonsense"}}, None, False, ()),
    ],
)
def test_what_a_cell_says_of_itself(about: Json, count: int | None, failed: bool, tags: tuple[str, ...]) -> None:
    notebook = Notebook("file:///a.ipynb", "x")
    notebook.about = {notebook.cells[0].uri: about}
    (cell,) = _opened(notebook).document().cells
    assert (cell.execution_count, cell.failed, cell.tags) == (count, failed, tags)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/ann/a%20b.py", "/home/ann/a b.py"),
        ("file:///c%3A/work/a.ipynb", "C:/work/a.ipynb"),
        ("file:///C:/work/a.ipynb", "C:/work/a.ipynb"),
        ("file://server/share/a.py", "//server/share/a.py"),
        ("file:///a%23b%3Fc.py", "/a#b?c.py"),
        ("file:///a#b.py", "/a#b.py"),
        ("untitled:Untitled-1", ""),
        ("vscode-remote://ssh-remote%2Bhost/home/a.py", ""),
        ("http://[broken", ""),
    ],
)
def test_paths_of_uris(uri: str, path: str) -> None:
    assert path_of(uri) == path
    if path:
        assert path_of(uri_of(path)) == path


def test_folders_hold_what_is_below_them() -> None:
    assert within("/a/b/c.py", "/a/b")
    assert within("/c.py", "/")
    assert not within("/a/bc/d.py", "/a/b")


def test_text_of_a_notebook_is_never_markup() -> None:
    assert words.quoted("column `a*b` <img src=x>") == r"column `a*b` \<img src\=x\>".replace(r"\=", "=")
    assert words.quoted("one ` only") == r"one \` only"
    assert words.escaped("[x](http://y)\n# h") == "\\[x\\]\\(http\\://y\\)  \n\\# h"


def test_related_places_are_told() -> None:
    from paydown.rule import Finding, Related, Severity

    cells = (Cell("a", "'😀'; x"), Cell("b", "y"))
    document = Document("/n.ipynb", cells)
    notebook = _opened(Notebook("file:///n.ipynb", "x", "y"))
    related = (Related("a", Span(0, 5, 0, 6), "here"), Related("gone", Span(0, 0, 0, 1), "nowhere"))
    finding = Finding("HTD811", "unseeded-randomness", Severity.HINT, "m", 1, "b", Span(0, 0, 0, 1), related, (), True)
    said = convert.diagnostic(finding, document, notebook, Client(related=True, tags=True))
    place = {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 7}}
    assert said["relatedInformation"] == [{"location": {"uri": "a", "range": place}, "message": "here"}]
    assert said["data"]["related"] == [{"uri": "a", "range": place, "message": "here"}]
    assert said["tags"] == [1]
    assert said["severity"] == 4


def _opened(notebook: Notebook) -> OpenNotebook:
    said = {"uri": notebook.uri, "version": 1, "cells": [notebook.said(cell) for cell in notebook.cells]}
    return OpenNotebook.of(said, [cell.item for cell in notebook.cells])
