"""A cell as a function from the names it reads to the names it binds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paydown.facts import Facts
from paydown.flow import statements
from paydown.flow.events import Event
from paydown.flow.functions import walk_pending
from paydown.flow.run import Definition, Run
from paydown.flow.values import Value
from paydown.libraries import Libraries
from paydown.rule import Place

assert statements  # it fills the walk's tables


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What walking a cell gave. ``reads`` are the incoming values it looked at (``None``: nothing was bound);
    ``definitions`` the one-based lines of its functions by qualified name."""

    reads: dict[str, Value | None]
    writes: dict[str, Value]
    events: dict[type[Event], tuple[Event, ...]]
    places: dict[type[Event], tuple[Place, ...]]
    definitions: dict[str, int]
    functions: dict[str, Definition]


def walk(
    cell: str, facts: Facts, incoming: Mapping[str, Value], functions: dict[str, Definition], libraries: Libraries
) -> Flow:
    """Walk a cell. ``functions`` are those of the cells above, by the names of their values."""
    known = dict(functions)
    run = Run(cell, tuple(facts.lines), facts.source.isascii(), incoming, known, libraries)
    try:
        run.body(facts.tree.body)
        walk_pending(run, run.pending)
    except RecursionError:
        # Deeply nested code: what was seen so far stands, the rest stays unknown.
        run.frames.clear()
    prefix = cell + ":"
    return Flow(
        run.reads,
        run.names,
        {kind: tuple(events) for kind, events in run.events.items()},
        {kind: tuple(places) for kind, places in run.places.items()},
        run.definitions,
        {key: definition for key, definition in known.items() if key.startswith(prefix)},
    )
