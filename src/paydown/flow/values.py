"""Abstract values: what paydown knows of what a name holds, without running anything.

``kind`` says what a value is:

=============  ==============================================================================
``unknown``    nothing is known of it; never the ground of a finding
``constant``   a literal: ``constant`` is its value, ``name`` its Python type
``symbol``     a module, class or function of a library: ``name`` is its dotted name
``function``   a function or lambda of the document: ``name`` is its cell and qualified name
``class``      a class of the document; ``items`` are its bases
``instance``   an object of such a class, or settings (``name`` tells); ``items`` are attributes
``tuple`` ``list`` ``dict``  a container; ``items`` are its values, of a dict (key, value) pairs
``frame`` ``array`` ``tensor``  data
``estimator`` ``transformer`` ``splitter`` ``search``  what learns, transforms, splits, searches
``score``      a number that a decision may hang on: probabilities, margins, similarities
``prediction`` what ``predict`` returned · ``metric`` a quality metric
``path`` ``file`` ``connection`` ``response``  ways to data
=============  ==============================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from paydown.rule import Anchor

MOST_ITEMS = 64
MOST_ORIGINS = 48
NOTHING: frozenset[Any] = frozenset()
HOLE = "\0"
_new = tuple.__new__  # a named tuple's own is a third slower, and values are what a walk makes most
_CHOICE = re.compile("\1([^\1\2]*)\2")  # a part that is one of several texts: the first of them
_LONGEST_CHOICE = 300


class Value(NamedTuple):
    """What is known of a value. Compared and hashed by content; see the module for the kinds.

    ``marks`` are facts that travel with it (``train``, ``test``, ``sampled``, ``fitted``, ``setting`` …), ``origins``
    the events (reads, fits, splits, samples, predictions) that it comes from.
    """

    kind: str = "unknown"
    name: str = ""
    constant: Any = None
    marks: frozenset[str] = NOTHING
    origins: frozenset[Anchor] = NOTHING
    items: tuple[Any, ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is a literal whose value is known."""
        return self.kind == "constant"

    @property
    def number(self) -> float | int | None:
        """Its value if it is a literal number (no truth value), else ``None``."""
        return self.constant if self.kind == "constant" and self.name in ("int", "float") else None

    @property
    def pieces(self) -> str:
        """``known_part`` as further texts are made of it: it remembers what it may be one of."""
        text = self.text
        if text is not None:
            return text
        if self.kind == "count" and self.name == "each":
            return "[0-9]*"
        partial = self.kind in ("unknown", "path") and self.items and self.items[0][0] == HOLE
        return str(self.items[0][1]) if partial else HOLE

    @property
    def known_part(self) -> str:
        """A text or path, with ``HOLE`` in the place of what is not known of it."""
        return _CHOICE.sub(HOLE, self.pieces)

    @property
    def example(self) -> str | None:
        """Its text or, when it may be one of several (``for name in ("a.csv", "b.csv")``), the first of them."""
        pieces = self.pieces
        return None if HOLE in pieces else _CHOICE.sub(r"\1", pieces)

    @property
    def pattern(self) -> str:
        """Of a text that stands for several, or is known in part: it, with ``*`` in the place of the rest; else empty."""
        known = self.known_part.replace(HOLE, "*")
        return known if "*" in known and known != "*" else ""

    @property
    def text(self) -> str | None:
        """Its value if it is a literal string or a path of known parts, else ``None``."""
        if self.kind == "constant":
            return self.constant if self.name == "str" else None
        return self.constant if self.kind == "path" else None

    def item(self, key: Any) -> Value | None:
        """The value under a dict's key or an instance's attribute, if known."""
        for name, value in self.items:
            if name == key:
                return value  # type: ignore[no-any-return]
        return None


UNKNOWN = Value()
EACH = Value("count", "each")  # the numbers of a ``range``: in a text, a pattern like those of ``glob``
NONE = Value("constant", "NoneType", None)


def constant(value: Any) -> Value:
    """The value of a literal. Its type is part of it, so that ``1``, ``1.0`` and ``True`` differ."""
    return _new(Value, ("constant", type(value).__name__, value, NOTHING, NOTHING, ()))


def partly(known: str, marks: frozenset[str] = NOTHING, kind: str = "unknown") -> Value:
    """A text or path of which only a part is known, with ``HOLE`` in the place of the rest."""
    told = len(known.replace(HOLE, "")) > 2 and len(known) < 4_000
    return Value(kind, "text" if kind == "unknown" else "", None, marks, NOTHING, ((HOLE, known),) if told else ())


def symbol(name: str) -> Value:
    """A module, class or function of a library."""
    return _new(Value, ("symbol", name, None, NOTHING, NOTHING, ()))


def derived(source: Value, kind: str | None = None, *, name: str = "", without: frozenset[str] = NOTHING) -> Value:
    """Something made of ``source``: its marks (but ``without``) and origins, no constant, no items."""
    marks = source.marks - without if without else source.marks
    return _new(Value, (source.kind if kind is None else kind, name, None, marks, source.origins, ()))


def marked(value: Value, *marks: str, origin: Anchor | None = None) -> Value:
    """``value`` with further marks and perhaps an origin."""
    kind, name, constant, already, origins, items = value
    if origin is not None:
        origins = origins | {origin}
    return _new(Value, (kind, name, constant, already.union(marks) if marks else already, origins, items))


def mixed(values: Iterable[Value], kind: str = "unknown", name: str = "", items: tuple[Any, ...] = ()) -> Value:
    """Something made of several values: the union of their marks and origins."""
    marks: frozenset[str] = NOTHING
    origins: frozenset[Anchor] = NOTHING
    for value in values:
        if value.marks:
            marks |= value.marks
        if value.origins:
            origins |= value.origins
    if len(origins) > MOST_ORIGINS:
        origins = bounded(origins)
    return _new(Value, (kind, name, None, marks, origins, items))


def bounded(origins: frozenset[Anchor]) -> frozenset[Anchor]:
    """At most ``MOST_ORIGINS`` of them, always the same ones."""
    return origins if len(origins) <= MOST_ORIGINS else frozenset(sorted(origins)[:MOST_ORIGINS])


def joined(one: Value, other: Value) -> Value:
    """What holds when either may: of what differs, kinds and constants are forgotten, marks and origins gathered.

    A value that is known on one path and unknown on the other keeps its kind: rules ask what *may* reach a place.
    """
    if one is other or one == other:
        return one
    if one.kind == "unknown" and not one.marks and not one.origins:
        one, other = other, one
    if other.kind == "unknown" and not other.marks and not other.origins:
        return one if one.kind != "constant" else UNKNOWN
    marks, origins = one.marks | other.marks, bounded(one.origins | other.origins)
    choice = _choice(one, other)
    if choice is not None:
        return choice._replace(marks=marks, origins=origins)
    if one.kind != other.kind:
        nothing = NONE.kind
        if one.kind == nothing and one.constant is None:
            return other._replace(marks=marks, origins=origins)
        if other.kind == nothing and other.constant is None:
            return one._replace(marks=marks, origins=origins)
        return Value("unknown", "", None, marks, origins)
    if one.kind == "constant":
        return Value("unknown", "", None, marks, origins)
    name = one.name if one.name == other.name else ""
    items: tuple[Any, ...] = ()
    if one.kind in ("tuple", "list") and len(one.items) == len(other.items):
        items = tuple(joined(a, b) for a, b in zip(one.items, other.items, strict=True))
    elif one.kind in ("dict", "instance") and one.kind == other.kind:
        theirs = dict(other.items)
        items = tuple((key, joined(value, theirs[key]) if key in theirs else value) for key, value in one.items)
        mine = dict(one.items)
        items += tuple((key, value) for key, value in other.items if key not in mine)
    same = one.constant == other.constant
    return Value(one.kind, name, one.constant if same else None, marks, origins, items)


def _choice(one: Value, other: Value) -> Value | None:
    """One of two texts or paths that differ."""
    kinds = ("constant", "path", "unknown")
    if one.kind not in kinds or other.kind not in kinds:
        return None
    first = one.example
    if first is None or other.example is None or not 0 < len(first) <= _LONGEST_CHOICE:
        return None
    kind = "path" if one.kind == other.kind == "path" else "unknown"
    return Value(kind, "" if kind == "path" else "text", items=((HOLE, f"\1{first}\2"),))


def element(value: Value) -> Value:
    """What iterating over ``value`` gives."""
    kind = value.kind
    if kind in ("list", "tuple"):
        if not value.items:
            return Value("unknown", "", None, value.marks, value.origins)
        first: Value = value.items[0]
        for item in value.items[1:]:
            first = joined(first, item)
        return first
    if kind == "dict":
        return Value()
    if kind == "folds":
        return Value(
            "tuple", "", None, NOTHING, NOTHING,
            (Value("index", "", None, frozenset({"train"}), value.origins),
             Value("index", "", None, frozenset({"test"}), value.origins)),
        )  # fmt: skip
    if kind in ("array", "tensor", "score", "prediction", "loader"):
        return derived(value, "tensor" if kind == "loader" else kind)
    if kind == "constant":
        return UNKNOWN
    return derived(value, "unknown")
