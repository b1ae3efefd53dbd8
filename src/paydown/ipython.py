"""IPython's additions to Python, blanked out so that every other character keeps its line and column.

A statement that begins with an escape (``%``, ``!``, ``?``) or ends with one becomes the name ``_``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from paydown.span import Span
from paydown.statements import ASSIGNED, AUTOCALL, BREAK, END, HELP, TIMING, Statement, blanked, statements, unknown


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


class Masked(NamedTuple):
    """A text without IPython's syntax, and what was taken out of it."""

    source: str
    magics: tuple[Magic, ...]
    language: str
    statements: tuple[Statement, ...]


_LINE_MAGIC = re.compile(r"%+[ \t]*([^\s;]*)[ \t]*(.*)", re.DOTALL)
_CELL_MAGIC = re.compile(
    rf"(?:[ \t\f]*+(?:\#[^\r\n]*+)?+{END})*+[ \t]*+(%%([A-Za-z_!][\w.]*)[ \t]*([^\r\n]*+))(?:{END}|\Z)"
)

_PYTHON_BODIES = {"time", "timeit", "capture", "prun", "python", "python3", "debug"} | {
    *("memit", "mprun", "lprun", "snakeviz", "pyinstrument", "scalene", "wandb", "px"),
}
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
    "capture": re.compile(r"(?:--\S+[ \t]+)*([^\W\d]\w*)"),
    "bigquery": re.compile(r"([^\W\d]\w*)\b(?!/)"),
    "sql": re.compile(r"(?:.*[ \t])?([^\W\d]\w*)[ \t]*=?<<"),
    "R": re.compile(r"(?:.*[ \t])?-o[ \t]*([^\W\d]\w*)"),
    "bash": re.compile(r".*--out[ \t]+([^\W\d]\w*)"),
}


_PROMPT = re.compile(rf"(?:[ \t]*+{END})*+(?:>>>|In[ ]\[\d*\]:)(?=[ \r\n]|\Z)")
_PROMPTS = re.compile(r"(?:(?<=[\r\n])|\A)(?:>>>|\.\.\.|In[ ]\[\d*\]:|[ ]*\.{3,}:)(?:[ ]|(?=[\r\n])|\Z)")


def _without_prompt(match: re.Match[str]) -> str:
    """Blanks for a prompt that was pasted with the code; Python counts columns anew after the form feed."""
    return blanked(match[0][:-1]) + "\f"


def whole_cell(text: str, masked: Masked) -> Masked | None:
    """A cell of another language as Databricks marks it: with a line magic on its first line."""
    first = masked.magics[0] if masked.magics else None
    statement = masked.statements[0] if masked.statements else None
    if first is None or statement is None or statement.escape != "%" or first.name not in _DATABRICKS_LANGUAGES:
        return None
    body = text[statement.end :].lstrip("\r\n")
    source = text[: statement.start] + blanked(text[statement.start :])
    language = _LANGUAGES.get(first.name, first.name)
    return Masked(source, (first._replace(kind="cell", body=body),), language, ())


_DATABRICKS_LANGUAGES = {"sql", "md", "md-sandbox", "scala", "r", "sh", "fs"}


def mask(text: str) -> Masked:
    """``text`` with IPython's syntax blanked out."""
    magics: list[Magic] = []
    pieces: list[str] = []
    done = line = 0
    while header := _CELL_MAGIC.match(text, done):
        start, end = header.span(1)
        line += len(BREAK.findall(text, done, start))
        name, argument = header[2], header[3].strip()
        column = start - max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) - 1
        binds = _CELL_TARGET.get(name)
        target = binds.match(argument[:400]) if binds else None
        body = text[header.end() :]
        span = Span(line, column, line, column + end - start)
        magics.append(Magic("cell", name, argument, target[1] if target else "", body, span))
        pieces += (text[done:start], blanked(text[start:end]), text[end : header.end()])
        done = header.end()
        if name not in _PYTHON_BODIES:
            pieces.append(blanked(body))
            return Masked("".join(pieces), tuple(magics), _LANGUAGES.get(name, name.lower()), ())
        line += 1
    if _PROMPT.match(text, done):
        text = _PROMPTS.sub(_without_prompt, text)
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
    span = statement.span(text)
    if not statement.escape:
        prefix = TIMING.match(code) if code.startswith("%") else None
        if prefix is None:
            return None
        name = _LINE_MAGIC.match(code)
        magic = Magic("line", name[1] if name else "", joined(code[prefix.end() :]), "", "", span)
        return start, timing(prefix[0], statement.width), magic
    target = ""
    if statement.escape == "=":
        assigned = ASSIGNED.match(code)
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
    return " ".join(part.strip() for part in re.split(rf"\\{END}", code)).strip()


def _magic(code: str, target: str, span: Span) -> Magic:
    code = joined(code)
    if code.startswith("!"):
        return Magic("shell", "", code.lstrip("!").strip(), target, "", span)
    if code.startswith("?") or HELP.fullmatch(code):
        return Magic("help", "", code.strip("?; \t"), target, "", span)
    if AUTOCALL.match(code):
        return Magic("line", "autocall", code, target, "", span)
    found = _LINE_MAGIC.match(code)
    name, argument = (found[1], found[2].strip()) if found else ("", code)
    return Magic("line", name, argument, target, "", span)


_CALLS: dict[str, Literal["line", "cell", "shell"]] = {
    "run_line_magic": "line",
    "magic": "line",
    "run_cell_magic": "cell",
    "system": "shell",
    "getoutput": "shell",
}


def called(tree: ast.Module, span_of: Callable[[ast.Call], Span]) -> Iterator[Magic]:
    """The magics of a converted notebook, which it calls through ``get_ipython()``."""
    targets = {
        id(node.value): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        shell = node.func.value
        kind = _CALLS.get(node.func.attr)
        if kind is None or not isinstance(shell, ast.Call) or not isinstance(shell.func, ast.Name):
            continue
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if shell.func.id != "get_ipython" or not texts or len(texts) != len(node.args):
            continue
        if node.func.attr == "magic":
            name, _, argument = texts[0].lstrip("% ").partition(" ")
            texts = [name, argument]
        name, argument, body = ("", *texts, "", "")[:3] if kind == "shell" else (*texts, "", "")[:3]
        yield Magic(kind, name, argument.strip(), targets.get(id(node), ""), body, span_of(node))


_DATABRICKS = re.compile(
    r"^\# MAGIC %(\w[\w-]*)[ \t]*([^\r\n]*)((?:(?:\r\n|\r|\n)\# MAGIC(?! %)[^\r\n]*)*)", re.MULTILINE
)


def databricks(text: str) -> Iterator[Magic]:
    """The magics of a Databricks script, which stand in its comments."""
    for match in _DATABRICKS.finditer(text):
        line = len(BREAK.findall(text, 0, match.start()))
        body = re.sub(r"(?m)^\# MAGIC ?", "", match[3]).lstrip("\r\n")
        end = line + len(BREAK.findall(match[0]))
        last = max(match[0].rfind("\n"), match[0].rfind("\r"))
        span = Span(line, 0, end, len(match[0]) - last - 1)
        yield Magic("cell" if body else "line", match[1], match[2].strip(), "", body, span)
