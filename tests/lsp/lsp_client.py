"""A client that drives the real server over stdio: small, synchronous, and impatient."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

Json = dict[str, Any]

PATIENCE = 60.0  # seconds; nothing takes a tenth of it, but machines get busy
VSCODE: Json = json.loads((Path(__file__).parent / "vscode-capabilities.json").read_text(encoding="utf-8"))
RULES = ["HTD301", "HTD811", "HTD812"]  # only these, so that new rules change no test here
COMMAND = (sys.executable, "-m", "paydown_lsp")


class Refused(Exception):  # noqa: N818  # it says what the server did
    """The server answered a request with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]


class Published(list[Json]):
    """The diagnostics of a text, and the version they are for."""

    version: int | None = None


class Client:
    """A server process and the client's end of the conversation. Leaving the block says goodbye and checks the code."""

    def __init__(
        self,
        *folders: Path,
        capabilities: Json | None = None,
        options: Json | None = None,
        settings: Json | None = None,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self.folders = folders
        self.capabilities = VSCODE if capabilities is None else capabilities
        self.options = {"select": RULES, **(options or {})}
        self.settings: Any = settings or {}
        self.diagnostics: dict[str, Published] = {}
        self.homes: dict[str, str] = {}  # cell URI → notebook URI
        self.log: list[tuple[str, Any]] = []  # every notification
        self.asked: list[tuple[str, Any]] = []  # every request of the server
        self.handlers: dict[str, Callable[[Any], Any]] = {
            "workspace/configuration": lambda said: [{"select": RULES, **self.settings} for _ in said["items"]],
        }
        self._answers: dict[int, Json] = {}
        self._news = threading.Condition()
        self._number = 0
        self._gone = False
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.errors = ""
        self._threads = [
            threading.Thread(target=self._listen, daemon=True),
            threading.Thread(target=self._hear_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    # -- the session

    def __enter__(self) -> Client:
        self.initialize()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.process.kill()
            self.process.wait()
            return
        assert self.stop() == 0, self.errors

    def initialize(self) -> Json:
        folders = [{"uri": path.as_uri(), "name": path.name} for path in self.folders]
        self.welcome: Json = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": folders[0]["uri"] if folders else None,
                "workspaceFolders": folders or None,
                "capabilities": self.capabilities,
                "initializationOptions": self.options,
            },
        )
        self.notify("initialized", {})
        return dict(self.welcome)

    def stop(self) -> int:
        """Say goodbye; the exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(PATIENCE)

    # -- messages

    def send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> int:
        """Ask without waiting; the number of the request."""
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params})
        return self._number

    def answer(self, number: int) -> Any:
        """Wait for the answer to a request."""
        self.until(lambda: number in self._answers, f"an answer to request {number}")
        said = self._answers.pop(number)
        if "error" in said:
            raise Refused(said["error"])
        return said["result"]

    def request(self, method: str, params: Any) -> Any:
        return self.answer(self.ask(method, params))

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds; it's looked at after each message."""
        end = time.monotonic() + PATIENCE
        with self._news:
            while not holds():
                left = end - time.monotonic()
                if left <= 0 or self._gone:
                    why = "the server has gone" if self._gone else "too late"
                    raise AssertionError(f"{why}: waited for {what}\n{self.errors}")
                self._news.wait(min(left, 1.0))

    def published(self, uri: str, version: int | None = None) -> Published:
        """The diagnostics of a text at a version, when they have come for good: at a key press some are late."""
        if version is not None:
            self.analysed(self.homes.get(uri, uri), version)
        self.until(
            lambda: uri in self.diagnostics and version in (None, self.diagnostics[uri].version),
            f"diagnostics of {uri} at version {version}",
        )
        return self.diagnostics[uri]

    def analysed(self, uri: str, version: int) -> Json:
        """The sums of a document at a version, when they have come."""

        def said() -> list[Any]:
            return [one for method, one in self.log if method == "paydown/analysed" and one["uri"] == uri]

        self.until(lambda: any(one["version"] == version for one in said()), f"the analysis of {uri} at {version}")
        found: Json = next(one for one in reversed(said()) if one["version"] == version)
        return found

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream
        while True:
            length = 0
            while (line := stream.readline().strip()) or not length:
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
                elif not line:
                    with self._news:
                        self._gone = True
                        self._news.notify_all()
                    return
            self._receive(json.loads(stream.read(length)))

    def _receive(self, message: Json) -> None:
        method: str | None = message.get("method")
        params: Any = message.get("params")
        if method is not None and "id" in message:
            self.asked.append((method, params))
            result = self.handlers[method](params) if method in self.handlers else None
            with contextlib.suppress(ValueError, OSError):  # the test has closed the input: the server asks in vain
                self.send({"id": message["id"], "result": result})
        with self._news:
            if method is None:
                self._answers[message["id"]] = message
            elif "id" not in message:
                self.log.append((method, params))
                if method == "textDocument/publishDiagnostics":
                    found = Published(params["diagnostics"])
                    found.version = params.get("version")
                    self.diagnostics[params["uri"]] = found
            self._news.notify_all()

    def _hear_errors(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.errors += line.decode(errors="replace")


# -------------------------------------------------------------------------------------------- documents


def units(text: str, encoding: str = "utf-16") -> int:
    """The length of a line's beginning as the client counts."""
    if encoding == "utf-32":
        return len(text)
    return len(text.encode("utf-8")) if encoding == "utf-8" else len(text.encode("utf-16-le")) // 2


class Text:
    """A text as the client holds it."""

    def __init__(
        self, uri: str, text: str, version: int = 1, language: str = "python", encoding: str = "utf-16"
    ) -> None:
        self.uri, self.text, self.version, self.language, self.encoding = uri, text, version, language, encoding

    @property
    def item(self) -> Json:
        return {"uri": self.uri, "languageId": self.language, "version": self.version, "text": self.text}

    def position(self, offset: int) -> Json:
        start = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1
        line = len(self.text[:start].replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
        return {"line": line, "character": units(self.text[start:offset], self.encoding)}

    def offset(self, position: Json) -> int:
        lines = self.text.replace("\r\n", "\n ").replace("\r", "\n").split("\n")
        start = sum(len(line) + 1 for line in lines[: position["line"]])
        if position["line"] >= len(lines):
            return len(self.text)
        line = lines[position["line"]]
        start += line.startswith(" ") and self.text[start - 1 : start + 1] == "\r\n"
        at = start
        while units(self.text[start:at], self.encoding) < position["character"]:
            at += 1
        return at

    def at(self, place: Json) -> str:
        """What stands at a range."""
        return self.text[self.offset(place["start"]) : self.offset(place["end"])]

    def range(self, part: str, nth: int = 0) -> Json:
        """The range of the n-th occurrence of ``part``."""
        start = -1
        for _ in range(nth + 1):
            start = self.text.index(part, start + 1)
        return {"start": self.position(start), "end": self.position(start + len(part))}

    def replace(self, old: str, new: str) -> Json:
        """Change the text; the change event."""
        start = self.text.index(old)
        return self.splice(start, start + len(old), new)

    def splice(self, start: int, end: int, new: str) -> Json:
        place = {"start": self.position(start), "end": self.position(end)}
        self.text = self.text[:start] + new + self.text[end:]
        return {"range": place, "text": new}

    def apply(self, edits: Iterable[Json]) -> None:
        """Apply ``TextEdit``s."""
        spans = sorted(
            ((self.offset(one["range"]["start"]), self.offset(one["range"]["end"]), one["newText"]) for one in edits),
            reverse=True,
        )
        for start, end, new in spans:
            self.text = self.text[:start] + new + self.text[end:]


class Script(Text):
    """A script that is open in a client."""

    def open(self, client: Client) -> Published:
        client.notify("textDocument/didOpen", {"textDocument": self.item})
        return client.published(self.uri, self.version)

    def type(self, client: Client, old: str, new: str) -> Published:
        """Replace ``old`` by ``new`` as somebody who types; the diagnostics after it."""
        self.change(client, [self.replace(old, new)])
        return client.published(self.uri, self.version)

    def change(self, client: Client, events: list[Json]) -> None:
        self.version += 1
        client.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": events},
        )

    def close(self, client: Client) -> None:
        client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})


class Notebook:
    """A notebook that is open in a client; its cells' URIs are as VS Code makes them."""

    def __init__(self, uri: str, *cells: str, metadata: Json | None = None) -> None:
        self.uri, self.version, self.metadata = uri, 1, metadata
        self.made = 0
        self.cells = [self.make(text) for text in cells]
        self.about: dict[str, Json] = {}  # more that a cell says, by URI

    def make(self, text: str, language: str = "python") -> Text:
        self.made += 1
        path = self.uri.removeprefix("file:").removeprefix("untitled:")
        return Text(f"vscode-notebook-cell:{path}#W{self.made}sZmlsZQ%3D%3D", text, 1, language)

    def said(self, cell: Text) -> Json:
        kind = 1 if cell.language == "markdown" else 2
        return {"kind": kind, "document": cell.uri, **self.about.get(cell.uri, {})}

    def open(self, client: Client) -> list[Published]:
        """Open it; the diagnostics of its cells."""
        notebook = {
            "uri": self.uri,
            "notebookType": "jupyter-notebook",
            "version": self.version,
            "cells": [self.said(cell) for cell in self.cells],
        }
        if self.metadata is not None:
            notebook["metadata"] = self.metadata
        items = [cell.item for cell in self.cells]
        client.homes.update({cell.uri: self.uri for cell in self.cells})
        client.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items})
        client.analysed(self.uri, self.version)
        return self.published(client)

    def published(self, client: Client) -> list[Published]:
        return [client.diagnostics.get(cell.uri, Published()) for cell in self.cells]

    def type(self, client: Client, index: int, old: str, new: str) -> Published:
        """Replace ``old`` by ``new`` in a cell; the diagnostics of that cell after it."""
        cell = self.cells[index]
        self.change_text(client, cell, [cell.replace(old, new)])
        return client.published(cell.uri, cell.version)

    def change_text(self, client: Client, cell: Text, events: list[Json]) -> None:
        self.version += 1
        cell.version = self.version
        content = {"document": {"uri": cell.uri, "version": cell.version}, "changes": events}
        self.notify(client, {"cells": {"textContent": [content]}})

    def splice(self, client: Client, start: int, removed: int, cells: list[Text]) -> None:
        """Replace cells; what is new is opened, what is gone is closed, what moves is neither."""
        before = self.cells[start : start + removed]
        self.cells[start : start + removed] = cells
        self.version += 1
        structure = {
            "array": {"start": start, "deleteCount": removed, "cells": [self.said(cell) for cell in cells]},
            "didOpen": [cell.item for cell in cells if cell not in before],
            "didClose": [{"uri": cell.uri} for cell in before if cell not in cells],
        }
        client.homes.update({cell.uri: self.uri for cell in cells})
        self.notify(client, {"cells": {"structure": structure}})
        client.analysed(self.uri, self.version)

    def describe(self, client: Client, index: int, **about: Any) -> None:
        """Tell more of a cell: ``metadata``, ``executionSummary``."""
        cell = self.cells[index]
        self.about[cell.uri] = about
        self.version += 1
        self.notify(client, {"cells": {"data": [self.said(cell)]}})
        client.analysed(self.uri, self.version)

    def notify(self, client: Client, change: Json) -> None:
        client.notify(
            "notebookDocument/didChange",
            {"notebookDocument": {"uri": self.uri, "version": self.version}, "change": change},
        )

    def close(self, client: Client) -> None:
        client.notify(
            "notebookDocument/didClose",
            {
                "notebookDocument": {"uri": self.uri},
                "cellTextDocuments": [{"uri": cell.uri} for cell in self.cells],
            },
        )

    def apply(self, edit: Json) -> None:
        """Apply a ``WorkspaceEdit`` over the cells."""
        by_uri = {cell.uri: cell for cell in self.cells}
        for change in edit["documentChanges"]:
            cell = by_uri[change["textDocument"]["uri"]]
            assert change["textDocument"]["version"] == cell.version
            cell.apply(change["edits"])


def codes(diagnostics: Iterable[Json]) -> list[str]:
    """The codes of diagnostics."""
    return [one["code"] for one in diagnostics]
