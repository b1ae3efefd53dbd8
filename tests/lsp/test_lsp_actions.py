"""What can be done about findings: fixes, acceptances, pages, hovers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsp_client import VSCODE, Client, Notebook, Refused, Script, Text, codes
from lsprotocol import types
from paydown_lsp import edits, questions, words
from paydown_lsp.app import server
from paydown_lsp.roots import opened
from paydown_lsp.session import Live
from paydown_lsp.texts import OpenScript

from paydown.document import Cell, Document
from paydown.engine import Analysis, Engine
from paydown.fixes import Unfixable
from paydown.rule import all_rules

IMPORT = "from sklearn.model_selection import train_test_split\n"
SPLIT = "train, test = train_test_split(frame)\n"
Json = dict[str, Any]


def _actions(client: Client, text: Text, found: list[Json], *only: str) -> list[Json]:
    context: Json = {"diagnostics": found, "triggerKind": 1}
    if only:
        context["only"] = list(only)
    place = found[0]["range"] if found else text.range(text.text)
    made: list[Json] = client.request(
        "textDocument/codeAction", {"textDocument": {"uri": text.uri}, "range": place, "context": context}
    )
    return made


def _titled(actions: list[Json], part: str) -> Json:
    (found,) = [one for one in actions if part in one["title"]]
    return found


def test_accepting_writes_a_comment_and_the_finding_goes(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, "x = 1\n" + SPLIT)
    found = notebook.open(client)[1]
    action = _titled(_actions(client, notebook.cells[1], found), "Accept")
    assert "edit" not in action
    assert action["kind"] == "quickfix"
    assert codes(action["diagnostics"]) == ["HTD811"]
    resolved = client.request("codeAction/resolve", action)
    before = notebook.cells[1].text
    notebook.apply(resolved["edit"])
    expected = SPLIT.replace("\n", "  # paydown: accept[unseeded-randomness] reason\n")
    assert notebook.cells[1].text == "x = 1\n" + expected
    whole = {"text": notebook.cells[1].text}
    notebook.change_text(client, notebook.cells[1], [whole])
    assert client.published(notebook.cells[1].uri, 2) == []
    notebook.change_text(client, notebook.cells[1], [{"text": before}])
    again = client.published(notebook.cells[1].uri, 3)
    said = {"textDocument": {"uri": notebook.cells[1].uri}, "reason": "the data is made up"}
    edit = client.request("paydown/accept", {**said, "fingerprint": again[0]["data"]["fingerprint"]})
    notebook.cells[1].text = before
    notebook.apply(edit)
    assert "accept[unseeded-randomness] the data is made up" in notebook.cells[1].text
    assert client.request("paydown/accept", {**said, "fingerprint": "gone"}) is None


def test_actions_are_matched_by_fingerprint_right_after_an_edit(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, "x = 1\n" + SPLIT)
    stale = notebook.open(client)[1]
    cell = notebook.cells[1]
    notebook.change_text(client, cell, [cell.replace("x = 1\n", "x = 1\n\n\n\n")])
    action = _titled(_actions(client, cell, stale), "Accept")  # the place it names is empty now
    notebook.apply(client.request("codeAction/resolve", action)["edit"])
    assert "train_test_split(frame)  # paydown: accept" in cell.text
    foreign = [{**stale[0], "source": "pyright", "data": None, "range": cell.range("\n\n\n")}]
    assert _actions(client, cell, foreign, "quickfix") == []


def test_actions_at_a_place_without_diagnostics(client: Client) -> None:
    script = Script("file:///project/a.py", f"# %%\n'😀'\n# %%\n{IMPORT}'😀'; {SPLIT}")
    script.open(client)
    question = {"textDocument": {"uri": script.uri}, "context": {"diagnostics": []}}
    here = client.request("textDocument/codeAction", {**question, "range": script.range("from sklearn")})
    assert not any("Accept" in action["title"] for action in here)
    there = client.request("textDocument/codeAction", {**question, "range": script.range("train_test_split(f")})
    assert any("Accept" in action["title"] for action in there)
    action = client.request("codeAction/resolve", _titled(there, "Accept"))
    script.apply(action["edit"]["documentChanges"][0]["edits"])
    assert "'😀'; train, test = train_test_split(frame)  # paydown: accept" in script.text


def test_a_simple_client_gets_its_edits_at_once(tmp_path: Path) -> None:
    with Client(tmp_path, capabilities={"textDocument": {"codeAction": {}}}) as client:
        script = Script("file:///project/a.py", IMPORT + SPLIT)
        found = script.open(client)
        action = _titled(_actions(client, script, found), "Accept")
        ((uri, edits),) = action["edit"]["changes"].items()  # no versions: it doesn't know documentChanges
        assert uri == script.uri
        script.apply(edits)
        assert script.text.endswith("# paydown: accept[unseeded-randomness] reason\n")
        assert "relatedInformation" not in found[0]
        assert "codeDescription" not in found[0]


def test_a_finding_that_has_gone_gives_no_edit(client: Client) -> None:
    script = Script("file:///project/a.py", IMPORT + SPLIT)
    found = script.open(client)
    action = _titled(_actions(client, script, found), "Accept")
    script.type(client, "(frame)", "(frame, random_state=0)")
    assert not client.request("codeAction/resolve", action)["edit"].get("documentChanges")
    assert _actions(client, script, found, "quickfix") == []


def test_crlf_stays(client: Client) -> None:
    script = Script("file:///project/a.py", (IMPORT + SPLIT + "x = 1\n").replace("\n", "\r\n"))
    found = script.open(client)
    action = client.request("codeAction/resolve", _titled(_actions(client, script, found), "Accept"))
    script.apply(action["edit"]["documentChanges"][0]["edits"])
    assert script.text.count("\r\n") == script.text.count("\n") == 3


def test_only_the_kinds_that_are_asked_for(client: Client) -> None:
    script = Script("file:///project/a.py", IMPORT + SPLIT)
    found = script.open(client)
    assert {one["kind"] for one in _actions(client, script, found, "quickfix")} == {"quickfix"}
    assert _actions(client, script, found, "refactor") == []
    assert "quickfix" not in {one["kind"] for one in _actions(client, script, found, "source.fixAll")}


def test_hover_tells_the_rule_and_the_value(client: Client) -> None:
    notebook = Notebook(
        "file:///project/a.ipynb", "import pandas as pd\n" + IMPORT, "frame = pd.read_csv('*a*_[x](y).csv')\n" + SPLIT
    )
    notebook.open(client)
    cell = notebook.cells[1]

    def hover(part: str) -> Any:
        question = {"textDocument": {"uri": cell.uri}, "position": cell.range(part)["start"]}
        return client.request("textDocument/hover", question)

    said = hover("train_test_split(")
    assert said["contents"]["kind"] == "markdown"
    assert "**unseeded-randomness** · HTD811" in said["contents"]["value"]
    assert "Two runs" in said["contents"]["value"]
    assert "```" not in said["contents"]["value"]
    assert cell.at(said["range"]) == "train_test_split(frame)"
    story = hover("frame)")["contents"]["value"]
    assert r"\*a\*\_\[x\]\(y\)" in story  # shown as it is, never as markup
    assert hover("= pd") is None
    gone = {"textDocument": {"uri": "file:///no.py"}, "position": {"line": 0, "character": 0}}
    assert client.request("textDocument/hover", gone) is None


def test_hover_below_the_messages_that_the_client_shows(tmp_path: Path) -> None:
    """It carries what they don't say, each rule's page once, and a link that opens the page."""
    draws = IMPORT + "parts = train_test_split(train_test_split(frame)[0])\n"
    said = []
    for options in ({}, {"diagnosticsInHovers": True, "commands": ["paydown.explain"]}):
        with Client(tmp_path, options=options) as client:
            script = Script("file:///project/a.py", draws)
            assert len(script.open(client)) == 2
            question = {"textDocument": {"uri": script.uri}, "position": script.range("split(frame")["start"]}
            said.append(client.request("textDocument/hover", question)["contents"]["value"])
    alone, below = said
    link = "(command:paydown.explain?%5B%22unseeded-randomness%22%5D)"
    assert below.startswith(f"**[unseeded-randomness]{link}** · HTD811 · about 4 min")
    assert below.count("How to pay it off") == 1
    message, _, rest = alone.partition("\n\n")
    assert "so two runs differ" in message
    assert rest == below.replace(f"[unseeded-randomness]{link}", "unseeded-randomness")


def test_hover_below_messages_is_short(tmp_path: Path) -> None:
    """The value comes first, and of several rules only the remedies are told: the pages are a click away."""
    options = {"diagnosticsInHovers": True, "commands": ["paydown.explain"]}
    code = (
        "rows = pd.read_csv('a.csv')\nparts = train_test_split(rows)\nmore = train_test_split(pd.read_csv('b.csv'))\n"
    )
    hints = {"severity": {"unversioned-data-read": "hint"}}
    with Client(tmp_path, options=options, settings=hints) as client:
        script = Script("file:///project/a.py", IMPORT + "import pandas as pd\n" + code)
        assert len(script.open(client)) == 4

        def hover(part: str) -> list[str]:
            question = {"textDocument": {"uri": script.uri}, "position": script.range(part)["start"]}
            said: str = client.request("textDocument/hover", question)["contents"]["value"]
            return said.split("\n\n---\n\n")

        value, rule = hover("rows)")
        several = hover("read_csv('b")
    assert value.startswith("rows")
    assert rule.startswith("**[unseeded-randomness]")
    assert "[Section 8" in rule
    said = [[paragraph.partition("]")[0] for paragraph in part.split("\n\n")] for part in several]
    assert [paragraphs[-2] for paragraphs in said] == ["**[unseeded-randomness", "**[unversioned-data-read"]
    assert all(paragraphs[-1].startswith("How to pay it off") for paragraphs in said)
    assert [len(paragraphs) for paragraphs in said] == [
        2,
        3,
    ]  # an editor shows the message of a hint only at its beginning


def test_every_page_that_says_how_to_pay_off_says_so_in_hovers() -> None:
    for rule in all_rules().values():
        assert words.page_excerpt(rule.page).count("How to pay it off") == min(1, rule.page.count("How to pay it off"))


def test_hover_as_plain_text(tmp_path: Path) -> None:
    hover = {"hover": {"contentFormat": ["plaintext"]}}
    with Client(tmp_path, capabilities={**VSCODE, "textDocument": {**VSCODE["textDocument"], **hover}}) as client:
        script = Script("file:///project/a.py", IMPORT + SPLIT)
        script.open(client)
        question = {"textDocument": {"uri": script.uri}, "position": script.range("split(f")["start"]}
        said = client.request("textDocument/hover", question)["contents"]
        assert said["kind"] == "plaintext"
        assert "unseeded-randomness (HTD811)" in said["value"]


def test_rules_and_their_pages(client: Client) -> None:
    rules = client.request("paydown/rules", {})
    (rule,) = [one for one in rules if one["name"] == "unseeded-randomness"]
    assert rule["code"] == "HTD811"
    assert rule["section"] == "8"
    page = client.request("paydown/explain", {"name": "unseeded-randomness"})
    assert page == client.request("paydown/explain", {"name": "HTD811"})
    assert page["title"] == rule["summary"]
    assert page["markdown"].startswith(rule["summary"])
    assert "```python\n" in page["markdown"]
    assert "```python bad" not in page["markdown"]


def test_a_fix_over_two_cells(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, "'😀'; " + SPLIT, SPLIT)
    found = notebook.open(client)[1]
    offers = found[0]["data"]["fixes"]
    assert offers[0]["title"] == "Pass `random_state=SEED`"
    actions = _actions(client, notebook.cells[1], found)
    action = _titled(actions, offers[0]["title"])
    assert action["isPreferred"]
    assert "edit" not in action
    notebook.apply(client.request("codeAction/resolve", action)["edit"])
    assert [cell.text for cell in notebook.cells] == [
        IMPORT.rstrip() + "\n\nSEED = 42\n",
        "'😀'; train, test = train_test_split(frame, random_state=SEED)\n",
        SPLIT,
    ]


def test_the_same_finding_in_two_cells_is_not_mixed_up(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT + "SEED = 1\n", SPLIT, SPLIT)
    found = notebook.open(client)
    assert found[1][0]["data"]["fingerprint"] == found[2][0]["data"]["fingerprint"]
    action = _titled(_actions(client, notebook.cells[2], found[2]), "Pass")
    notebook.apply(client.request("codeAction/resolve", action)["edit"])
    assert notebook.cells[1].text == SPLIT
    assert "random_state=SEED" in notebook.cells[2].text
    script = Script("file:///project/a.py", f"# %%\n{IMPORT}SEED = 1\n# %%\n{SPLIT}# %%\n{SPLIT}")
    first, second = script.open(client)
    assert first["data"]["fingerprint"] != second["data"]["fingerprint"]
    edit = client.request(
        "paydown/fix",
        {"textDocument": {"uri": script.uri}, "fingerprint": second["data"]["fingerprint"], "key": "pass-seed"},
    )
    script.apply(edit["documentChanges"][0]["edits"])
    assert script.text.endswith("frame)\n# %%\ntrain, test = train_test_split(frame, random_state=SEED)\n")


def test_all_of_a_rule(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, "'😀'\n" + SPLIT, "x = 1", SPLIT)
    found = notebook.open(client)[1]
    action = _titled(_actions(client, notebook.cells[1], found), "Fix all `unseeded-randomness` in this notebook")
    edit = client.request("codeAction/resolve", action)["edit"]
    said = {"textDocument": {"uri": notebook.cells[3].uri}, "name": "unseeded-randomness"}
    assert client.request("paydown/fixAll", said) == edit
    assert client.request("paydown/fixAll", {"textDocument": {"uri": notebook.uri}, "name": None}) == edit
    notebook.apply(edit)
    fixed = "train, test = train_test_split(frame, random_state=SEED)\n"
    assert [cell.text for cell in notebook.cells[1:]] == ["'😀'\n" + fixed, "x = 1", fixed]
    assert "SEED = 42" in notebook.cells[0].text
    notebook.version += 1
    for cell in notebook.cells:
        notebook.change_text(client, cell, [{"text": cell.text}])
    client.analysed(notebook.uri, notebook.version)
    assert notebook.published(client) == [[], [], [], []]
    assert client.request("paydown/fixAll", said) == {"changes": {}}


def test_fix_on_save_asks_every_cell(client: Client) -> None:
    """What the first cell gets is needed by the others, though it has no finding itself."""
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT, "x = 1", SPLIT)
    notebook.open(client)
    for cell in notebook.cells:
        actions = _actions(client, cell, [], "source.fixAll.paydown")
        for action in actions:
            assert action["kind"] == "source.fixAll.paydown"
            (change,) = action["edit"]["documentChanges"]
            assert change["textDocument"] == {"uri": cell.uri, "version": 1}
            cell.apply(change["edits"])
    fixed = "train, test = train_test_split(frame, random_state=SEED)\n"
    assert [cell.text for cell in notebook.cells[1:]] == [fixed, "x = 1", fixed]
    assert "SEED = 42" in notebook.cells[0].text


def test_fix_on_save_of_the_whole_notebook_or_script(client: Client) -> None:
    notebook = Notebook("file:///project/a.ipynb", IMPORT, SPLIT)
    notebook.open(client)
    (action,) = _actions(client, notebook.cells[0], [], "notebook.source.fixAll")
    notebook.apply(action["edit"])
    assert "random_state=SEED" in notebook.cells[1].text
    script = Script("file:///project/a.py", IMPORT + SPLIT)
    script.open(client)
    (action,) = _actions(client, script, [], "source.fixAll")
    script.apply(action["edit"]["documentChanges"][0]["edits"])
    assert "random_state=SEED" in script.text
    assert _actions(client, script, [], "source.organizeImports") == []


def test_a_fix_that_is_gone_meanwhile_is_none(client: Client) -> None:
    script = Script("file:///project/a.py", IMPORT + SPLIT)
    (found,) = script.open(client)
    said = {"textDocument": {"uri": script.uri}, "fingerprint": found["data"]["fingerprint"]}
    assert client.request("paydown/fix", {**said, "key": "no-such-fix"}) is None
    script.type(client, "(frame)", "(frame, random_state=0)")
    assert client.request("paydown/fix", {**said, "key": "pass-seed"}) is None
    assert client.request("paydown/fix", {**said, "textDocument": {"uri": "file:///no.py"}, "key": "pass-seed"}) is None


def test_why_a_fix_can_not_be_made_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fix that meets code that it can't change without risk says so."""
    analysis = Engine().analyse(Document("/a.py", (Cell("cell-0", "x = 1"),), "script"))
    live = Live(OpenScript.of(Text("file:///a.py", "x = 1").item), opened("", "", {}), analysis, analysis.document)
    said: list[str] = []
    monkeypatch.setattr(edits, "current", lambda state, uri: asyncio.sleep(0, live))
    monkeypatch.setattr(server, "window_show_message", lambda params: said.append(params.message))

    def compute(live: Live, document: Document, analysis: Analysis) -> None:
        raise Unfixable("`SEED` means something else here")

    monkeypatch.setattr(edits, "asked", lambda wanted, creates: compute)
    action = types.CodeAction("Pass a seed", data={"uri": "file:///a.py"})
    assert asyncio.run(questions.resolve(action)).edit == types.WorkspaceEdit(changes={})
    assert said == ["Pass a seed: this can't be changed safely: `SEED` means something else here"]
    with pytest.raises(edits.Refused, match="means something else") as refused:
        asyncio.run(questions.fix({"textDocument": {"uri": "file:///a.py"}, "fingerprint": "x", "key": "y"}))
    assert refused.value.code == -32803


SQL = 'x = 1\nquery = """\n  SELECT a\n  FROM sales\n  WHERE a\n  AND b\n  ORDER BY a\n"""\n'
# Said at the start, too: a server that waits in vain for its settings on a busy machine goes by that.
ONLY_SQL: Json = {"options": {"select": ["embedded-sql"]}, "settings": {"select": ["embedded-sql"]}}


def test_a_fix_that_makes_a_file(tmp_path: Path) -> None:
    (tmp_path / "a ü").mkdir()
    (tmp_path / "a ü" / "sales.sql").write_text("theirs")
    with Client(tmp_path, **ONLY_SQL) as client:
        notebook = Notebook((tmp_path / "a ü" / "n.ipynb").as_uri(), "import os\n", SQL)
        found = notebook.open(client)[1]
        assert [one["key"] for one in found[0]["data"]["fixes"]] == ["move"]
        action = _titled(_actions(client, notebook.cells[1], found), "Move")
        assert not action.get("isPreferred")
        create, write, *changes = client.request("codeAction/resolve", action)["edit"]["documentChanges"]
        new = (tmp_path / "a ü" / "sales_2.sql").as_uri()
        assert create == {
            "kind": "create",
            "uri": new,
            "options": {"overwrite": False, "ignoreIfExists": False},
        }
        assert write["textDocument"] == {"uri": new, "version": None}
        assert [edit["newText"] for edit in write["edits"]] == [SQL.split('"""')[1]]
        notebook.apply({"documentChanges": changes})
        assert [cell.text for cell in notebook.cells] == [
            "import os\nfrom pathlib import Path\n",
            'x = 1\nquery = Path("sales_2.sql").read_text()\n',
        ]
        assert sorted(one.name for one in (tmp_path / "a ü").iterdir()) == ["sales.sql"], "the client makes it"
        untitled = Script("untitled:Untitled-1", SQL)
        assert untitled.open(client)[0]["data"]["fixes"] == []


def test_who_makes_no_files_is_offered_no_such_fix(tmp_path: Path) -> None:
    workspace = {**VSCODE["workspace"], "workspaceEdit": {"documentChanges": True, "resourceOperations": ["rename"]}}
    capabilities = {**VSCODE, "workspace": workspace}
    with Client(tmp_path, capabilities=capabilities, **ONLY_SQL) as client:
        script = Script((tmp_path / "a.py").as_uri(), SQL)
        (found,) = script.open(client)
        assert found["data"]["fixes"] == []
        assert [one["title"][:6] for one in _actions(client, script, [found])] == ["Accept"]
        said = {"textDocument": {"uri": script.uri}, "fingerprint": found["data"]["fingerprint"], "key": "move"}
        with pytest.raises(Refused, match="no file can be made here"):
            client.request("paydown/fix", said)
