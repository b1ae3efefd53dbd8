"""The house stands: each layer knows only those below it, and analysed code is never imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "paydown"
SERVER = ROOT / "lsp_server" / "paydown_lsp"

# From the ground up. A module may know those of its own layer and of lower ones.
LAYERS: list[set[str]] = [
    {"span", "encoding", "jsontext", "globs", "fingerprint", "installed"},
    {"facts", "ipython", "names", "recovery", "dialects", "statements", "blocks", "bounds", "fstrings"},
    {"document", "script"},
    {"rule"},
    {"libraries", "flow"},
    {"accepting", "configuration"},
    {"settings"},
    {"project"},
    {"view", "story"},
    {"fixes"},
    {"rules"},
    {"engine", "plan", "resolving"},
    {"ledger"},
    {"report", "audit", "pool", "batch"},
    {"commands", "cli", "__main__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Rules are looked up by name, late; fixing all of a document is handed the engine that analyses it.
LATE = {("rule", "rules"), ("fixes", "engine")}


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "paydown":
                yield from (f"paydown.{alias.name}" for alias in node.names if not alias.name.startswith("__"))
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _layer(dotted: str) -> str:
    return dotted.split(".")[1] if dotted.startswith("paydown.") else ""


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_layers(path: Path) -> None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    own = parts[0]
    if own == "__init__":
        return
    assert own in LEVEL, f"{own} has a place in LAYERS"
    for dotted in _imports(path):
        other = _layer(dotted)
        if not other or (own, other) in LATE:
            continue
        assert other in LEVEL, f"{dotted} has a place in LAYERS"
        assert LEVEL[other] <= LEVEL[own], f"{own} knows {dotted}, which stands above it"


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_engine_knows_no_face(path: Path) -> None:
    known = {dotted.split(".")[0] for dotted in _imports(path)}
    allowed = {"paydown_lsp"} if path.relative_to(PACKAGE).parts[0] in ("commands", "cli.py") else set()
    assert not (known & {"lsprotocol", "pygls", "jupyter_server", "paydown_lsp"}) - allowed


@pytest.mark.parametrize("path", sorted(SERVER.glob("*.py")), ids=lambda path: path.name)
def test_one_door_between_protocol_and_engine(path: Path) -> None:
    """Analysed code is text to the server as well: nothing is imported from it or run."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec", "__import__"}


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_run(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec", "__import__"}
