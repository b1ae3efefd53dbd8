"""Many documents in several processes: nothing that one of them does costs the others, and no crash looks clean."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from documents import DEBT, paydown, write

from paydown.audit import Audit
from paydown.batch import Analyst, Plan, audits
from paydown.pool import in_processes

if sys.platform != "linux":
    pytest.fail("the processes of these tests are forked")


def _paths(folder: Path, count: int) -> list[tuple[str, str]]:
    write(folder, {f"{number:02}.py": DEBT for number in range(count)})
    return [(str(folder / f"{number:02}.py"), f"{number:02}.py") for number in range(count)]


def _by_name(found: list[tuple[int, Audit]]) -> dict[str, Audit]:
    return {audit.path: audit for _, audit in found}


def test_a_crash_is_blamed_on_its_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = _paths(tmp_path, 30)
    audit = Analyst._audit

    def deadly(self: Analyst, path: str, shown: str, data: bytes | None) -> Audit:
        if shown in ("00.py", "13.py"):
            os.kill(os.getpid(), signal.SIGKILL)
        if shown == "29.py":
            os._exit(7)
        if shown == "20.py":
            raise MemoryError
        return audit(self, path, shown, data)

    monkeypatch.setattr(Analyst, "_audit", deadly)
    found = _by_name(list(in_processes(paths, Plan(), 2)))
    assert len(found) == 30
    failed = {name: audit.troubles[0].message for name, audit in found.items() if audit.troubles}
    assert failed == {
        "00.py": "the analysis crashed (SIGKILL)",
        "13.py": "the analysis crashed (SIGKILL)",
        "20.py": "needs more memory than there is; skipped",
        "29.py": "the analysis crashed (exit code 7)",
    }
    assert sum(len(audit.entries) for audit in found.values()) == 26


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_has_its_time_and_no_more(jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = _paths(tmp_path, 26)
    audit = Analyst._audit

    def endless(self: Analyst, path: str, shown: str, data: bytes | None) -> Audit:
        while shown == "03.py":
            try:
                sum(range(1000))
            except Exception:  # not even this keeps it going
                continue
        return audit(self, path, shown, data)

    monkeypatch.setattr(Analyst, "_audit", endless)
    plan = Plan(seconds=3)
    started = time.monotonic()
    found = _by_name(list(audits(paths, plan, Analyst(plan), jobs)))
    assert time.monotonic() - started < 60
    assert found["03.py"].troubles[0].message == "took longer than 3 seconds; skipped"
    assert sum(len(audit.entries) for audit in found.values()) == 25


def test_a_rule_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from paydown.engine import Engine

    paths = _paths(tmp_path, 1)
    run = Engine.run

    def failing(self: Engine, rule: Any, check: Any, *subject: Any) -> Any:
        broken = check._replace(function=lambda *_: 1 // 0, arity=1) if rule.code == "HTD811" else check
        return run(self, rule, broken, *subject)

    monkeypatch.setattr(Engine, "run", failing)
    found = Analyst(Plan()).audit(*paths[0])
    said = "the rule `unseeded-randomness` failed here, please report it: ZeroDivisionError: integer division"
    assert [trouble.message.partition(" or ")[0] for trouble in found.troubles] == [said]
    assert found.troubles[0].fatal


def test_one_process_and_several_say_the_same(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{number:02}.py": DEBT * (number % 3) for number in range(60)}
    write(tmp_path, files | {"broken.ipynb": "{"})
    one = paydown("check", "--jobs", "1", "--output-format", "json", cwd=tmp_path)
    several = paydown("check", "--jobs", "3", "--output-format", "json", cwd=tmp_path)
    assert one.returncode == several.returncode == 1
    assert one.stdout == several.stdout


def test_an_interrupt_ends_it_at_once_and_leaves_nobody_behind(tmp_path: Path) -> None:
    import subprocess

    write(tmp_path, {f"{number:04}.py": DEBT * 40 for number in range(1500)})
    command = [sys.executable, "-m", "paydown", "check", "--jobs", "2", "--output-format", "json"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and not children.read_text().split():
        continue
    workers = children.read_text().split()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.decode() == "paydown: interrupted\n"
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []
