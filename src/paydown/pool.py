"""Documents spread over processes, so that not even a crash of the interpreter stops the others or looks clean."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import signal
import sys
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from paydown.audit import Audit, Trouble
from paydown.batch import Analyst, Plan, without_collector
from paydown.rule import all_rules

_GRACE = 10.0


@dataclass
class _Worker:
    """A process and what it has still to answer."""

    process: BaseProcess
    pipe: Connection
    left: deque[int] = field(default_factory=deque)
    heard: float = field(default_factory=time.monotonic)


def in_processes(paths: Sequence[tuple[str, str]], plan: Plan, jobs: int) -> Iterator[tuple[int, Audit]]:
    """The audit of each of ``paths`` with its index, in the order they get ready.

    The paths are handed out in small portions; what a dead process left undone is taken up by a new one.
    """
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        importlib.import_module("paydown.engine")
        all_rules()  # loaded once, shared by all

    portion = max(1, min(16, len(paths) // (jobs * 6)))
    waiting = deque(deque(range(start, min(start + portion, len(paths)))) for start in range(0, len(paths), portion))

    def started() -> _Worker:
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(there, here, plan), daemon=True)
        process.start()
        there.close()
        return _Worker(process, here)

    def hand_out(worker: _Worker) -> None:
        if waiting:
            worker.left = waiting.popleft()
            worker.heard = time.monotonic()
            with contextlib.suppress(OSError):  # it's dead: found out when it is listened to
                worker.pipe.send([(index, *paths[index]) for index in worker.left])

    def lost(worker: _Worker, why: str) -> Iterator[tuple[int, Audit]]:
        """Blame the document it was looking at, and let a new process go on behind that."""
        index = worker.left.popleft()
        path, shown = paths[index]
        yield index, Audit(shown, "notebook" if path.endswith(".ipynb") else "script", troubles=(Trouble(shown, why),))
        if worker.left:
            waiting.appendleft(worker.left)
        workers.remove(worker)
        _stop(worker)
        if waiting:
            workers.append(started())
            hand_out(workers[-1])

    workers = [started() for _ in range(jobs)]
    try:
        for worker in workers:
            hand_out(worker)
        while any(worker.left for worker in workers):
            pipes = {worker.pipe: worker for worker in workers if worker.left}
            ready = wait(list(pipes), timeout=1.0)
            for pipe in ready:
                worker = pipes[pipe]  # type: ignore[index]
                try:
                    index, audit = worker.pipe.recv()
                except (EOFError, OSError):
                    worker.process.join(5)
                    yield from lost(worker, f"the analysis crashed ({_death(worker.process.exitcode)})")
                    continue
                worker.left.remove(index)
                worker.heard = time.monotonic()
                yield index, audit
                if not worker.left:
                    hand_out(worker)
            for worker in [one for one in workers if one.left]:
                if plan.seconds > 0 and time.monotonic() - worker.heard > plan.seconds + _GRACE:
                    yield from lost(worker, f"took longer than {plan.seconds:g} seconds; skipped")
    finally:
        for worker in workers:
            _stop(worker)


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(5)


def _death(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _work(pipe: Connection, other_end: Connection, plan: Plan) -> None:
    """What a process does: answer portions of paths until the pipe is closed."""
    other_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops us
    warnings.simplefilter("ignore")
    analyst = Analyst(plan)
    with without_collector() as tidy, contextlib.suppress(EOFError, OSError):
        while True:
            for index, path, shown in pipe.recv():
                pipe.send((index, analyst.audit(path, shown)))
                tidy()
