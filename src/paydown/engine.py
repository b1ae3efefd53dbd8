"""The engine: runs rules over documents and remembers. The only thing with a memory.

Cells are walked in the order of the document. A cell is walked again only when its text changed or a value that it read
did; a document-wide check runs again only when something it asked for changed; a cell's findings are put together again
only when one of its own, or a place they speak of, may have moved. So warm results equal those of a fresh engine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from paydown import story
from paydown.configuration import Configuration
from paydown.document import Cell, Document
from paydown.facts import Problem, parse
from paydown.flow.cell import Flow, walk
from paydown.flow.events import Read, Reference, Save, Write
from paydown.flow.modules import Modules
from paydown.flow.run import Definition
from paydown.flow.values import Value
from paydown.libraries import libraries_with
from paydown.plan import Plan
from paydown.project import Project
from paydown.resolving import home_of, resolved, span_of
from paydown.rule import Check, Draft, Finding, Rule
from paydown.span import Span
from paydown.view import CellRecord, CellView, DocumentView, used_names

log = logging.getLogger(__name__)
PATIENCE = 0.0008  # seconds of document-wide checks that a hurried analysis still runs
KEPT_TREES = 24  # the syntax trees of so many cells are kept per document, for the next key press


@dataclass(frozen=True, slots=True)
class DataReference:
    """A read of data whose place is known, as ``paydown pin`` wants it."""

    scheme: str
    location: str
    cell: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What is known of a document. ``findings`` are by cell id; a cell's tuple stays the same object while it holds the
    same findings. ``changed`` are the cells whose findings differ from the previous analysis of the same path."""

    document: Document
    findings: dict[str, tuple[Finding, ...]]
    accepted: tuple[Finding, ...]
    errors: tuple[tuple[str, Problem], ...]
    changed: frozenset[str]
    language_skipped: str
    _state: Any = field(repr=False)
    settled: bool = True

    @property
    def all(self) -> list[Finding]:
        """Every finding, in the order of the document."""
        order = [cell.id for cell in self.document.cells]
        return [finding for cell in order for finding in self.findings.get(cell, ())]

    @property
    def principal(self) -> int:
        """Minutes to pay all of it off."""
        return sum(finding.principal for found in self.findings.values() for finding in found)

    @property
    def references(self) -> tuple[DataReference, ...]:
        """The data reads whose place is known, in order; data shipped with a library left out."""
        return self._state.references() if self._state is not None else ()

    def story(self, cell: str, line: int, column: int) -> str:
        """What the name at a position holds and where that comes from; empty when nothing is known."""
        return self._state.story(cell, line, column) if self._state is not None else ""


class _State:
    """What is remembered of one document."""

    def __init__(self, engine: Engine, document: Document) -> None:
        self.engine = engine
        self.document: Document | None = None
        self.records: dict[str, CellRecord] = {}
        self.functions: dict[str, Definition] = {}
        find = engine.project.module if engine.project is not None else None
        self.modules = Modules(find, engine.libraries, document.path)
        self.renewing = False  # a module that the document imports is another: every cell is walked again
        self.view = DocumentView(document, self.records, engine.configuration, engine.project)
        self.plan = engine.plan(document.path)
        self.asked: dict[Check, tuple[tuple[Any, int], ...]] = {}
        self.found: dict[Check, tuple[Draft, ...]] = {}  # of the document-wide checks
        self.wide: dict[str, list[Draft]] = {}  # the same by cell
        self.anchored: dict[str, list[tuple[Draft, str]]] = {}  # the same by the cell of their event, with the former
        self.cost: dict[Check, float] = {}  # seconds a document-wide check took the last time
        self.settled = True  # no document-wide check waits
        self.findings: dict[str, tuple[Finding, ...]] = {}
        self.accepted: dict[str, tuple[Finding, ...]] = {}
        self.speaks_of: dict[str, frozenset[str]] = {}  # the other cells that a cell's findings show places of
        self.generous: set[str] = set()  # cells whose checks found something in another cell's function
        self.given: dict[str, frozenset[str]] = {}  # the cells that a cell's checks found something in, last time
        self.project_revision = -1
        self.lately: list[str] = []

    # -- walking -------------------------------------------------------------------------------------------------

    def update(self, document: Document, *, hurried: bool) -> frozenset[str]:
        """Bring everything up to ``document``; returns the cells whose findings changed."""
        before = self.document
        self.document = document
        touched: set[str] = set()
        differing = _differing(before, document)
        if differing is None:
            touched |= self._reorder(document)
        news = self.engine.project is not None and self.engine.project.revision != self.project_revision
        if news and before is not None and (modules := self.modules.renewed()) is not None:
            self.modules, self.renewing = modules, True
        self._walk(
            document,
            touched,
            list(range(len(document.cells))) if self.renewing and differing is not None else differing,
        )
        self.renewing = False
        once = not self.engine.remembering
        if before is None or differing is None or once or not _same_outlook(before, document, differing):
            self.view.bump("cells")
        if differing is None or differing:
            self.view.bump("text")
        if news and self.engine.project is not None:
            self.project_revision = self.engine.project.revision
            self.view.bump("project")
        self.view.renew(document, self.records)
        stale = self._check_document(touched, hurried=hurried)
        if self.engine.remembering:
            self._forget_trees(touched)
        seen = range(len(document.cells)) if differing is None else differing
        markup = {document.cells[number].id for number in seen if document.cells[number].kind != "code"}
        return self._assemble(document, touched | stale | markup)

    def _reorder(self, document: Document) -> set[str]:
        """Cells came, went or moved: keep the records of those that stay, in the new order."""
        kept = {}
        gone = set(self.records)
        for cell in document.cells:
            record = self.records.get(cell.id)
            if record is not None and cell.kind == "code":
                kept[cell.id] = record
                gone.discard(cell.id)
        for cell_id in gone:
            for kind in self.records[cell_id].flow.events:
                self.view.bump(kind)
        for name in ("used", "magics", "errors", "lines", "cells"):
            self.view.bump(name)
        self.records = kept
        listed = {cell.id for cell in document.cells}
        for table in (self.findings, self.accepted, self.speaks_of):
            for cell_id in [one for one in table if one not in listed]:
                del table[cell_id]
        return gone

    def _walk(self, document: Document, touched: set[str], differing: list[int] | None) -> None:
        """Walk the cells whose text or incoming values changed.

        While cells keep their order (``differing`` are those that are not the same objects), only what follows the first
        edit is looked at, and only while a name holds something else than before: ``stale`` has those names' old values.
        """
        cells = document.cells
        records = self.records
        reordered = differing is None
        edited = [number for number in differing or () if not self._is_current(cells[number])]
        if not edited and not reordered:
            return
        first = 0 if reordered else edited[0]
        last = edited[-1] if edited else -1
        environment: dict[str, Value] = {}
        for cell in cells[:first]:
            if cell.kind == "code":
                environment.update(records[cell.id].flow.writes)
        ordered: dict[str, CellRecord] = {}
        stale: dict[str, Value | None] = {}
        checks = self.plan.cells if records else self.plan.narrowed(document)
        for number in range(first, len(cells)):
            if number > last and not stale and not reordered:
                break
            cell = cells[number]
            if cell.kind != "code":
                continue
            record = records.get(cell.id)
            if record is not None and self._is_current(cell):
                reads = record.flow.reads
                if (not reordered and stale.keys().isdisjoint(reads)) or _reads_hold(reads, environment):
                    environment.update(record.flow.writes)
                    for name in stale.keys() & record.flow.writes.keys():
                        del stale[name]
                    ordered[cell.id] = record
                    continue
            renewed = self._renewed(cell, record, environment)
            after = renewed.flow.writes
            before = record.flow.writes if record is not None else {}
            for name in () if reordered else before.keys() | after.keys():
                was = before[name] if name in before else stale.get(name, environment.get(name))
                now = after[name] if name in after else environment.get(name)
                if was == now:
                    stale.pop(name, None)
                else:
                    stale[name] = was
            environment.update(after)
            ordered[cell.id] = renewed
            touched.add(cell.id)
            self._check_cell(renewed, document, checks)
        if reordered:
            self.records = ordered
        else:
            records.update(ordered)

    def _is_current(self, cell: Cell) -> bool:
        """Whether what is known of a cell is of its present text; cells without code need nothing known."""
        if cell.kind != "code":
            return True
        record = self.records.get(cell.id)
        if record is None or self.renewing:
            return False
        if record.cell is not cell:
            if record.cell.text != cell.text:
                return False
            record.cell = cell
        return True

    def _renewed(self, cell: Cell, record: CellRecord | None, environment: dict[str, Value]) -> CellRecord:
        known = record is not None and record.cell is cell and record.facts is not None
        facts = record.facts if known and record is not None and record.facts is not None else parse(cell.text)
        flow = walk(cell.id, facts, environment, self.functions, self.engine.libraries, self.modules)
        if record is not None and record.flow.functions:
            self._drop_functions(cell.id)
        self.functions.update(flow.functions)
        same = record if record is not None and record.cell.text == cell.text else None
        renewed = CellRecord(cell, facts, flow, same)
        self._note_changes(record, renewed)
        return renewed

    def _drop_functions(self, cell: str) -> None:
        prefix = cell + ":"
        for key in [key for key in self.functions if key.startswith(prefix)]:
            del self.functions[key]

    def _note_changes(self, old: CellRecord | None, new: CellRecord) -> None:
        if not self.asked:
            return  # no check has looked yet
        before = old.flow.events if old is not None else {}
        after = new.flow.events
        for kind in before.keys() | after.keys():
            if before.get(kind) != after.get(kind):
                self.view.bump(kind)
        if old is None or old.magics != new.magics:
            self.view.bump("magics")
        if old is None or old.code_lines != new.code_lines:
            self.view.bump("lines")
        if old is None or old.errors != new.errors:
            self.view.bump("errors")
        # Names are compared only when a check has asked for them before: finding them costs a walk.
        if old is None or old.used is None or old.used != used_names(new):
            self.view.bump("used")

    def _forget_trees(self, touched: set[str]) -> None:
        for cell_id in touched:
            if cell_id in self.lately:
                self.lately.remove(cell_id)
            if cell_id in self.records:
                self.lately.append(cell_id)
        while len(self.lately) > KEPT_TREES:
            record = self.records.get(self.lately.pop(0))
            if record is not None:
                record.flow.settle()
                record.facts = None
        if self.settled:  # document-wide checks may have had trees made again
            for cell_id, record in self.records.items():
                if record.facts is not None and cell_id not in self.lately:
                    record.flow.settle()
                    record.facts = None

    # -- checking ------------------------------------------------------------------------------------------------

    def _check_cell(
        self, record: CellRecord, document: Document, checks: list[tuple[Rule, Check, tuple[str, ...]]]
    ) -> None:
        assert record.facts is not None
        cell = CellView(record.cell, record.facts, record.flow, document, self.engine.configuration)
        plan = self.plan
        drafts: list[Draft] = []
        run = self.engine.run
        for kind, events in record.flow.events.items():
            for rule, check in plan.events.get(kind, ()):
                if not check.mentions or cell.mentions(*check.mentions):
                    drafts += run(rule, check, events, cell)
        text = cell.lower
        for rule, check, words in checks:
            for word in words:
                if word in text:
                    break
            else:
                if words:
                    continue
            drafts += run(rule, check, (cell,))
        for draft in drafts:
            record.drafts.setdefault(home_of(draft.where, record), []).append(draft)

    def _check_document(self, touched: set[str], *, hurried: bool) -> set[str]:
        """Run the document-wide checks that must; returns the cells whose drafts changed."""
        revision = self.view.revisions.get
        due = [
            (rule, check)
            for rule, check in self.plan.documents
            if check not in self.asked or any(revision(facet, 0) != known for facet, known in self.asked[check])
        ]
        self.settled = not (hurried and sum(self.cost.get(check, 0.0) for _, check in due) > PATIENCE)
        changed = False
        for rule, check in due if self.settled else ():
            changed |= self._run_wide(rule, check)
        if not changed and not any(
            home_of(draft.where, self.records.get(cell)) != home
            for cell in touched
            for draft, home in self.anchored.get(cell, ())
        ):
            return set()
        wide: dict[str, list[Draft]] = {}
        self.anchored = {}
        for _, check in self.plan.documents:
            for draft in self.found.get(check, ()):
                home = home_of(draft.where, self.records.get(draft.where.cell))
                wide.setdefault(home, []).append(draft)
                self.anchored.setdefault(draft.where.cell, []).append((draft, home))
        stale = {cell for cell in wide.keys() | self.wide.keys() if wide.get(cell) != self.wide.get(cell)}
        self.wide = wide
        return stale

    def _run_wide(self, rule: Rule, check: Check) -> bool:
        """Run a document-wide check; returns whether it found something else than the last time."""
        view = self.view
        if self.engine.remembering:
            view.asked = set()
            started = perf_counter()
            found = tuple(self.engine.run(rule, check, (view,)))
            self.cost[check] = perf_counter() - started
            self.asked[check] = tuple((facet, view.revisions.get(facet, 0)) for facet in view.asked)
        else:
            found = tuple(self.engine.run(rule, check, (view,)))
        if found == self.found.get(check, ()):
            return False
        self.found[check] = found
        return True

    # -- putting together ----------------------------------------------------------------------------------------

    def _assemble(self, document: Document, touched: set[str]) -> frozenset[str]:
        affected = set(touched)
        for record_id in touched:
            record = self.records.get(record_id)
            affected.update(self.given.pop(record_id, ()))
            if record is not None and record.drafts:
                affected.update(record.drafts)
                self.given[record_id] = frozenset(record.drafts)
        for cell_id, others in self.speaks_of.items():
            if others & touched:
                affected.add(cell_id)
        for record_id in touched:
            record = self.records.get(record_id)
            if record is not None and any(target != record_id for target in record.drafts):
                self.generous.add(record_id)
            else:
                self.generous.discard(record_id)
        changed = set()
        for cell_id in affected:
            if self._says_nothing(cell_id):
                continue
            cell = document.by_id.get(cell_id)
            if cell is None:
                continue
            drafts = [*self._drafts(document, cell_id), *self.wide.get(cell_id, ())]
            found, accepted, others = resolved(cell, drafts, self.records, self.engine.configuration)
            if found != self.findings.get(cell_id, ()):
                changed.add(cell_id)
                if found:
                    self.findings[cell_id] = found
                else:
                    self.findings.pop(cell_id, None)
            if accepted:
                self.accepted[cell_id] = accepted
            else:
                self.accepted.pop(cell_id, None)
            if others:
                self.speaks_of[cell_id] = others
            else:
                self.speaks_of.pop(cell_id, None)
        return frozenset(changed)

    def _says_nothing(self, cell_id: str) -> bool:
        """Whether nothing was found in a cell, neither now nor before: that of most."""
        if self.generous or cell_id in self.wide or cell_id in self.findings or cell_id in self.accepted:
            return False
        own = self.records.get(cell_id)
        return cell_id not in self.speaks_of and (own is None or not own.drafts)

    def _drafts(self, document: Document, cell_id: str) -> list[Draft]:
        """What cell-wide checks found in a cell: its own, then those of cells that call its functions."""
        own = self.records.get(cell_id)
        found = list(own.drafts.get(cell_id, ())) if own is not None else []
        others = [source for source in self.generous if source != cell_id and source in self.records]
        for source in sorted(others, key=lambda one: document.by_id[one].index):
            found += self.records[source].drafts.get(cell_id, ())
        return found

    # -- asking --------------------------------------------------------------------------------------------------

    def references(self) -> tuple[DataReference, ...]:
        """The data reads whose place is known, without what the document writes itself."""
        found: dict[Reference, DataReference] = {}
        events = [record.flow.events for record in self.records.values()]
        made = {event.reference for of_cell in events for event in of_cell.get(Save, ()) if isinstance(event, Save)}
        written = [event for of_cell in events for event in of_cell.get(Write, ()) if isinstance(event, Write)]
        made.update(event.reference for event in written if not event.fetched)  # a download is somebody's data
        for record in self.records.values():
            for event in record.flow.events.get(Read, ()):
                assert isinstance(event, Read)
                pointed = event.reference
                if pointed is None or event.shipped or pointed in found or pointed in made:
                    continue
                span = span_of(event.via[0] if event.via else event.anchor, self.records, set(), record.cell.id)
                cell = event.via[0].cell if event.via else record.cell.id
                if span is not None:
                    found[pointed] = DataReference(pointed.scheme, pointed.location, cell, span)
        return tuple(found.values())

    def story(self, cell: str, line: int, column: int) -> str:
        """What the name at a position holds."""
        record = self.records.get(cell)
        if record is None or self.document is None:
            return ""
        return story.of_name(
            self.document, self.records, cell, line, column, lambda where: span_of(where, self.records, set(), cell)
        )


def _reads_hold(reads: dict[str, Value | None], environment: dict[str, Value]) -> bool:
    known = environment.get
    for name, value in reads.items():
        now = known(name)
        if now is not value and now != value:
            return False
    return True


def _differing(before: Document | None, after: Document) -> list[int] | None:
    """The numbers of the cells that are not the same objects; ``None`` when cells came, went or moved."""
    if before is None or len(before.cells) != len(after.cells):
        return None
    old, new = before.cells, after.cells
    found = [number for number, (one, other) in enumerate(zip(old, new, strict=True)) if one is not other]
    if any(old[number].id != new[number].id or old[number].kind != new[number].kind for number in found):
        return None
    return found


def _same_outlook(before: Document, after: Document, differing: list[int]) -> bool:
    """Whether all that the facet ``cells`` shows of two documents of one order is the same: all but the texts."""
    for number in differing:
        one, other = before.cells[number], after.cells[number]
        if (one.execution_count, one.failed, one.tags) != (other.execution_count, other.failed, other.tags):
            return False
        if one.installed != other.installed:
            return False
        if bool(one.text.strip()) != bool(other.text.strip()):
            return False
    return True


class Engine:
    """Analyses documents under one configuration, remembering what it can.

    ``on_failure`` is told of a check that raised: its rule and the exception. By default that is logged once. An engine
    that is not ``remembering`` is for documents that are analysed once and forgotten: it spares what only helps later.
    """

    def __init__(
        self,
        configuration: Configuration | None = None,
        project: Project | None = None,
        *,
        on_failure: Callable[[Rule, Exception], None] | None = None,
        remembering: bool = True,
    ) -> None:
        self.configuration = configuration or Configuration()
        self.project = project
        self.libraries = libraries_with(self.configuration.libraries)
        self.remembering = remembering
        self._on_failure = on_failure
        self._failed: set[str] = set()
        self._states: dict[str, _State] = {}
        self._plans: dict[tuple[Rule, ...], Plan] = {}

    def plan(self, path: str) -> Plan:
        """The checks of the rules that look at the document at ``path``."""
        rules = self.configuration.rules(path)
        if rules not in self._plans:
            self._plans[rules] = Plan(rules)
        return self._plans[rules]

    def analyse(self, document: Document, *, hurried: bool = False) -> Analysis:
        """Analyse a document; what is known from the last time is used again.

        ``hurried``, at a key press: document-wide checks that would take long keep what they found; the analysis is
        not ``settled`` then, and one without hurry makes up for it.
        """
        if document.language != "python":
            self.forget(document.path)
            return Analysis(
                document, {}, (), (), frozenset(), f"{document.language} is not analysed, only Python is", None
            )
        state = self._states.get(document.path)
        if state is None:
            state = self._states[document.path] = _State(self, document)
        changed = state.update(document, hurried=hurried)
        errors = tuple(
            [(cell, problem) for cell, record in state.records.items() if record.errors for problem in record.errors]
        )
        accepted = tuple(finding for found in state.accepted.values() for finding in found)
        return Analysis(document, dict(state.findings), accepted, errors, changed, "", state, state.settled)

    def forget(self, path: str) -> None:
        """Drop what is remembered of a document."""
        self._states.pop(path, None)

    def run(self, rule: Rule, check: Check, subjects: Iterable[Any], *context: Any) -> list[Draft]:
        """Run one check on each subject. One that raises loses its findings here; it never loses anybody else's."""
        function = check.function
        found: list[Draft] = []
        try:
            if check.arity == 1:
                for subject in subjects:
                    found += function(subject)
            else:
                for subject in subjects:
                    found += function(subject, *context)
        except Exception as problem:
            if self._on_failure is not None:
                self._on_failure(rule, problem)
            elif rule.name not in self._failed:
                self._failed.add(rule.name)
                log.exception("the rule %s failed and is left out here", rule.name)
            return []
        return found


__all__ = ["Analysis", "DataReference", "Engine", "Flow"]
