"""A cell as a function from the names it reads to the names it binds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paydown.facts import Facts
from paydown.flow import statements
from paydown.flow.events import Event
from paydown.flow.functions import walk_pending
from paydown.flow.modules import Modules
from paydown.flow.run import Definition, Run
from paydown.flow.values import Value
from paydown.libraries import Libraries
from paydown.rule import Place
from paydown.span import Span

assert statements  # it fills the walk's tables


class Flow:
    """What walking a cell gave. ``reads`` are the incoming values it looked at (``None``: nothing was bound);
    ``definitions`` the one-based lines of its functions by qualified name.

    Where its events stand is worked out when asked for, or when the syntax tree is given up (``settle``): most events
    are never pointed at.
    """

    __slots__ = ("_lines", "_nodes", "_places", "cell", "definitions", "events", "functions", "reads", "writes")

    def __init__(self, run: Run) -> None:
        self.cell = run.cell
        self.reads = run.reads
        self.writes = run.names
        self.events: dict[type[Event], tuple[Event, ...]] = {}
        self._nodes: dict[type[Event], list[tuple[Any, Definition | None]]] | None = {}
        for kind, (events, nodes, _) in run.tables.items():
            self.events[kind] = tuple(events)
            self._nodes[kind] = nodes
        self.definitions = run.definitions
        self.functions = run.own
        self._places: dict[type[Event], tuple[Place, ...]] = {}
        self._lines = None if run.ascii else run.lines

    def place(self, kind: type[Event], index: int) -> Place:
        """Where the ``index``-th event of a kind stands."""
        if self._nodes is None:
            return self._places[kind][index]
        return self._place(*self._nodes[kind][index])

    def anchored(self, kind: str, index: int) -> Place | None:
        """Where an event stands, by the name of its kind; ``None`` when there is no such event."""
        for one, found in self.events.items():
            if one.__name__ == kind:
                return self.place(one, index) if index < len(found) else None
        return None

    def settle(self) -> None:
        """Work out all places and give the syntax tree up."""
        if self._nodes is not None:
            self._places = {kind: tuple(self._place(*one) for one in nodes) for kind, nodes in self._nodes.items()}
            self._nodes = None

    def _place(self, node: Any, definition: Definition | None) -> Place:
        if definition is None:
            return Place(self.cell, "", _span(node, self._lines))
        lines = None if definition.ascii else definition.lines
        return Place(definition.cell, definition.qualname, _span(node, lines).below(-definition.line))


def _span(node: Any, lines: tuple[str, ...] | None) -> Span:
    line, end = node.lineno, node.end_lineno
    if lines is None:
        return Span(line - 1, node.col_offset, end - 1, node.end_col_offset)
    return Span(line - 1, _column(lines, line, node.col_offset), end - 1, _column(lines, end, node.end_col_offset))


def _column(lines: tuple[str, ...], line: int, offset: int) -> int:
    """The column in code points of a byte ``offset`` in a line (one-based)."""
    if line > len(lines):
        return offset
    text = lines[line - 1]
    return offset if text.isascii() else len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore"))


def walk(
    cell: str,
    facts: Facts,
    incoming: Mapping[str, Value],
    functions: dict[str, Definition],
    libraries: Libraries,
    modules: Modules,
) -> Flow:
    """Walk a cell. ``functions`` are those of the cells above, by the names of their values."""
    run = Run(cell, tuple(facts.lines), facts.source.isascii(), incoming, functions, libraries, modules)
    try:
        run.body(facts.tree.body)
        walk_pending(run, run.pending)
    except RecursionError:
        # Deeply nested code: what was seen so far stands, the rest stays unknown.
        run.frames.clear()
    return Flow(run)
