"""A safe fix leaves what a notebook computes: each notebook of ``tests/notebooks`` shows the same before and after.

A notebook there is a text whose cells begin with ``# %%`` (``# %% [markdown]``, ``# %% tags=parameters``), so that a new
case is a few lines in a new file. The first line names the rules it is about: ``# rules: dead-branch magic-threshold``.
Lines that only a debugging aid printed are named as ``# gone: here``. All run in one kernel, which is emptied in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jupyter_client.manager import KernelManager

from paydown.document import Cell, Document
from paydown.engine import Engine
from paydown.fixes import fix_all
from paydown.rule import all_rules, rule_named

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.percent"))
_HEAD = re.compile(r"^# %%(.*)\n?", re.MULTILINE)
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_TIMED = re.compile(r"(?:CPU times|Wall time): .*\n")
_PREPARE = """
get_ipython().run_line_magic("reset", "-f")
import os as _os, random as _random, numpy as _numpy
_os.environ["PYTHONBREAKPOINT"] = "0"
_random.seed(1); _numpy.random.seed(1)
del _os, _random, _numpy
"""


class Case(NamedTuple):
    """A notebook, the rules it is about, and what may be missing from its output once fixed."""

    document: Document
    rules: frozenset[str]
    gone: frozenset[str]


def read(path: Path) -> Case:
    heading, _, body = path.read_text(encoding="utf-8").partition("# %%")
    rules = re.search(r"# rules: (.*)", heading)
    assert rules, f"{path.name} says which rules it is about"
    cells: list[Cell] = []
    _, *parts = _HEAD.split("# %%" + body)
    for index, (words, text) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        kind: Any = "markdown" if "[markdown]" in words else "code"
        tags = tuple(word[5:] for word in words.split() if word.startswith("tags="))
        installed = tuple(word[10:] for word in words.split() if word.startswith("installed="))
        cells.append(Cell(f"c{index}", text.removesuffix("\n"), kind, index, tags=tags, installed=installed))
    document = Document(f"/project/{path.stem}.ipynb", tuple(cells))
    return Case(document, frozenset(rules[1].split()), frozenset(re.findall(r"# gone: (.*)", heading)))


class Kernel:
    """A running kernel."""

    def __init__(self, manager: KernelManager) -> None:
        self.client = manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, document: Document) -> list[list[str]]:
        """What each cell of a notebook shows."""
        self.shown(_PREPARE)
        return [self.shown(cell.text) if cell.kind == "code" else [] for cell in document.cells]

    def shown(self, text: str) -> list[str]:
        found: list[str] = []

        def add(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    found.append(f"{content['name']}: {content['text']}")
                case "display_data" | "execute_result":
                    found.append(f"{message['msg_type']}: {sorted(content['data'].items())}")
                case "error":
                    found.append(f"error: {content['ename']}: {content['evalue']}")

        self.client.execute_interactive(text, output_hook=add, timeout=120, allow_stdin=False)
        return _joined(found)


def _joined(found: list[str]) -> list[str]:
    """Outputs as they read: streams in one piece however they were sent, without addresses and times."""
    joined: list[str] = []
    for one in found:
        if joined and one.startswith("stdout: ") and joined[-1].startswith("stdout: "):
            joined[-1] += one.removeprefix("stdout: ")
        else:
            joined.append(one)
    plain = (_TIMED.sub("", _ADDRESS.sub("0x", one)) for one in joined)
    return [one for one in plain if one != "stdout: "]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path_factory.mktemp("notebooks")))
    running = Kernel(manager)
    yield running
    running.client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_fixed_notebook_shows_the_same(path: Path, kernel: Kernel) -> None:
    case = read(path)
    engine = Engine()
    before = engine.analyse(case.document)
    texts = fix_all(case.document, engine)
    fixed = replace(
        case.document,
        cells=tuple(replace(cell, text=texts.get(cell.id, cell.text)) for cell in case.document.cells),
    )
    after = Engine().analyse(fixed)
    assert {one.name for one in before.all if any(offer.safe for offer in one.fixes)} >= case.rules
    assert not [one.message for one in after.all if one.name in case.rules]
    left = {fix.leaves for name in case.rules for fix in rule_named(name).fixes.values()}
    assert {one.name for one in after.all} <= {one.name for one in before.all} - case.rules | left
    shown = kernel.run(case.document)
    assert not [one for cell in shown for one in cell if one.startswith("error: ")], "the case itself runs"
    assert any(shown), "the case shows something"
    without = [[_without(one, case.gone) for one in cell] for cell in shown]
    assert kernel.run(fixed) == [[one for one in cell if one != "stdout: "] for cell in without]


def _without(output: str, gone: frozenset[str]) -> str:
    for line in gone:
        output = output.replace(f"{line}\n", "")
    return output


def test_every_safe_fix_is_proved() -> None:
    covered = frozenset[str]().union(*(read(path).rules for path in NOTEBOOKS))
    safe = {rule.name for rule in all_rules().values() if any(one.safe and one.apply for one in rule.fixes.values())}
    assert covered >= safe, f"tests/notebooks lacks a case for {sorted(safe - covered)}"
