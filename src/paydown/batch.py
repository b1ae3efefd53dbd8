"""Many documents, one after the other; ``paydown.pool`` spreads them over processes.

Whatever a file holds costs only itself: it may take so much time and memory and no more, and what goes wrong is said of
this file while the others go on.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from paydown.audit import Audit, Change, Key, Trouble, audited
from paydown.configuration import Configuration, Problem
from paydown.document import Unreadable, read
from paydown.project import Project, root_of
from paydown.project.files import joined
from paydown.project.settings import found, load
from paydown.settings import merged

if TYPE_CHECKING:
    from paydown.engine import Analysis, Engine
    from paydown.rule import Rule

T = TypeVar("T")
POOL_FROM = 24
_LEFT_OVER = 400_000  # objects


@dataclass(frozen=True)
class Plan:
    """What is wanted of each document; sent to every process."""

    overrides: Mapping[str, Any] = field(default_factory=dict)
    config: str = ""
    with_cells: bool = False
    with_file_lines: bool = False
    with_changes: bool = False
    seconds: float = 60.0
    largest: int = 256 << 20


class Home(NamedTuple):
    """What holds for the documents of a folder."""

    configuration: Configuration
    project: Project
    problems: tuple[Problem, ...]


class TooLong(BaseException):
    """A document has had its time. No ``Exception``, so that nothing on the way swallows it."""


class Analyst:
    """Looks at documents one by one; knows which configuration and project hold for each."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._homes: dict[str, Home] = {}
        self._known: dict[tuple[str, str], Home] = {}
        self._engines: dict[tuple[Configuration, str], Engine] = {}
        self._failures: dict[str, None] = {}

    def home(self, path: str) -> Home:
        """What holds for the document at ``path``."""
        folder = path.rpartition("/")[0] or "/"
        if folder not in self._homes:
            self._homes[folder] = self._home(folder)
        return self._homes[folder]

    def problems(self) -> tuple[Problem, ...]:
        """What makes no sense in the settings met so far, each once; the files as absolute paths."""
        said = ((home.configuration.root, problem) for home in self._homes.values() for problem in home.problems)
        return tuple(dict.fromkeys(problem._replace(file=joined(root, problem.file)) for root, problem in said))

    def engine(self, path: str) -> Engine:
        """The engine for the document at ``path``."""
        from paydown.engine import Engine

        home = self.home(path)
        key = (home.configuration, home.project.root)
        if key not in self._engines:
            self._engines[key] = Engine(home.configuration, home.project, on_failure=self._note, remembering=False)
        return self._engines[key]

    def _note(self, rule: Rule, error: Exception) -> None:
        if os.environ.get("PAYDOWN_DEBUG"):
            raise error
        text = f"{type(error).__name__}: {error}".partition("\n")[0]
        self._failures[f"the rule `{rule.name}` failed here, please report it: {text}"] = None

    def audit(self, path: str, shown: str, data: bytes | None = None) -> Audit:
        """The audit of the document at ``path``, whatever happens. ``data`` is its text when it isn't to be read."""
        found = self.attempt(shown, lambda: self._audit(path, shown, data))
        if isinstance(found, Audit):
            return found
        return Audit(shown, "notebook" if path.lower().endswith(".ipynb") else "script", troubles=(found,))

    def attempt(self, shown: str, action: Callable[[], T]) -> T | Trouble:
        """What ``action`` gives within its time, or what went wrong with the document it is about."""
        try:
            with limited(self.plan.seconds):
                return action()
        except Unreadable as error:
            message = error.message
        except TooLong:
            self._engines.clear()  # it was stopped anywhere; what it remembers can't be trusted
            message = f"took longer than {self.plan.seconds:g} seconds; skipped"
        except MemoryError:
            self._engines.clear()
            message = "needs more memory than there is; skipped"
        except RecursionError:
            message = "nested too deeply; skipped"
        except Exception as error:
            self._engines.clear()
            message = f"internal error, please report it: {type(error).__name__}: {error}"
            if os.environ.get("PAYDOWN_DEBUG"):
                raise
        return Trouble(shown, message.splitlines()[0] if message else "can't be read")

    def analysis(self, path: str, data: bytes | None = None) -> tuple[bytes, Analysis]:
        """The bytes of the document at ``path`` and what the engine says of them. Raises ``Unreadable``."""
        data = contents(path, self.plan.largest) if data is None else data
        document = read(path, data)
        engine = self.engine(path)
        self._failures.clear()
        try:
            return data, engine.analyse(document)
        finally:
            engine.forget(path)

    def _audit(self, path: str, shown: str, data: bytes | None) -> Audit:
        data, analysis = self.analysis(path, data)
        document = analysis.document
        lines: Mapping[int, Sequence[int]] = {}
        if self.plan.with_file_lines and analysis.findings and document.kind == "notebook":
            from paydown.report.places import file_lines

            lines = file_lines(data, document)
        changed: Mapping[Key, tuple[Change, ...]] = {}
        if self.plan.with_changes and analysis.findings:
            from paydown.report.places import changes

            changed = changes(data, document, analysis.all)
        audit = audited(shown, document, analysis, with_cells=self.plan.with_cells, file_lines=lines, changes=changed)
        failures = tuple(Trouble(shown, failure) for failure in self._failures)
        return audit._replace(troubles=audit.troubles + failures) if failures else audit

    def _home(self, folder: str) -> Home:
        if self.plan.config:
            where, _, name = self.plan.config.rpartition("/")
            configuration, problems = load(where or "/", name)
        else:
            configuration, problems = found(folder)
        if self.plan.overrides:
            configuration, more = merged(configuration, self.plan.overrides)
            problems += more
        key = (configuration.root, root_of(folder + "/"))
        if key not in self._known:
            self._known[key] = Home(configuration, Project.at(key[1], configuration.data), problems)
        return self._known[key]


def contents(path: str, largest: int) -> bytes:
    """The bytes of a file. Raises ``Unreadable`` when it has none to give, or too many."""
    try:
        if not os.path.isfile(path):
            raise Unreadable("not found" if not os.path.lexists(path) else "not a regular file")
        size = os.path.getsize(path)
        if size > largest:
            raise Unreadable(f"{size >> 20:,} MB is more than the {largest >> 20:,} MB that paydown reads")
        with open(path, "rb", buffering=0) as file:  # a buffer would only be one more copy
            return file.readall()
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror or error}") from None
    except ValueError as error:
        raise Unreadable(f"can't be read: {error}") from None


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise ``TooLong`` in the block when it takes longer than ``seconds`` (where the platform can)."""
    if not hasattr(signal, "setitimer") or seconds <= 0:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    try:
        before = signal.signal(signal.SIGALRM, stop)
    except ValueError:  # not in the main thread
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def audits(paths: Sequence[tuple[str, str]], plan: Plan, analyst: Analyst, jobs: int) -> Iterator[tuple[int, Audit]]:
    """The audit of each of ``paths`` (where it is, what it's called) with its index, in the order they get ready."""
    warnings.simplefilter("ignore")  # what the compiler thinks of the code that is read is not for our users
    if jobs <= 1 or len(paths) < POOL_FROM:
        yield from _one_by_one(paths, analyst)
    else:
        from paydown.pool import in_processes

        yield from in_processes(paths, plan, min(jobs, len(paths) // 8 + 1))


def _one_by_one(paths: Sequence[tuple[str, str]], analyst: Analyst) -> Iterator[tuple[int, Audit]]:
    with without_collector() as tidy:
        for index, (path, shown) in enumerate(paths):
            yield index, analyst.audit(path, shown)
            tidy()


def load_rules() -> None:
    """Load the engine and the rules beforehand, so that their time is not the first document's."""
    from paydown.rule import all_rules

    importlib.import_module("paydown.engine")
    all_rules()


@contextlib.contextmanager
def without_collector() -> Iterator[Callable[[], None]]:
    """Run without the cyclic garbage collector, which would walk every syntax tree again and again.

    Gives a function to call between documents: it collects when much is left over from those before. The rules are
    loaded first, to stay out of all that.
    """
    gc.disable()
    load_rules()
    gc.freeze()
    try:
        yield _tidy
    finally:
        gc.freeze()  # else what was made since would be walked at once
        gc.enable()
        gc.unfreeze()


def _tidy() -> None:
    if gc.get_count()[0] > _LEFT_OVER:
        gc.collect()
