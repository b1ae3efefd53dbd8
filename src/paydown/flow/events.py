"""Events: what a cell does that a rule may want to know of.

Each names its cell and its index among the events of its kind there; where it stands in the text is kept beside it
(``Anchor``), so that an event stays equal to itself when the lines around it move. Nobody changes an event; that they
are not frozen makes them four times quicker to make, and they are made at every key press.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from paydown.flow.values import UNKNOWN, Value
from paydown.rule import Anchor


class Reference(NamedTuple):
    """What a read or write points at: a scheme (``local``, ``http``, ``s3``, ``sql``, ``hf`` …) and a location."""

    scheme: str
    location: str


@dataclass(slots=True, unsafe_hash=True)
class Event:
    """Something that happens in a cell. ``via`` are the calls of the document's functions it happens in, outermost
    first; ``function`` is the function of the document it stands in, or empty; ``loop`` tells that it is in a loop,
    ``idle`` that it is seen in the walk of a function that nothing in its cell calls, with unknown arguments."""

    cell: str
    index: int
    via: tuple[Anchor, ...]
    function: str
    loop: bool
    idle: bool

    @property
    def anchor(self) -> Anchor:
        """Where it stands."""
        return Anchor(self.cell, type(self).__name__, self.index)


@dataclass(slots=True, unsafe_hash=True)
class Called(Event):
    """What all calls have in common: the resolved dotted name (``pandas.read_csv``, ``frame.merge``), the object a
    method is called on, positional arguments and keywords (``**`` under the name ``**``, ``*`` under ``*``)."""

    call: str
    receiver: Value
    arguments: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]

    def keyword(self, name: str) -> Value | None:
        """The value passed under ``name``, or ``None``."""
        for key, value in self.keywords:
            if key == name:
                return value
        return None

    def argument(self, position: int, name: str) -> Value | None:
        """The value passed at ``position`` or under ``name``, or ``None``."""
        value = self.keyword(name)
        if value is None and 0 <= position < len(self.arguments):
            return self.arguments[position]
        return value

    @property
    def open_ended(self) -> bool:
        """Whether it passes ``*args`` or ``**options`` on, so that a missing keyword may yet be there."""
        return any(key in ("*", "**") for key, _ in self.keywords)


@dataclass(slots=True, unsafe_hash=True)
class Call(Called):
    """Any call whose name resolves: to a library, to a method of a known kind of value, or to a function of the
    document (then ``call`` begins with ``.``)."""

    result: str = "unknown"
    used: bool = True
    on: str = ""  # the name that a method is called on, when it is one


@dataclass(slots=True, unsafe_hash=True)
class Read(Called):
    """Data comes in. ``reference`` is ``None`` when it can't be resolved; ``what`` is the kind it gives."""

    reference: Reference | None = None
    what: str = "unknown"
    shipped: bool = False  # data that comes with a library
    hub: bool = False  # a download whose version the library keeps
    version: str = ""  # the argument that would name a version
    versioned: bool = False  # whether it, or another such argument, is given


@dataclass(slots=True, unsafe_hash=True)
class Write(Called):
    """Data goes out. ``value`` is what is written; ``append`` when it is added to what is there; ``guarded`` when it
    happens only if the place does not exist yet (or the like)."""

    reference: Reference | None = None
    value: Value = UNKNOWN
    append: bool = False
    guarded: bool = False
    fetched: bool = False  # the copy that a download or an unpacked archive leaves
    pattern: str = ""  # where it goes, if that is known in part: with ``*`` in the place of the rest


@dataclass(slots=True, unsafe_hash=True)
class Load(Called):
    """A trained model, weights or a tokenizer come in. ``hub``, ``version`` and ``versioned`` as in ``Read``."""

    reference: Reference | None = None
    hub: bool = False
    version: str = ""
    versioned: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Save(Called):
    """A trained model goes out."""

    reference: Reference | None = None
    value: Value = UNKNOWN


@dataclass(slots=True, unsafe_hash=True)
class Fit(Called):
    """Something learns: an estimator (a *training sink*) or a transformer. ``estimator`` is its value before."""

    estimator: Value = UNKNOWN
    data: Value = UNKNOWN
    target: Value = UNKNOWN


@dataclass(slots=True, unsafe_hash=True)
class Transform(Called):
    """A fitted transformer is applied."""

    estimator: Value = UNKNOWN
    data: Value = UNKNOWN


@dataclass(slots=True, unsafe_hash=True)
class Predict(Called):
    """An estimator predicts."""

    estimator: Value = UNKNOWN
    data: Value = UNKNOWN


@dataclass(slots=True, unsafe_hash=True)
class Split(Called):
    """Data is split into parts, or handed to cross-validation (``folds``)."""

    data: tuple[Value, ...] = ()
    folds: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Sample(Called):
    """Data is cut to a few of its rows; ``how`` is the text of the cut. Of ``[1000:]``, what such a cut leaves over,
    ``rows`` is 0. ``guarded`` when it happens on a condition."""

    data: Value = UNKNOWN
    how: str = ""
    rows: float = 0
    guarded: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Statistic(Called):
    """Something is computed over all rows: ``how`` is ``mean``, ``std``, ``corr`` (with one column), ``resample`` …"""

    data: Value = UNKNOWN
    how: str = ""


@dataclass(slots=True, unsafe_hash=True)
class Part(Event):
    """Data is cut at one place: ``[:n]`` (``head``) or ``[n:]``; ``at`` is the text of the place.

    Or by a mask and its opposite, or into a sample and the rest: then ``at`` is in backquotes.
    """

    data: Value
    at: str
    head: bool


@dataclass(slots=True, unsafe_hash=True)
class Score(Called):
    """Predictions are judged by a metric."""

    metric: str = ""


@dataclass(slots=True, unsafe_hash=True)
class Choice(Event):
    """The best of several metrics is chosen: by ``max``, ``min``, a comparison with the best so far (``if``), the first
    of what is sorted (``first``), or a search that calls a function with ``each`` candidate."""

    value: Value
    how: str


@dataclass(slots=True, unsafe_hash=True)
class Random(Called):
    """A random step. ``seed`` is the keyword that would seed it, or empty when only a global seed can;
    ``seeded`` tells whether it is; ``generator`` names whose global seed counts (``numpy``, ``torch`` …); ``shown``
    that its result is only looked at."""

    seed: str = ""
    seeded: bool = False
    generator: str = ""
    shown: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Seed(Called):
    """A seed is set, for ``generator`` (``all`` for helpers that set every one)."""

    generator: str = ""


@dataclass(slots=True, unsafe_hash=True)
class Convert(Called):
    """A value changes its type (frame → array …)."""

    value: Value = UNKNOWN
    into: str = ""


@dataclass(slots=True, unsafe_hash=True)
class Compare(Event):
    """A value is compared with a number. ``literal`` when the number stands in the expression itself; ``text`` is the
    compared expression; ``context`` the nearest things around it, innermost first (``if``, ``mask``, ``assert``,
    ``while``, ``assign:name``, ``call:numpy.where`` …)."""

    left: Value
    operator: str
    right: Value
    literal: bool
    text: str
    context: tuple[str, ...]


@dataclass(slots=True, unsafe_hash=True)
class Name(Event):
    """A name is used, bound, updated or deleted at the top level of a cell, in the order of execution.

    ``action``: ``use``, ``call`` (used inside a function), ``bind``, ``update`` (changed in place), ``import``,
    ``define``, ``loop``, ``delete``. ``value`` is what a binding binds; ``own`` when that comes from the name's old one.
    """

    name: str
    action: str
    value: Value = UNKNOWN
    own: bool = False
    branch: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Store(Event):
    """A part of a value is set: ``df["x"] = …``, ``cfg["lr"] = …``, ``args.x = …``; ``key`` when it is known."""

    name: str
    receiver: Value
    key: str
    value: Value
    attribute: bool
    augmented: bool


@dataclass(slots=True, unsafe_hash=True)
class Select(Event):
    """A part of a value is read: ``df["x"]``, ``df[["a", "b"]]``, ``df.x``; ``keys`` when they are known.

    An attribute with no keys tells of its form only: ``df.shape``.
    """

    name: str
    receiver: Value
    keys: tuple[str, ...]
    attribute: bool


@dataclass(slots=True, unsafe_hash=True)
class Position(Event):
    """Columns are chosen by their place: ``df.iloc[:, 3]``, ``data[:, 2:4]``, ``df.columns[5]``; ``columns`` is the text
    of the place, ``receiver`` what they are chosen of, ``context`` what is around (as in ``Compare``)."""

    name: str
    receiver: Value
    columns: str
    context: tuple[str, ...]


@dataclass(slots=True, unsafe_hash=True)
class Branch(Event):
    """An ``if`` or ``while`` whose condition is known: ``truth`` is what it always is. ``flag`` is the top-level name
    that it asks, or empty for a literal; ``dead`` the part that never runs (``body``, ``orelse``), ``lines`` its length."""

    test: Value
    truth: bool
    flag: str
    dead: str
    lines: int
    raises: bool
