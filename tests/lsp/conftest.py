"""Fixtures of the language server's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsp_client import Client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A session in an empty folder, with what VS Code can do."""
    with Client(tmp_path) as client:
        yield client
