"""What the calls of libraries do, as data.

Each ``.toml`` file here tells of one or more libraries, or of the methods of one kind of value (``frame.toml``: ``names =
["frame.to_csv"]``). A file is read when a name with its root is first met. An entry::

    [[call]]
    names = ["pandas.read_csv", "pandas.read_table"]   # dotted names; "sklearn.ensemble.*" stands for what has no own entry
    role = "read"          # what it is: see ``Effect.role``
    returns = "frame"      # the kind of its value; "self": the receiver; "same": like the receiver or first argument
    location = "filepath_or_buffer"   # the argument (at ``position``, 0 by default) that says where
    scheme = "local"

``[alias]`` maps a prefix of dotted names to another (``"tensorflow.keras" = "keras"``). Several files may tell of one root:
what one says of a name is added to what the others say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Effect:
    """What a call does. All fields are optional; the empty effect says only that the call is known.

    ``role``: ``read`` ``write`` ``load`` ``save`` (a model) ``fit`` ``fit_transform`` ``transform`` ``predict``
    ``proba`` ``split`` ``folds`` (a splitter's ``split``) ``validate`` (cross-validation, a search's own) ``sample``
    ``fetch`` (a read that leaves a file at ``target``) ``pickle`` ``unpickle`` (of a model or of data) ``unpack`` (an
    archive into ``target``) ``connect`` ``configure`` (a step towards a read or write) ``list`` (the files of a folder) ``copy`` ``parse``
    ``seed`` ``metric`` ``convert`` ``train`` (learns by itself: ``xgb.train``, ``loss.backward``) ``threshold``
    (derives thresholds from data) ``check`` ``log`` ``action`` ``plot`` ``environment`` ``join`` ``option`` (of a
    command line) ``options`` (a group of them) ``locate`` (a bucket, a blob) ``settings`` (parsed settings) ``shape`` (one step of data preparation).
    """

    role: str = ""
    returns: str = ""
    name: str = ""
    location: str = ""  # "Bucket/Key": two arguments, from ``position`` on, make it
    position: int = 0
    scheme: str = ""
    version: str = ""  # the argument that would name the version of what is read or loaded
    target: str = ""  # the argument that names the file a ``fetch`` or ``unpack`` leaves …
    target_position: int = -1  # … and where
    value: str = ""  # the argument that holds what is written or saved …
    value_position: int = -1  # … and where; -1 is the receiver
    shipped: bool = False  # the data comes with the library
    hub: bool = False  # the library keeps the data's version elsewhere
    into: str = ""  # what a conversion gives
    random: str = ""  # the keyword that seeds it
    when: str = ""  # it is random only then: "shuffle", "subsample<1", "solver=sag|saga or x and y"; "" always
    generator: str = ""  # whose global seed it takes, or sets: numpy, torch, tensorflow, random, all
    rows: str = ""  # the keyword that cuts rows (nrows, n, frac)
    tags: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)  # hyperparameters and their defaults
    order: tuple[str, ...] = ()  # the names of positional arguments


_NONE = Effect()
_FIELDS = {one.name for one in fields(Effect)}
KEYS: Mapping[str, type] = {
    one.name: {"settings": dict, "tags": list, "order": list}.get(one.name, type(one.default)) for one in fields(Effect)
}
"""What can be said of a call, and by what kind of value."""
ROLES = frozenset(
    """
    configure connect convert copy environment fetch fit fit_transform folds list load locate metric open option options
    parse pickle plot predict proba read resample sample save seed settings shape shuffle split statistic threshold train transform
    unpack unpickle validate write
    """.split()  # noqa: SIM905
)


@lru_cache(maxsize=1)
def _files() -> dict[str, tuple[str, ...]]:
    """The files that tell of each root."""
    found: dict[str, tuple[str, ...]] = {}
    folder = resources.files(__package__)
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            head = entry.read_text(encoding="utf-8").partition("\n")[0]
            for root in head.removeprefix("# roots:").split():
                found[root] = (*found.get(root, ()), entry.name)
    return found


@lru_cache(maxsize=256)
def _file(name: str) -> tuple[dict[str, Effect], dict[str, str]]:
    table = tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    return effects_of(table), dict(table.get("alias", {}))


@lru_cache(maxsize=256)
def _library(files: tuple[str, ...]) -> tuple[dict[str, Effect], dict[str, str]]:
    """The effects by dotted name, and the aliases, that some files tell of."""
    if len(files) == 1:
        return _file(files[0])
    effects: dict[str, Effect] = {}
    aliases: dict[str, str] = {}
    for name in files:
        told, renamed = _file(name)
        aliases.update(renamed)
        for call, effect in told.items():
            effects[call] = _together(effects[call], effect) if call in effects else effect
    return effects, aliases


@lru_cache(maxsize=64)
def _modules(files: tuple[str, ...]) -> frozenset[str]:
    """The modules whose calls some files tell of: a dotted name's beginnings."""
    effects, _ = _library(files)
    return frozenset(
        name[:position] for name in effects for position, letter in enumerate(name) if letter == "." and position
    )


def _together(one: Effect, other: Effect) -> Effect:
    """What two entries tell of the same call; the later one counts where both speak."""
    return replace(one, **{name: value for name in _FIELDS if (value := getattr(other, name)) != getattr(_NONE, name)})


def effects_of(table: Mapping[str, Any]) -> dict[str, Effect]:
    """The effects a parsed table tells of, by dotted name. Raises ``ValueError`` on an unknown key."""
    found: dict[str, Effect] = {}
    for entry in table.get("call", ()):
        plain = {key: value for key, value in entry.items() if key != "names"}
        unknown = plain.keys() - _FIELDS
        if unknown:
            raise ValueError(f"unknown key {min(unknown)!r} in the entry of {entry['names'][:1]}")
        plain["tags"] = frozenset(plain.get("tags", ()))
        plain["order"] = tuple(plain.get("order", ()))
        shared = Effect(**plain)
        for name in entry["names"]:
            found[name] = shared
    return found


def _found(name: str, effects: Mapping[str, Effect]) -> Effect | None:
    """What some effects tell of a name: itself, or the wildcard nearest to it."""
    if name in effects:
        return effects[name]
    parent = name.rpartition(".")[0]
    while parent:
        general = effects.get(parent + ".*")
        if general is not None:
            # Classes and functions of one module differ: an estimator's wildcard speaks of its classes only.
            last = name.rpartition(".")[2]
            if "classes" not in general.tags or last[:1].isupper():
                return general
        parent = parent.rpartition(".")[0]
    return None


def _renamed(name: str, aliases: Mapping[str, str]) -> str:
    """The name with its longest beginning that has an alias replaced by that."""
    prefix = name if aliases else ""
    while prefix:
        if prefix in aliases:
            return aliases[prefix] + name[len(prefix) :]
        prefix = prefix.rpartition(".")[0]
    return name


def _unaliased(name: str) -> str:
    """The name under which the shipped files tell of a call."""
    while (files := _files().get(name.partition(".")[0])) is not None:
        renamed = _renamed(name, _library(files)[1])
        if renamed == name:
            break
        name = renamed
    return name


class Libraries:
    """The shipped libraries and a team's own; ``extra`` is a parsed table like a file's. Immutable."""

    def __init__(self, extra: Mapping[str, Any] | None = None) -> None:
        self._extra = effects_of(extra or {})
        self._own_aliases: Mapping[str, str] = (extra or {}).get("alias", {})
        self._effects: dict[str, Effect | None] = {}
        self._functions: dict[str, Effect | None] = {}
        self._members: dict[tuple[str, str], str] = {}
        self._methods: dict[tuple[str, str, str], tuple[str, Effect | None]] = {}
        self._canonical: dict[str, str] = {}

    def effect(self, name: str) -> Effect | None:
        """What the call of that dotted name does, or ``None`` when nothing is known of it."""
        try:
            return self._effects[name]
        except KeyError:
            found = self._effects[name] = self._find(name)
            return found

    def method(self, kind: str, name: str, attr: str) -> tuple[str, Effect | None]:
        """The dotted name of a method of a value of that kind, whose own dotted name may be known, and what it does."""
        key = kind, name, attr
        try:
            return self._methods[key]
        except KeyError:
            names = [f"{kind}.{attr}", f"any.{attr}"]
            if "." in name:  # what made an array is a function: it has no methods
                names.insert(kind == "array", f"{name}.{attr}")
            told = next((one for one in names if self.effect(one) is not None), names[0])
            found = self._methods[key] = told, self.effect(told)
            return found

    def function(self, name: str) -> Effect | None:
        """What a function of a library does: told by its dotted name or, under ``call.``, by its last part."""
        try:
            return self._functions[name]
        except KeyError:
            last = name.rpartition(".")[2]
            found = self._functions[name] = self.effect(name) or self.effect("call." + last)
            return found

    def member(self, name: str, attr: str) -> str:
        """The dotted name under which a module's or class's member is told."""
        key = name, attr
        try:
            return self._members[key]
        except KeyError:
            found = self._members[key] = self.canonical(f"{name}.{attr}")
            return found

    def tells_of(self, name: str) -> bool:
        """Whether a call, or calls of a module of that name, have an entry."""
        if name in self._extra or any(one.startswith(name + ".") for one in self._extra):
            return True
        files = _files().get(name.partition(".")[0])
        return files is not None and (name in _library(files)[0] or name in _modules(files))

    def knows(self, root: str) -> bool:
        """Whether a library of that name has entries."""
        return root in _files() or any(one.partition(".")[0] == root for one in self._extra)

    def _find(self, name: str) -> Effect | None:
        if self._extra:
            own = _found(name, self._extra)
            if own is not None:
                return own
        root = name.partition(".")[0]
        files = _files().get(root)
        return None if files is None else _found(name, _library(files)[0])

    def canonical(self, name: str) -> str:
        """The dotted name under which the effects are told."""
        try:
            return self._canonical[name]
        except KeyError:
            found = self._canonical[name] = _unaliased(_renamed(name, self._own_aliases))
            return found


def libraries_with(extra: Mapping[str, Any]) -> Libraries:
    """The shipped libraries with a team's own; without any, always the same ones, which know what was asked before."""
    return Libraries(extra) if extra else _shipped()


@lru_cache(maxsize=1)
def _shipped() -> Libraries:
    return Libraries()
