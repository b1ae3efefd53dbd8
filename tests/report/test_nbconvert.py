"""``jupyter nbconvert --to paydown`` as a user starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbconvert import exporters

from paydown.report.nbconvert import PaydownExporter

_exporter_named: Any = exporters.get_exporter
_exporter: Any = PaydownExporter
SOURCE = "from sklearn.model_selection import train_test_split\na, b = train_test_split([1])\n"


def _notebook(folder: Path) -> Path:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "source": SOURCE,
        "outputs": [],
        "execution_count": None,
        "id": "one",
    }
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    data = {"cells": [cell], "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    path = folder / "a b ü.ipynb"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_the_exporter_is_found_by_its_name() -> None:
    assert _exporter_named("paydown") is PaydownExporter


def test_a_notebook_becomes_a_page(tmp_path: Path) -> None:
    path = _notebook(tmp_path)
    command = [sys.executable, "-m", "nbconvert", "--to", "paydown", path.name]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert "<h1>a b ü.ipynb</h1>" in page
    assert "<strong>2 min</strong> to pay off, in 1 finding" in page


def test_its_options_and_the_projects_settings_hold(tmp_path: Path) -> None:
    path = _notebook(tmp_path)
    page, resources = _exporter(ignore=["HTD811"]).from_filename(str(path))
    assert resources["output_extension"] == ".html"
    assert "No debt found." in page
    assert "in 1 finding" in _exporter(select=["HTD8"]).from_filename(str(path))[0]
    (tmp_path / "pyproject.toml").write_text('[tool.paydown]\nignore = ["unseeded-randomness"]\n')
    assert "No debt found." in _exporter().from_filename(str(path))[0]
