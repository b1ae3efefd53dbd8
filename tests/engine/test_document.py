"""Documents: read from any notebook or script, and written back without touching what was not meant."""

from __future__ import annotations

import codecs
import json
import string
from contextlib import suppress
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydown.document import Cell, Document, Unreadable, read, with_cell_texts


def notebook(*cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


def code(source: object, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source, **more}


def parsed(value: object) -> Document:
    return read("a.ipynb", json.dumps(value).encode())


def texts(document: Document) -> list[str]:
    return [cell.text for cell in document.cells]


def test_a_cell_is_read_whole() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    cell = code(["a = 1\n", "b"], id="one", execution_count=3, outputs=[error], metadata={"tags": ["keep", 5]})
    document = parsed(notebook({"cell_type": "markdown", "source": "# hi", "metadata": {}, "id": "zero"}, cell))
    assert document.cells == (
        Cell("zero", "# hi", "markdown", 0),
        Cell("one", "a = 1\nb", "code", 1, execution_count=3, failed=True, tags=("keep",)),
    )
    assert document.by_id["one"] is document.cells[1]
    assert (document.path, document.kind, document.language, document.colab) == ("a.ipynb", "notebook", "python", False)


@pytest.mark.parametrize(
    "value",
    [
        {"cells": [{"cell_type": "code", "code": "x = 1", "prompt_number": 1}], "metadata": {}, "nbformat": 1},
        {"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1", "prompt_number": 1}]}], "nbformat": 2},
        {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"], "prompt_number": 1}]}], "nbformat": 3},
        notebook(code("x = 1", execution_count=1)),
        notebook(code(["x = 1"], execution_count="1"), nbformat=99),
    ],
)
def test_every_nbformat(value: dict[str, Any]) -> None:
    (cell,) = parsed(value).cells
    assert (cell.text, cell.kind, cell.execution_count) == ("x = 1", "code", 1)


def test_early_lists_of_lines_without_ends_are_joined_as_nbformat_joins_them() -> None:
    cells = [
        {"cell_type": "code", "input": lines, "outputs": [], "language": "python", "collapsed": False, "metadata": {}}
        for lines in (["a", "b"], ["a\n", "b"], ["a"], [], ["", "b"])
    ]
    value = {"worksheets": [{"cells": cells, "metadata": {}}], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}
    theirs = nbformat.reads(json.dumps(value), as_version=nbformat.NO_CONVERT)
    assert texts(parsed(value)) == [cell.input for cell in theirs.worksheets[0].cells]


def test_odd_cells_keep_their_index() -> None:
    odd = [
        {"cell_type": "code", "outputs": None, "execution_count": True},
        {"cell_type": "widget", "source": 5},
        None,
        "x",
    ]
    document = parsed(notebook(*odd, code(["a = 1\n", None, "b = 2"])))
    assert texts(document) == ["", "", "", "", "a = 1\nb = 2"]
    assert [cell.kind for cell in document.cells] == ["code", "raw", "raw", "raw", "code"]
    assert [cell.index for cell in document.cells] == [0, 1, 2, 3, 4]
    assert parsed({"cells": None, "metadata": {}, "nbformat": 4}).cells == ()


def test_ids_are_the_files_own_where_they_are_unique() -> None:
    document = parsed(
        notebook(code("a", id="x"), code("b", id="y"), code("c", id="x"), code("d", id="cell-0"), code("e"))
    )
    assert [cell.id for cell in document.cells] == ["cell-0-", "y", "cell-2", "cell-0", "cell-4"]


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "python3", "language": "python"}}, "python"),
        ({"kernelspec": {"name": "ir", "language": "R"}}, "r"),
        ({"language_info": {"name": "julia"}, "kernelspec": {"name": "julia-1.6"}}, "julia"),
        ({"kernelspec": {"name": "julia-1.6"}}, "julia"),
        ({"kernelspec": {"name": "ir"}}, "r"),
        ({"kernelspec": {"name": "conda-env-py"}}, "python"),
        ({"kernelspec": "python3", "language_info": ["python"]}, "python"),
        ({"language_info": {"name": "ipython"}}, "python"),
        ({"kernelspec": {"name": "x", "language": "scala"}}, "scala"),
        ({"application/vnd.databricks.v1+notebook": {"language": "sql"}}, "sql"),
        ({"language_info": {"name": "plaintext"}}, "plaintext"),
        ({}, "python"),
    ],
)
def test_language(metadata: dict[str, Any], language: str) -> None:
    assert parsed(notebook(code("x"), metadata=metadata)).language == language


def test_only_code_cells_tell_the_language() -> None:
    cells = [{"cell_type": "markdown", "language": "markdown", "source": ""}, code("x", language="Julia")]
    assert parsed(notebook(cells[0])).language == "python"
    assert parsed(notebook(*cells)).language == "julia"


def test_colab() -> None:
    assert parsed(notebook(metadata={"colab": {"name": "x"}})).colab


WHOLE = json.dumps(notebook(code("x = 1\n")), indent=1)


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"", "empty file", None),
        (b" \n\t\n", "empty file", None),
        (b"version https://git-lfs.github.com/spec/v1\noid x\n", "not a notebook: git-lfs pointer", 1),
        (b"\n<!DOCTYPE html>\n<html></html>", "an HTML page saved as .ipynb", 1),
        (WHOLE.replace(' "cells"', '<<<<<<< HEAD\n "cells"').encode(), "merge-conflict markers at line 2", 2),
        (WHOLE[:-40].encode(), "JSON ends early at line", None),
        (b'{"cells": [\n{"cell_type": "co', "JSON ends early at line 2", 2),
        (b'{"cells": [\n{"cell_type" "code"}]}', "broken JSON at line 2: expecting ':' delimiter", 2),
        (b'{"cells": [], "nbformat": ' + b"4" * 5000 + b"}", "broken JSON: ", None),
        (b'{"cells": ' + b"[" * 100_000, "JSON nested too deeply", None),
        (b"[]", "not a notebook: the JSON is a list, not an object", None),
        (b"null", "not a notebook: the JSON is null, not an object", None),
        (b"{}", "not a notebook: the JSON has no `cells`", None),
        (b"# a notebook for EDA\n", "not a notebook: the file holds no JSON", 1),
        (b'{"cells": [],\n"x": "\xff"}', "not UTF-8: byte 0xff at line 2", 2),
    ],
)
def test_what_is_no_notebook_is_told_in_a_line(data: bytes, message: str, line: int | None) -> None:
    with pytest.raises(Unreadable) as caught:
        read("a.ipynb", data)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert line is None or caught.value.line == line


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        ('x = 1\nname = "Málaga"\n'.encode("latin-1"), "not UTF-8: byte 0xe1 at line 2", 2),
        (b"\n# coding: nonsense\n", "unknown encoding `nonsense` in line 2", 2),
        (b"# coding: rot13\n", "unknown encoding `rot13` in line 1", 1),
        (b"version https://git-lfs.github.com/spec/v1\n", "not a script: git-lfs pointer", 1),
    ],
)
def test_what_is_no_script_is_told_in_a_line(data: bytes, message: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read("a.py", data)
    assert message in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    "data",
    [
        '# -*- coding: latin-1 -*-\nx = "é"\n'.encode("latin-1"),
        '#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = "é"\n'.encode("cp1252"),
        codecs.BOM_UTF8 + 'x = "é"\n'.encode(),
        codecs.BOM_UTF16_LE + 'x = "é"\n'.encode("utf-16-le"),
        'x = "é"\r\ny = 1\r\n'.encode(),
        'x = "é"\ry = 1\r'.encode(),
    ],
)
def test_a_script_is_written_in_its_own_encoding(data: bytes) -> None:
    document = read("a.py", data)
    (cell,) = document.cells
    assert 'x = "é"' in cell.text
    written = with_cell_texts(data, document, {"cell-0": cell.text + "\nz = 2\n"})
    assert written.startswith(data)
    assert b"\r" not in data or b"\n" not in written.replace(b"\r\n", b"")
    assert read("a.py", written).cells[0].text.split() == [*cell.text.split(), "z", "=", "2"]


def test_a_letter_that_the_encoding_lacks() -> None:
    data = b"# coding: latin-1\nx = 1\n"
    with pytest.raises(Unreadable, match="latin-1"):
        with_cell_texts(data, read("a.py", data), {"cell-0": "# coding: latin-1\nx = '😀'\n"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", [("code", 0, "x = 1\n")]),
        ("", [("code", 0, "")]),
        (
            "import os\n# %%\nx\n#%% a title\ny\n# %% [markdown]\n# hi\n",
            [
                ("code", 0, "import os\n"),
                ("code", 1, "# %%\nx\n"),
                ("code", 3, "#%% a title\ny\n"),
                ("markdown", 5, "# %% [markdown]\n# hi\n"),
            ],
        ),
        (
            "# coding\r\n\r\n# In[1]:\r\n\r\nx\r\n# In[ ]:\r\ny",
            [("code", 0, "# coding\r\n\r\n"), ("code", 2, "# In[1]:\r\n\r\nx\r\n"), ("code", 5, "# In[ ]:\r\ny")],
        ),
        (
            "# Databricks notebook source\n# MAGIC %md\n# MAGIC hi\n\n# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC x\n"
            "# COMMAND ----------\n# %% no cell\nx\n",
            [
                ("markdown", 0, "# Databricks notebook source\n# MAGIC %md\n# MAGIC hi\n\n"),
                ("code", 4, "# COMMAND ----------\n\n# MAGIC %sql\n# MAGIC x\n"),
                ("code", 8, "# COMMAND ----------\n# %% no cell\nx\n"),
            ],
        ),
        ("# %%time is no marker\nx", [("code", 0, "# %%time is no marker\nx")]),
        ('"""\n# %%\n"""\n# %%\nx', [("code", 0, '"""\n# %%\n"""\n'), ("code", 3, "# %%\nx")]),
        (
            "# ---\n# jupyter: x\n# ---\n\n# %%\nx",
            [("raw", 0, "# ---\n# jupyter: x\n# ---\n\n"), ("code", 4, "# %%\nx")],
        ),
    ],
)
def test_cells_of_scripts(text: str, expected: list[tuple[str, int, str]]) -> None:
    document = read("a.py", text.encode())
    assert [(cell.kind, cell.line, cell.text) for cell in document.cells] == expected
    assert [cell.id for cell in document.cells] == [f"cell-{index}" for index in range(len(expected))]
    assert document.kind == "script"


def test_only_the_changed_lines_of_a_source_are_written() -> None:
    data = (
        b'{\r\n "cells": [\r\n  {"outputs": [{"text": "\\u00e9\\/"}], "cell_type": "code",\r\n'
        b'   "source": [\r\n    "a = \\"\\u00e9\\"\\n",\r\n    "b = 1\\n" ,\r\n    "c"\r\n   ], "metadata": {}}\r\n'
        b' ], "nbformat":4,  "metadata": {}\r\n}  \r\n'
    )
    document = read("a.ipynb", data)
    written = with_cell_texts(data, document, {"cell-0": 'a = "é"\nb = "ü"\nc'})
    assert written == data.replace(b'"b = 1\\n" ,', b'"b = \\"\\u00fc\\"\\n",')
    assert with_cell_texts(written, read("a.ipynb", written), {"cell-0": 'a = "é"\nc'}) == written.replace(
        b'    "b = \\"\\u00fc\\"\\n",\r\n', b""
    )


def test_an_empty_list_grows_in_the_style_of_the_file() -> None:
    for indent in (None, 1, 2, "\t"):
        data = json.dumps(notebook(code([]), code(["a\n", "b"])), indent=indent).encode()
        expected = json.dumps(notebook(code(["x\n", "y"]), code(["a\n", "b"])), indent=indent).encode()
        assert with_cell_texts(data, read("a.ipynb", data), {"cell-0": "x\ny"}) == expected


def test_new_lines_end_as_the_old_ones() -> None:
    data = json.dumps(notebook(code("a\r\nb"), code("a\nb"))).encode()
    written = with_cell_texts(data, read("a.ipynb", data), {"cell-0": "a\nc\n", "cell-1": "a\nc\n"})
    assert texts(read("a.ipynb", written)) == ["a\r\nc\r\n", "a\nc\n"]


def test_a_file_that_has_changed_meanwhile_is_not_written() -> None:
    document = parsed(notebook(code("a"), code("b")))
    for other in (notebook(code("a"), code("c")), notebook(code("b")), []):
        with pytest.raises(Unreadable):
            with_cell_texts(json.dumps(other).encode(), document, {"cell-0": "x"})
    script = read("a.py", b"# %%\nx\n# %%\ny\n")
    with pytest.raises(Unreadable, match="changed"):
        with_cell_texts(b"# %%\nx\n# %%\nz\n", script, {"cell-0": "# %%\nw\n"})
    with pytest.raises(Unreadable, match="which cells"):
        with_cell_texts(b"# %%\nx\n# %%\ny\n", script, {"cell-0": "# %%\nw\n# %%\n"})
    with pytest.raises(Unreadable, match="no source"):
        with_cell_texts(
            b'{"cells": [{"cell_type": "code"}]}', parsed({"cells": [{"cell_type": "code"}]}), {"cell-0": "x"}
        )


PIECES = st.sampled_from(
    ["x", " = ", "1", "\n", "\r\n", '"', "\\", "é", "😀", "\t", "\u2028", "\x7f", "\ud83d", "# %%", "</a>"]
)
SOURCE = st.lists(PIECES, max_size=8).map("".join)


@st.composite
def sources(draw: st.DrawFn) -> object:
    text = draw(SOURCE)
    if draw(st.booleans()):
        return text
    return text.splitlines(keepends=True) if draw(st.booleans()) else [text] if text else []


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A notebook's bytes, in one of many styles."""
    early = draw(st.booleans())
    key = "input" if early else "source"
    kinds = st.sampled_from(["code", "markdown", "raw"])
    cells = []
    for source, kind in draw(st.lists(st.tuples(sources(), kinds), max_size=4)):
        name = key if kind == "code" else "source"
        if early and isinstance(source, list) and draw(st.booleans()):
            source[:] = [line.rstrip("\r\n") for line in source]
        cell = {
            "cell_type": kind,
            name: source,
            "outputs": [{"source": ["no"], "text": "é"}],
            "metadata": {"x": [{}, 1.0]},
        }
        cells.append(dict(draw(st.permutations(list(cell.items())))))
    value: dict[str, Any] = {"nbformat": 3 if early else 4, "metadata": {"cells": 1}}
    value |= {"worksheets": [{"cells": cells}, {"cells": []}]} if early else {"cells": cells}
    text = json.dumps(
        dict(draw(st.permutations(list(value.items())))),
        indent=draw(st.sampled_from([None, 0, 1, "\t"])),
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])),
    )
    text = text.replace("\ud83d", "\\ud83d")
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))) + draw(st.sampled_from(["", "\n", " \r\n"]))
    return draw(st.sampled_from([b"", codecs.BOM_UTF8])) + text.encode()


def outside(data: bytes) -> object:
    """A notebook without its sources."""
    value = json.loads(data.decode("utf-8-sig"))
    for sheet in value.get("worksheets", [value]):
        for cell in sheet["cells"]:
            cell.pop("source", None), cell.pop("input", None)
    return value


@given(files(), st.lists(SOURCE, max_size=4))
def test_new_texts_are_written_and_nothing_else(data: bytes, new: list[str]) -> None:
    document = read("a.ipynb", data)
    assert with_cell_texts(data, document, {cell.id: cell.text for cell in document.cells}) == data
    asked = {cell.id: text for cell, text in zip(document.cells, new, strict=False)}
    written = with_cell_texts(data, document, asked)
    again = read("a.ipynb", written)
    for before, after in zip(document.cells, again.cells, strict=True):
        text = asked.get(before.id, before.text)
        assert after.text == text or after.text.replace("\r\n", "\n") == text.replace("\r\n", "\n")
        assert (after.id, after.kind, after.index) == (before.id, before.kind, before.index)
    assert outside(written) == outside(data)
    back = with_cell_texts(written, again, {cell.id: cell.text for cell in document.cells})
    # Only the kind of line ends may have gone from it.
    assert [text.split() for text in texts(read("a.ipynb", back))] == [text.split() for text in texts(document)]


LINES = [
    "x = 1",
    "# %%",
    "# %% [markdown]",
    "#%% t",
    "# In[3]:",
    "'''",
    '"""',
    "",
    "# COMMAND ----------",
    "# MAGIC %md",
]


@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(["\n", "\r\n", "\r"])), max_size=9), st.booleans())
def test_the_cells_of_a_script_are_the_script(lines: list[tuple[str, str]], databricks: bool) -> None:
    text = "# Databricks notebook source\n" * databricks + "".join(line + end for line, end in lines)
    document = read("a.py", text.encode())
    assert "".join(texts(document)) == text
    for cell in document.cells:
        assert cell.line == len("".join(one.text for one in document.cells[: cell.index]).splitlines())
    last = document.cells[-1]
    written = with_cell_texts(text.encode(), document, {last.id: last.text + "z = 1\n"})
    assert written.decode().replace("\r", "\n").startswith(text.replace("\r", "\n"))


@given(st.binary(max_size=40) | st.text(string.printable, max_size=40).map(str.encode))
def test_any_bytes_are_a_document_or_unreadable(data: bytes) -> None:
    for path in ("a.ipynb", "a.py"):
        with suppress(Unreadable):
            document = read(path, data)
            assert with_cell_texts(data, document, {}) == data
            assert document.cells == read(path, data).cells


def test_a_saved_installation_tells_its_versions() -> None:
    said = [
        "Requirement already satisfied: Torch_Vision>=0.1 in /usr/lib/python3 (from timm) (0.21.0)\n",
        "Requirement already satisfied: numpy in /usr/lib/python3 (2.2.1)\n",
        "Successfully installed numpy-2.3.0 scikit-learn-1.8.0 timm-1.0.9.dev0\n",
        "\n[notice] A new release of pip is available: 24.0 -> 25.1\n",
    ]
    output = {"output_type": "stream", "name": "stdout", "text": said}
    expected = ("torch-vision==0.21.0", "numpy==2.3.0", "scikit-learn==1.8.0", "timm==1.0.9.dev0")
    assert parsed(notebook(code("!pip install timm", outputs=[output]))).cells[0].installed == expected
    assert parsed(notebook(code("print(log)", outputs=[output]))).cells[0].installed == ()
    assert parsed(notebook(code("!pip install timm", outputs=[{"text": 3}, 4, None]))).cells[0].installed == ()
