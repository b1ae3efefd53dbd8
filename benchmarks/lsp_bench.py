#!/usr/bin/env python3
"""lsp_bench: a neutral benchmark client for language servers (stdlib only, Python 3.11+).

It drives ANY server given as a command line over stdio, with raw JSON-RPC, and measures what an editor
would see.  Several servers run in one go, interleaved (A B A B, in blocks of ten edits), with ratios.

  lsp_bench.py --corpus NOTEBOOK_DIR \
      --server ruff='ruff server' --server mine='python -m mine lsp' \
      --scenarios cold,keys,burst,action,rss,robust --cells 10,50,200,1000 --rounds 2 --out out.json

Scenarios
  cold    process spawn -> initialize answered -> didOpen -> first diagnostics (and last of the wave)
  keys    type single-character edits in the middle cell; each edit is one didChange, then wait for the
          diagnostics that belong to that version (a server's debounce counts).  Edit kinds: literal (inside a
          string), finding (a new line holding an undefined name, typed letter by letter), delete (that line),
          break (an unbalanced bracket), repair (undo it).  "first" = diagnostics of the edited cell arrived,
          "all" = last publish of the wave (servers that re-publish every cell), "cpu" = server CPU per edit.
  burst   50 edits 20 ms apart without waiting; last edit -> final diagnostics; server CPU used
  action  textDocument/codeAction at diagnostics, quiet and right behind an edit; codeAction/resolve if offered
  rss     RSS and PSS of the process tree with 1, 10, 50 real notebooks open
  robust  random edits (insert, delete, add/move/delete cell), then the server's diagnostics must equal those of
          a fresh server that opens the final text (checked at several points, broken and repaired)

Which diagnostics belong to an edit.  The client gives the notebook and the edited cell the same version number.
A publish that carries a version counts when version >= the edit's; a publish without one counts when it is the
first for the edited document after the edit (the client is quiet before each edit, so it is unambiguous).
On a busy machine the wall clock measures the neighbours.  So each edit also records how long the server's threads
and the client waited for a CPU (schedstat); "clean" statistics use the edits where that was at most 0.05 ms or 10 %
of the latency, and the ratios use clean edits (one marked * had too few and uses all).  As root, --rt (short bursts
only) or --nice -10 keeps the neighbours off.  cpu/edit, the server's CPU time, needs none of it.

Contents are checked too: the typed undefined name must be in the diagnostics ("seen"), broken syntax must change
them, repair must restore them.  A server that says nothing when nothing changed can name a notification that ends
an analysis ("done_method", with params.version) in a --servers file, or be driven by pull diagnostics.

Server file (--servers FILE.json): {"name": {"cmd": "..." | [...], "init": {initializationOptions}, "settings":
{section: {...}}, "diagnostics": "push"|"pull", "notebook": "auto"|"notebook"|"cells", "env": {}, "done_method": "",
"settle_s": 1.2, "edit_timeout_s": 10}}.  With "cells" (or "auto" and no notebook support) each cell is opened as one
text document.  --mode script opens the same code as one script.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import os
import random
import re
import shlex
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

now = time.perf_counter
VERSION = 1
IPY = re.compile(r"^\s*(%|!|\?)|\?\s*$", re.M)


# ----------------------------------------------------------------------------------------------- corpus


def load_corpus(folder: str, keep_magics: bool) -> list[tuple[str, list[str]]]:
    """[(name, code cells)] of every notebook under folder, sorted by name; cells that do not parse are dropped
    unless keep_magics, so that every server does its real work instead of stopping at a syntax error."""
    out = []
    for p in sorted(Path(folder).rglob("*.ipynb")):
        try:
            nb = json.loads(p.read_bytes())
            cells = []
            for c in nb.get("cells", ()):
                if c.get("cell_type") != "code":
                    continue
                s = c.get("source", "")
                s = "".join(s) if isinstance(s, list) else s
                s = s.replace("\r\n", "\n").replace("\r", "\n").rstrip()
                if not s:
                    continue
                if not keep_magics:
                    try:
                        ast.parse(s)
                    except (SyntaxError, ValueError):
                        continue
                cells.append(s)
            if cells:
                out.append((p.name, cells))
        except (OSError, ValueError):
            continue
    return out


def concat_cells(corpus, n: int, seed: int) -> list[str]:
    """n code cells: whole notebooks one after another, in a seeded order (repeated if the corpus is small)."""
    rng = random.Random(f"{seed}/concat")
    order = list(range(len(corpus)))
    rng.shuffle(order)
    cells: list[str] = []
    while len(cells) < n:
        for i in order:
            cells.extend(corpus[i][1])
            if len(cells) >= n:
                break
    return cells[:n]


# ------------------------------------------------------------------------------------------ /proc readings


def tree(pid: int) -> list[int]:
    seen, todo = [], [pid]
    while todo:
        p = todo.pop()
        seen.append(p)
        try:
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/children") as f:
                    todo.extend(int(x) for x in f.read().split())
        except OSError:
            pass
    return seen


_TCK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def tree_cpu(pid: int) -> float:
    """CPU seconds of the process tree: clock ticks (10 ms, with reaped children) or, where finer, the
    scheduler's nanoseconds of the live threads."""
    total = 0.0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/stat") as f:
                a = f.read().rsplit(")", 1)[1].split()
            ticks = sum(int(x) for x in a[11:15]) / _TCK
            ns = 0
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/schedstat") as f:
                    ns += int(f.read().split()[0])
            total += max(ns / 1e9, ticks - 2 / _TCK)
        except (OSError, IndexError, ValueError):
            pass
    return total


def tree_delay(pid: int) -> int:
    """Nanoseconds the threads of the process tree waited for a CPU while runnable (a busy machine's share)."""
    ns = 0
    for p in tree(pid):
        try:
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/schedstat") as f:
                    ns += int(f.read().split()[1])
        except (OSError, IndexError, ValueError):
            pass
    return ns


def self_delay() -> int:
    try:
        with open("/proc/self/schedstat") as f:
            return int(f.read().split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def pressure() -> float | None:
    """The kernel's CPU pressure, percent of the last 10 s in which some task waited for a CPU."""
    try:
        with open("/proc/pressure/cpu") as f:
            return float(f.readline().split("avg10=")[1].split()[0])
    except (OSError, IndexError, ValueError):
        return None


def tree_mem(pid: int) -> dict:
    rss = pss = hwm = 0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/status") as f:
                for line in f:
                    if line.startswith("VmRSS:"):
                        rss += int(line.split()[1])
                    elif line.startswith("VmHWM:"):
                        hwm += int(line.split()[1])
            with open(f"/proc/{p}/smaps_rollup") as f:
                for line in f:
                    if line.startswith("Pss:"):
                        pss += int(line.split()[1])
                        break
        except OSError:
            pass
    return {"rss_mb": round(rss / 1024, 1), "pss_mb": round(pss / 1024, 1), "peak_mb": round(hwm / 1024, 1)}


def spin() -> float:
    """ms for a fixed piece of work: a gauge of the machine's noise."""
    best = 9e9
    for _ in range(3):
        t = now()
        x = 0
        for i in range(30000):
            x += i & 7
        best = min(best, now() - t)
    return best * 1e3


# ------------------------------------------------------------------------------------------------ client


class ServerDied(Exception):
    pass


class Timeout(Exception):
    pass


class RpcError(Exception):
    def __init__(self, err):
        super().__init__(str(err))
        self.code = (err or {}).get("code")
        self.err = err


class _Pipes(asyncio.SubprocessProtocol):
    def __init__(self, client):
        self.c = client

    def pipe_data_received(self, fd, data):
        if fd == 1:
            self.c._feed(data, now())

    def process_exited(self):
        self.c._exited()

    def pipe_connection_lost(self, fd, exc):
        pass


class Client:
    """One server process and the client's end of its JSON-RPC conversation."""

    def __init__(self, spec: dict, root: str, stderr_dir: str):
        self.spec, self.name, self.root = spec, spec["name"], root
        self.buf = bytearray()
        self.need = -1
        self.next_id = 0
        self.pending: dict[int, asyncio.Future] = {}
        self.resp_ts: dict[int, float] = {}
        self.diags: dict[str, list] = {}
        self.log: list[tuple] = []  # (ts, uri, version, diagnostics)
        self.keep_log = False
        self.watch = None  # (predicate, future)
        self.hit_delay = 0  # the client's own run-queue wait when the watched message came
        self.last_ts = 0.0
        self.last_pub_ts = 0.0
        self.n_msgs = self.n_bytes = self.n_pubs = 0
        self.server_requests: dict[str, int] = {}
        self.caps: dict = {}
        self.alive = False
        self.rc = None
        self.result_ids: dict[str, str] = {}
        self.stderr_path = os.path.join(stderr_dir, re.sub(r"\W+", "_", self.name) + ".stderr")
        self.pull = spec.get("diagnostics", "push") == "pull"

    # -- process
    async def start(self):
        loop = asyncio.get_running_loop()
        cmd = self.spec["cmd"]
        argv = shlex.split(cmd) if isinstance(cmd, str) else list(cmd)
        env = dict(os.environ, **{k: str(v) for k, v in (self.spec.get("env") or {}).items()})
        self.stderr_file = open(self.stderr_path, "ab")
        self.t_spawn = now()
        self.transport, _ = await loop.subprocess_exec(
            lambda: _Pipes(self),
            *argv,
            stdin=-1,
            stdout=-1,
            stderr=self.stderr_file,
            cwd=self.spec.get("cwd") or self.root,
            env=env,
        )
        self.pid = self.transport.get_pid()
        self.stdin = self.transport.get_pipe_transport(0)
        self.alive = True

    def _exited(self):
        self.alive = False
        self.rc = self.transport.get_returncode()
        err = ServerDied(f"{self.name} exited with {self.rc}; stderr in {self.stderr_path}")
        for f in self.pending.values():
            if not f.done():
                f.set_exception(err)
        self.pending.clear()
        if self.watch and not self.watch[1].done():
            self.watch[1].set_exception(err)

    # -- wire
    def _feed(self, data: bytes, ts: float):
        buf = self.buf
        buf += data
        self.n_bytes += len(data)
        pos = 0
        while True:
            if self.need < 0:
                end = buf.find(b"\r\n\r\n", pos)
                if end < 0:
                    break
                for line in bytes(buf[pos:end]).split(b"\r\n"):
                    k, _, v = line.partition(b":")
                    if k.lower() == b"content-length":
                        self.need = int(v)
                pos = end + 4
                if self.need < 0:
                    raise RuntimeError(f"{self.name}: no Content-Length in {bytes(buf[:200])!r}")
            if len(buf) - pos < self.need:
                break
            body = bytes(buf[pos : pos + self.need])
            pos += self.need
            self.need = -1
            self.n_msgs += 1
            self.last_ts = ts
            self._message(json.loads(body), ts)
        if pos:
            del buf[:pos]

    def _message(self, m: dict, ts: float):
        method = m.get("method")
        if method == "textDocument/publishDiagnostics":
            p = m["params"]
            uri, ver, ds = p["uri"], p.get("version"), p.get("diagnostics") or []
            self.diags[uri] = ds
            self.n_pubs += 1
            self.last_pub_ts = ts
            if self.keep_log:
                self.log.append((ts, uri, ver, ds))
            w = self.watch
            if w and not w[1].done() and w[0]("pub", uri, ver):
                self.hit_delay = self_delay()
                w[1].set_result(ts)
        elif method is not None and "id" in m:
            self.server_requests[method] = self.server_requests.get(method, 0) + 1
            self._write({"jsonrpc": "2.0", "id": m["id"], "result": self._answer(method, m.get("params") or {})})
        elif method is not None:
            done = self.spec.get("done_method")
            if done and method == done:
                p = m.get("params") or {}
                self.last_pub_ts = ts
                w = self.watch
                if w and not w[1].done() and w[0]("done", p.get("uri"), p.get("version")):
                    self.hit_delay = self_delay()
                    w[1].set_result(ts)
        elif "id" in m:
            f = self.pending.pop(m["id"], None)
            if f and not f.done():
                if m.get("error") is not None:
                    f.set_exception(RpcError(m["error"]))
                else:
                    self.hit_delay = self_delay()
                    f.set_result((ts, m.get("result")))

    def _answer(self, method, p):
        if method == "workspace/configuration":
            s = self.spec.get("settings") or {}
            out = []
            for item in p.get("items", ()):
                sec = item.get("section") or ""
                v = s.get(sec)
                if v is None and sec:
                    v = s
                    for part in sec.split("."):
                        v = v.get(part) if isinstance(v, dict) else None
                out.append(v)
            return out
        if method == "workspace/workspaceFolders":
            return [{"uri": path_uri(self.root), "name": "bench"}]
        if method == "workspace/applyEdit":
            return {"applied": False}
        return None

    def _write(self, msg) -> float:
        body = json.dumps(msg, separators=(",", ":"), ensure_ascii=False).encode()
        data = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        if not self.alive:
            raise ServerDied(f"{self.name} is gone (rc {self.rc})")
        t = now()
        self.stdin.write(data)
        return t

    def notify(self, method, params) -> float:
        return self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def request_nowait(self, method, params):
        self.next_id += 1
        f = asyncio.get_running_loop().create_future()
        self.pending[self.next_id] = f
        t = self._write({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})
        return self.next_id, t, f

    async def request(self, method, params, timeout=30.0):
        """(latency_s, result); raises Timeout / RpcError."""
        _, t, f = self.request_nowait(method, params)
        try:
            ts, res = await asyncio.wait_for(f, timeout)
        except asyncio.TimeoutError:
            raise Timeout(f"{self.name}: {method}") from None
        return ts - t, res

    # -- lifecycle
    async def initialize(self, timeout=60.0) -> float:
        td: dict = {
            "synchronization": {"dynamicRegistration": False, "didSave": True},
            "publishDiagnostics": {
                "relatedInformation": True,
                "versionSupport": True,
                "dataSupport": True,
                "codeDescriptionSupport": True,
                "tagSupport": {"valueSet": [1, 2]},
            },
            "codeAction": {
                "dynamicRegistration": False,
                "dataSupport": True,
                "disabledSupport": True,
                "isPreferredSupport": True,
                "resolveSupport": {"properties": ["edit"]},
                "codeActionLiteralSupport": {
                    "codeActionKind": {
                        "valueSet": [
                            "",
                            "quickfix",
                            "refactor",
                            "refactor.extract",
                            "refactor.inline",
                            "refactor.rewrite",
                            "source",
                            "source.organizeImports",
                            "source.fixAll",
                        ]
                    }
                },
            },
            "hover": {"contentFormat": ["markdown", "plaintext"]},
        }
        ws: dict = {
            "applyEdit": True,
            "configuration": True,
            "workspaceFolders": True,
            "workspaceEdit": {"documentChanges": True},
            "didChangeConfiguration": {"dynamicRegistration": True},
            "didChangeWatchedFiles": {"dynamicRegistration": True},
        }
        if self.pull:
            td["diagnostic"] = {"dynamicRegistration": True, "relatedDocumentSupport": True}
            ws["diagnostics"] = {"refreshSupport": True}
        params = {
            "processId": os.getpid(),
            "clientInfo": {"name": "lsp_bench", "version": str(VERSION)},
            "rootUri": path_uri(self.root),
            "rootPath": self.root,
            "workspaceFolders": [{"uri": path_uri(self.root), "name": "bench"}],
            "initializationOptions": self.spec.get("init"),
            "capabilities": {
                "workspace": ws,
                "textDocument": td,
                "notebookDocument": {
                    "synchronization": {"dynamicRegistration": False, "executionSummarySupport": True}
                },
                "window": {"workDoneProgress": True},
                "general": {"positionEncodings": ["utf-16"]},
            },
        }
        _, res = await self.request("initialize", params, timeout)
        dt = now() - self.t_spawn
        self.caps = (res or {}).get("capabilities") or {}
        self.notify("initialized", {})
        if self.spec.get("settings"):
            self.notify("workspace/didChangeConfiguration", {"settings": self.spec["settings"]})
        sync = self.caps.get("textDocumentSync")
        self.sync_kind = sync if isinstance(sync, int) else (sync or {}).get("change", 1)
        return dt

    def has_notebooks(self) -> bool:
        want = self.spec.get("notebook", "auto")
        return want == "notebook" or (want == "auto" and bool(self.caps.get("notebookDocumentSync")))

    async def stop(self):
        if self.alive:
            try:
                await self.request("shutdown", None, 5)
                self.notify("exit", None)
            except (Timeout, RpcError, ServerDied):
                pass
            for _ in range(40):
                if not self.alive:
                    break
                await asyncio.sleep(0.05)
            if self.alive:
                for p in reversed(tree(self.pid)):
                    try:
                        os.kill(p, 9)
                    except OSError:
                        pass
                for _ in range(40):
                    if not self.alive:
                        break
                    await asyncio.sleep(0.05)
        self.transport.close()
        self.stderr_file.close()

    # -- waiting
    async def wait(self, pred, timeout: float) -> float:
        f = asyncio.get_running_loop().create_future()
        self.watch = (pred, f)
        try:
            return await asyncio.wait_for(f, timeout)
        except asyncio.TimeoutError:
            raise Timeout(f"{self.name}: diagnostics") from None
        finally:
            self.watch = None

    async def quiet(self, gap: float, limit: float = 60.0):
        """Until no message has arrived for gap seconds."""
        t_end = now() + limit
        start = now()
        while now() < t_end:
            idle = now() - max(self.last_ts, start)
            if idle >= gap:
                return
            await asyncio.sleep(gap - idle + 0.0005)

    async def idle(self, limit: float = 20.0):
        """Until the process tree uses (almost) no CPU."""
        t_end = now() + limit
        c = tree_cpu(self.pid)
        while now() < t_end:
            await asyncio.sleep(0.12)
            d = tree_cpu(self.pid)
            if d - c <= 0.006:
                return
            c = d


def path_uri(p: str) -> str:
    return "file://" + quote(p)


# ---------------------------------------------------------------------------------------- document models


def u16(s: str) -> int:
    return len(s) + sum(1 for ch in s if ord(ch) > 0xFFFF)


class Cell:
    __slots__ = ("uri", "text", "version")

    def __init__(self, uri, text, version):
        self.uri, self.text, self.version = uri, text, version

    def pos(self, off: int) -> dict:
        line = self.text.count("\n", 0, off)
        start = self.text.rfind("\n", 0, off) + 1
        return {"line": line, "character": u16(self.text[start:off])}


class Doc:
    """A notebook (or a script, or a notebook as one text document per cell) as the client holds it."""

    def __init__(self, client: Client, root: str, name: str, cells: list[str], mode: str):
        self.c, self.name, self.mode = client, name, mode
        self.version = 1
        self.uid = 0
        self.path = os.path.join(root, name + (".py" if mode == "script" else ".ipynb"))
        self.uri = path_uri(self.path)
        self.cells = (
            [self.make(t) for t in cells] if mode != "script" else [Cell(self.uri, "\n\n".join(cells) + "\n", 1)]
        )
        self.by_uri = {c.uri for c in self.cells}

    def make(self, text: str) -> Cell:
        self.uid += 1
        if self.mode == "notebook":
            uri = "vscode-notebook-cell:" + quote(self.path) + f"#W{self.uid:x}sZmlsZQ%3D%3D"
        else:
            uri = path_uri(f"{self.path[:-6]}_cell_{self.uid:04d}.py")
        return Cell(uri, text, self.version)

    @staticmethod
    def item(c: Cell) -> dict:
        return {"uri": c.uri, "languageId": "python", "version": c.version, "text": c.text}

    def write_file(self):
        if self.mode == "script":
            Path(self.path).write_text(self.cells[0].text, encoding="utf-8")
        elif self.mode == "notebook":
            nb = {
                "nbformat": 4,
                "nbformat_minor": 5,
                "metadata": META,
                "cells": [
                    {
                        "cell_type": "code",
                        "id": f"c{i}",
                        "metadata": {},
                        "outputs": [],
                        "execution_count": None,
                        "source": c.text,
                    }
                    for i, c in enumerate(self.cells)
                ],
            }
            Path(self.path).write_text(json.dumps(nb), encoding="utf-8")
        else:
            for c in self.cells:
                Path(c.uri.removeprefix("file://")).write_text(c.text, encoding="utf-8")

    def open(self) -> float:
        if self.mode == "notebook":
            return self.c.notify(
                "notebookDocument/didOpen",
                {
                    "notebookDocument": {
                        "uri": self.uri,
                        "notebookType": "jupyter-notebook",
                        "version": self.version,
                        "metadata": META,
                        "cells": [{"kind": 2, "document": c.uri} for c in self.cells],
                    },
                    "cellTextDocuments": [self.item(c) for c in self.cells],
                },
            )
        t = None
        for c in self.cells:
            t1 = self.c.notify("textDocument/didOpen", {"textDocument": self.item(c)})
            t = t if t is not None else t1
        return t

    def close(self):
        if self.mode == "notebook":
            self.c.notify(
                "notebookDocument/didClose",
                {"notebookDocument": {"uri": self.uri}, "cellTextDocuments": [{"uri": c.uri} for c in self.cells]},
            )
        else:
            for c in self.cells:
                self.c.notify("textDocument/didClose", {"textDocument": {"uri": c.uri}})

    def edit(self, cell: Cell, start: int, end: int, text: str) -> float:
        """Replace cell.text[start:end] by text; returns the moment the change was written."""
        rng = {"start": cell.pos(start), "end": cell.pos(end)}
        cell.text = cell.text[:start] + text + cell.text[end:]
        self.version += 1
        cell.version = self.version
        if self.mode == "notebook":
            return self.c.notify(
                "notebookDocument/didChange",
                {
                    "notebookDocument": {"uri": self.uri, "version": self.version},
                    "change": {
                        "cells": {
                            "textContent": [
                                {
                                    "document": {"uri": cell.uri, "version": cell.version},
                                    "changes": [{"range": rng, "text": text}],
                                }
                            ]
                        }
                    },
                },
            )
        change = {"range": rng, "text": text} if self.c.sync_kind == 2 else {"text": cell.text}
        return self.c.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": cell.uri, "version": cell.version}, "contentChanges": [change]},
        )

    def structure(self, start: int, delete: int, new: list[Cell], opened: list[Cell], closed: list[Cell]) -> None:
        self.cells[start : start + delete] = new
        self.by_uri = {c.uri for c in self.cells}
        self.version += 1
        if self.mode == "notebook":
            s: dict = {
                "array": {"start": start, "deleteCount": delete, "cells": [{"kind": 2, "document": c.uri} for c in new]}
            }
            if opened:
                s["didOpen"] = [self.item(c) for c in opened]
            if closed:
                s["didClose"] = [{"uri": c.uri} for c in closed]
            self.c.notify(
                "notebookDocument/didChange",
                {"notebookDocument": {"uri": self.uri, "version": self.version}, "change": {"cells": {"structure": s}}},
            )
        else:
            for c in closed:
                self.c.notify("textDocument/didClose", {"textDocument": {"uri": c.uri}})
            for c in opened:
                self.c.notify("textDocument/didOpen", {"textDocument": self.item(c)})

    def insert_cell(self, i: int, text: str):
        c = self.make(text)
        self.structure(i, 0, [c], [c], [])

    def delete_cell(self, i: int):
        c = self.cells[i]
        self.structure(i, 1, [], [], [c])

    def move_cell(self, i: int, j: int):
        """As an editor sends it: one splice over the span, nothing opened or closed."""
        if i == j:
            return
        lo, hi = min(i, j), max(i, j)
        span = self.cells[lo : hi + 1]
        c = span.pop(i - lo)
        span.insert(j - lo, c)
        self.structure(lo, hi - lo + 1, span, [], [])

    # -- diagnostics
    async def pull(self, uri: str, timeout: float) -> float:
        """One textDocument/diagnostic until it is answered for good; returns the time of the answer."""
        c = self.c
        t_end = now() + timeout
        while True:
            params: dict = {"textDocument": {"uri": uri}}
            if uri in c.result_ids:
                params["previousResultId"] = c.result_ids[uri]
            _, _, f = c.request_nowait("textDocument/diagnostic", params)
            try:
                ts, res = await asyncio.wait_for(f, max(0.01, t_end - now()))
            except asyncio.TimeoutError:
                raise Timeout(f"{c.name}: textDocument/diagnostic") from None
            except RpcError as e:
                if e.code in (-32802, -32801, -32800) and now() < t_end:
                    continue
                raise
            self.take_report(uri, res)
            return ts

    def take_report(self, uri, res):
        res = res or {}
        if res.get("resultId"):
            self.c.result_ids[uri] = res["resultId"]
        if res.get("kind") != "unchanged":
            self.c.diags[uri] = res.get("items") or []
        for u, r in (res.get("relatedDocuments") or {}).items():
            if r.get("kind") != "unchanged":
                self.c.diags[u] = r.get("items") or []

    def matcher(self, cell: Cell):
        uri, v, nb = cell.uri, cell.version, self.uri

        def pred(kind, u, ver):
            if ver is not None and ver < v:
                return False
            return u == uri or (kind == "done" and u in (None, nb))

        return pred

    async def arrived(self, cell: Cell, timeout: float) -> float:
        """The moment the diagnostics for cell.version were there (call right after edit/open)."""
        if self.c.pull:
            return await self.pull(cell.uri, timeout)
        return await self.c.wait(self.matcher(cell), timeout)

    async def opened_wave(self, timeout: float, settle: float):
        """First and last diagnostics after open(); returns (t_first, t_last)."""
        c = self.c
        if c.pull:
            first = await self.pull(self.cells[0].uri, timeout)
            last = first
            for x in self.cells[1:]:
                last = await self.pull(x.uri, timeout)
            return first, last
        uris = self.by_uri
        first = await c.wait(lambda k, u, v: u in uris or k == "done", timeout)
        await c.quiet(settle)
        return first, c.last_pub_ts

    def state(self) -> list[list]:
        """Diagnostics per cell in cell order, normalised for comparison."""
        out = []
        for cell in self.cells:
            ds = []
            for d in self.c.diags.get(cell.uri, ()):
                r = d["range"]
                ds.append(
                    [
                        r["start"]["line"],
                        r["start"]["character"],
                        r["end"]["line"],
                        r["end"]["character"],
                        d.get("severity"),
                        str(d.get("code")),
                        d.get("source"),
                        d.get("message"),
                    ]
                )
            out.append(sorted(ds, key=lambda x: json.dumps(x)))
        return out

    def all_messages(self) -> list[str]:
        return sorted(
            json.dumps([u, d["range"], d.get("code"), d.get("message")], sort_keys=True)
            for u in self.by_uri
            for d in self.c.diags.get(u, ())
        )


META = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py"},
}


# --------------------------------------------------------------------------------------------- statistics


def pct(xs, q):
    if not xs:
        return None
    xs = sorted(xs)
    k = (len(xs) - 1) * q
    lo = int(k)
    hi = min(lo + 1, len(xs) - 1)
    return xs[lo] + (xs[hi] - xs[lo]) * (k - lo)


def summary(xs) -> dict:
    return {
        "n": len(xs),
        "p10": rnd(pct(xs, 0.1)),
        "p50": rnd(pct(xs, 0.5)),
        "p95": rnd(pct(xs, 0.95)),
        "p99": rnd(pct(xs, 0.99)),
        "min": rnd(min(xs)) if xs else None,
        "max": rnd(max(xs)) if xs else None,
    }


def rnd(x, k=3):
    return None if x is None else round(x, k)


def paired(a, base, clean, raw, seed):
    """Ratio of block medians: of clean edits where at least three blocks have them, else of all edits (marked)."""
    r = boot_ratio(list(zip(a[clean], base[clean])), seed)
    if r and r["pairs"] >= 3:
        return r
    r = boot_ratio(list(zip(a[raw], base[raw])), seed)
    return dict(r, all_edits=True) if r else None


def boot_ratio(pairs, seed) -> dict | None:
    """Median of paired ratios with a seeded bootstrap interval."""
    rs = [a / b for a, b in pairs if a and b]
    if not rs:
        return None
    rng = random.Random(seed)
    meds = sorted(statistics.median(rng.choices(rs, k=len(rs))) for _ in range(1000))
    return {"ratio": rnd(statistics.median(rs)), "lo": rnd(meds[25]), "hi": rnd(meds[974]), "pairs": len(rs)}


# ----------------------------------------------------------------------------------------------- scenarios

ANCHOR = '\nbench_text = "a"\nbench_end = 0\n'
FINDING = "import qz_unused_module, qz_other\nqz_value = qz_missing + 1\n"  # action: something to be fixed
LETTERS = "abcdefghijkmnopqrstuvwxyz"


class Typist:
    """The edits of scenario `keys`: blocks of ten, always the same ten kinds, seeded letters."""

    KINDS = ["literal", "literal", "newline", "finding", "finding", "finding", "finding", "delete", "break", "repair"]

    def __init__(self, doc: Doc, cell: Cell, seed: int):
        self.doc, self.cell, self.rng, self.blocks = doc, cell, random.Random(f"{seed}/typist"), 0

    def block(self):
        """Yields (kind, start, end, text, expected name or None)."""
        rng, cell = self.rng, self.cell
        self.blocks += 1

        def text_end():
            return cell.text.rindex('"\nbench_end')

        for _ in range(2):
            p = text_end() if self.doc.mode != "script" else self.script_text_end()
            yield "literal", p, p, rng.choice(LETTERS), None
        p = (text_end() if self.doc.mode != "script" else self.script_text_end()) + 1
        yield "newline", p, p, "\n", None
        name = ""
        at = p + 1
        for ch in "qz" + rng.choice(LETTERS) + rng.choice("0123456789"):
            yield "finding", at + len(name), at + len(name), ch, (name + ch if len(name) >= 2 else None)
            name += ch
        yield "delete", p, at + len(name), "", None
        e = cell.text.rindex("bench_end = 0") + len("bench_end = 0")
        yield "break", e, e, "(" if self.blocks % 2 else ")", None
        yield "repair", e, e + 1, "", None

    def script_text_end(self):
        return self.cell.text.rindex('"\nbench_end')


class Live:
    """A started server with the document open."""

    def __init__(self, spec, client, doc, cell):
        self.spec, self.client, self.doc, self.cell = spec, client, doc, cell
        self.spent = 0.0
        self.timeouts = 0
        self.dead = ""


async def launch(spec, args, cells, name, work, target=True, extra=""):
    root = os.path.join(work, "ws_" + re.sub(r"\W+", "_", spec["name"]))
    os.makedirs(root, exist_ok=True)
    c = Client(spec, root, work)
    await c.start()
    t_init = await c.initialize()
    mode = "script" if args.mode == "script" else ("notebook" if c.has_notebooks() else "cells")
    cells = list(cells)
    k = len(cells) // 2
    if target:
        cells[k] = cells[k].rstrip("\n") + "\n" + extra + ANCHOR.lstrip("\n")
    doc = Doc(c, root, name, cells, mode)
    if target and mode == "script":
        k = 0
    doc.write_file()
    lv = Live(spec, c, doc, doc.cells[k] if doc.cells else None)
    lv.t_init = t_init
    return lv


async def opened(lv: Live, args):
    t0 = lv.doc.open()
    first, last = await lv.doc.opened_wave(args.open_timeout, lv.spec.get("settle_s", args.settle))
    lv.t0 = t0
    lv.first, lv.last = first - t0, last - t0
    lv.total_first = first - lv.client.t_spawn
    return lv


async def sc_cold(specs, args, corpus, work, out):
    sizes = args.cold_cells
    res = out["cold"] = {}
    for n in sizes:
        cells = concat_cells(corpus, n, args.seed)
        acc = {
            s["name"]: {"init_ms": [], "first_ms": [], "wave_ms": [], "spawn_to_first_ms": [], "cpu_s": []}
            for s in specs
        }
        for r in range(args.cold_runs):
            for s in specs if r % 2 == 0 else specs[::-1]:
                a = acc[s["name"]]
                lv = None
                try:
                    lv = await launch(s, args, cells, f"nb{n}", work)
                    await opened(lv, args)
                    a["init_ms"].append(lv.t_init * 1e3)
                    a["first_ms"].append(lv.first * 1e3)
                    a["wave_ms"].append(lv.last * 1e3)
                    a["spawn_to_first_ms"].append(lv.total_first * 1e3)
                    a["cpu_s"].append(tree_cpu(lv.client.pid))
                except (Timeout, ServerDied, RpcError) as e:
                    a.setdefault("errors", []).append(str(e)[:200])
                finally:
                    if lv:
                        a["sync"] = lv.doc.mode
                        await lv.client.stop()
                progress(f"cold n={n} run {r + 1}/{args.cold_runs} {s['name']}")
        base = acc[args.baseline]["spawn_to_first_ms"]
        res[n] = {}
        for name, a in acc.items():
            row = {k: summary(v) for k, v in a.items() if k not in ("errors", "sync")}
            row["sync"] = a.get("sync")
            if a.get("errors"):
                row["errors"] = a["errors"]
            row["vs_base"] = boot_ratio(list(zip(a["spawn_to_first_ms"], base)), args.seed)
            res[n][name] = row


async def one_edit(lv: Live, args, start, end, text, timeout):
    """(first_ms, all_ms, messages, bytes, run-queue wait ms); leaves the connection quiet."""
    c, doc = lv.client, lv.doc
    m0, b0 = c.n_msgs, c.n_bytes
    d0, s0 = tree_delay(c.pid), self_delay()
    t0 = doc.edit(lv.cell, start, end, text)
    ts = await doc.arrived(lv.cell, timeout)
    mine = c.hit_delay - s0
    c.last_pub_ts = max(c.last_pub_ts, ts)
    await c.quiet(args.gap_ms / 1e3)
    last = max(c.last_pub_ts, ts) if not c.pull else ts
    wait = (tree_delay(c.pid) - d0 + max(0, mine)) / 1e6
    return (ts - t0) * 1e3, (last - t0) * 1e3, c.n_msgs - m0, c.n_bytes - b0, wait


async def sc_keys(specs, args, corpus, work, out):
    res = out["keys"] = {}
    for n in args.cells:
        cells = concat_cells(corpus, n, args.seed)
        acc = {
            s["name"]: {
                "first": [],
                "all": [],
                "clean": [],
                "clean_all": [],
                "wait": [],
                "kinds": {},
                "blocks": [],
                "blocks_all": [],
                "blocks_raw": [],
                "blocks_all_raw": [],
                "blocks_cpu": [],
                "cpu": [],
                "msgs": [],
                "bytes": [],
                "open_first_ms": [],
                "open_wave_ms": [],
                "timeouts": 0,
                "seen": [0, 0],
                "break_changed": [0, 0],
                "repair_restored": [0, 0],
                "noise": [],
            }
            for s in specs
        }
        for r in range(args.rounds):
            lives = []
            for s in specs if r % 2 == 0 else specs[::-1]:
                a = acc[s["name"]]
                lv = None
                try:
                    lv = await launch(s, args, cells, f"nb{n}", work)
                    await opened(lv, args)
                    await lv.client.idle()
                    a["open_first_ms"].append(lv.first * 1e3)
                    a["open_wave_ms"].append(lv.last * 1e3)
                    a["sync"] = lv.doc.mode
                    lv.typist = Typist(lv.doc, lv.cell, args.seed + r)
                    lv.jitter = random.Random(f"{args.seed}/{r}/jitter")
                    lives.append(lv)
                except (Timeout, ServerDied, RpcError) as e:
                    a.setdefault("errors", []).append(str(e)[:200])
                    if lv:
                        await lv.client.stop()
            nblocks = max(1, args.edits // 10)
            for b in range(nblocks):
                for lv in lives if b % 2 == 0 else lives[::-1]:
                    a = acc[lv.spec["name"]]
                    if lv.dead:
                        for k in ("blocks", "blocks_all", "blocks_raw", "blocks_all_raw", "blocks_cpu"):
                            a[k].append(None)
                        continue
                    await run_block(lv, a, args)
                    if lv.dead:
                        a.setdefault("errors", []).append(lv.dead)
                progress(f"keys n={n} round {r + 1}/{args.rounds} block {b + 1}/{nblocks}")
            for lv in lives:
                acc[lv.spec["name"]]["mem"] = tree_mem(lv.client.pid) if lv.client.alive else None
                await lv.client.stop()
        base = acc[args.baseline]
        floor = acc.get(args.floor)
        res[n] = {}
        for name, a in acc.items():
            row = {
                "sync": a.get("sync"),
                "first_ms": summary(a["first"]),
                "all_ms": summary(a["all"]),
                "clean_first_ms": summary(a["clean"]),
                "clean_all_ms": summary(a["clean_all"]),
                "runqueue_wait_ms": summary(a["wait"]),
                "kinds": {k: summary(v) for k, v in a["kinds"].items()},
                "cpu_ms_per_edit": rnd(statistics.mean(a["cpu"])) if a["cpu"] else None,
                "msgs_per_edit": rnd(statistics.mean(a["msgs"]), 1) if a["msgs"] else None,
                "kb_per_edit": rnd(statistics.mean(a["bytes"]) / 1024, 1) if a["bytes"] else None,
                "open_first_ms": rnd(pct(a["open_first_ms"], 0.5)),
                "open_wave_ms": rnd(pct(a["open_wave_ms"], 0.5)),
                "timeouts": a["timeouts"],
                "seen": a["seen"],
                "break_changed": a["break_changed"],
                "repair_restored": a["repair_restored"],
                "mem": a.get("mem"),
                "errors": a.get("errors"),
                "spin_ms": summary(a["noise"]),
                "vs_base_first": paired(a, base, "blocks", "blocks_raw", args.seed),
                "vs_base_cpu": boot_ratio(list(zip(a["blocks_cpu"], base["blocks_cpu"])), args.seed),
                "vs_base_all": paired(a, base, "blocks_all", "blocks_all_raw", args.seed),
                "vs_floor_first": paired(a, floor, "blocks", "blocks_raw", args.seed) if floor else None,
            }
            res[n][name] = row


async def run_block(lv: Live, a: dict, args):
    c, doc = lv.client, lv.doc
    timeout = lv.spec.get("edit_timeout_s", args.edit_timeout)
    firsts, alls, clean, clean_all = [], [], [], []
    a["noise"].append(spin())
    before = doc.all_messages()
    cpu0, t_start, done = tree_cpu(c.pid), now(), 0
    try:
        for kind, s, e, text, expect in lv.typist.block():
            if now() - t_start + lv.spent > args.budget:
                lv.dead = f"stopped: budget of {args.budget:.0f} s spent"
                break
            await asyncio.sleep(0.002 + lv.jitter.random() * 0.01)
            try:
                f, l, m, by, w = await one_edit(lv, args, s, e, text, timeout)
            except Timeout:
                a["timeouts"] += 1
                lv.timeouts += 1
                if lv.timeouts >= args.max_timeouts:
                    lv.dead = f"stopped: {lv.timeouts} timeouts of {timeout} s"
                    break
                continue
            except RpcError as x:
                lv.dead = f"stopped: {x}"[:200]
                break
            done += 1
            firsts.append(f)
            alls.append(l)
            a["first"].append(f)
            a["all"].append(l)
            a["wait"].append(w)
            if w <= max(0.05, 0.1 * l):
                clean.append(f)
                clean_all.append(l)
            a["msgs"].append(m)
            a["bytes"].append(by)
            a["kinds"].setdefault(kind, []).append(f)
            if expect:
                a["seen"][1] += 1
                if any(expect in (d.get("message") or "") for d in c.diags.get(lv.cell.uri, ())):
                    a["seen"][0] += 1
            if kind == "break":
                a["break_changed"][1] += 1
                a["break_changed"][0] += doc.all_messages() != before
            elif kind == "repair":
                a["repair_restored"][1] += 1
                a["repair_restored"][0] += doc.all_messages() == before
    except ServerDied as x:
        lv.dead = str(x)[:200]
    if done and c.alive:
        await c.idle(5)
        a["cpu"].append((tree_cpu(c.pid) - cpu0) * 1e3 / done)
    lv.spent += now() - t_start
    a["clean"] += clean
    a["clean_all"] += clean_all
    whole = done == 10
    a["blocks"].append(statistics.median(clean) if len(clean) >= 3 else None)
    a["blocks_all"].append(statistics.median(clean_all) if len(clean) >= 3 else None)
    a["blocks_raw"].append(statistics.median(firsts) if whole else None)
    a["blocks_all_raw"].append(statistics.median(alls) if whole else None)
    a["blocks_cpu"].append(a["cpu"][-1] if whole and a["cpu"] else None)


async def sc_burst(specs, args, corpus, work, out):
    res = out["burst"] = {}
    for n in args.burst_cells:
        cells = concat_cells(corpus, n, args.seed)
        acc = {
            s["name"]: {
                "final_ms": [],
                "cpu_s": [],
                "pubs": [],
                "seen": 0,
                "late_ms": [],
                "wait_ms": [],
                "runs": 0,
                "kb": [],
            }
            for s in specs
        }
        for r in range(args.burst_runs):
            for s in specs if r % 2 == 0 else specs[::-1]:
                a = acc[s["name"]]
                lv = None
                try:
                    lv = await launch(s, args, cells, f"nb{n}", work)
                    await opened(lv, args)
                    await lv.client.idle()
                    await burst_once(lv, a, args, r)
                except (Timeout, ServerDied, RpcError) as e:
                    a.setdefault("errors", []).append(str(e)[:200])
                finally:
                    if lv:
                        a["sync"] = lv.doc.mode
                        await lv.client.stop()
                progress(f"burst n={n} run {r + 1}/{args.burst_runs} {s['name']}")
        base = acc[args.baseline]
        res[n] = {}
        for name, a in acc.items():
            res[n][name] = {
                "sync": a.get("sync"),
                "final_ms": summary(a["final_ms"]),
                "cpu_s": summary(a["cpu_s"]),
                "publishes_of_cell": summary(a["pubs"]),
                "kb_received": summary(a["kb"]),
                "runqueue_wait_ms": summary(a["wait_ms"]),
                "worst_lateness_ms": summary(a["late_ms"]),
                "seen": [a["seen"], a["runs"]],
                "errors": a.get("errors"),
                "vs_base_final": boot_ratio(list(zip(a["final_ms"], base["final_ms"])), args.seed),
                "vs_base_cpu": boot_ratio(list(zip(a["cpu_s"], base["cpu_s"])), args.seed),
            }


async def burst_once(lv: Live, a, args, r):
    c, doc, cell = lv.client, lv.doc, lv.cell
    rng = random.Random(f"{args.seed}/{r}/burst")
    name = "qz" + "".join(rng.choice(LETTERS) for _ in range(args.burst_edits - 2))
    p = cell.text.rindex('"\nbench_end') + 2
    doc.edit(cell, p, p, "\n")
    try:
        await doc.arrived(cell, lv.spec.get("edit_timeout_s", args.edit_timeout))
    except Timeout:
        pass
    await c.quiet(lv.spec.get("settle_s", args.settle))
    await c.idle(10)
    c.log.clear()
    c.keep_log = True
    cpu0, b0 = tree_cpu(c.pid), c.n_bytes
    d0 = tree_delay(c.pid)
    t_next = now() + 0.02
    late, t_last, prev = 0.0, 0.0, None
    for i, ch in enumerate(name):
        d = t_next - now()
        if d > 0:
            await asyncio.sleep(d)
        late = max(late, now() - t_next)
        t_next += args.burst_ms / 1e3
        if c.pull and prev is not None and not prev[2].done():
            c.notify("$/cancelRequest", {"id": prev[0]})
        t_last = doc.edit(cell, p + i, p + i, ch)
        if c.pull:
            prev = c.request_nowait("textDocument/diagnostic", {"textDocument": {"uri": cell.uri}})
            prev[2].add_done_callback(lambda f: f.cancelled() or f.exception())
    limit = 60.0
    if c.pull:
        try:
            ts, rep = await asyncio.wait_for(prev[2], limit)
            doc.take_report(cell.uri, rep)
        except RpcError:
            ts = await doc.pull(cell.uri, limit)
    else:
        v = cell.version
        hit = [e for e in c.log if e[1] == cell.uri and e[2] is not None and e[2] >= v]
        if hit:
            ts = hit[0][0]
        else:
            versioned = any(e[1] == cell.uri and e[2] is not None for e in c.log) or not any(
                e[1] == cell.uri for e in c.log
            )
            if versioned or c.spec.get("done_method"):
                ts = await c.wait(doc.matcher(cell), limit)
            else:
                ts = None
        await c.quiet(max(1.0, lv.spec.get("settle_s", args.settle)))
        mine = [e for e in c.log if e[1] == cell.uri]
        if ts is None or (mine and all(e[2] is None for e in mine)):
            # no versions: the first publish whose content is the final one, with nothing different after it
            ts = None
            for e in reversed(mine):
                if e[3] != mine[-1][3]:
                    break
                ts = e[0]
            if ts is None or ts < t_last:
                raise Timeout(f"{c.name}: no publish after the last edit of the burst")
    await c.idle(20)
    c.keep_log = False
    a["runs"] += 1
    a["final_ms"].append((ts - t_last) * 1e3)
    a["cpu_s"].append(tree_cpu(c.pid) - cpu0)
    a["kb"].append((c.n_bytes - b0) / 1024)
    a["pubs"].append(sum(1 for e in c.log if e[1] == cell.uri))
    a["late_ms"].append(late * 1e3)
    a["wait_ms"].append((tree_delay(c.pid) - d0) / 1e6)
    a["seen"] += any(name in (d.get("message") or "") for d in c.diags.get(cell.uri, ()))
    c.log.clear()


async def sc_action(specs, args, corpus, work, out):
    res = out["action"] = {}
    for n in args.action_cells:
        cells = concat_cells(corpus, n, args.seed)
        acc = {s["name"]: {"quiet": [], "behind": [], "resolve": [], "n_actions": [], "notes": []} for s in specs}
        for r in range(args.rounds):
            for s in specs if r % 2 == 0 else specs[::-1]:
                a = acc[s["name"]]
                lv = None
                try:
                    lv = await launch(s, args, cells, f"nb{n}", work, extra=args.finding)
                    await opened(lv, args)
                    await lv.client.idle()
                    a["sync"] = lv.doc.mode
                    await actions_once(lv, a, args, r)
                except (Timeout, ServerDied, RpcError) as e:
                    a.setdefault("errors", []).append(str(e)[:200])
                finally:
                    if lv:
                        await lv.client.stop()
                progress(f"action n={n} round {r + 1}/{args.rounds} {s['name']}")
        base = acc[args.baseline]
        res[n] = {}
        for name, a in acc.items():
            res[n][name] = {
                "sync": a.get("sync"),
                "quiet_ms": summary(a["quiet"]),
                "behind_edit_ms": summary(a["behind"]),
                "resolve_ms": summary(a["resolve"]),
                "errors": a.get("errors"),
                "notes": a["notes"][:3],
                "actions_per_request": rnd(statistics.mean(a["n_actions"]), 1) if a["n_actions"] else None,
                "vs_base": boot_ratio(list(zip(a["quiet"], base["quiet"])), args.seed),
            }


async def actions_once(lv: Live, a, args, r):
    c, doc = lv.client, lv.doc
    if not c.caps.get("codeActionProvider"):
        a["notes"].append("no codeActionProvider")
        return
    rng = random.Random(f"{args.seed}/{r}/action")
    pool = [(cell, d) for cell in doc.cells for d in c.diags.get(cell.uri, ())]
    if not pool:
        a["notes"].append("no diagnostics: asked at the anchor")
        e = lv.cell.text.rindex("bench_end")
        pool = [(lv.cell, {"range": {"start": lv.cell.pos(e), "end": lv.cell.pos(e + 9)}})]
    resolve = isinstance(c.caps["codeActionProvider"], dict) and c.caps["codeActionProvider"].get("resolveProvider")

    async def ask(cell, d):
        dt, got = await c.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": cell.uri},
                "range": d["range"],
                "context": {"diagnostics": [d] if "message" in d else [], "triggerKind": 1},
            },
            args.edit_timeout * 3,
        )
        return dt * 1e3, got or []

    await ask(*pool[0])
    near = [(cell, d) for cell, d in pool if cell is lv.cell] or pool
    for i in range(args.action_requests):
        cell, d = rng.choice(near if i % 2 else pool)
        dt, got = await ask(cell, d)
        a["quiet"].append(dt)
        a["n_actions"].append(len(got))
        todo = [
            g for g in got if isinstance(g, dict) and "edit" not in g and "command" not in g and not g.get("disabled")
        ]
        if resolve and todo:
            dt, _ = await c.request("codeAction/resolve", todo[0], args.edit_timeout * 3)
            a["resolve"].append(dt * 1e3)
        await asyncio.sleep(0.005)
    for i in range(max(5, args.action_requests // 3)):
        p = lv.cell.text.rindex('"\nbench_end')
        doc.edit(lv.cell, p, p, rng.choice(LETTERS))
        dt, _ = await ask(*near[i % len(near)])
        a["behind"].append(dt)
        if not c.pull:
            await c.quiet(0.15, 5)


async def sc_rss(specs, args, corpus, work, out):
    res = out["rss"] = {}
    rng = random.Random(f"{args.seed}/rss")
    order = list(range(len(corpus)))
    rng.shuffle(order)
    marks = sorted(args.rss_counts)
    for s in specs:
        row = res[s["name"]] = {}
        c = None
        try:
            root = os.path.join(work, "rss_" + re.sub(r"\W+", "_", s["name"]))
            os.makedirs(root, exist_ok=True)
            c = Client(s, root, work)
            await c.start()
            await c.initialize()
            await c.quiet(0.3)
            await c.idle()
            row["0"] = tree_mem(c.pid)
            mode = "script" if args.mode == "script" else ("notebook" if c.has_notebooks() else "cells")
            for i in range(marks[-1]):
                name, cells = corpus[order[i % len(order)]]
                doc = Doc(c, root, f"nb{i}", cells, mode)
                doc.write_file()
                doc.open()
                try:
                    await doc.opened_wave(args.open_timeout, 0.05)
                except Timeout:
                    row["timeouts"] = row.get("timeouts", 0) + 1
                    if row["timeouts"] > 3:
                        raise
                if i + 1 in marks:
                    await c.quiet(s.get("settle_s", args.settle))
                    await c.idle(30)
                    row[str(i + 1)] = tree_mem(c.pid)
                    progress(f"rss {s['name']} {i + 1} notebooks")
            row["sync"] = mode
            row["cpu_s"] = tree_cpu(c.pid)
        except (Timeout, ServerDied, RpcError) as e:
            row["errors"] = [str(e)[:200]]
        finally:
            if c:
                await c.stop()


def random_edit(doc: Doc, rng: random.Random, pool: list[str], structural: bool):
    """One random edit, applied and sent; returns what it was."""
    roll = rng.random()
    if structural and roll < 0.10 and len(doc.cells) < 400:
        doc.insert_cell(rng.randrange(len(doc.cells) + 1), rng.choice(pool))
        return "add"
    if structural and roll < 0.18 and len(doc.cells) > 3:
        doc.delete_cell(rng.randrange(len(doc.cells)))
        return "del_cell"
    if structural and roll < 0.28 and len(doc.cells) > 2:
        doc.move_cell(rng.randrange(len(doc.cells)), rng.randrange(len(doc.cells)))
        return "move"
    cell = rng.choice(doc.cells)
    t = cell.text
    if roll < 0.50:  # a whole new line at a line start at column 0: keeps syntax nearly always
        starts = [0] + [m.end() for m in re.finditer(r"\n", t)]
        starts = [x for x in starts if x >= len(t) or t[x] not in " \t)]}\n"]
        p = rng.choice(starts or [0])
        line = rng.choice(
            [
                "import os, sys\n",
                "qz_{0} = undefined_{0}\n",
                "'\U0001f600'; qz_{0}\n",
                "x_{0} = [i for i in range({0})]\n",
                "print('\u00e9\u4e2d\U0001f600', {0})\n",
                "# note {0}\n",
                "def f_{0}(a=[]):\n    return a\n",
                "import numpy as np\n",
            ]
        ).format(rng.randrange(1000))
        if p >= len(t) and t and not t.endswith("\n"):
            line = "\n" + line.rstrip("\n")
        doc.edit(cell, p, p, line)
        return "line"
    if roll < 0.62 and t.count("\n") >= 1:  # delete one line
        ls = [0] + [m.end() for m in re.finditer(r"\n", t)]
        i = rng.randrange(len(ls))
        doc.edit(cell, ls[i], ls[i + 1] if i + 1 < len(ls) else len(t), "")
        return "del_line"
    if roll < 0.72 and t:  # rename a word
        ws = list(re.finditer(r"[A-Za-z_]\w*", t))
        if ws:
            m = rng.choice(ws)
            doc.edit(cell, m.start(), m.end(), m.group() + rng.choice(LETTERS))
            return "word"
    if roll < 0.90 or not t:
        p = rng.randrange(len(t) + 1)
        wide = [(c, m.end()) for c in doc.cells for m in re.finditer("[\U00010000-\U0010ffff]", c.text)]
        if wide and rng.random() < 0.5:  # right behind a character of two UTF-16 units
            cell, p = rng.choice(wide)
        doc.edit(cell, p, p, rng.choice(["a", "1", " ", "(", ")", '"', "\n", ":", "\U0001f600", "\u00e9", "    ", "#"]))
        return "char"
    p = rng.randrange(len(t))
    q = min(len(t), p + rng.randrange(1, 12))
    doc.edit(cell, p, q, "")
    return "cut"


def parses(s: str) -> bool:
    try:
        ast.parse(s)
        return True
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False


async def sc_robust(specs, args, corpus, work, out):
    res = out["robust"] = {}
    pool = [c for _, cells in corpus for c in cells if len(c) < 2000]
    cells = concat_cells(corpus, args.robust_cells, args.seed)
    per = max(1, args.robust_edits // args.checkpoints)
    for s in specs:
        row = res[s["name"]] = {"checks": [], "edits": {}, "equal": 0, "total": 0}
        lv = None
        settle = s.get("settle_s", args.settle)
        try:
            lv = await launch(s, args, cells, "robust", work, target=False)
            await opened(lv, args)
            doc = lv.doc
            row["sync"] = doc.mode
            rng = random.Random(f"{args.seed}/robust")
            for k in range(args.checkpoints):
                for _ in range(per):
                    kind = random_edit(doc, rng, pool, doc.mode != "script")
                    row["edits"][kind] = row["edits"].get(kind, 0) + 1
                    if rng.random() < 0.5:
                        await asyncio.sleep(rng.random() * 0.03)
                await check_equal(lv, args, s, row, f"after {(k + 1) * per} edits", settle, work)
                fixed = 0
                if doc.mode == "script":
                    if not parses(doc.cells[0].text):
                        doc.edit(doc.cells[0], 0, len(doc.cells[0].text), "\n\n".join(cells) + "\n")
                        fixed = 1
                else:
                    for cell in doc.cells:
                        if not parses(cell.text):
                            doc.edit(cell, 0, len(cell.text), rng.choice(pool))
                            fixed += 1
                await check_equal(
                    lv, args, s, row, f"after {(k + 1) * per} edits, {fixed} cells repaired", settle, work
                )
                progress(f"robust {s['name']} {row['equal']}/{row['total']} equal")
        except (Timeout, ServerDied, RpcError) as e:
            row["errors"] = [str(e)[:300]]
        finally:
            if lv:
                await lv.client.stop()


async def check_equal(lv: Live, args, spec, row, label, settle, work):
    c, doc = lv.client, lv.doc
    if c.pull:
        for cell in doc.cells:
            await doc.pull(cell.uri, 30)
    else:
        await c.quiet(settle)
        await c.idle(20)
        await c.quiet(settle)
    mine = doc.state()
    f = Client(spec, c.root, work)
    await f.start()
    try:
        await f.initialize()
        d2 = Doc(f, c.root, doc.name, [], doc.mode)
        d2.uri, d2.path, d2.version = doc.uri, doc.path, doc.version
        d2.cells = [Cell(x.uri, x.text, doc.version) for x in doc.cells]
        d2.by_uri = set(doc.by_uri)
        d2.open()
        await d2.opened_wave(args.open_timeout, settle)
        if not f.pull:
            await f.idle(20)
            await f.quiet(settle)
        fresh = d2.state()
    finally:
        await f.stop()
    row["total"] += 1
    bad = [i for i, (x, y) in enumerate(zip(mine, fresh)) if x != y]
    nd = sum(len(x) for x in fresh)
    if not bad:
        row["equal"] += 1
        row["checks"].append({"at": label, "equal": True, "diagnostics": nd})
    else:
        i = bad[0]
        row["checks"].append(
            {
                "at": label,
                "equal": False,
                "diagnostics": nd,
                "cells_differing": len(bad),
                "of": len(mine),
                "first_cell": i,
                "only_incremental": [x for x in mine[i] if x not in fresh[i]][:3],
                "only_fresh": [x for x in fresh[i] if x not in mine[i]][:3],
            }
        )


# -------------------------------------------------------------------------------------------------- tables


def table(head, rows) -> str:
    rows = [[("" if x is None else str(x)) for x in r] for r in rows]
    w = [max(len(str(h)), *(len(r[i]) for r in rows)) if rows else len(str(h)) for i, h in enumerate(head)]
    line = lambda r: (
        "| " + " | ".join(str(x).ljust(w[i]) if i == 0 else str(x).rjust(w[i]) for i, x in enumerate(r)) + " |"
    )
    return "\n".join([line(head), "|" + "|".join("-" * (k + 2) for k in w) + "|"] + [line(r) for r in rows])


def ms(x):
    if x is None:
        return "-"
    return f"{x:.2f}" if x < 10 else (f"{x:.1f}" if x < 100 else f"{x:.0f}")


def rat(r):
    return "-" if not r else f"{r['ratio']:.2f} [{r['lo']:.2f}-{r['hi']:.2f}]" + ("*" if r.get("all_edits") else "")


def render(out) -> str:
    L = []
    base = out["meta"]["baseline"]
    if "cold" in out:
        rows = []
        for n, t in out["cold"].items():
            for s, r in t.items():
                rows.append(
                    [
                        s,
                        n,
                        r["sync"],
                        ms(r["init_ms"]["p50"]),
                        ms(r["first_ms"]["p50"]),
                        ms(r["wave_ms"]["p50"]),
                        ms(r["spawn_to_first_ms"]["p50"]),
                        ms((r["cpu_s"]["p50"] or 0) * 1e3),
                        rat(r["vs_base"]),
                        (r.get("errors") or [""])[0][:60],
                    ]
                )
        L += [
            "## cold start, ms (p50)",
            table(
                [
                    "server",
                    "cells",
                    "sync",
                    "spawn->init",
                    "open->first",
                    "open->last",
                    "spawn->first",
                    "cpu",
                    f"ratio to {base}",
                    "error",
                ],
                rows,
            ),
            "",
        ]
    if "keys" in out:
        rows, kr = [], []
        for n, t in out["keys"].items():
            for s, r in t.items():
                f, a = r["first_ms"], r["all_ms"]
                c, ca = r["clean_first_ms"], r["clean_all_ms"]
                if c["n"] < max(10, f["n"] / 4):  # too few to say anything (a server whose threads wait for each other)
                    c, ca = dict(c, p50=None, p95=None), dict(ca, p50=None)
                rows.append(
                    [
                        s,
                        n,
                        r["sync"],
                        f["n"],
                        ms(f["p50"]),
                        ms(f["p95"]),
                        ms(f["p99"]),
                        c["n"],
                        ms(c["p50"]),
                        ms(c["p95"]),
                        ms(ca["p50"]),
                        ms(a["p50"]),
                        ms(r["cpu_ms_per_edit"]),
                        r["msgs_per_edit"],
                        r["kb_per_edit"],
                        rat(r["vs_base_first"]),
                        rat(r["vs_base_all"]),
                        rat(r["vs_base_cpu"]),
                        rat(r.get("vs_floor_first")),
                        "%d/%d" % tuple(r["seen"]),
                        "%d/%d" % tuple(r["break_changed"]),
                        "%d/%d" % tuple(r["repair_restored"]),
                        r["timeouts"],
                        (r.get("errors") or [""])[0][:50],
                    ]
                )
                kr.append(
                    [s, n]
                    + [
                        ms(r["kinds"].get(k, {}).get("p50")) + " / " + ms(r["kinds"].get(k, {}).get("p95"))
                        for k in ("literal", "newline", "finding", "delete", "break", "repair")
                    ]
                )
        L += [
            "## keystroke latency, ms",
            table(
                [
                    "server",
                    "cells",
                    "sync",
                    "n",
                    "p50",
                    "p95",
                    "p99",
                    "clean n",
                    "clean p50",
                    "clean p95",
                    "clean all p50",
                    "all p50",
                    "cpu/edit",
                    "msgs",
                    "kB",
                    f"first / {base}",
                    f"all / {base}",
                    f"cpu / {base}",
                    f"first / {out['meta'].get('floor') or 'floor'}",
                    "seen",
                    "break",
                    "repair",
                    "timeouts",
                    "note",
                ],
                rows,
            ),
            "",
            "## keystroke latency by edit kind, ms, p50 / p95",
            table(["server", "cells", "literal", "newline", "finding", "delete", "break", "repair"], kr),
            "",
        ]
    if "burst" in out:
        rows = []
        for n, t in out["burst"].items():
            for s, r in t.items():
                rows.append(
                    [
                        s,
                        n,
                        r["sync"],
                        ms(r["final_ms"]["p50"]),
                        ms(r["final_ms"]["max"]),
                        ms((r["cpu_s"]["p50"] or 0) * 1e3),
                        r["publishes_of_cell"]["p50"],
                        ms(r["kb_received"]["p50"]),
                        rat(r["vs_base_final"]),
                        rat(r["vs_base_cpu"]),
                        "%d/%d" % tuple(r["seen"]),
                        ms(r["worst_lateness_ms"]["max"]),
                        (r.get("errors") or [""])[0][:50],
                    ]
                )
        L += [
            "## burst: last edit -> final diagnostics, ms",
            table(
                [
                    "server",
                    "cells",
                    "sync",
                    "final p50",
                    "max",
                    "cpu ms",
                    "publishes",
                    "kB",
                    f"final / {base}",
                    f"cpu / {base}",
                    "seen",
                    "late",
                    "error",
                ],
                rows,
            ),
            "",
        ]
    if "action" in out:
        rows = []
        for n, t in out["action"].items():
            for s, r in t.items():
                rows.append(
                    [
                        s,
                        n,
                        r["sync"],
                        r["quiet_ms"]["n"],
                        ms(r["quiet_ms"]["p50"]),
                        ms(r["quiet_ms"]["p95"]),
                        ms(r["behind_edit_ms"]["p50"]),
                        ms(r["behind_edit_ms"]["p95"]),
                        ms(r["resolve_ms"]["p50"]),
                        r["actions_per_request"],
                        rat(r["vs_base"]),
                        ((r.get("errors") or []) + r["notes"] + [""])[0][:50],
                    ]
                )
        L += [
            "## code actions, ms",
            table(
                [
                    "server",
                    "cells",
                    "sync",
                    "n",
                    "quiet p50",
                    "p95",
                    "behind edit p50",
                    "p95",
                    "resolve p50",
                    "actions",
                    f"ratio to {base}",
                    "note",
                ],
                rows,
            ),
            "",
        ]
    if "rss" in out:
        marks = sorted({k for r in out["rss"].values() for k in r if k.isdigit()}, key=int)
        rows = [
            [s, r.get("sync")]
            + [f"{r[k]['rss_mb']:.0f} / {r[k]['pss_mb']:.0f}" if k in r else "-" for k in marks]
            + [ms(r.get("cpu_s")), (r.get("errors") or [""])[0][:50]]
            for s, r in out["rss"].items()
        ]
        L += [
            "## memory, MB (RSS / PSS of the process tree) with k notebooks open",
            table(["server", "sync"] + [f"k={k}" for k in marks] + ["cpu s", "error"], rows),
            "",
        ]
    if "robust" in out:
        rows = []
        for s, r in out["robust"].items():
            bad = next((c for c in r["checks"] if not c["equal"]), None)
            rows.append(
                [
                    s,
                    r.get("sync"),
                    sum(r["edits"].values()),
                    f"{r['equal']}/{r['total']}",
                    r["checks"][-1]["diagnostics"] if r["checks"] else None,
                    (r.get("errors") or [""])[0][:80]
                    or (f"{bad['at']}: {bad['cells_differing']} cells differ" if bad else ""),
                ]
            )
        L += [
            "## incremental consistency: equal to a fresh server",
            table(["server", "sync", "edits", "equal", "diagnostics at the end", "first difference"], rows),
            "",
        ]
    return "\n".join(L)


_t_prog = 0.0
QUIET = False


def progress(msg):
    if not QUIET:
        print(f"[{time.strftime('%H:%M:%S')}] {msg}", file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------------------------------- main


def ints(s):
    return [int(x) for x in s.split(",") if x]


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument(
        "--server", action="append", default=[], metavar="NAME=CMD", help="repeat; the first is the baseline"
    )
    ap.add_argument("--servers", help="JSON file of server specs")
    ap.add_argument("--only", help="comma list: use these of the servers, in this order")
    ap.add_argument("--baseline", help="name of the server ratios refer to")
    ap.add_argument("--floor", help="name of a second reference, e.g. the pygls echo server (keys only)")
    ap.add_argument("--corpus", required=True, help="folder of .ipynb files")
    ap.add_argument("--scenarios", default="cold,keys,burst,action,rss,robust")
    ap.add_argument("--mode", choices=["notebook", "script"], default="notebook")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--rounds", type=int, default=2, help="keys and action: fresh starts per server")
    ap.add_argument("--cells", type=ints, default=[10, 50, 200, 1000], help="keys: notebook sizes")
    ap.add_argument("--edits", type=int, default=100, help="keys: edits per round")
    ap.add_argument("--gap-ms", type=float, default=40.0, help="keys: a wave ends after this much silence")
    ap.add_argument("--edit-timeout", type=float, default=10.0)
    ap.add_argument("--max-timeouts", type=int, default=3)
    ap.add_argument("--budget", type=float, default=90.0, help="keys: seconds of editing per server, size and round")
    ap.add_argument("--open-timeout", type=float, default=120.0)
    ap.add_argument(
        "--settle", type=float, default=0.7, help="silence after which an opened document counts as settled"
    )
    ap.add_argument("--cold-cells", type=ints, default=[10, 200])
    ap.add_argument("--cold-runs", type=int, default=7)
    ap.add_argument("--burst-cells", type=ints, default=[50, 200])
    ap.add_argument("--burst-runs", type=int, default=3)
    ap.add_argument("--burst-edits", type=int, default=50)
    ap.add_argument("--burst-ms", type=float, default=20.0)
    ap.add_argument("--action-cells", type=ints, default=[50, 200])
    ap.add_argument("--action-requests", type=int, default=30)
    ap.add_argument(
        "--finding", default=FINDING, help="action: lines put into the middle cell that every server should flag"
    )
    ap.add_argument("--rss-counts", type=ints, default=[1, 10, 50])
    ap.add_argument("--robust-cells", type=int, default=30)
    ap.add_argument("--robust-edits", type=int, default=200)
    ap.add_argument("--checkpoints", type=int, default=4)
    ap.add_argument("--keep-magics", action="store_true", help="keep cells that plain Python cannot parse")
    ap.add_argument("--out", help="JSON output file")
    ap.add_argument("--table", help="also write the table to this file")
    ap.add_argument("--work", help="folder for workspaces and server stderr (default: a temporary one, removed)")
    ap.add_argument(
        "--nice", type=int, help="run the client and the servers at this niceness (negative: on a busy machine)"
    )
    ap.add_argument(
        "--rt",
        action="store_true",
        help="real-time priority for client and servers: only for servers that work in short bursts",
    )
    ap.add_argument("--quiet", action="store_true")
    ap.add_argument("--render", metavar="JSON", nargs="+", help=argparse.SUPPRESS)
    args = ap.parse_args(argv)
    global QUIET
    QUIET = args.quiet
    if args.nice:
        os.nice(args.nice)
        try:  # where the kernel groups by session, niceness counts only inside the session
            os.setsid()
        except OSError:
            pass
        try:
            Path("/proc/self/autogroup").write_text(str(args.nice))
        except OSError:
            pass
    if args.rt:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    specs = {}
    if args.servers:
        for k, v in json.loads(Path(args.servers).read_text()).items():
            specs[k] = dict(v, name=k)
    for s in args.server:
        k, _, v = s.partition("=")
        specs[k] = {"name": k, "cmd": v}
    if args.only:
        specs = {k: specs[k] for k in args.only.split(",")}
    if not specs:
        ap.error("no servers")
    specs = list(specs.values())
    args.baseline = args.baseline or specs[0]["name"]
    if args.baseline not in [s["name"] for s in specs]:
        ap.error(f"baseline {args.baseline} is not among the servers")
    corpus = load_corpus(args.corpus, args.keep_magics)
    if not corpus:
        ap.error("no notebooks in the corpus")
    work = args.work or tempfile.mkdtemp(prefix="lsp_bench_")
    os.makedirs(work, exist_ok=True)
    work = os.path.abspath(work)
    out = {
        "meta": {
            "tool": "lsp_bench",
            "version": VERSION,
            "seed": args.seed,
            "baseline": args.baseline,
            "floor": args.floor,
            "mode": args.mode,
            "python": sys.version.split()[0],
            "cpus": os.cpu_count(),
            "corpus_notebooks": len(corpus),
            "corpus_cells": sum(len(c) for _, c in corpus),
            "sizes_bytes": {n: sum(len(x.encode()) for x in concat_cells(corpus, n, args.seed)) for n in args.cells},
            "sizes_lines": {n: sum(x.count("\n") + 1 for x in concat_cells(corpus, n, args.seed)) for n in args.cells},
            "started": time.strftime("%Y-%m-%d %H:%M:%S"),
            "load_before": os.getloadavg(),
            "pressure_before": pressure(),
            "nice": os.nice(0),
            "rt": args.rt,
            "servers": {s["name"]: s["cmd"] for s in specs},
            "args": {
                k: v for k, v in vars(args).items() if k not in ("server", "servers", "work", "corpus", "out", "table")
            },
        }
    }
    todo = {
        "cold": sc_cold,
        "keys": sc_keys,
        "burst": sc_burst,
        "action": sc_action,
        "rss": sc_rss,
        "robust": sc_robust,
    }

    async def go():
        for name in args.scenarios.split(","):
            await todo[name](specs, args, corpus, work, out)
            save()

    def save():
        out["meta"]["load_after"] = os.getloadavg()
        out["meta"]["pressure_after"] = pressure()
        out["meta"]["ended"] = time.strftime("%Y-%m-%d %H:%M:%S")
        if args.out:
            Path(args.out).write_text(json.dumps(out, indent=1))

    try:
        asyncio.run(go())
    finally:
        save()
        if not args.work:
            shutil.rmtree(work, ignore_errors=True)
    text = render(out)
    print(text)
    if args.table:
        Path(args.table).write_text(text)


if __name__ == "__main__":
    main()
