"""``paydown pin`` and ``paydown verify`` as a user starts them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from documents import code, notebook, paydown, write

from paydown.project import Project
from paydown.project.pinning import Refused, hashed, pin

READS = (
    'import pandas as pd\na = pd.read_csv("data/a.csv")\nb = pd.read_csv("data/b.csv")\nc = pd.read_csv("none.csv")\n'
)


def locked(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "paydown.lock").read_text())["data"]  # type: ignore[no-any-return]


def test_local_reads_are_pinned_and_verified(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "notebooks/n.ipynb": notebook(code(READS.replace("data/", "../data/")))})
    write(tmp_path, {"data/a.csv": "x\n1\n", "data/b.csv": "y\n", "s.py": READS})
    done = paydown("pin", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not pinned  none.csv: not found" in done.stdout
    assert {key: (pin_["sha256"], pin_["size"]) for key, pin_ in locked(tmp_path).items()} == {
        "data/a.csv": (hashlib.sha256(b"x\n1\n").hexdigest(), 4),
        "data/b.csv": (hashlib.sha256(b"y\n").hexdigest(), 2),
    }
    before = (tmp_path / "paydown.lock").read_bytes()
    assert "unchanged   data/a.csv" in paydown("pin", cwd=tmp_path).stdout
    assert (tmp_path / "paydown.lock").read_bytes() == before
    good = paydown("verify", cwd=tmp_path / "notebooks")
    assert (good.returncode, good.stdout) == (0, "2 pins as pinned.\n")
    write(tmp_path, {"data/a.csv": "x\n2\n"})
    (tmp_path / "data" / "b.csv").unlink()
    bad = paydown("verify", cwd=tmp_path)
    assert bad.returncode == 1
    assert "differs        data/a.csv: changed since it was pinned on" in bad.stdout
    assert "differs        data/b.csv: missing" in bad.stdout
    assert "0 pins as pinned, 2 changed or missing." in bad.stdout


def test_a_broken_lock_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path, {"paydown.lock": "<<<<<<< HEAD\n", "s.py": READS, "data/a.csv": "x"})
    done = paydown("pin", cwd=tmp_path)
    assert done.returncode == 2
    assert "merge conflict" in done.stderr
    assert (tmp_path / "paydown.lock").read_text() == "<<<<<<< HEAD\n"
    assert paydown("verify", cwd=tmp_path).returncode == 2


def test_a_broken_lock_is_told_of_by_the_check(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "paydown.lock": "{", "s.py": READS, "data/a.csv": "x"})
    done = paydown("check", "--select", "HTD301", "--exit-zero", cwd=tmp_path)
    assert "paydown.lock is no valid JSON" in done.stdout + done.stderr
    assert "nothing counts as pinned" in done.stdout + done.stderr


def test_data_is_pinned_by_its_own_name(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "data/a.csv": "x", "data/more/b.csv": "y", "s.py": ""})
    done = paydown("pin", "a.csv", "more", cwd=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert list(locked(tmp_path)) == ["data/a.csv", "data/more"]
    web = paydown("pin", "https://example.org/a.csv", cwd=tmp_path)
    assert "not pinned  https://example.org/a.csv: on the web" in web.stdout


def test_what_a_document_writes_itself_is_not_pinned(tmp_path: Path) -> None:
    text = 'import pandas as pd\npd.read_csv("a.csv").to_csv("b.csv")\npd.read_csv("b.csv")\n'
    write(tmp_path, {"pyproject.toml": "", "a.csv": "x", "b.csv": "x", "s.py": text})
    assert paydown("pin", cwd=tmp_path).returncode == 0
    assert list(locked(tmp_path)) == ["a.csv"]


class Web(BaseHTTPRequestHandler):
    """A small web with data, redirects and things that go wrong."""

    def do_GET(self) -> None:
        """Answer by the path."""
        targets = {
            "/moved": "/data.csv",
            "/file": "file:///etc/passwd",
            "/loop": "/loop",
            "/ftp": "ftp://example.org/x",
        }
        path = self.path.partition("?")[0]
        if path in targets:
            self.send_response(302)
            self.send_header("Location", targets[path])
            self.end_headers()
            return
        if path == "/gone":
            self.send_error(404)
            return
        self.send_response(200)
        body = b"a,b\n1,2\n" if path == "/data.csv" else b"x" * (1_000 if path == "/short" else 3_000_000)
        self.send_header("Content-Length", str(len(body) + (5 if path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_web_is_asked_only_when_told_to(web: str, tmp_path: Path) -> None:
    address = f"{web}/data.csv?token=secret&year=1"
    write(tmp_path, {"s.py": f'import pandas as pd\na = pd.read_csv("{address}")\n'})
    shy = paydown("pin", cwd=tmp_path)
    assert shy.returncode == 0
    assert "`paydown pin --urls`" in shy.stdout
    assert "secret" not in shy.stdout
    assert not (tmp_path / "paydown.lock").exists()
    bold = paydown("pin", "--urls", cwd=tmp_path)
    assert bold.returncode == 0
    assert locked(tmp_path) == {
        f"{web}/data.csv?year=1": {
            "sha256": hashlib.sha256(b"a,b\n1,2\n").hexdigest(),
            "size": 8,
            "date": locked(tmp_path)[f"{web}/data.csv?year=1"]["date"],
        }
    }
    assert "1 on the web not looked at" in paydown("verify", cwd=tmp_path).stdout
    assert paydown("verify", "--urls", cwd=tmp_path).stdout == "1 pin as pinned.\n"
    assert Project.at(str(tmp_path)).pinned(address)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/gone", "404"),
        ("/file", "not allowed|not on the web"),
        ("/ftp", "not on the web"),
        ("/loop", "302"),
        ("/big", "2 MB allowed"),
        ("/short", "broke off|can't be downloaded"),
    ],
)
def test_what_the_web_may_not_do(path: str, word: str, web: str) -> None:
    with pytest.raises(Refused, match=word):
        hashed(web + path, urls=True, largest=2 << 20)


def test_redirects_and_progress(web: str) -> None:
    done: list[int] = []
    assert hashed(f"{web}/moved", urls=True, progress=done.append).size == sum(done) == 8
    with pytest.raises(Refused, match="can't be reached"):
        hashed("http://127.0.0.1:9/x", urls=True)


class Wanted:
    """A data read, as the engine tells of it."""

    def __init__(self, scheme: str, location: str) -> None:
        self.scheme = scheme
        self.location = location


def test_folders_globs_and_what_is_out_of_reach(tmp_path: Path) -> None:
    write(tmp_path, {"parts/a.csv": "1", "parts/deep/b.csv": "2", "empty/.git/x": ""})
    project = Project.at(str(tmp_path))
    wanted = [
        Wanted("local", "parts"),
        Wanted("local", "parts/*.csv"),
        Wanted("s3", "s3://bucket/x"),
        Wanted("local", "empty"),
    ]
    outcome = pin(project, [(one, f"{tmp_path}/n.py") for one in wanted])
    assert outcome.written == ["parts", "parts/a.csv"]
    assert locked(tmp_path)["parts"]["files"] == 2
    assert [reason for _, reason in outcome.refused] == [
        "s3 can't be hashed from here; pin its version where it is stored",
        "an empty folder",
    ]
    assert project.version_of("parts/*.csv") == "pinned"
    first = hashed(str(tmp_path / "parts")).sha256
    (tmp_path / "parts" / "a.csv").rename(tmp_path / "parts" / "c.csv")
    assert hashed(str(tmp_path / "parts")).sha256 != first
