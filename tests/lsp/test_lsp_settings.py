"""Settings of projects and clients, and files that change on disk: all take effect at once."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from lsp_client import RULES, VSCODE, Client, Notebook, Refused, Script, codes

IMPORT = "from sklearn.model_selection import train_test_split\n"
SPLIT = "train, test = train_test_split(frame)\n"
BAD = IMPORT + SPLIT


def _script(folder: Path, name: str = "a.py") -> Script:
    return Script((folder / name).as_uri(), BAD)


def _changed_on_disk(client: Client, *paths: Path) -> None:
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 2} for path in paths]})


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_project_s_settings_hold(tmp_path: Path) -> None:
    _write(tmp_path / "pyproject.toml", '[tool.paydown]\nignore = ["unseeded-randomness"]\n')
    with Client(tmp_path) as client:
        assert _script(tmp_path).open(client) == []


def test_changed_project_settings_take_effect_at_once(client: Client, tmp_path: Path) -> None:
    script = _script(tmp_path)
    assert codes(script.open(client)) == ["HTD811"]
    file = _write(tmp_path / "pyproject.toml", '[tool.paydown]\nignore = ["HTD811"]\n')
    _changed_on_disk(client, file)
    client.until(lambda: not client.diagnostics[script.uri], "no findings")
    _write(file, '[tool.paydown.severity]\nunseeded-randomness = "hint"\n')
    _changed_on_disk(client, file)
    client.until(lambda: bool(client.diagnostics[script.uri]), "findings")
    assert client.diagnostics[script.uri][0]["severity"] == 4


def test_broken_settings_are_told_where_they_stand_and_the_good_ones_stay(client: Client, tmp_path: Path) -> None:
    file = _write(tmp_path / "pyproject.toml", '[tool.paydown]\nignore = ["unseeded-randomness"]\n')
    script = _script(tmp_path)
    assert script.open(client) == []
    _write(file, "[tool.paydown]\nignore = [\n")
    _changed_on_disk(client, file)
    client.until(lambda: bool(client.diagnostics.get(file.as_uri())), "a diagnostic of the settings")
    assert script.type(client, "frame", "table") == []
    _write(file, "[tool.paydown]\nignore = []\nselekt = []\n")
    _changed_on_disk(client, file)
    client.until(lambda: "selekt" in str(client.diagnostics[file.as_uri()]), "another one")
    assert client.diagnostics[file.as_uri()][0]["range"]["start"]["line"] == 2
    client.until(lambda: bool(client.diagnostics[script.uri]), "what is right in them to hold")
    _write(file, "[tool.paydown]\nignore = []\n")
    _changed_on_disk(client, file)
    client.until(lambda: not client.diagnostics[file.as_uri()], "it to be taken back")


def test_a_file_that_nobody_watches_is_looked_at_when_something_is_saved(client: Client, tmp_path: Path) -> None:
    script = _script(tmp_path)
    file = _write(tmp_path / "pyproject.toml", "[tool.paydown]\n")
    assert codes(script.open(client)) == ["HTD811"]
    _write(file, '[tool.paydown]\nignore = ["HTD811"]\n')
    client.notify("textDocument/didSave", {"textDocument": {"uri": script.uri}})
    client.until(lambda: not client.diagnostics[script.uri], "no findings")


def test_own_libraries_in_a_file_of_their_own_take_effect_when_they_are_saved(client: Client, tmp_path: Path) -> None:
    _write(tmp_path / "pyproject.toml", '[tool.paydown]\nextend-libraries = ["ours.toml"]\n')
    file = _write(tmp_path / "ours.toml", "")
    script = Script((tmp_path / "a.py").as_uri(), "import acme\nparts = acme.split(frame)\n")
    assert script.open(client) == []
    _write(file, '[[call]]\nnames = ["acme.split"]\nrole = "split"\nrandom = "seed"\n')
    client.notify("textDocument/didSave", {"textDocument": {"uri": script.uri}})
    client.until(lambda: codes(client.diagnostics[script.uri]) == ["HTD811"], "what the file says of `acme.split`")


def test_the_client_s_settings_come_on_top(tmp_path: Path) -> None:
    _write(tmp_path / "pyproject.toml", '[tool.paydown.severity]\nunseeded-randomness = "information"\n')
    settings = {"severity": {"HTD811": "hint"}, "enable": True, "trace": {"server": "off"}}
    with Client(tmp_path, settings=settings) as client:
        (found,) = _script(tmp_path).open(client)
        assert found["severity"] == 4


def test_changed_client_settings_take_effect_at_once(client: Client, tmp_path: Path) -> None:
    notebook = Notebook((tmp_path / "a.ipynb").as_uri(), IMPORT, SPLIT)
    assert codes(notebook.open(client)[1]) == ["HTD811"]
    client.settings = {"ignore": ["HTD811"]}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.until(lambda: not client.diagnostics[notebook.cells[1].uri], "no findings")
    client.settings = {"ignore": ["no-such-rule"]}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.until(lambda: any(method == "window/showMessage" for method, _ in client.log), "a word")
    (said,) = [params["message"] for method, params in client.log if method == "window/showMessage"]
    assert "no-such-rule" in said


def test_a_client_that_can_not_be_asked_tells_its_settings(tmp_path: Path) -> None:
    workspace = {key: value for key, value in VSCODE["workspace"].items() if key != "configuration"}
    capabilities = {**VSCODE, "workspace": workspace}
    with Client(tmp_path, capabilities=capabilities, options={"ignore": ["HTD811"]}) as client:
        script = _script(tmp_path)
        assert script.open(client) == []
        client.notify("workspace/didChangeConfiguration", {"settings": {"paydown": {"ignore": []}}})
        client.until(lambda: bool(client.diagnostics[script.uri]), "findings")


def test_folders_have_their_own_settings(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    _write(one / "pyproject.toml", '[tool.paydown]\nignore = ["HTD811"]\n')
    _write(other / "pyproject.toml", "[tool.paydown]\n")
    with Client(one, other) as client:
        assert _script(one).open(client) == []
        assert codes(_script(other).open(client)) == ["HTD811"]
        nested = _write(other / "inner" / "pyproject.toml", '[tool.paydown]\nignore = ["HTD811"]\n')
        assert _script(nested.parent).open(client) == []


def test_the_client_s_settings_are_asked_for_each_folder(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    client = Client(one)
    client.handlers["workspace/configuration"] = lambda said: [
        {"select": RULES, "ignore": ["HTD811"]} if item.get("scopeUri") == other.as_uri() else {"select": RULES}
        for item in said["items"]
    ]
    with client:
        assert codes(_script(one).open(client)) == ["HTD811"]
        late = _script(other)
        assert codes(late.open(client)) == ["HTD811"]
        added = [{"uri": other.as_uri(), "name": "other"}]
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
        client.until(lambda: not client.diagnostics[late.uri], "no findings")
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": added}})
        client.until(lambda: bool(client.diagnostics[late.uri]), "findings")


def test_a_client_that_pulls_is_not_told(tmp_path: Path) -> None:
    with Client(tmp_path, options={"diagnostics": "pull"}) as client:
        assert client.welcome["capabilities"]["diagnosticProvider"]["interFileDependencies"] is False
        notebook = Notebook((tmp_path / "a.ipynb").as_uri(), IMPORT, SPLIT)
        notebook.open(client)
        question = {"textDocument": {"uri": notebook.cells[1].uri}}
        full = client.request("textDocument/diagnostic", question)
        assert full["kind"] == "full"
        assert codes(full["items"]) == ["HTD811"]
        same = client.request("textDocument/diagnostic", {**question, "previousResultId": full["resultId"]})
        assert same == {"kind": "unchanged", "resultId": full["resultId"]}
        cell = notebook.cells[0]
        notebook.change_text(client, cell, [cell.replace("train_test_split", "KFold")])
        client.analysed(notebook.uri, 2)
        again = {**question, "previousResultId": full["resultId"]}
        assert client.request("textDocument/diagnostic", again)["items"] == []
        client.until(lambda: ("workspace/diagnostic/refresh", None) in client.asked, "a request to pull again")
        notebook.close(client)
        assert client.request("textDocument/diagnostic", question)["items"] == []
        assert not client.diagnostics


def test_pulling_can_be_switched_on_in_the_settings(client: Client, tmp_path: Path) -> None:
    script = _script(tmp_path)
    script.open(client)
    with pytest.raises(Refused):
        client.request("textDocument/diagnostic", {"textDocument": {"uri": script.uri}})
    client.settings = {"diagnostics": "pull"}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.until(lambda: not client.diagnostics[script.uri], "diagnostics to be taken back")
    client.until(lambda: "textDocument/diagnostic" in str(client.asked), "a registration")
    given = client.request("textDocument/diagnostic", {"textDocument": {"uri": script.uri}})
    assert codes(given["items"]) == ["HTD811"]
    client.settings = {}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.until(lambda: bool(client.diagnostics[script.uri]), "diagnostics")
    assert "client/unregisterCapability" in [method for method, _ in client.asked]


def test_data_is_pinned_and_the_finding_goes(client: Client, tmp_path: Path) -> None:
    _write(tmp_path / "data" / "a b.csv", "x,y\n1,2\n")
    text = "import pandas as pd\nframe = pd.read_csv('data/a b.csv')\n"
    notebook = Notebook((tmp_path / "a.ipynb").as_uri(), text)
    ((found,),) = notebook.open(client)
    assert found["code"] == "HTD301"
    uri = notebook.cells[0].uri
    context = {"diagnostics": [found]}
    question = {"textDocument": {"uri": uri}, "range": found["range"], "context": context}
    actions = client.request("textDocument/codeAction", question)
    (command,) = [action["command"] for action in actions if "command" in action]  # DVC's is typed by some clients only
    assert command["command"] == "paydown.pin"
    assert command["arguments"] == [{"uri": uri, "reference": "data/a b.csv"}]
    done = client.request("workspace/executeCommand", {"command": "paydown.pin", "arguments": command["arguments"]})
    assert done == {"pinned": ["data/a b.csv"], "refused": []}
    assert "data/a b.csv" in (tmp_path / "paydown.lock").read_text()
    client.until(lambda: not client.diagnostics[uri], "the finding to go")
    assert [params["message"] for method, params in client.log if method == "window/showMessage"] == [
        "Pinned in paydown.lock: data/a b.csv."
    ]


def test_what_can_not_be_pinned_is_told(client: Client, tmp_path: Path) -> None:
    notebook = Notebook((tmp_path / "a.ipynb").as_uri(), "import pandas as pd\nframe = pd.read_csv('gone.csv')\n")
    notebook.open(client)
    arguments = [{"uri": notebook.cells[0].uri, "reference": "gone.csv"}]
    done = client.request("workspace/executeCommand", {"command": "paydown.pin", "arguments": arguments})
    assert done == {"pinned": [], "refused": ["gone.csv: not found"]}
    loose = Notebook("untitled:Untitled-1.ipynb", "x = 1")
    loose.open(client)
    arguments = [{"uri": loose.cells[0].uri, "reference": "gone.csv"}]
    done = client.request("workspace/executeCommand", {"command": "paydown.pin", "arguments": arguments})
    assert done["pinned"] == []


def test_a_client_that_types_commands_is_offered_them(tmp_path: Path) -> None:
    with Client(tmp_path, options={"commands": ["paydown.terminal", "paydown.accept"]}) as client:
        text = "import pandas as pd\nframe = pd.read_csv('data.csv')\n"
        script = Script((tmp_path / "a.py").as_uri(), text)
        (found,) = script.open(client)
        context = {"diagnostics": [found]}
        question = {"textDocument": {"uri": script.uri}, "range": found["range"], "context": context}
        commands = [one["command"] for one in client.request("textDocument/codeAction", question) if "command" in one]
        by_name = {command["command"]: command["arguments"] for command in commands}
        assert by_name["paydown.terminal"] == [{"uri": script.uri, "command": "dvc add data.csv"}]
        assert by_name["paydown.accept"] == [script.uri, found["data"]["fingerprint"]]


def test_a_changed_lock_takes_effect_at_once(client: Client, tmp_path: Path) -> None:
    _write(tmp_path / "data.csv", "x\n1\n")
    script = Script((tmp_path / "a.py").as_uri(), "import pandas as pd\nframe = pd.read_csv('data.csv')\n")
    assert codes(script.open(client)) == ["HTD301"]
    pin = {"sha256": "0" * 64, "size": 4, "date": "2026-11-01"}
    lock = _write(tmp_path / "paydown.lock", json.dumps({"version": 1, "data": {"data.csv": pin}}))
    _changed_on_disk(client, lock)
    client.until(lambda: not client.diagnostics[script.uri], "the finding to go")
    lock.unlink()
    _changed_on_disk(client, lock)
    client.until(lambda: bool(client.diagnostics[script.uri]), "the finding to come back")


def test_a_commit_takes_effect_at_once(client: Client, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "init.defaultBranch=main", *arguments], cwd=tmp_path, check=True, capture_output=True
        )

    git("init")
    _write(tmp_path / "data.csv", "x\n1\n")
    script = Script((tmp_path / "a.py").as_uri(), "import pandas as pd\nframe = pd.read_csv('data.csv')\n")
    assert codes(script.open(client)) == ["HTD301"]
    git("add", "data.csv")
    _changed_on_disk(client, tmp_path / ".git" / "index")
    client.until(lambda: not client.diagnostics[script.uri], "the finding to go")
