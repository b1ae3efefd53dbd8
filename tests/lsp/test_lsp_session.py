"""Beginnings, ends and accidents of a session."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from lsp_client import COMMAND, Client, Notebook, Refused, Script, codes

IMPORT = "from sklearn.model_selection import train_test_split\n"
SPLIT = "train, test = train_test_split(frame)\n"


def test_what_the_server_can_do(client: Client) -> None:
    said = client.welcome["capabilities"]
    assert said["textDocumentSync"]["change"] == 2
    assert said["textDocumentSync"]["openClose"]
    assert said["notebookDocumentSync"] == {
        "notebookSelector": [{"notebook": {"notebookType": "jupyter-notebook"}}],
        "save": True,
    }
    assert said["codeActionProvider"]["resolveProvider"]
    assert "source.fixAll.paydown" in said["codeActionProvider"]["codeActionKinds"]
    assert said["hoverProvider"]
    assert said["executeCommandProvider"]["commands"] == ["paydown.pin"]
    assert "diagnosticProvider" not in said
    assert client.welcome["serverInfo"]["name"] == "paydown"


def test_watchers_are_asked_for(client: Client) -> None:
    client.until(lambda: any(method == "client/registerCapability" for method, _ in client.asked), "a registration")
    (said,) = [params for method, params in client.asked if method == "client/registerCapability"]
    (registration,) = said["registrations"]
    assert registration["method"] == "workspace/didChangeWatchedFiles"
    patterns = {one["globPattern"] for one in registration["registerOptions"]["watchers"]}
    assert {"**/pyproject.toml", "**/paydown.lock", "**/*.dvc", "**/.git/index"} <= patterns


def test_exit_without_goodbye_is_an_error(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.initialize()
    client.notify("exit", None)
    assert client.process.wait(60) == 1


def test_the_end_of_input_ends_the_server(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.initialize()
    assert client.process.stdin
    client.process.stdin.close()
    assert client.process.wait(60) == 1


def test_the_end_of_the_client_ends_the_server(tmp_path: Path) -> None:
    """Even when somebody else holds the pipe open."""
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    client = Client(tmp_path)
    client.request("initialize", {"processId": other.pid, "rootUri": None, "capabilities": {}})
    client.notify("initialized", {})
    assert client.request("paydown/rules", {})
    threading.Timer(2.5, other.communicate, [b"\n"]).start()  # once its heart was heard
    assert client.process.wait(60) == 1


def test_a_process_number_of_another_container_is_no_matter(tmp_path: Path) -> None:
    client = Client(tmp_path)
    client.request("initialize", {"processId": 2**22 + 1, "rootUri": None, "capabilities": {}})
    client.notify("initialized", {})
    with pytest.raises(subprocess.TimeoutExpired):
        client.process.wait(4.5)
    assert client.stop() == 0


def test_requests_outside_of_a_session_are_refused(tmp_path: Path) -> None:
    client = Client(tmp_path)
    with pytest.raises(Refused) as early:
        client.request("textDocument/hover", {})
    assert early.value.code == -32002
    client.notify("textDocument/didOpen", {"textDocument": Script("file:///a.py", IMPORT + SPLIT).item})
    client.initialize()
    with pytest.raises(Refused) as twice:
        client.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    assert twice.value.code == -32600
    client.request("shutdown", None)
    with pytest.raises(Refused) as late:
        client.request("paydown/rules", {})
    assert late.value.code == -32600
    client.notify("exit", None)
    assert client.process.wait(60) == 0
    assert not client.diagnostics


def test_an_error_is_answered_and_the_server_goes_on(client: Client) -> None:
    for method, params, code in (
        ("textDocument/hover", {"nonsense": 1}, -32602),
        ("textDocument/unheardOf", {}, -32601),
        ("paydown/unheard-of", None, -32601),
        ("paydown/explain", {"name": "no-such-rule"}, -32602),
        ("paydown/explain", None, -32602),
        ("paydown/fix", {"textDocument": {"uri": "file:///a.py"}}, -32602),
        ("paydown/accept", {}, -32602),
        ("workspace/executeCommand", {"command": "no.such"}, -32602),
        ("workspace/executeCommand", {"command": "paydown.pin", "arguments": []}, -32602),
    ):
        with pytest.raises(Refused) as refused:
            client.request(method, params)
        assert refused.value.code == code, method
    client.write(b"Content-Length: 9\r\n\r\nnot json!")
    client.write(b"Content-Length: 2\r\nContent-Type: x; charset=utf-8\r\n\r\n[]Content-Length: 4\r\n\r\nnull")
    client.write(b"Nonsense: 1\r\n\r\n")
    assert client.request("paydown/rules", {})


def test_a_request_can_be_cancelled(client: Client) -> None:
    """While a long script is analysed, a question about it waits, and can be taken back."""
    body = "".join(f"def f{i}(x):\n    return x + {i}\n" for i in range(2500))
    script = Script("file:///project/long.py", body)
    client.notify("textDocument/didOpen", {"textDocument": script.item})
    place = {"textDocument": {"uri": script.uri}, "position": {"line": 0, "character": 5}}
    number = client.ask("textDocument/hover", place)
    client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(Refused) as refused:
        client.answer(number)
    assert refused.value.code == -32800
    assert client.request("textDocument/hover", place) is None


def test_long_work_is_shown(client: Client) -> None:
    body = "".join(f"def f{i}(x):\n    return x + {i}\n" for i in range(2500))
    for number in range(6):
        script = Script(f"file:///project/long{number}.py", f"x = {number}\n{body}")
        client.notify("textDocument/didOpen", {"textDocument": script.item})
    client.published(script.uri, 1)
    client.until(lambda: any(said["value"]["kind"] == "end" for said in _progress(client)), "the end of the progress")
    assert [params["token"] for method, params in client.asked if method == "window/workDoneProgress/create"]
    kinds = [said["value"]["kind"] for said in _progress(client)]
    assert kinds[0] == "begin"
    assert "report" in kinds


def test_a_slow_reader_does_not_stop_the_server(tmp_path: Path) -> None:
    """A client that writes much before it reads anything."""
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client = Client.__new__(Client)
    client.process = process
    client._number = 0
    client.send({"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})
    client.notify("initialized", {})
    notebook = Notebook("file:///project/a.ipynb", *([IMPORT + SPLIT * 5] * 300))
    items = [cell.item for cell in notebook.cells]
    cells = [notebook.said(cell) for cell in notebook.cells]
    said = {"uri": notebook.uri, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
    for _ in range(4):
        client.notify("notebookDocument/didOpen", {"notebookDocument": said, "cellTextDocuments": items})
    client.send({"id": 2, "method": "shutdown"})
    client.notify("exit", None)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b'"id": 2' in out


def test_input_from_a_file(tmp_path: Path) -> None:
    """What asyncio can't watch is read by a thread: so it is on Windows too."""
    recorder = Client.__new__(Client)
    chunks: list[bytes] = []
    recorder.write = chunks.append  # type: ignore[assignment,method-assign]
    recorder.send({"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})
    recorder.send({"method": "initialized", "params": {}})
    recorder.send({"id": 2, "method": "shutdown"})
    recorder.send({"method": "exit"})
    (tmp_path / "in").write_bytes(b"".join(chunks))
    with open(tmp_path / "in", "rb") as source, open(tmp_path / "out", "wb") as sink:
        process = subprocess.Popen(COMMAND, stdin=source, stdout=sink)
        assert process.wait(60) == 0
    said = (tmp_path / "out").read_bytes()
    assert b'"capabilities"' in said
    assert b'{"id": 2, "jsonrpc": "2.0", "result": null}' in said


def test_the_script_starts_the_server(tmp_path: Path) -> None:
    script = Path(sys.executable).parent / "paydown-lsp"
    with Client(tmp_path, command=(str(script), "--stdio", "--clientProcessId=1")) as client:
        assert codes(Script("file:///a.py", IMPORT + SPLIT).open(client)) == ["HTD811"]


def test_paydown_server_starts_it_too(tmp_path: Path) -> None:
    with Client(tmp_path, command=(sys.executable, "-m", "paydown", "server")) as client:
        assert codes(Script("file:///a.py", IMPORT + SPLIT).open(client)) == ["HTD811"]


def test_the_start_loads_nothing_heavy() -> None:
    code = (
        "import sys; import paydown_lsp.server; "
        "print(sorted({'nbformat', 'jupyter_server', 'tqdm', 'yaml', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _progress(client: Client) -> list[Any]:
    return [params for method, params in client.log if method == "$/progress"]
