"""The Jupyter server extension: an authenticated websocket at ``<base_url>paydown/lsp``.

Each browser connection gets a language server process of its own; what travels is one JSON-RPC message per websocket
frame. The first frame is a notification ``paydown/hello`` that tells the browser where the server's files lie.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from logging import Logger
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from paydown import __version__

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

MESSAGE_CAP = 32 * 1024 * 1024
"""The longest message in bytes, either way. Outputs never travel, so that only an absurd document reaches it."""

# -P keeps the working folder off sys.path: a user's json.py must never run instead of the library's.
COMMAND = (sys.executable, "-P", "-m", "paydown_lsp")
PATIENCE = 2.0  # seconds a server gets to leave by itself, and again after it was asked to


def frame(message: bytes) -> bytes:
    """``message`` as the language server reads it."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(message), message)


async def messages(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The messages a language server writes, until it stops; raises ``ValueError`` when what it writes is none."""
    while True:
        try:
            head = await stream.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        except asyncio.LimitOverrunError as error:
            raise ValueError("no header within the limit") from error
        length = content_length(head)
        if length > MESSAGE_CAP:
            raise ValueError(f"a message of {length} bytes")
        try:
            yield await stream.readexactly(length)
        except asyncio.IncompleteReadError:
            return


def content_length(head: bytes) -> int:
    """The length that a header block announces; raises ``ValueError`` when it announces none."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    raise ValueError(f"no Content-Length in {head[:80]!r}")


async def end(process: Process) -> None:
    """Let ``process`` leave at the end of its input; insist when it does not."""
    if process.stdin and not process.stdin.is_closing():
        process.stdin.close()
    for insist in (process.terminate, process.kill):
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
            return
        except TimeoutError:
            try:
                insist()
            except ProcessLookupError:
                return
    await process.wait()


async def log_errors(stream: asyncio.StreamReader, log: Logger) -> None:
    """Hand what a language server writes to its standard error to the Jupyter log, line by line."""
    while line := await _line(stream):
        if text := line.decode("utf-8", "replace").rstrip():
            log.warning("paydown: %s", text)


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # longer than the stream's limit, which dropped it
        return b"(a line too long to log)\n"


class LanguageServerHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """The websocket between one browser tab and its language server."""

    auth_resource = "paydown"
    process: Process | None = None
    tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def max_message_size(self) -> int:
        """What Tornado accepts from the browser; beyond it the connection closes with code 1009."""
        return MESSAGE_CAP

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Check the user, then upgrade."""
        answer = self.authorizer.is_authorized(self, self.current_user, "execute", self.auth_resource)
        if not (answer if isinstance(answer, bool) else await answer):
            raise HTTPError(403)
        await super().get(*args, **kwargs)

    async def open(self, *args: Any, **kwargs: Any) -> None:
        """Start the language server. Tornado delivers no message before this is done."""
        super().open(*args, **kwargs)
        self.set_nodelay(True)
        root = server_root(self.settings)
        self.process = process = await asyncio.create_subprocess_exec(
            *COMMAND, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=root if root.is_dir() else None
        )
        assert process.stdout
        assert process.stderr
        try:
            await self.write_message(json.dumps(hello(root)))
        except WebSocketClosedError:  # the tab was closed meanwhile
            await end(process)
            return
        self.tasks = (
            asyncio.create_task(self._forward(process, process.stdout)),
            asyncio.create_task(log_errors(process.stderr, self.log)),
        )

    async def on_message(self, message: str | bytes) -> None:
        """Hand a message of the browser on. Tornado reads the next one when this is done, which holds a flood back."""
        process = self.process
        if not process or not process.stdin or process.stdin.is_closing():
            return
        try:
            process.stdin.write(frame(message.encode() if isinstance(message, str) else message))
            await process.stdin.drain()
        except (ConnectionError, RuntimeError):
            self.close(1011, "the language server has ended")

    def on_close(self) -> None:
        """End the language server with its tab."""
        super().on_close()
        process, self.process = self.process, None
        if process:
            self.tasks = (*self.tasks, asyncio.create_task(end(process)))

    async def _forward(self, process: Process, stream: asyncio.StreamReader) -> None:
        """Hand on what the language server says; awaiting each frame holds it back when the browser is slow."""
        try:
            async for message in messages(stream):
                await self.write_message(message)
        except WebSocketClosedError:
            return
        except ValueError as error:
            self.log.error("paydown: the language server wrote what is no message: %s", error)
        if self.process:  # the browser is still there
            await end(process)
            self.log.warning("paydown: the language server ended with code %s", process.returncode)
            self.close(1011, "the language server has ended")


def server_root(settings: dict[str, Any]) -> Path:
    """The folder that the paths of JupyterLab are relative to."""
    root = getattr(settings.get("contents_manager"), "root_dir", "") or settings.get("server_root_dir", "")
    return Path(os.path.expanduser(root or ".")).absolute()


def hello(root: Path) -> dict[str, Any]:
    """The first message a browser gets."""
    params = {"rootUri": root.as_uri(), "version": __version__, "messageCap": MESSAGE_CAP}
    return {"jsonrpc": "2.0", "method": "paydown/hello", "params": params}


def load(app: ServerApp) -> None:
    """Add the websocket to a Jupyter server."""
    base = app.web_app.settings["base_url"]
    route = (url_path_join(base, "paydown", "lsp"), LanguageServerHandler)
    app.web_app.add_handlers(".*$", [route])  # type: ignore[no-untyped-call]
    app.log.info("paydown %s is ready", __version__)


_load_jupyter_server_extension = load
