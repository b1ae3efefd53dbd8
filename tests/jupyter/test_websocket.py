"""The Jupyter server extension: who may connect, and what travels."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from paydown_lsp import _jupyter_server_extension_points, jupyter
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from paydown import __version__

TOKEN = "a-token-for-tests"
PATIENCE = 60.0
NO_ONE = """
from jupyter_server.auth import Authorizer

class NoOne(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "paydown"
"""


@dataclass(frozen=True)
class Running:
    """A Jupyter server that runs."""

    url: str
    root: Path
    process: subprocess.Popen[bytes]

    async def connect(self, token: str = TOKEN, **headers: str) -> WebSocketClientConnection:
        """Open the websocket."""
        if token:
            headers["Authorization"] = f"token {token}"
        return await websocket_connect(HTTPRequest(f"{self.url}paydown/lsp".replace("http", "ws", 1), headers=headers))

    def language_servers(self) -> list[psutil.Process]:
        """The language servers that it runs."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # it ends just now
                if "paydown_lsp" in child.cmdline():
                    found.append(child)
        return found


def start(root: Path, *options: str, **environment: str) -> Running:
    """Start a Jupyter server on ``root``, with nothing of this machine's settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = root.parent
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_server",
            "--allow-root",
            f"--ServerApp.root_dir={root}",
            "--ServerApp.base_url=/user/ann/",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={TOKEN}",
            "--ServerApp.jpserver_extensions={'paydown_lsp': True}",
            *options,
        ],
        env=os.environ
        | {
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            **environment,
        },
        stderr=(home / "log").open("wb"),
    )
    running = Running(f"http://127.0.0.1:{port}/user/ann/", root, process)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{running.url}api?token={TOKEN}").close()
            return running
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError((home / "log").read_text())


def stop(running: Running) -> None:
    running.process.terminate()
    running.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("jupyter") / "work ü"
    root.mkdir()
    # What lies in the folder must never be taken for a module of the server.
    (root / "json.py").write_text("raise SystemExit('the user’s file was run')")
    running = start(root)
    yield running
    stop(running)


def run(body: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(body(), PATIENCE))  # type: ignore[arg-type]


async def receive(connection: WebSocketClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The next message that is wanted; those before it are dropped."""
    while (text := await connection.read_message()) is not None:
        message: dict[str, Any] = json.loads(text)
        if wanted(message):
            return message
    raise AssertionError("the connection was closed")


async def send(connection: WebSocketClientConnection, **message: Any) -> None:
    await connection.write_message(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False))


async def opened(server: Running) -> tuple[WebSocketClientConnection, dict[str, Any]]:
    """A connection after ``initialize``, and what it was greeted with."""
    connection = await server.connect()
    hello = await receive(connection, lambda message: message.get("method") == "paydown/hello")
    params = {"processId": None, "rootUri": hello["params"]["rootUri"], "capabilities": {}}
    await send(connection, id=1, method="initialize", params=params)
    await receive(connection, lambda message: message.get("id") == 1)
    await send(connection, method="initialized", params={})
    return connection, hello["params"]


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.02)


def test_greets_with_the_folder_and_the_version(server: Running) -> None:
    async def body() -> None:
        connection, hello = await opened(server)
        assert hello["rootUri"] == server.root.as_uri()
        assert hello["version"] == __version__
        assert hello["messageCap"] == jupyter.MESSAGE_CAP
        connection.close()

    run(body)


def test_messages_of_all_characters_travel_both_ways(server: Running) -> None:
    async def body() -> None:
        connection, hello = await opened(server)
        uri = f"{hello['rootUri']}/s.py"
        text = 's = "é🐍\u2028"; from sklearn.model_selection import train_test_split as é; é([1, 2])\n'
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        await send(connection, method="textDocument/didOpen", params={"textDocument": document})
        said = await receive(connection, lambda message: message.get("method") == "textDocument/publishDiagnostics")
        (found,) = said["params"]["diagnostics"]
        assert found["code"] == "HTD811"
        units = text.encode("utf-16-le")
        start, end = (found["range"][side]["character"] * 2 for side in ("start", "end"))
        assert units[start:end].decode("utf-16-le") == "é([1, 2])"
        connection.close()

    run(body)


def test_each_connection_has_a_server_that_ends_with_it(server: Running) -> None:
    async def body() -> None:
        one, _ = await opened(server)
        other, _ = await opened(server)
        await until(lambda: len(server.language_servers()) == 2)
        one.close()
        await until(lambda: len(server.language_servers()) == 1)
        other.close()
        await until(lambda: not server.language_servers())

    run(body)


def test_the_connection_ends_with_its_server(server: Running) -> None:
    async def body() -> None:
        connection, _ = await opened(server)
        await until(lambda: len(server.language_servers()) == 1)
        server.language_servers()[0].kill()
        while await connection.read_message() is not None:
            pass
        assert connection.close_code == 1011

    run(body)


def test_a_message_beyond_the_cap_ends_the_connection(server: Running) -> None:
    async def body() -> None:
        connection, _ = await opened(server)
        with suppress(WebSocketClosedError):  # it's over before all is sent
            await connection.write_message("x" * (jupyter.MESSAGE_CAP + 1))
        while await connection.read_message() is not None:
            pass
        await until(lambda: not server.language_servers())

    run(body)


@pytest.mark.parametrize("token", ["", "wrong"])
def test_nobody_connects_without_the_token(server: Running, token: str) -> None:
    async def body() -> None:
        with pytest.raises(HTTPClientError) as refused:
            await server.connect(token)
        assert refused.value.code == 403
        assert not server.language_servers()

    run(body)


def test_the_authorizer_is_asked(tmp_path: Path) -> None:
    root = tmp_path / "work"
    root.mkdir()
    (tmp_path / "no_one.py").write_text(NO_ONE)
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    server = start(root, "--ServerApp.authorizer_class=no_one.NoOne", PYTHONPATH=path)

    async def body() -> None:
        with pytest.raises(HTTPClientError) as refused:
            await server.connect()
        assert refused.value.code == 403
        assert not server.language_servers()

    try:
        run(body)
    finally:
        stop(server)


# ------------------------------------------------------------------------------------------- framing


def read(*chunks: bytes) -> list[bytes]:
    """The messages in what a language server writes, arriving in ``chunks``."""

    async def body() -> list[bytes]:
        stream = asyncio.StreamReader()
        for chunk in chunks:
            stream.feed_data(chunk)
        stream.feed_eof()
        return [message async for message in jupyter.messages(stream)]

    return asyncio.run(body())


def test_frames_are_read_wherever_they_are_cut() -> None:
    said = ["{}", '{"é": "🐍"}', "[]" * 1000]
    stream = b"".join(jupyter.frame(one.encode()) for one in said)
    for size in (1, 7, 4096):
        chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert [message.decode() for message in read(*chunks)] == said


def test_a_frame_that_ends_early_is_none() -> None:
    assert read(b"Content-Length: 2\r\n\r\n{}Content-Length: 9\r\n\r\n{") == [b"{}"]
    assert read(b"Content-Le") == []


def test_headers_of_any_case_and_order() -> None:
    assert read(b"content-type: x\r\ncONTENT-length:  2 \r\n\r\n{}") == [b"{}"]


@pytest.mark.parametrize(
    "written",
    [
        b"Traceback (most recent call last):\r\n\r\n",
        b"Content-Length: -3\r\n\r\n",
        b"Content-Length: %d\r\n\r\n" % (jupyter.MESSAGE_CAP + 1),
        b"x" * 100_000,
    ],
)
def test_what_is_no_frame_raises(written: bytes) -> None:
    with pytest.raises(ValueError, match=r"Content-Length|bytes|header"):
        read(written)


def test_a_stubborn_server_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter, "PATIENCE", 0.1)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"

    async def body() -> int | None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", stubborn, stdin=pipe, stdout=pipe)
        assert process.stdout
        await process.stdout.readline()
        await jupyter.end(process)
        return process.returncode

    assert asyncio.run(body()) == -9


def test_installation_switches_the_extension_on() -> None:
    root = Path(__file__).parents[2]
    config = json.loads((root / "jupyter-config" / "jupyter_server_config.d" / "paydown.json").read_text())
    assert config["ServerApp"]["jpserver_extensions"] == {"paydown_lsp": True}
    assert _jupyter_server_extension_points() == [{"module": "paydown_lsp.jupyter"}]
    assert callable(jupyter._load_jupyter_server_extension)


def test_the_extension_of_jupyterlab_has_the_version_of_the_package() -> None:
    root = Path(__file__).parents[2] / "labextension"
    assert json.loads((root / "package.json").read_text())["version"] == __version__
    assert f"VERSION = '{__version__}'" in (root / "src" / "tokens.ts").read_text()
