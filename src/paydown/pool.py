"""Documents spread over processes, so that not even a crash of the interpreter stops the others or looks clean."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from paydown.audit import Audit, Trouble
from paydown.batch import Analyst, Plan, load_rules, without_collector

_GRACE = 10.0
_LISTENING = 0.2
_PORTION = 16


@dataclass
class _Worker:
    """A process and what it has still to answer."""

    process: BaseProcess
    pipe: Connection
    left: deque[int] = field(default_factory=deque)
    heard: float = field(default_factory=time.monotonic)

    def stop(self) -> None:
        """End it, whatever it's doing."""
        self.pipe.close()
        if self.process.is_alive():
            self.process.kill()
        self.process.join(5)


def in_processes(paths: Sequence[tuple[str, str]], plan: Plan, jobs: int) -> Iterator[tuple[int, Audit]]:
    """The audit of each of ``paths`` with its index, in the order they get ready.

    The paths are handed out in small portions; what a dead process left undone is taken up by a new one.
    """
    crew = _Crew(paths, plan, jobs)
    with _interrupts() as interrupted, contextlib.closing(crew):
        for _ in range(jobs):
            crew.hire()
        while crew.busy():
            if interrupted():
                raise KeyboardInterrupt
            yield from crew.listen()
            yield from crew.watch_the_clock()


class _Crew:
    """The processes, and the portions that nobody has taken yet."""

    def __init__(self, paths: Sequence[tuple[str, str]], plan: Plan, jobs: int) -> None:
        self.paths = paths
        self.plan = plan
        self.workers: list[_Worker] = []
        portion = max(1, min(_PORTION, len(paths) // (jobs * 6)))
        starts = range(0, len(paths), portion)
        self.waiting = deque(deque(range(start, min(start + portion, len(paths)))) for start in starts)
        self.context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        if sys.platform == "linux":  # loaded once, shared by all
            load_rules()

    def close(self) -> None:
        """Leave nobody behind."""
        for worker in self.workers:
            worker.stop()

    def hire(self) -> None:
        """Start a process and give it something to do."""
        here, there = self.context.Pipe()
        process = self.context.Process(target=_work, args=(there, here, self.plan), daemon=True)
        process.start()
        there.close()
        self.workers.append(_Worker(process, here))
        self.hand_out(self.workers[-1])

    def hand_out(self, worker: _Worker) -> None:
        """Give a process the next portion, if there is one."""
        if not self.waiting:
            return
        worker.left = self.waiting.popleft()
        worker.heard = time.monotonic()
        with contextlib.suppress(OSError):  # it's dead: found out when it is listened to
            worker.pipe.send([(index, *self.paths[index]) for index in worker.left])

    def busy(self) -> bool:
        """Whether somebody has still to answer."""
        return any(worker.left for worker in self.workers)

    def listen(self) -> Iterator[tuple[int, Audit]]:
        """What the processes answer within a moment."""
        pipes = {worker.pipe: worker for worker in self.workers if worker.left}
        for pipe in wait(list(pipes), timeout=_LISTENING):
            worker = pipes[pipe]  # type: ignore[index]
            try:
                index, audit = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join(5)
                yield self.lose(worker, f"the analysis crashed ({_death(worker.process.exitcode)})")
                continue
            worker.left.remove(index)
            worker.heard = time.monotonic()
            if not worker.left:
                self.hand_out(worker)
            yield index, audit

    def watch_the_clock(self) -> Iterator[tuple[int, Audit]]:
        """End those that could not stop themselves in time."""
        latest = time.monotonic() - self.plan.seconds - _GRACE
        for worker in [one for one in self.workers if one.left]:
            if self.plan.seconds > 0 and worker.heard < latest:
                yield self.lose(worker, f"took longer than {self.plan.seconds:g} seconds; skipped")

    def lose(self, worker: _Worker, why: str) -> tuple[int, Audit]:
        """Blame the document it was looking at, and let a new process go on behind that."""
        index = worker.left.popleft()
        _, shown = self.paths[index]
        if worker.left:
            self.waiting.appendleft(worker.left)
        self.workers.remove(worker)
        worker.stop()
        if self.waiting:
            self.hire()
        return index, Audit(
            shown, "notebook" if shown.endswith(".ipynb") else "script", troubles=(Trouble(shown, why),)
        )


@contextlib.contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Whether somebody has pressed Ctrl-C: asked for at a quiet moment, for an exception may strike anywhere."""
    pressed: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        pressed.append(number)

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # not in the main thread
        yield lambda: False
        return
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


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
