"""One walk over one cell: its state, and what walking emits.

A run starts from the values of the names that earlier cells bound and ends with those this cell binds. It is a pure
function of the cell's text, the incoming values it looks at (``reads``) and the project's modules that it imports.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from paydown.flow.events import Event, Name
from paydown.flow.values import MOST_ITEMS, UNKNOWN, Value, marked, mixed
from paydown.libraries import Libraries
from paydown.rule import Anchor

if TYPE_CHECKING:
    from paydown.flow.modules import Modules

MOST_STEPS = 60_000  # nodes evaluated in one cell, calls of its helpers included
MOST_DEPTH = 6  # calls of the document's functions inside one another
MOST_NESTING = 90  # expressions inside one another

AMBIENT = {"spark": Value("spark"), "dbutils": Value("symbol", "dbutils"), "sqlContext": Value("spark"),
           "display": Value("symbol", "IPython.display.display"), "__file__": Value("path", "", "__file__")}  # fmt: skip
"""What hosted notebooks bind before the first cell, and Python in a script: paths lead from the document's folder."""
BUILTINS = {name: Value("symbol", "builtins." + name) for name in dir(builtins)}


_NAMED = frozenset({"named"})
_new = tuple.__new__  # a named tuple's own is a third slower


class Definition(NamedTuple):
    """A function, lambda or class of the document. ``line`` is its own (one-based), ``lines`` are its cell's."""

    node: Any
    cell: str
    qualname: str
    line: int
    lines: tuple[str, ...]
    ascii: bool


Table = tuple[list[Event], list[tuple[Any, Definition | None]], dict[tuple[Any, ...], int]]
"""The events of one kind, where each of them stands, and their numbers by node and circumstances."""


class Frame:
    """A function's body being walked: its local names."""

    __slots__ = ("definition", "globals", "locals", "pending", "result")

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.pending: list[tuple[str, Definition]] = []  # functions defined here, still to be walked
        self.locals: dict[str, Value] = {}
        self.globals: set[str] = set()
        self.result: Value | None = None


class Run:
    """The state of a walk. ``names`` are the names the cell has bound so far, ``reads`` the incoming values it used."""

    __slots__ = (
        "ascii", "branch", "cell", "context", "definitions", "depth", "frames", "function", "functions", "guards", "idle",
        "incoming", "instances", "libraries", "lines", "loop", "modules", "names", "nesting", "own", "pending", "qualnames", "reads",
        "remembered", "seen", "steps", "tables", "used", "via", "walked",
    )  # fmt: skip

    def __init__(
        self,
        cell: str,
        lines: tuple[str, ...],
        ascii: bool,
        incoming: Mapping[str, Value],
        functions: dict[str, Definition],
        libraries: Libraries,
        modules: Modules,
    ) -> None:
        self.cell = cell
        self.lines = lines
        self.ascii = ascii
        self.incoming = incoming
        self.functions = functions  # of the cells above, by the name of their values
        self.own: dict[str, Definition] = {}  # of this cell
        self.libraries = libraries
        self.modules = modules
        self.names: dict[str, Value] = {}
        self.reads: dict[str, Value | None] = {}
        self.tables: dict[type[Event], Table] = {}  # the events by their kind
        self.used: dict[str, str] = {}  # names used since they were last bound
        self.definitions: dict[str, int] = {}  # the line of each definition by its qualified name
        self.frames: list[Frame] = []
        self.via: tuple[Anchor, ...] = ()
        self.function = ""
        self.context: list[str] = []
        self.loop = 0
        self.branch = 0
        self.seen: set[str] = set()  # names used since the last assignment began
        self.steps = 0
        self.depth = 0
        self.idle = 0  # inside functions that nothing calls
        self.nesting = 0
        self.pending: list[tuple[str, Definition]] = []  # functions whose own walk waits for the end of the cell
        self.walked: set[str] = set()  # functions that a call or their own walk has been through
        self.qualnames: dict[int, str] = {}
        self.instances: dict[str, Value] = {}  # what is known of the objects of a class of the document
        self.remembered: dict[Any, tuple[Value, Value | None]] = {}
        self.guards: list[tuple[ast.expr, bool]] = []  # the conditions around, and whether they hold

    # -- places and events ---------------------------------------------------------------------------------------

    def emit(self, kind: type[Event], node: Any, *fields: Any, detail: Any = None) -> Anchor:
        """Record an event at ``node``. Walking the same node again in the same circumstances replaces it."""
        return _new(Anchor, (self.cell, kind.__name__, self.record(kind, node, fields, detail)))

    def record(self, kind: type[Event], node: Any, fields: tuple[Any, ...], detail: Any = None) -> int:
        """Record an event; returns its number among those of its kind."""
        table = self.tables.get(kind)
        if table is None:
            table = self.tables[kind] = ([], [], {})
        events, nodes, indices = table
        via = self.via
        number = len(events)
        index = indices.setdefault((node, via, detail), number)
        event = kind(self.cell, index, via, self.function, self.loop > 0, self.idle > 0, *fields)
        if index == number:
            events.append(event)
            nodes.append((node, self.frames[-1].definition if self.frames else None))
        else:
            events[index] = event
        return index

    def events(self, kind: type[Event]) -> list[Event]:
        """The events of a kind so far."""
        return self.tables[kind][0] if kind in self.tables else []

    def name_event(self, node: Any, name: str, action: str, value: Value = UNKNOWN, own: bool = False) -> None:
        """Record what happens to a name at the top level of the cell."""
        if action in {"use", "call"}:
            if value.kind != "frame":
                # One use after each binding tells as much as all of them, but of a frame's: how much of it is used
                # matters.
                if self.used.get(name) == action:
                    return
                self.used[name] = action
        else:
            self.used.pop(name, None)
        self.record(Name, node, (name, action, value, own, self.branch > 0), (name, action))

    def spelled_guards(self) -> list[str]:
        """The conditions under which the walk is, outermost first."""
        return [source_text(test) if holds else "not " + source_text(test) for test, holds in self.guards]

    def definition_of(self, name: str) -> Definition | None:
        """The function or class of the document that a value of that name is."""
        return self.own.get(name) or self.functions.get(name)

    # -- names ---------------------------------------------------------------------------------------------------

    def lookup(self, name: str, node: Any = None) -> Value:
        """What a name holds here."""
        frames = self.frames
        if frames:
            inside = frames[-1].definition.qualname
            for frame in reversed(frames):
                outer = frame.definition.qualname
                # A function sees its own names and those of the functions around it, never its caller's.
                if name in frame.locals and (outer == inside or inside.startswith(outer + ".")):
                    return frame.locals[name]
        found = self.names.get(name)
        if found is None:
            found = self.incoming.get(name)
            known = self.reads.get(name, self)
            if known is self:
                self.reads[name] = found
            if found is None:
                if name in BUILTINS:
                    return BUILTINS[name]
                found = self.starred(name) or AMBIENT.get(name, UNKNOWN)
        if node is not None:
            if not frames:
                self.seen.add(name)
                if found.kind == "frame" or self.used.get(name) != "use":
                    self.name_event(node, name, "use", found if found.kind == "frame" else UNKNOWN)
            elif frames[-1].definition.cell == self.cell and (found.kind == "frame" or self.used.get(name) != "call"):
                self.name_event(node, name, "call", found if found.kind == "frame" else UNKNOWN)
        return found

    def starred(self, name: str) -> Value | None:
        """What a star import may have bound a name to, if a library is known to have it."""
        star = self.names.get("*")
        if star is None:
            star = self.incoming.get("*")
            self.reads.setdefault("*", star)
        for module in (star, *star.items) if star is not None else ():
            dotted = self.libraries.canonical(f"{module.name}.{name}")
            if self.libraries.tells_of(dotted):
                return Value("symbol", dotted)
        return None

    def bind(self, name: str, value: Value, node: Any, action: str = "bind", own: bool = False) -> None:
        """Bind a name, in the function that is being walked or at the top level."""
        if value.kind == "constant" and "named" not in value.marks:
            kind, known, constant, marks, origins, items = value
            value = _new(Value, (kind, known, constant, marks | _NAMED, origins, items))
        if self.frames:
            frame = self.frames[-1]
            if name not in frame.globals:
                frame.locals[name] = value
                return
            if frame.definition.cell == self.cell:
                self.name_event(node, name, "update", value, own)
        else:
            self.name_event(node, name, action, value, own)
        self.names[name] = value

    def scope(self) -> dict[str, Value]:
        """The names that assignments bind here."""
        return self.frames[-1].locals if self.frames else self.names

    def replace_scope(self, names: dict[str, Value]) -> None:
        """Go on with other values of the names that assignments bind here."""
        if self.frames:
            self.frames[-1].locals = names
        else:
            self.names = names

    # -- walking -------------------------------------------------------------------------------------------------

    def evaluate(self, node: Any) -> Value:
        """What an expression's value is."""
        kind = type(node)
        if kind is ast.Name:
            return self.lookup(node.id, node)
        self.steps = steps = self.steps + 1
        nesting = self.nesting
        if steps > MOST_STEPS or nesting > MOST_NESTING:
            return UNKNOWN
        if kind is ast.Constant:
            return EXPRESSIONS[kind](self, node)
        self.nesting = nesting + 1
        value = EXPRESSIONS[kind](self, node)
        self.nesting = nesting
        return value

    def store(self, target: Any, value: Value, action: str = "update") -> None:
        """Put a changed value back where it came from: a name, an attribute or an item of one."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value, target, action, own=True)
        elif isinstance(target, ast.Attribute):
            receiver = self.evaluate(target.value)
            if receiver.kind in ("instance", "class", "estimator") and receiver.name:
                self.store(target.value, with_item(receiver, target.attr, value))
            elif receiver.kind == "frame" and value.kind == "frame":
                self.store(
                    target.value, mixed((receiver, value), "frame", receiver.name)._replace(marks=receiver.marks)
                )
        elif isinstance(target, ast.Subscript):
            receiver = self.evaluate(target.value)
            if receiver.kind == "dict" and isinstance(target.slice, ast.Constant):
                self.store(target.value, with_item(receiver, target.slice.value, value))
            elif receiver.kind == "frame" and value.kind == "frame":
                self.store(
                    target.value, mixed((receiver, value), "frame", receiver.name)._replace(marks=receiver.marks)
                )

    def body(self, statements: list[Any]) -> None:
        """Walk statements one after another."""
        for statement in statements:
            if self.steps > MOST_STEPS:
                return
            walk = STATEMENTS.get(type(statement))
            if walk is not None:
                walk(self, statement)


def with_item(holder: Value, key: Any, value: Value) -> Value:
    """A dict or an object with one more item, or another value of it; a literal there has a name."""
    if value.kind == "constant":
        value = marked(value, "named")
    rest = tuple(item for item in holder.items if item[0] != key)
    if len(rest) >= MOST_ITEMS:
        return holder
    return holder._replace(items=(*rest, (key, value)))


EXPRESSIONS: dict[type, Callable[[Run, Any], Value]] = {}
STATEMENTS: dict[type, Callable[[Run, Any], None]] = {}


def source_text(node: ast.AST) -> str:
    """A short spelling of an expression, for messages and names; at most 80 characters."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{source_text(value)}.{attr}"
        case ast.Call(
            func=ast.Name(id="col" | "column") | ast.Attribute(attr="col" | "column" | "get") as func,
            args=[ast.Constant(value=str(name)), *_],
        ) if len(name) < 40:  # the name of a column or key says what it is
            return f"{source_text(func)}({name!r})"
        case ast.Call(func=func, args=[ast.Name() | ast.Attribute() | ast.Subscript() as only], keywords=[]) if (
            len(said := ast.unparse(only)) <= 30
        ):
            return f"{source_text(func)}({said})"
        case ast.Call(func=func):
            return f"{source_text(func)}(…)" if node.args or node.keywords else f"{source_text(func)}()"
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return "…"
    return text if len(text) <= 80 else text[:79] + "…"
