"""Texts stay in sync, and each edit has its diagnostics: the real process, driven as editors drive it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from lsp_client import VSCODE, Client, Notebook, Script, Text, codes

IMPORT = "from sklearn.model_selection import train_test_split\n"
SPLIT = "train, test = train_test_split(frame)\n"


def test_a_script_is_looked_at_as_it_is_typed(client: Client) -> None:
    script = Script("file:///project/a.py", IMPORT)
    assert script.open(client) == []
    script.change(client, [script.splice(len(IMPORT), len(IMPORT), SPLIT)])
    found = client.published(script.uri, 2)
    assert codes(found) == ["HTD811"]
    assert script.at(found[0]["range"]) == "train_test_split(frame)"
    assert script.type(client, "frame)", "frame, random_state=1)") == []


def test_what_a_diagnostic_says(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT + SPLIT)
    ((found,),) = notebook.open(client)
    assert found["source"] == "paydown"
    assert found["severity"] == 2
    assert found["codeDescription"]["href"].startswith("https://")
    data = found["data"]
    assert data["name"] == "unseeded-randomness"
    assert data["section"] == "8"
    assert data["sectionTitle"] == "Other areas of ML-related debt"
    assert data["principal"] > 0
    assert data["fingerprint"]
    assert all({"key", "title", "safe", "command", "creates"} == set(offer) for offer in data["fixes"])


def test_every_cell_of_an_opened_notebook_is_told_of(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT, "print(1)")
    assert list(map(codes, notebook.open(client))) == [[], ["HTD811"], []]
    assert all(cell.uri in client.diagnostics for cell in notebook.cells)
    assert client.analysed(notebook.uri, 1)["count"] == 1
    assert client.analysed(notebook.uri, 1)["principal"] > 0


def test_only_the_edited_cell_and_those_whose_findings_change_are_published(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT, "print(1)", SPLIT)
    notebook.open(client)
    client.log.clear()
    notebook.type(client, 2, "1", "2")
    client.analysed(notebook.uri, 2)
    assert _published(client) == [(notebook.cells[2].uri, 2)]
    client.log.clear()
    notebook.type(client, 0, "train_test_split", "KFold")
    client.analysed(notebook.uri, 3)
    assert _published(client)[0] == (notebook.cells[0].uri, 3)
    assert set(_published(client)[1:]) == {(notebook.cells[1].uri, 1), (notebook.cells[3].uri, 1)}


def test_a_name_imported_in_one_cell_counts_in_the_next(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", "", SPLIT)
    assert notebook.open(client) == [[], []]
    cell = notebook.cells[0]
    notebook.change_text(client, cell, [cell.splice(0, 0, IMPORT)])
    client.analysed(notebook.uri, 2)
    assert codes(client.published(notebook.cells[1].uri)) == ["HTD811"]


def test_cells_are_added_moved_and_removed(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT)
    notebook.open(client)
    added = notebook.make(SPLIT)
    notebook.splice(client, 2, 0, [added])
    assert codes(client.published(added.uri)) == ["HTD811"]
    first, second = notebook.cells[:2]
    notebook.splice(client, 0, 2, [second, first])  # a move: nothing is opened or closed
    assert codes(client.published(second.uri)) == []  # the import now comes after it
    assert codes(client.published(added.uri)) == ["HTD811"]
    notebook.splice(client, 2, 1, [])
    assert codes(client.published(added.uri)) == []
    assert notebook.type(client, 0, "frame", "table") == []


def test_a_cell_that_changes_its_language_is_removed_and_added(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT)
    notebook.open(client)
    cell = notebook.cells[1]
    for language, expected in (("markdown", []), ("python", ["HTD811"])):
        again = Text(cell.uri, cell.text, 1, language)
        notebook.version += 1
        structure = {
            "array": {"start": 1, "deleteCount": 1, "cells": [notebook.said(again)]},
            "didOpen": [again.item],
            "didClose": [{"uri": cell.uri}],
        }
        notebook.notify(client, {"cells": {"structure": structure}})
        client.analysed(notebook.uri, notebook.version)
        assert codes(client.published(cell.uri)) == expected


def test_closing_takes_diagnostics_back(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT)
    notebook.open(client)
    notebook.close(client)
    client.until(lambda: not client.diagnostics[notebook.cells[1].uri], "empty diagnostics")
    script = Script("file:///project/a.py", IMPORT + SPLIT)
    assert codes(script.open(client)) == ["HTD811"]
    script.close(client)
    client.until(lambda: not client.diagnostics[script.uri], "empty diagnostics")


def test_a_percent_script_has_cells(client: Client) -> None:
    script = Script("file:///project/a.py", f"# %%\n{IMPORT}\n# %% [markdown]\n# text\n# %%\n{SPLIT}")
    (found,) = script.open(client)
    assert found["range"]["start"]["line"] == 6
    (found,) = script.type(client, "# text\n", "# text\n# more\n")
    assert found["range"]["start"]["line"] == 7
    assert script.at(found["range"]) == "train_test_split(frame)"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_counted_as_agreed(tmp_path: Path, encoding: str) -> None:
    capabilities = {**VSCODE, "general": {"positionEncodings": [encoding]}}
    with Client(tmp_path, capabilities=capabilities) as client:
        assert client.welcome["capabilities"]["positionEncoding"] == encoding
        script = Script("file:///project/a.py", IMPORT + "'é😀中'; " + SPLIT, encoding=encoding)
        (found,) = script.open(client)
        assert script.at(found["range"]) == "train_test_split(frame)"
        (found,) = script.type(client, "😀", "😀😀 '; '")
        assert script.at(found["range"]) == "train_test_split(frame)"
        (found,) = script.type(client, "é😀😀", "x")
        assert script.at(found["range"]) == "train_test_split(frame)"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_kinds(client: Client, end: str) -> None:
    script = Script("file:///project/a.py", (IMPORT + "x = 1\n" + SPLIT).replace("\n", end))
    (found,) = script.open(client)
    assert script.at(found["range"]) == "train_test_split(frame)"
    (found,) = script.type(client, f"x = 1{end}", f"x = 1{end}y = 2{end}{end}")
    assert script.at(found["range"]) == "train_test_split(frame)"
    (found,) = script.type(client, f"{end}y = 2", "")
    assert script.at(found["range"]) == "train_test_split(frame)"


def test_a_whole_new_text_and_several_changes_at_once(client: Client) -> None:
    script = Script("file:///project/a.py", "x = 1\n")
    script.open(client)
    script.text = IMPORT + "y = 2\n"
    events = [{"text": script.text}, script.replace("y = 2\n", SPLIT), script.replace("frame", "table")]
    script.change(client, events)
    (found,) = client.published(script.uri, 2)
    assert script.at(found["range"]) == "train_test_split(table)"


def test_what_no_client_should_say_is_survived(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT)
    notebook.open(client)
    stranger = Text("vscode-notebook-cell:/project/a.ipynb#never-opened", "x")
    notebook.change_text(client, stranger, [{"text": "y"}])
    nowhere = {"uri": "file:///no.py", "version": 2}
    client.notify("textDocument/didChange", {"textDocument": nowhere, "contentChanges": []})
    client.notify("textDocument/didClose", {"textDocument": {"uri": notebook.cells[1].uri}})  # spurious, of a cell
    client.notify("textDocument/didChange", {"nonsense": True})
    client.notify("notebookDocument/didChange", {"notebookDocument": nowhere, "change": {}})
    client.notify("$/unknown", {})
    client.notify("paydown/unheard-of", {"x": {"class": 1}})
    outside = {"start": {"line": 99, "character": 0}, "end": {"line": 99, "character": 9}}
    notebook.change_text(client, notebook.cells[1], [{"range": outside, "text": "# end"}])
    assert codes(client.published(notebook.cells[1].uri, notebook.version)) == ["HTD811"]


def test_cells_that_come_as_texts_too_are_not_looked_at_twice(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT)
    client.notify("textDocument/didOpen", {"textDocument": notebook.cells[1].item})
    notebook.open(client)
    client.notify("textDocument/didOpen", {"textDocument": notebook.cells[1].item})
    assert codes(notebook.type(client, 1, "frame", "table")) == ["HTD811"]


def test_other_languages_are_left_alone(client: Client) -> None:
    stranger = Text("file:///project/a.R", "x <- 1", language="r")
    client.notify("textDocument/didOpen", {"textDocument": stranger.item})
    kernel = {"kernelspec": {"language": "R", "name": "ir"}}
    notebook = Notebook("file:///project/a.ipynb", IMPORT + SPLIT, metadata=kernel)
    assert notebook.open(client) == [[]]
    notebook.type(client, 0, "frame", "table")
    said = [one["message"] for method, one in client.log if method == "window/logMessage"]
    assert said == ["a.ipynb: r is not analysed, only Python is"]
    assert stranger.uri not in client.diagnostics
    mixed = Notebook("file:///project/b.ipynb", IMPORT, metadata={"metadata": {"kernelspec": {"language": "python"}}})
    mixed.cells.append(mixed.make(SPLIT, "sql"))
    assert mixed.open(client) == [[], []]


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1.ipynb",
        "file:///c%3A/work/a%20b.ipynb",
        "file://server/share/a.ipynb",
        "vscode-remote://ssh-remote%2Bhost/home/ann/a.ipynb",
    ],
)
def test_documents_of_all_kinds_of_places(tmp_path: Path, uri: str) -> None:
    with Client() as client:  # no folder at all
        notebook = Notebook(uri, IMPORT, SPLIT)
        other = Notebook(uri.replace(".ipynb", "2.ipynb"), SPLIT)
        assert list(map(codes, notebook.open(client))) == [[], ["HTD811"]]
        assert other.open(client) == [[]]  # they share no memory
        assert codes(notebook.type(client, 1, "frame", "table")) == ["HTD811"]


def test_a_burst_of_keys_is_caught_up_with(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT + 'text = ""\n')
    notebook.open(client)
    cell = notebook.cells[1]
    for letter in "abcdefghijklmnopqrstuvwxyz":
        at = cell.text.rindex('"')
        notebook.change_text(client, cell, [cell.splice(at, at, letter)])
    assert codes(client.published(cell.uri, 27)) == ["HTD811"]
    versions = [version for uri, version in _published(client) if uri == cell.uri]
    assert versions == sorted(versions)


def test_versions_are_never_stale_while_a_long_script_is_analysed(client: Client) -> None:
    body = "".join(f"def f{i}(x):\n    return x + {i}\n" for i in range(2500))
    script = Script("file:///project/long.py", IMPORT + body)
    client.notify("textDocument/didOpen", {"textDocument": script.item})
    script.change(client, [script.splice(len(script.text), len(script.text), SPLIT)])
    assert client.request("paydown/rules", {})  # messages are read meanwhile
    (found,) = client.published(script.uri, 2)
    assert script.at(found["range"]) == "train_test_split(frame)"
    assert {version for uri, version in _published(client) if uri == script.uri} == {2}


@pytest.mark.parametrize("from_file", [True, False], ids=["file", "editor"])
def test_counts_come_from_the_file_or_the_editor(client: Client, tmp_path: Path, from_file: bool) -> None:
    """The second cell ran before the first, which binds what it reads."""
    texts, counts = ["x = 1", "print(x)"], [3, 1]
    notebook = Notebook((tmp_path / "a.ipynb").as_uri(), *texts)
    if from_file:
        _save(tmp_path / "a.ipynb", texts, counts)
    else:
        notebook.about = {
            notebook.cells[0].uri: {"metadata": {"execution_count": counts[0]}},
            notebook.cells[1].uri: {"executionSummary": {"executionOrder": counts[1], "success": True}},
        }
    assert "HTD812" in str(notebook.open(client))
    if from_file:
        _save(tmp_path / "a.ipynb", texts, [1, 2])
        client.notify("notebookDocument/didSave", {"notebookDocument": {"uri": notebook.uri}})
    else:
        notebook.describe(client, 1, executionSummary={"executionOrder": 4, "success": True})
    client.until(lambda: "HTD812" not in str(client.diagnostics), "the order to be right")


def _save(path: Path, texts: list[str], counts: list[int]) -> None:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{count}",
            "source": text,
            "execution_count": count,
            "metadata": {},
            "outputs": [],
        }
        for text, count in zip(texts, counts, strict=True)
    ]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))


def test_what_does_not_parse_is_told_to_those_who_ask(tmp_path: Path) -> None:
    with Client(tmp_path, options={"syntaxErrors": True}) as client:
        notebook = Notebook("file:///project/a.ipynb", "x = 1", "y = (")
        found = notebook.open(client)
        assert found[0] == []
        assert codes(found[1]) == ["syntax-error"]
        assert "data" not in found[1][0]
        assert notebook.type(client, 1, "(", "2") == []
    with Client(tmp_path) as client:
        assert Notebook("file:///project/a.ipynb", "y = (").open(client) == [[]]


def test_any_edits_leave_it_as_fresh(tmp_path: Path) -> None:
    """Warm equals fresh: after random edits the diagnostics are those of a server that opens the final texts."""
    rng = random.Random(7)
    draws = ["x = '😀'; a, b = train_test_split(x)\n", "import numpy as np\nnp.random.rand(3)\n"]
    parts = [IMPORT, SPLIT, "frame = 1\n", *draws]
    with Client(tmp_path) as client:
        notebook = Notebook("file:///project/a.ipynb", *(rng.choice(parts) for _ in range(8)))
        notebook.open(client)
        for _ in range(150):
            _edit_somehow(client, notebook, rng, parts)
        client.analysed(notebook.uri, notebook.version)
        warm = [sorted(found, key=str) for found in notebook.published(client)]
    with Client(tmp_path) as client:
        fresh = Notebook("file:///project/a.ipynb")
        fresh.cells = notebook.cells
        assert [sorted(found, key=str) for found in fresh.open(client)] == warm
        assert any(warm)


def _edit_somehow(client: Client, notebook: Notebook, rng: random.Random, parts: list[str]) -> None:
    index = rng.randrange(len(notebook.cells))
    roll = rng.random()
    if roll < 0.1:
        notebook.splice(client, index, 0, [notebook.make(rng.choice(parts))])
    elif roll < 0.2 and len(notebook.cells) > 3:
        notebook.splice(client, index, 1, [])
    elif roll < 0.3 and index + 1 < len(notebook.cells):
        notebook.splice(client, index, 2, notebook.cells[index : index + 2][::-1])
    else:
        cell = notebook.cells[index]
        start = end = rng.choice([0, *(at + 1 for at, sign in enumerate(cell.text) if sign == "\n")])
        typed = rng.choice([*parts, "'😀'; ", "#"])
        if roll < 0.6:
            start = rng.randrange(len(cell.text) + 1)
            end = min(len(cell.text), start + rng.randrange(4))
            typed = rng.choice(["", "\n", "😀", "é", "(", "a"])
        notebook.change_text(client, cell, [cell.splice(start, end, typed)])


def _published(client: Client) -> list[tuple[str, int]]:
    return [(one["uri"], one["version"]) for method, one in client.log if method == "textDocument/publishDiagnostics"]
