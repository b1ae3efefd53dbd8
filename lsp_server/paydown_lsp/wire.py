"""JSON-RPC over stdio: pygls' protocol, with a short cut for the messages that come and go at each key.

Measured on one key press in a notebook (Python 3.11, pygls 2.1.1), apart from analysis: pygls' own way takes 1.3 ms,
for three hops through a thread pool per message, for structuring ``didChange`` into attrs objects (0.15 ms) and for
unstructuring ``publishDiagnostics`` (0.1 ms a diagnostic). Here an asyncio pipe feeds whole messages, the notifications
that keep texts in sync go to their functions as plain JSON, and diagnostics leave as plain JSON: 0.3 ms. All other
messages take pygls' way.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.protocol import (
    JsonRPCNotification,
    JsonRPCRequestMessage,
    JsonRPCResponseMessage,
    LanguageServerProtocol,
    default_converter,
)

logger = logging.getLogger(__name__)

Json = dict[str, Any]
_encode = json.JSONEncoder(separators=(",", ":")).encode  # ASCII only, so lone surrogates of a notebook pass


def converter() -> Converter:
    """pygls' converter, except that the parameters of messages of our own stay plain JSON and may be left out."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    made.register_structure_hook(
        JsonRPCRequestMessage,
        lambda said, kind: kind(said["id"], said["method"], said["jsonrpc"], said.get("params")),
    )
    made.register_structure_hook(
        JsonRPCNotification, lambda said, kind: kind(said["method"], said["jsonrpc"], said.get("params"))
    )
    made.register_structure_hook(
        JsonRPCResponseMessage, lambda said, kind: kind(said["id"], said["jsonrpc"], said.get("result"))
    )
    return made


class Wire(LanguageServerProtocol):
    """pygls' protocol; ``shortcuts`` are notifications whose functions take the JSON of their parameters."""

    def __init__(self, server: Any, converter: Converter) -> None:
        super().__init__(server, converter)
        self.shortcuts: dict[str, Callable[[Json], None]] = {}
        self.initialized = False
        self.exit: Callable[[int], None] = sys.exit
        self._asked: dict[Any, str] = {}  # the methods of requests that are not answered yet

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has said goodbye."""
        return bool(self._shutdown)

    def receive(self, body: bytes) -> None:
        """Handle one message. Whatever it says, nothing is raised."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, types.ErrorCodes.ParseError, "this is no JSON")
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            self._refuse(None, types.ErrorCodes.InvalidRequest, "this is no JSON-RPC 2.0 message")
            return
        method = message.get("method")
        if "id" in message and method is not None:
            self._receive_request(message, method)
        elif method is not None:
            self._receive_notification(message, method)
        else:
            self._receive_response(message)

    def _receive_notification(self, message: Json, method: str) -> None:
        if method == types.EXIT:
            self.exit(0 if self._shutdown else 1)
        elif self._shutdown or not self.initialized:
            logger.debug("ignored outside of a session: %s", method)
        elif shortcut := self.shortcuts.get(method):
            try:
                shortcut(message["params"])
            except Exception:
                logger.exception("%s failed", method)
        else:
            try:
                self.handle_message(self.structure_message(message))
            except Exception:
                logger.exception("%s failed", method)

    def _receive_request(self, message: Json, method: str) -> None:
        if self._shutdown:
            self._refuse(message["id"], types.ErrorCodes.InvalidRequest, "the server is shutting down")
        elif not self.initialized and method != types.INITIALIZE:
            self._refuse(message["id"], types.ErrorCodes.ServerNotInitialized, "`initialize` has not been asked yet")
        elif self.initialized and method == types.INITIALIZE:
            self._refuse(message["id"], types.ErrorCodes.InvalidRequest, "`initialize` was asked before")
        else:
            self.initialized = True
            self._asked[message["id"]] = method
            try:
                self.handle_message(self.structure_message(message))
            except Exception as error:
                self._refuse_for(message["id"], error)

    def _receive_response(self, message: Json) -> None:
        try:
            self.handle_message(self.structure_message(message))
        except Exception as error:  # an answer of a shape that no client should give
            future = self._request_futures.pop(message.get("id", ""), None)
            if future is not None and not future.done():
                future.set_exception(error)

    def send(self, messages: Iterable[tuple[str, Json]]) -> None:
        """Send notifications, in one write."""
        self._write(*({"jsonrpc": "2.0", "method": method, "params": params} for method, params in messages))

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        """Answer a request. pygls' own would log every refusal with a traceback and never name the method."""
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._asked.pop(msg_id, None)
            self._refuse(msg_id, types.LSPErrorCodes.RequestCancelled, "cancelled")
        elif error := future.exception():
            self._refuse_for(msg_id, error)
        else:
            self._asked.pop(msg_id, None)
            self._send_response(msg_id, result=future.result())

    def _refuse_for(self, message_id: Any, error: BaseException) -> None:
        method = self._asked.pop(message_id, "a request")
        if isinstance(error, JsonRpcException):
            logger.warning("%s was refused: %s", method, error.message)
            self._refuse(message_id, error.code, f"{method}: {error.message}")
            return
        logger.error("%s failed", method, exc_info=error)
        self._refuse(message_id, JsonRpcInternalError.CODE, f"{method} failed: {error}")

    def _refuse(self, message_id: Any, code: int, reason: str) -> None:
        self._write({"jsonrpc": "2.0", "id": message_id, "error": {"code": int(code), "message": reason}})

    def _write(self, *messages: Json) -> None:
        parts: list[bytes] = []
        for message in messages:
            body = _encode(message).encode()
            parts.append(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        if parts and self.writer is not None:
            self.writer.write(b"".join(parts))


class Frames(asyncio.Protocol):
    """Cuts a stream of bytes into messages. ``drained`` is called when all that has arrived is handled."""

    def __init__(
        self, receive: Callable[[bytes], None], drained: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        self._receive, self._drained, self._ended = receive, drained, ended
        self._buffer = bytearray()
        self._length = -1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (body := self._next()) is not None:
            self._receive(body)
        self._drained()

    def eof_received(self) -> None:
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended()

    def _next(self) -> bytes | None:
        buffer = self._buffer
        while self._length < 0:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._length = _content_length(bytes(buffer[:end]))
            del buffer[: end + 4]
        if len(buffer) < self._length:
            return None
        body = bytes(buffer[: self._length])
        del buffer[: self._length]
        self._length = -1
        return body


def _content_length(header: bytes) -> int:
    """The length that a header names; -1, and a word in the log, when it names none."""
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    logger.error("a header without Content-Length: %r", header[:200])
    return -1


class Outlet:
    """Bytes to an asyncio pipe, which neither waits for a slow client nor raises when the client has gone."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        self._transport.close()

    async def flushed(self, seconds: float) -> None:
        """Wait until the client has taken all, ``seconds`` at most."""
        steps = int(seconds / 0.005)
        while steps and self._transport.get_write_buffer_size() and not self._transport.is_closing():
            await asyncio.sleep(0.005)
            steps -= 1


class BlockingOutlet:
    """Bytes to a file descriptor that asyncio can't watch: a regular file, or anything on Windows."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]

    def close(self) -> None:
        """Nothing is open but what the process was given."""

    async def flushed(self, seconds: float) -> None:
        """All has been written."""


async def outlet_to(descriptor: int) -> Outlet | BlockingOutlet:
    """Where to write messages."""
    loop = asyncio.get_running_loop()
    try:
        file = os.fdopen(os.dup(descriptor), "wb", buffering=0)
        transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, file)
    except (NotImplementedError, ValueError, OSError):
        return BlockingOutlet(descriptor)
    return Outlet(transport)


async def feed(frames: Frames, descriptor: int) -> None:
    """Let ``frames`` have what arrives at ``descriptor``: from an asyncio pipe, else from a thread that reads."""
    loop = asyncio.get_running_loop()
    try:
        file = os.fdopen(os.dup(descriptor), "rb", buffering=0)
        await loop.connect_read_pipe(lambda: frames, file)
    except (NotImplementedError, ValueError, OSError):

        def read() -> None:
            with contextlib.suppress(OSError, RuntimeError):  # the loop may be closed meanwhile
                while data := os.read(descriptor, 1 << 16):
                    loop.call_soon_threadsafe(frames.data_received, data)
                loop.call_soon_threadsafe(frames.eof_received)

        threading.Thread(target=read, name="paydown-reader", daemon=True).start()
