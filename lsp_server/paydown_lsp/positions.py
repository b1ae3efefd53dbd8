"""Columns: an editor counts UTF-16 (or UTF-8) units along a line, paydown code points. An ASCII line needs neither."""

from __future__ import annotations

import io
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]


def lines_of(text: str) -> list[str]:
    """The lines of ``text`` with their ends (``\\n``, ``\\r\\n`` or a lone ``\\r``); the last one has none."""
    lines = list(io.StringIO(text, newline=""))
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return lines


def column(line: str, units: int, encoding: Encoding) -> int:
    """The column in code points of the position ``units`` into ``line``; behind its text it is the line's length.

    A position inside a character, which no client should send, is taken back to the character's beginning.
    """
    length = len(line.rstrip("\r\n"))
    if encoding == "utf-32" or line.isascii():
        return units if units < length else length
    seen = 0
    for index in range(length):
        seen += _width(line[index], encoding)
        if seen > units:
            return index
    return length


def units(line: str, column: int, encoding: Encoding) -> int:
    """How many units of ``encoding`` the first ``column`` code points of ``line`` take."""
    if encoding == "utf-32" or line.isascii():
        return column
    head = line[:column]
    beyond = column - len(head)  # a span may end behind the text, where an editor may not
    if encoding == "utf-8":
        return len(head.encode("utf-8", "surrogatepass")) + beyond
    return len(head.encode("utf-16-le", "surrogatepass")) // 2 + beyond


def _width(character: str, encoding: Encoding) -> int:
    point = ord(character)
    if encoding == "utf-16":
        return 2 if point > 0xFFFF else 1
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4
