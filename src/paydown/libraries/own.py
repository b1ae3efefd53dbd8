"""What a team says of its own libraries: in ``[tool.paydown.libraries]``, and in the files of ``extend-libraries``.

The short form names one call by its dotted name, in one piece or as tables in tables::

    [tool.paydown.libraries."acme.io.load"]
    role = "read"
    returns = "frame"

The long form is that of the shipped files: ``[[call]]`` with ``names``, and ``[alias]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from paydown.libraries import KEYS, ROLES


class Complaint(NamedTuple):
    """Something of a table that makes no sense: what, and under which keys."""

    message: str
    keys: tuple[str, ...]


def told(table: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Complaint, ...]]:
    """The table in the form of the shipped files, without what makes no sense; and what that is."""
    calls: list[dict[str, Any]] = []
    aliases: dict[str, str] = {}
    complaints: list[Complaint] = []
    for keys, names, entry in _entries(table, (), complaints):
        before = len(complaints)
        complaints += _wrong(keys, names, entry)
        if len(complaints) == before:
            calls.append({**entry, "names": list(names)})
    said = table.get("alias", {})
    for name, meaning in said.items() if isinstance(said, Mapping) else ():
        if isinstance(meaning, str):
            aliases[name] = meaning
        else:
            complaints.append(Complaint(f"the alias `{name}` should be a dotted name", ("alias", name)))
    found: dict[str, Any] = {}
    if calls:
        found["call"] = calls
    if aliases:
        found["alias"] = aliases
    return found, tuple(complaints)


def together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables of that form in one; the later one counts where both speak."""
    found: dict[str, Any] = {}
    if calls := [*one.get("call", ()), *other.get("call", ())]:
        found["call"] = calls
    if aliases := {**one.get("alias", {}), **other.get("alias", {})}:
        found["alias"] = aliases
    return found


def _entries(
    table: Mapping[str, Any], keys: tuple[str, ...], complaints: list[Complaint]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], dict[str, Any]]]:
    """The keys, the calls' names and what is said of them."""
    if keys and any(not isinstance(value, Mapping) and key != "call" for key, value in table.items()):
        yield keys, (".".join(keys),), dict(table)
        return
    for key, value in table.items():
        inner = (*keys, key)
        if key == "alias" and not keys:
            continue
        if key == "call" and isinstance(value, (list, tuple)):
            for number, entry in enumerate(value):
                place = (*inner, str(number))
                names = entry.get("names") if isinstance(entry, Mapping) else None
                names = [names] if isinstance(names, str) else names
                if not names or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                    complaints.append(Complaint('an entry should say `names = ["…"]`', place))
                else:
                    yield place, tuple(names), {one: other for one, other in entry.items() if one != "names"}
        elif isinstance(value, Mapping):
            yield from _entries(value, inner, complaints)
        else:
            complaints.append(Complaint(f"`{key}` should be a table that says what a call does", inner))


def _wrong(keys: tuple[str, ...], names: tuple[str, ...], entry: Mapping[str, Any]) -> Iterator[Complaint]:
    for key, value in entry.items():
        kind = KEYS.get(key)
        if kind is None:
            yield Complaint(f"unknown key `{key}` of the call `{names[0]}`{_meant(key, KEYS)}", (*keys, key))
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            yield Complaint(f"`{key}` of the call `{names[0]}` should be {_WORDS[kind]}", (*keys, key))
        elif key == "role" and value not in ROLES:
            yield Complaint(f"unknown role `{value}` of the call `{names[0]}`{_meant(value, ROLES)}", (*keys, key))


_WORDS = {str: "a string", int: "a whole number", bool: "true or false", list: "a list of strings", dict: "a table"}


def _meant(word: object, known: Any) -> str:
    close = get_close_matches(str(word), list(known), 1, 0.6)
    return f"; did you mean `{close[0]}`?" if close else f"; there are {', '.join(sorted(known))}"
