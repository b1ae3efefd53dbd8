"""What checks see of a cell and of a document.

A ``DocumentView`` notes what a check asks it for, so that the engine runs the check again only when that has changed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from paydown.document import Cell, Document
from paydown.facts import Facts, Magic, parse
from paydown.flow.cell import Flow
from paydown.flow.events import Event
from paydown.flow.values import Value
from paydown.rule import Anchor, Place
from paydown.span import Span

if TYPE_CHECKING:
    from paydown.configuration import Configuration
    from paydown.project import Project

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class CellView:
    """A code cell under check: its text, what it says, what it does."""

    __slots__ = ("_lower", "cell", "configuration", "document", "facts", "flow", "path")

    def __init__(self, cell: Cell, facts: Facts, flow: Flow, document: Document, configuration: Configuration) -> None:
        self.cell = cell
        self.facts = facts
        self.flow = flow
        self.document = document  # only what never changes with other cells may be asked of it: path, kind, colab
        self.configuration = configuration
        self._lower: str | None = None

    @property
    def id(self) -> str:
        """The cell's id."""
        return self.cell.id

    @property
    def text(self) -> str:
        """The cell's text."""
        return self.cell.text

    @property
    def lower(self) -> str:
        """Its text in lower case."""
        if self._lower is None:
            self._lower = self.cell.text.lower()
        return self._lower

    def mentions(self, *words: str) -> bool:
        """Whether any of the words (in lower case) stands in its text, in whatever case: the cheapest question of all,
        to be asked before a pattern is searched or a tree walked."""
        return any(map(self.lower.__contains__, words))

    def events(self, kind: type[E]) -> tuple[E, ...]:
        """Its events of a kind, in order."""
        return self.flow.events.get(kind, ())  # type: ignore[return-value]

    def place(self, where: Span | ast.AST) -> Place:
        """A place of this cell."""
        return Place(self.cell.id, "", where if isinstance(where, Span) else self.facts.span(where))

    def place_of(self, event: Event) -> Place:
        """Where an event of this cell stands (perhaps in another cell's function)."""
        return self.flow.place(type(event), event.index)

    def source(self, where: Span | ast.AST) -> str:
        """The text at a place of this cell."""
        span = where if isinstance(where, Span) else self.facts.span(where)
        lines = self.facts.lines[span.line : span.end_line + 1]
        if not lines:
            return ""
        if len(lines) == 1:
            return lines[0][span.column : span.end_column]
        return "\n".join((lines[0][span.column :], *lines[1:-1], lines[-1][: span.end_column]))

    def statements(self) -> Iterator[ast.stmt]:
        """Every statement of the cell, those inside others included."""
        yield from statements(self.facts.tree)

    def nodes(self) -> list[ast.AST]:
        """Every node of the cell: dearer than ``statements``."""
        return self.facts.nodes


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below ``tree``, in the order of the text."""
    stack: list[Any] = list(reversed(getattr(tree, "body", ())))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield node
        fields = node.__dict__
        for name in ("cases", "finalbody", "orelse", "handlers", "body"):
            inner = fields.get(name)
            if inner and isinstance(inner, list):
                stack.extend(reversed(inner))


class CellRecord:
    """What the engine keeps of a cell between analyses. ``facts`` may have been dropped to save memory."""

    __slots__ = ("_code_lines", "cell", "drafts", "errors", "facts", "flow", "magics", "told", "used")

    def __init__(self, cell: Cell, facts: Facts | None, flow: Flow, former: CellRecord | None = None) -> None:
        """``former`` is the record of the same text, walked with other values."""
        self.cell = cell
        self.facts = facts
        self.flow = flow
        self.magics: tuple[Magic, ...] = facts.magics if facts is not None else ()
        self.errors = facts.errors if facts is not None else ()
        self.used: frozenset[str] | None = former.used if former is not None else None
        self.told: dict[Callable[[Facts], Any], Any] = former.told if former is not None else {}
        self._code_lines = -1
        self.drafts: dict[str, list[Any]] = {}  # what cell-wide checks found, by the cell it stands in

    @property
    def code_lines(self) -> int:
        """The number of its lines that are neither blank nor a comment."""
        if self._code_lines < 0:
            lines = map(str.strip, self.cell.text.splitlines())
            self._code_lines = sum(1 for line in lines if line and line[0] != "#")
        return self._code_lines

    def tell(self, told: Callable[[Facts], T]) -> T:
        """What a function says of the cell's facts; it is asked once for each text."""
        if told not in self.told:
            self.told[told] = told(self.parsed())
        found: T = self.told[told]
        return found

    def parsed(self) -> Facts:
        """The cell's facts, parsed again if they were dropped."""
        if self.facts is None:
            self.facts = parse(self.cell.text)
        return self.facts


class DocumentView:
    """A document under check. What is asked of it is noted in ``asked``, by the name of the facet."""

    def __init__(
        self,
        document: Document,
        records: Mapping[str, CellRecord],
        configuration: Configuration,
        project: Project | None,
    ) -> None:
        self._document = document
        self._records = records
        self._project = project
        self.configuration = configuration
        self.asked: set[Any] = set()
        self._events: dict[Any, list[Any]] = {}
        self.revisions: dict[Any, int] = {}

    def bump(self, facet: Any) -> None:
        """Note that a facet is not what it was."""
        self.revisions[facet] = self.revisions.get(facet, 0) + 1
        if facet == "cells":
            self._events.clear()
        else:
            self._events.pop(facet, None)

    def renew(self, document: Document, records: Mapping[str, CellRecord]) -> None:
        """Look at the next state of the document."""
        self._document = document
        self._records = records

    # -- facets --------------------------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """Its absolute path, or empty."""
        return self._document.path

    @property
    def kind(self) -> str:
        """``notebook`` or ``script``."""
        return self._document.kind

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its cells, their texts included: asking makes the check run at every edit."""
        self.asked.add("text")
        return self._document.cells

    @property
    def order(self) -> dict[str, Cell]:
        """Its cells by id, in order, for all but their texts (execution counts, tags, kinds)."""
        self.asked.add("cells")
        return self._document.by_id

    @property
    def project(self) -> Project | None:
        """What is known of the project around it."""
        self.asked.add("project")
        return self._project

    def events(self, kind: type[E]) -> Sequence[E]:
        """Every event of a kind, in the order of the document."""
        self.asked.add(kind)
        known = self._events.get(kind)
        if known is None:
            known = self._events[kind] = []
            for record in self._records.values():
                known += record.flow.events.get(kind, ())
        return known

    def event(self, anchor: Anchor) -> Event | None:
        """The event an anchor names."""
        record = self._records.get(anchor.cell)
        if record is None:
            return None
        for kind, events in record.flow.events.items():
            if kind.__name__ == anchor.kind:
                self.asked.add(kind)
                return events[anchor.index] if anchor.index < len(events) else None
        return None

    def origins(self, value: Value, kind: type[E]) -> Iterator[E]:
        """The events of a kind that a value comes from, in the order of the document."""
        self.asked.add(kind)
        self.asked.add("cells")
        name = kind.__name__
        anchors = [anchor for anchor in value.origins if anchor.kind == name and anchor.cell in self._records]
        if len(anchors) > 1:
            rank = {cell: number for number, cell in enumerate(self._records)}
            anchors.sort(key=lambda anchor: (rank[anchor.cell], anchor.index))
        for anchor in anchors:
            events = self._records[anchor.cell].flow.events.get(kind, ())
            if anchor.index < len(events):
                yield events[anchor.index]  # type: ignore[misc]

    def magics(self) -> list[tuple[str, Magic]]:
        """Every magic, with its cell's id."""
        self.asked.add("magics")
        return [(cell, magic) for cell, record in self._records.items() for magic in record.magics]

    def used_in(self, cell: str) -> frozenset[str]:
        """The names that one cell uses."""
        self.asked.add("used")
        record = self._records.get(cell)
        return used_names(record) if record is not None else frozenset()

    def uses(self, names: Iterable[str]) -> set[str]:
        """Those of the names that a cell uses. Only cells whose text has one of them are looked into."""
        self.asked.add("used")
        left = set(names)
        found: set[str] = set()
        for record in self._records.values():
            text = record.cell.text
            if any(name in text for name in left):
                met = left & used_names(record)
                found |= met
                left -= met
        return found

    def imports(self) -> dict[str, str]:
        """Every import of the document: dotted name by local name."""
        self.asked.add("used")
        found: dict[str, str] = {}
        for record in self._records.values():
            if "import" in record.cell.text:
                found.update(record.tell(_imports))
        return found

    def code_lines(self) -> dict[str, int]:
        """The number of code lines of each cell: neither blank nor a comment."""
        self.asked.add("lines")
        return {cell: record.code_lines for cell, record in self._records.items()}

    def broken(self) -> bool:
        """Whether a cell does not parse, so that names may be bound that nobody sees."""
        self.asked.add("errors")
        return any(record.errors for record in self._records.values())

    def facts(self, cell: str) -> Facts:
        """What a cell's text says. The check then runs at every edit."""
        self.asked.add("text")
        return self._records[cell].parsed()

    def told(self, cell: str, function: Callable[[Facts], T]) -> T:
        """What a function says of a cell's facts: asked once for each text of the cell, as the tree may be gone the next
        time. Its answer must not hold nodes of the tree. The check then runs at every edit."""
        self.asked.add("text")
        return self._records[cell].tell(function)

    def place_of(self, event: Event) -> Place:
        """Where an event stands. Rules rather anchor findings to the event itself, which keeps them when lines move."""
        self.asked.add("text")
        return self._records[event.cell].flow.place(type(event), event.index)

    def line_of(self, place: Place) -> int:
        """The zero-based line of the cell that a place begins on, wherever its function stands."""
        self.asked.add("text")
        return place.span.line + self._records[place.cell].flow.definitions.get(place.within, 0)


def _imports(facts: Facts) -> dict[str, str]:
    return facts.imports


def used_names(record: CellRecord) -> frozenset[str]:
    """The names a cell uses; parsed at most once per text."""
    if record.used is None:
        facts = record.parsed()
        record.used = facts.used
    return record.used
