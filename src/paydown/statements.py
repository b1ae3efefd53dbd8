"""The statements (logical lines) of a text, found by a scanner that takes any text at all, broken code included.

It knows strings, brackets, comments, and how a line of IPython's own syntax begins and ends.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from paydown.span import Span


class Statement(NamedTuple):
    """A logical line. ``start``, ``end`` and ``code_end`` are offsets: after its indentation, before its line end and
    before a comment that follows it. ``column`` counts the characters of its indentation, ``width`` their columns."""

    start: int
    end: int
    code_end: int
    line: int
    end_line: int
    column: int
    width: int
    closed: bool = True
    escape: str = ""

    def span(self, text: str) -> Span:
        """Where its code stands."""
        code = text[self.start : self.code_end]
        last = max(code.rfind("\n"), code.rfind("\r"))
        end = self.column + len(code) if last < 0 else len(code) - last - 1
        return Span(self.line, self.column, self.line + len(BREAK.findall(code)), end)


STRING = (
    r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+(?:"""|\\?\Z|"{1,2}\Z)'
    r"|'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+(?:'''|\\?\Z|'{1,2}\Z)"
    r'|"[^"\\\n\r]*+(?:\\(?:\r\n|.)[^"\\\n\r]*+)*+(?:"|\\?\Z)?'
    r"|'[^'\\\n\r]*+(?:\\(?:\r\n|.)[^'\\\n\r]*+)*+(?:'|\\?\Z)?"
)
"""A string literal without its prefix; an unterminated one ends with its line, or with the text if triple-quoted."""

END = r"(?:\r\n|\r|\n)"
_LEX = re.compile(
    rf"(?P<string>{STRING})|(?P<comment>\#[^\r\n]*+)|(?P<open>[\[({{])|(?P<close>[\])}}])"
    rf"|(?P<join>\\{END})|(?P<newline>{END})",
    re.DOTALL,
)
BREAK = re.compile(END)
_BLANK = re.compile(rf"[ \t\f]*+(?:\#[^\r\n]*+)?+(?:{END}|\Z)")
_INDENTATION = re.compile(r"[ \t\f]*+")
_ESCAPED = re.compile(rf"(?:[^\r\n\\]|\\{END}|\\(?![\r\n]))*+")
_TARGET = r"\*?[^\W\d][\w.]*+(?:\[(?:[-+\w.]*+|'[^'\r\n]*+'|\"[^\"\r\n]*+\")\])*+"
ASSIGNED = re.compile(rf"(\(?{_TARGET}(?:[ \t]*+,[ \t]*+{_TARGET})*+,?\)?)[ \t]*+=[ \t]*+(?=[!%])")
AUTOCALL = re.compile(r"[/,;][^\W\d][\w.]*+(?=[ \t]|[\r\n]|\Z)")
HELP = re.compile(r"(%{0,2}[\w*][\w.*\[\]'\"()]*)[ \t]*(\?\??)[ \t]*;?")
TIMING = re.compile(
    r"%+(?:time|timeit|prun|memit|lprun|mprun|snakeviz)\b"
    r"(?:[ \t]+(?:-[nrlspTDfm][ \t]*[\w./*'\"]+|-[tcqorvVzi]+|--[\w=-]+)(?=[ \t]))*[ \t]+(?=[^\s!%])"
)
_RESUMED = re.compile(r"(?:import|from|def|class|return|with|while|try|@|[^\W\d]\w*[ \t]*=(?!=))(?:\b|(?<=[@=]))")
_CODE = re.compile(r"[^\r\n]")


def blanked(text: str) -> str:
    """``text`` with every character but line ends turned into a blank."""
    return _CODE.sub(" ", text)


def unknown(text: str) -> str:
    """``text`` turned into the name ``_``, as long as it was."""
    return "_" + blanked(text[1:])


def width(indentation: str) -> int:
    """The column at which Python sees a line with this indentation begin."""
    return len(indentation.rpartition("\f")[2].expandtabs(8))


def statements(text: str, position: int = 0, line: int = 0) -> list[Statement]:
    """The logical lines of ``text`` from ``position`` on, blank and comment lines left out."""
    found: list[Statement] = []
    end_of_text = len(text)
    unclosed = 0
    while position < end_of_text:
        blank = _BLANK.match(text, position)
        if blank:
            position = blank.end()
            line += 1
            continue
        start = _INDENTATION.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty text too
        column = start - position
        closed, escape = True, ""
        if (text[start] in "%!?" and not TIMING.match(text, start)) or AUTOCALL.match(text, start):
            escape = text[start]
            end = code_end = _ESCAPED.match(text, start).end()  # type: ignore[union-attr]
        elif assigned := ASSIGNED.match(text, start):
            escape = "="
            end = code_end = _ESCAPED.match(text, assigned.end()).end()  # type: ignore[union-attr]
        else:
            # After twenty brackets that never close, no more are followed: each costs a walk to the end.
            end, code_end, closed = _end_of_statement(text, start, column, track=unclosed < 20)
            unclosed += not closed
            if text.find("?", max(start, code_end - 3), code_end) >= 0 and HELP.fullmatch(text, start, code_end):
                escape = "?"
        lines = len(BREAK.findall(text, start, end))
        columns = width(text[position:start]) if column else 0
        found.append(Statement(start, end, code_end, line, line + lines, column, columns, closed, escape))
        line += lines + 1
        after = BREAK.match(text, end)
        position = after.end() if after else end_of_text
    return found


def _end_of_statement(text: str, start: int, column: int, *, track: bool) -> tuple[int, int, bool]:
    """Where the statement at ``start`` ends, where its code does, and whether its brackets are closed there.

    With brackets that never close it ends with its first line, so that the statements below survive.
    """
    depth = 0
    first = None
    position = start
    code_end = -1
    while token := _LEX.search(text, position):
        kind = token.lastgroup
        position = token.end()
        if kind == "newline":
            if depth == 0:
                return token.start(), _stripped(text, start, token.start()) if code_end < 0 else code_end, True
            first = first or (token.start(), _stripped(text, start, token.start()) if code_end < 0 else code_end)
            code_end = -1
            if not track or _resumes(text, position, column):
                return *first, False
        elif kind == "comment":
            code_end = _stripped(text, start, token.start())
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
    if depth and first:
        return *first, False
    return len(text), _stripped(text, start, len(text)) if code_end < 0 else code_end, depth == 0


def _stripped(text: str, start: int, end: int) -> int:
    """``end`` moved in front of the blanks before it."""
    while end > start and text[end - 1] in " \t\f":
        end -= 1
    return end


def _resumes(text: str, position: int, column: int) -> bool:
    """Whether the line at ``position`` plainly begins a new statement, though a bracket is open above it."""
    start = _INDENTATION.match(text, position).end()  # type: ignore[union-attr]
    return start - position <= column and bool(_RESUMED.match(text, start)) and not _keyword_argument(text, start)


def _keyword_argument(text: str, start: int) -> bool:
    """Whether the line looks like ``name=value,``: an argument that someone wrote at the margin."""
    end = BREAK.search(text, start)
    line = text[start : end.start() if end else len(text)].rstrip()
    return line.endswith((",", ")", "]", "}")) and "=" in line
