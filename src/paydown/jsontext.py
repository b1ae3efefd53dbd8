"""A notebook's JSON as text: parsed with clear complaints, and its cells' sources rewritten in place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from json.decoder import scanstring  # type: ignore[attr-defined]  # the C scanner, or its Python twin
from typing import Any, NamedTuple

from paydown.encoding import Unreadable

_SPACE = re.compile(r"[ \t\r\n]*+")
_CONFLICT = re.compile(r"^<{7} .*$", re.MULTILINE)
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|\?xml|!--|[a-z]+[\s>])", re.IGNORECASE)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE_ESCAPE = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")  # it may be an escaped backslash and a `u`: no harm
_decoder = json.JSONDecoder()


def parsed(text: str) -> object:
    """The value that ``text`` is. Raises ``Unreadable`` with what is wrong and where."""
    if not text or text.isspace():
        raise Unreadable("empty file")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _complaint(text, error) from None
    except RecursionError:
        raise Unreadable("not a notebook: JSON nested too deeply") from None
    except ValueError as error:  # a number with too many digits
        raise Unreadable(f"broken JSON: {error}") from None


def _complaint(text: str, error: json.JSONDecodeError) -> Unreadable:
    if _PAGE.match(text):
        return Unreadable("not a notebook: an HTML page saved as .ipynb", 1)
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        return Unreadable(f"merge-conflict markers at line {line}", line)
    message = error.msg
    ends_early = error.pos >= len(text.rstrip()) or message.startswith("Unterminated string")
    if ends_early:
        line = text.rstrip().count("\n") + 1
        return Unreadable(f"JSON ends early at line {line}", line)
    if error.pos == len(text) - len(text.lstrip()) and text.lstrip()[:1] not in '{["':
        return Unreadable("not a notebook: the file holds no JSON", error.lineno)
    return Unreadable(f"broken JSON at line {error.lineno}: {message[:1].lower()}{message[1:]}", error.lineno)


def described(value: object) -> str:
    """A JSON value in a word."""
    if value is None:
        return "null"
    words: dict[type, str] = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return words.get(type(value), "something else")


def joined(source: object, *, early: bool = False) -> str:
    """A cell's text: a string, or a list of lines with their ends.

    Before nbformat 4 (``early``) lists without line ends occur too; as in nbformat itself, the first line tells.
    """
    if isinstance(source, str):
        return source
    lines = [line for line in source if isinstance(line, str)] if isinstance(source, list) else []
    return ("\n" if early and _bare(lines) else "").join(lines)


def _bare(lines: list[str]) -> bool:
    return len(lines) > 1 and not lines[0].endswith(("\n", "\r"))


def is_early(notebook: Mapping[str, Any]) -> bool:
    """Whether a notebook is of an nbformat before 4, in which cells lie in worksheets or keep their text elsewhere."""
    version = notebook.get("nbformat")
    return isinstance(version, int) and version < 4


def source_key(cell: Mapping[str, Any]) -> str:
    """The key under which a cell keeps its text: ``source`` since nbformat 4, ``input`` or ``code`` for code before."""
    if "source" in cell:
        return "source"
    return next((key for key in ("input", "code", "text") if key in cell), "source")


def cells_of(notebook: Mapping[str, Any]) -> Iterator[object]:
    """The cells of a notebook, those of all worksheets in nbformat 2 and 3."""
    cells = notebook.get("cells")
    if isinstance(cells, list):
        yield from cells
        return
    sheets = notebook.get("worksheets")
    for sheet in sheets if isinstance(sheets, list) else ():
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        yield from cells if isinstance(cells, list) else ()


class _Member(NamedTuple):
    """Where a value stands in the text. ``bare`` lists hold lines without their ends."""

    start: int
    end: int
    bare: bool = False


def with_sources(text: str, sources: Mapping[int, str]) -> str:
    """``text`` with new sources for the cells at these indices, each written in the form its old one has."""
    try:
        places = list(_places(text))
    except (ValueError, IndexError, RecursionError):
        raise Unreadable("the file has changed since it was read: it is no JSON now") from None
    pieces: list[str] = []
    done = 0
    for index, source in sorted(sources.items()):
        place = places[index] if index < len(places) else None
        if place is None:
            raise Unreadable(f"cell {index} has no source that could be rewritten")
        pieces += (text[done : place.start], _written(text, place, source))
        done = place.end
    pieces.append(text[done:])
    return "".join(pieces)


def _places(text: str) -> Iterator[_Member | None]:
    """Where each cell's source stands, in the order of ``cells_of``."""
    notebook = _members(text, _skip(text, 0))
    version = notebook.get("nbformat")
    early = version is not None and is_early({"nbformat": json.loads(text[version.start : version.end])})
    cells = notebook.get("cells")
    if cells and text[cells.start] == "[":
        yield from (_source(text, one, early=early) for one in _items(text, cells.start))
        return
    sheets = notebook.get("worksheets")
    if not sheets or text[sheets.start] != "[":
        return
    for sheet in _items(text, sheets.start):
        inner = _members(text, sheet.start).get("cells") if text[sheet.start] == "{" else None
        if inner and text[inner.start] == "[":
            yield from (_source(text, one, early=early) for one in _items(text, inner.start))


def _source(text: str, cell: _Member, *, early: bool) -> _Member | None:
    if text[cell.start] != "{":
        return None
    members = _members(text, cell.start)
    source = members.get(source_key(members))
    if source is None or not early or text[source.start] != "[":
        return source
    lines = json.loads(text[source.start : source.end])
    return source._replace(bare=_bare([line for line in lines if isinstance(line, str)]))


def _skip(text: str, position: int) -> int:
    return _SPACE.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty text too


def _members(text: str, position: int) -> dict[str, _Member]:
    """Where the values of the object at ``position`` stand; of a repeated key the last, as JSON readers have it."""
    found: dict[str, _Member] = {}
    position = _skip(text, position + 1)
    while text[position] != "}":
        key, position = scanstring(text, position + 1, True)
        start = _skip(text, _skip(text, position) + 1)
        end = _decoder.raw_decode(text, start)[1]
        found[key] = _Member(start, end)
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return found


def _items(text: str, position: int) -> list[_Member]:
    """Where the items of the list at ``position`` stand."""
    found: list[_Member] = []
    position = _skip(text, position + 1)
    while text[position] != "]":
        end = _decoder.raw_decode(text, position)[1]
        found.append(_Member(position, end))
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return found


def _written(text: str, place: _Member, source: str) -> str:
    """``source`` in the form of the old value: a string or a list of lines, its blanks, its way with letters."""
    old = text[place.start : place.end]
    ascii_only = old.isascii() and bool(_WIDE_ESCAPE.search(old) or (text.isascii() and _WIDE_ESCAPE.search(text)))
    if not old.startswith("["):
        return _literal(source, ascii_only=ascii_only)
    items = _items(old, 0)
    lines = source.split("\n") if place.bare and "\r" not in source else re.findall(r"[^\n]*\n|[^\n]+\Z", source)
    if not lines:
        return "[]"
    olds = [json.loads(old[one.start : one.end]) for one in items]
    same = _common(olds, lines)
    tail = _common(olds[same:][::-1], lines[same:][::-1])
    before, between, after = _blanks(text, place, items)
    # The lines above and below the change keep their very bytes.
    head = old[: items[same - 1].end] if same else f"[{before}"
    foot = old[items[-tail].start :] if tail else f"{after}]"
    written = [_literal(line, ascii_only=ascii_only) for line in lines[same : len(lines) - tail]]
    return head + between.join([""] * bool(same) + written + [""] * bool(tail)) + foot


def _common(one: list[Any], other: list[str]) -> int:
    """How many items two lists have in common at their beginnings."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (left, right) in pairs if left != right), min(len(one), len(other)))


def _literal(text: str, *, ascii_only: bool) -> str:
    written = json.dumps(text, ensure_ascii=ascii_only)
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _blanks(text: str, place: _Member, items: list[_Member]) -> tuple[str, str, str]:
    """What stands after a list's bracket, between its items, and before its closing bracket."""
    old = text[place.start : place.end]
    if len(items) > 1:
        return old[1 : items[0].start], old[items[0].end : items[1].start], old[items[-1].end : -1]
    if items:
        before = old[1 : items[0].start]
        between = f",{before}" if before else _spacing(text)
        return before, between, old[items[0].end : -1]
    end = re.search(r"\r?\n", text)
    begins = text.rfind("\n", 0, place.start) + 1
    margin = _SPACE.match(text, begins)[0]  # type: ignore[index]
    if end is None or begins == 0:
        return "", _spacing(text), ""
    unit = re.search(r"\n([ \t]+)", text)
    return (
        f"{end[0]}{margin}{unit[1] if unit else ''}",
        f",{end[0]}{margin}{unit[1] if unit else ''}",
        f"{end[0]}{margin}",
    )


def _spacing(text: str) -> str:
    """What stands between items on one line, in a document of this style."""
    return ", " if '", "' in text or '": ' in text else ","


def source_lines(text: str) -> list[list[int]]:
    """For each cell, and each line of its text, the zero-based line of the file that holds it."""
    found: list[list[int]] = []
    line, counted = 0, 0
    for place in _places(text):
        lines: list[int] = []
        pieces = [] if place is None else _items(text, place.start) if text[place.start] == "[" else [place]
        for piece in pieces:
            line, counted = line + text.count("\n", counted, piece.start), piece.start
            said = json.loads(text[piece.start : piece.end])
            ends = len(re.findall(r"\r\n|\r|\n", said)) if isinstance(said, str) else 0
            lines += [line] * (ends or int(place is not None and place.bare))
        found.append([*lines, line] if pieces else lines)
    return found
