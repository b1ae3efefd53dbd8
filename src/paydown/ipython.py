"""IPython's additions to Python, blanked out so that every other character keeps its line and column.

A text is cut into statements (logical lines) by a scanner that knows strings, brackets and comments and takes any text
at all, broken code included. What begins with an escape (``%``, ``!``, ``?``) or ends with one becomes the name ``_``.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from paydown.span import Span


class Magic(NamedTuple):
    """A use of IPython's own syntax.

    ``name`` is empty for a shell command; ``target`` is the name it binds; ``body`` the text below a cell magic.
    """

    kind: Literal["line", "cell", "shell", "help"]
    name: str
    argument: str
    target: str
    body: str
    span: Span


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


class Masked(NamedTuple):
    """A text without IPython's syntax, and what was taken out of it."""

    source: str
    magics: tuple[Magic, ...]
    language: str
    statements: tuple[Statement, ...]


STRING = (
    r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+(?:"""|\\?\Z|"{1,2}\Z)'
    r"|'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+(?:'''|\\?\Z|'{1,2}\Z)"
    r'|"[^"\\\n\r]*+(?:\\(?:\r\n|.)[^"\\\n\r]*+)*+(?:"|\\?\Z)?'
    r"|'[^'\\\n\r]*+(?:\\(?:\r\n|.)[^'\\\n\r]*+)*+(?:'|\\?\Z)?"
)
"""A string literal without its prefix; an unterminated one ends with its line, or with the text if triple-quoted."""

_END = r"(?:\r\n|\r|\n)"
_LEX = re.compile(
    rf"(?P<string>{STRING})|(?P<comment>\#[^\r\n]*+)|(?P<open>[\[({{])|(?P<close>[\])}}])"
    rf"|(?P<join>\\{_END})|(?P<newline>{_END})",
    re.DOTALL,
)
_BLANK = re.compile(rf"[ \t\f]*+(?:\#[^\r\n]*+)?+(?:{_END}|\Z)")
_INDENTATION = re.compile(r"[ \t\f]*+")
_BREAK = re.compile(_END)
_ESCAPED = re.compile(rf"(?:[^\r\n\\]|\\{_END}|\\(?![\r\n]))*+")
_ASSIGNED = re.compile(r"([A-Za-z_][\w.\[\]'\"(), \t*]{0,200}?)[ \t]*+=[ \t]*+(?=[!%])")
_HELP = re.compile(r"(%{0,2}[\w*][\w.*\[\]'\"()]*)[ \t]*(\?\??)[ \t]*;?")
_LINE_MAGIC = re.compile(r"%+[ \t]*([^\s;]*)[ \t]*(.*)", re.DOTALL)
_CELL_MAGIC = re.compile(
    rf"(?:[ \t\f]*+(?:\#[^\r\n]*+)?+{_END})*+[ \t]*+(%%([A-Za-z_!][\w.]*)[ \t]*([^\r\n]*+))(?:{_END}|\Z)"
)
_CODE = re.compile(r"[^\r\n]")
_RESUMED = re.compile(r"(?:import|from|def|class|return|with|while|try|@|[A-Za-z_]\w*[ \t]*=(?!=))(?:\b|(?<=[@=]))")
_TIMING = re.compile(
    r"%+(?:time|timeit|prun|memit|lprun|mprun|snakeviz)\b"
    r"(?:[ \t]+(?:-[nrlspTDfm][ \t]*[\w./*'\"]+|-[tcqorvVzi]+|--[\w=-]+)(?=[ \t]))*[ \t]+(?=\S)"
)

_PYTHON_BODIES = frozenset(
    [
        "time",
        "timeit",
        "capture",
        "prun",
        "python",
        "python3",
        "debug",
        "memit",
        "mprun",
        "lprun",
        "snakeviz",
        "pyinstrument",
        "scalene",
        "wandb",
        "px",
        "notify",
    ]
)
_LANGUAGES = {
    "sh": "bash",
    "script": "bash",
    "!": "bash",
    "sx": "bash",
    "system": "bash",
    "shell": "bash",
    "cmd": "batch",
    "R": "r",
    "js": "javascript",
    "bigquery": "sql",
    "bq": "sql",
    "sqlite": "sql",
    "duckdb": "sql",
    "dql": "sql",
    "md": "markdown",
    "writefile": "text",
    "file": "text",
    "pypy": "python2",
    "md-sandbox": "markdown",
    "fs": "bash",
}
_CELL_TARGET = {
    "capture": re.compile(r"(?:--\S+[ \t]+)*([A-Za-z_]\w*)"),
    "bigquery": re.compile(r"([A-Za-z_]\w*)\b(?!/)"),
    "sql": re.compile(r"(?:.*[ \t])?([A-Za-z_]\w*)[ \t]*=?<<"),
    "R": re.compile(r"(?:.*[ \t])?-o[ \t]*([A-Za-z_]\w*)"),
    "bash": re.compile(r".*--out[ \t]+([A-Za-z_]\w*)"),
}


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
        if text[start] in "%!?" and not _TIMING.match(text, start):
            escape = text[start]
            end = code_end = _ESCAPED.match(text, start).end()  # type: ignore[union-attr]
        elif assigned := _ASSIGNED.match(text, start):
            escape = "="
            end = code_end = _ESCAPED.match(text, assigned.end()).end()  # type: ignore[union-attr]
        else:
            # After twenty brackets that never close, no more are followed: each costs a walk to the end.
            end, code_end, closed = _end_of_statement(text, start, column, track=unclosed < 20)
            unclosed += not closed
            if text.find("?", max(start, code_end - 3), code_end) >= 0 and _HELP.fullmatch(text, start, code_end):
                escape = "?"
        lines = len(_BREAK.findall(text, start, end))
        columns = width(text[position:start]) if column else 0
        found.append(Statement(start, end, code_end, line, line + lines, column, columns, closed, escape))
        line += lines + 1
        after = _BREAK.match(text, end)
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
    end = _BREAK.search(text, start)
    line = text[start : end.start() if end else len(text)].rstrip()
    return line.endswith((",", ")", "]", "}")) and "=" in line


def mask(text: str) -> Masked:
    """``text`` with IPython's syntax blanked out."""
    magics: list[Magic] = []
    pieces: list[str] = []
    done = line = 0
    while header := _CELL_MAGIC.match(text, done):
        start, end = header.span(1)
        line += len(_BREAK.findall(text, done, start))
        name, argument = header[2], header[3].strip()
        column = start - max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) - 1
        binds = _CELL_TARGET.get(name)
        target = binds.match(argument[:400]) if binds else None
        body = text[header.end() :]
        magics.append(
            Magic(
                "cell",
                name,
                argument,
                target[1] if target else "",
                body,
                Span(line, column, line, column + end - start),
            )
        )
        pieces += (text[done:start], blanked(text[start:end]), text[end : header.end()])
        done = header.end()
        if name not in _PYTHON_BODIES:
            pieces.append(blanked(body))
            return Masked("".join(pieces), tuple(magics), _LANGUAGES.get(name, name.lower()), ())
        line += 1
    kept = statements(text, done, line)
    for statement in kept:
        found = _masked(text, statement)
        if found is None:
            continue
        start, replacement, magic = found
        pieces += (text[done:start], replacement)
        done = start + len(replacement)
        magics.append(magic)
    pieces.append(text[done:])
    return Masked("".join(pieces), tuple(magics), "python", tuple(kept))


def _masked(text: str, statement: Statement) -> tuple[int, str, Magic] | None:
    """Where a statement's masked part begins, what replaces it, and the magic it was."""
    start = statement.start
    code = text[start : statement.code_end]
    last = max(code.rfind("\n"), code.rfind("\r"))
    span = Span(
        statement.line,
        statement.column,
        statement.end_line,
        len(code) - last - 1 if last >= 0 else statement.column + len(code),
    )
    if not statement.escape:
        prefix = _TIMING.match(code) if code.startswith("%") else None
        if prefix is None:
            return None
        name = _LINE_MAGIC.match(code)
        magic = Magic("line", name[1] if name else "", joined(code[prefix.end() :]), "", "", span)
        return start, timing(prefix[0], statement.width), magic
    target = ""
    if statement.escape == "=":
        assigned = _ASSIGNED.match(code)
        assert assigned
        target = assigned[1].strip()
        start += assigned.end()
        code = code[assigned.end() :]
    return start, unknown(code), _magic(code, target, span)


def timing(prefix: str, at: int) -> str:
    """What replaces ``%time ``: at the margin a form feed, after which Python counts columns anew; else ``_;``."""
    return blanked(prefix[:-1]) + "\f" if at == 0 else "_;" + blanked(prefix[2:])


def joined(code: str) -> str:
    """The text of a command with its continued lines joined."""
    return re.sub(rf"[ \t]*\\{_END}[ \t]*", " ", code).strip()


def _magic(code: str, target: str, span: Span) -> Magic:
    code = joined(code)
    if code.startswith("!"):
        return Magic("shell", "", code.lstrip("!").strip(), target, "", span)
    if code.startswith("?") or _HELP.fullmatch(code):
        return Magic("help", "", code.strip("?; \t"), target, "", span)
    found = _LINE_MAGIC.match(code)
    return (
        Magic("line", found[1], found[2].strip(), target, "", span) if found else Magic("line", "", code, "", "", span)
    )
