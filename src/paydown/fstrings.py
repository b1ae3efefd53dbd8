"""f-strings as Python 3.12 has them (PEP 701), for a parser that is older: those it can't read become unknown."""

from __future__ import annotations

import re
from collections.abc import Callable

from paydown.statements import STRING, blanked

_LITERAL = re.compile(rf"(?<!\w)(?P<prefix>[fF][rR]?|[rR][fF])(?=['\"])|{STRING}|\#[^\r\n]*+", re.DOTALL)
_STRING = re.compile(STRING, re.DOTALL)
_QUOTES = ('"""', "'''", '"', "'")
_DEEPEST = 20


def masked(code: str, parses: Callable[[str], bool]) -> str:
    """``code`` with a name in parentheses for each f-string that does not parse by itself."""
    pieces: list[str] = []
    done = position = 0
    while found := _LITERAL.search(code, position):
        position = found.end()
        if found["prefix"] is None:
            continue
        end = _end(code, position, raw="r" in found["prefix"].lower(), depth=0)
        if end < 0:
            continue
        position = end
        literal = code[found.start() : end]
        if not parses(literal):
            pieces += (code[done : found.start()], "(_", blanked(literal[2:-1]), ")")
            done = end
    pieces.append(code[done:])
    return "".join(pieces)


def _end(code: str, position: int, *, raw: bool, depth: int) -> int:
    """Where the f-string whose quote stands at ``position`` ends; -1 if it doesn't."""
    quote = next(quote for quote in _QUOTES if code.startswith(quote, position))
    position += len(quote)
    while position < len(code):
        letter = code[position]
        if code.startswith(quote, position):
            return position + len(quote)
        if letter in "\r\n" and len(quote) == 1:
            return -1
        if letter == "\\" and not raw:
            position += 2
        elif letter != "{":
            position += 1
        elif code.startswith("{{", position):
            position += 2
        else:
            position = _field_end(code, position + 1, depth + 1)
            if position < 0:
                return -1
    return -1


def _field_end(code: str, position: int, depth: int) -> int:
    """Where the replacement field that begins at ``position`` ends; -1 if it doesn't."""
    if depth > _DEEPEST:
        return -1
    open_brackets = 0
    while position < len(code):
        letter = code[position]
        if letter in "'\"":
            prefix = code[max(position - 2, 0) : position].lower()
            if prefix.endswith(("f", "fr", "rf")):
                position = _end(code, position, raw="r" in prefix, depth=depth)
                if position < 0:
                    return -1
                continue
            string = _STRING.match(code, position)
            position = string.end() if string else position + 1
            continue
        if letter in "([{":
            open_brackets += 1
        elif letter in ")]":
            open_brackets -= 1
        elif letter == "}":
            if open_brackets <= 0:
                return position + 1
            open_brackets -= 1
        position += 1
    return -1
