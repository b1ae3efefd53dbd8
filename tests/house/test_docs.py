"""The pages under docs/rules are those that the rules have."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_pages_are_current() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    present = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "rules").glob("*.md")}
    wanted = generate.pages()
    assert present.keys() == wanted.keys(), "run python docs/generate.py"
    for name, text in wanted.items():
        assert present[name] == text, f"{name}: run python docs/generate.py"
