"""The statements that parse, of a text that does not.

The text is seen as a tree of logical lines, by their indentation. A line that fails becomes the name ``_``, a block's
broken header an ``if _:`` or a ``def _():``; everything else keeps its line and column. Wrong indentation is set right
without moving anything: Python counts columns anew after a form feed, so one blank becomes a form feed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from typing import NamedTuple

from paydown import fstrings
from paydown.blocks import Forest, Node, forest_of
from paydown.bounds import too_deep
from paydown.dialects import complaint, foreign, modern, older, plain, renamed
from paydown.ipython import Magic, Masked, joined
from paydown.span import Span
from paydown.statements import BREAK, Statement, blanked, unknown

_CLAUSE = re.compile(r"(?:else|elif|except|finally)\b")
_KEYWORD = re.compile(r"@|[a-z]+\b")
_AUTOMAGIC = re.compile(
    r"(pip|conda|mamba|uv|cd|ls|ll|cat|cp|mv|rm|mkdir|rmdir|run|load_ext|reload_ext|matplotlib|pylab|env|who|whos|reset|"
    r"config|autoreload|less|more|man|store|load|tensorboard)[ \t]+(?![=(.,\[+*/<>&|])(.*)",
    re.DOTALL,
)
_TARGET = re.compile(r"[^\W\d][\w.\[\]'\", ()*]{0,200}?[ \t]*(?:[-+%&|^@]|\*\*?|//?|<<|>>)?=(?!=)[ \t]?(?=[^=]|\Z)")
# What makes a lone header a statement: lines above it, and what follows it.
_AROUND = {
    "else": ("if 1:_\n", "_"),
    "elif": ("if 1:_\n", "_"),
    "except": ("try:_\n", "_"),
    "finally": ("try:_\n", "_"),
    "case": ("match _:\n", "_"),
    "try": ("", "_\nfinally:_"),
    "match": ("", "\n case _:_"),
    "@": ("", "\ndef _():_"),
}


# What Python has to say about `"\\d"` in a notebook is nothing for the log of a server.
warnings.filterwarnings("ignore", module="<cell>")


class Problem(NamedTuple):
    """Why a stretch of a text does not parse."""

    message: str
    span: Span


class Recovered(NamedTuple):
    """What could be saved."""

    tree: ast.Module
    source: str
    problems: tuple[Problem, ...]
    magics: tuple[Magic, ...]
    language: str


def compiled(text: str) -> tuple[ast.Module | None, Exception | None]:
    """The tree of ``text``, or why there is none."""
    try:
        tree = compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError) as error:
        return None, error.with_traceback(None)  # which would hold the frames that hold the error
    assert isinstance(tree, ast.Module)
    if len(text) > 1000 and too_deep(tree):
        return None, RecursionError("nested too deeply")
    return tree, None


def recovered(masked: Masked, error: Exception | None) -> Recovered:
    """The statements of ``masked`` that parse; ``error`` is why it does not as a whole."""
    repair = _Repair(masked)
    forest = forest_of(masked.source, masked.statements)
    for node in forest.stray:
        if not node.statement.escape:
            repair.complain(node.statement, IndentationError("unexpected indent"))
    for statement in forest.lost:
        repair.erase(statement.start, statement.end)
    repair.indent(forest.roots, 0)
    repair.siblings(forest.roots, 0)
    source = "".join(repair.characters)
    problems = repair.problems
    tree, _ = compiled(source)
    if tree is None:  # a last resort: better nothing than a wrong tree
        tree, source = ast.Module([], []), blanked(source)
        problems = problems or [_problem(masked, error)]
    elif not problems and not repair.explained and error is not None and not _indented_whole(masked):
        problems = [_problem(masked, error)]
    problems.sort(key=lambda problem: problem.span)
    language = _foreign_language(masked, forest, problems)
    if language:
        return Recovered(ast.Module([], []), blanked(source), tuple(problems[:1]), tuple(repair.magics), language)
    return Recovered(tree, source, tuple(problems), tuple(repair.magics), masked.language)


def _foreign_language(masked: Masked, forest: Forest, problems: list[Problem]) -> str:
    """The language of a text of which most fails, and which looks like that language; else empty."""
    failed = {problem.span.line for problem in problems}
    lines = [node.statement.line for node in forest.roots]
    if not lines or lines[0] not in failed or 2 * len(failed.intersection(lines)) < len(lines):
        return ""
    found = foreign(masked.source[forest.roots[0].statement.start :])
    return found[0] if found else ""


def _indented_whole(masked: Masked) -> bool:
    """Whether the text is a piece of a block: IPython takes the first line's indentation off all lines."""
    return bool(masked.statements) and masked.statements[0].column > 0


def _problem(masked: Masked, error: Exception | None) -> Problem:
    """A problem of the text as a whole, at the statement that Python complains of."""
    line = (getattr(error, "lineno", None) or 1) - 1
    span = Span(0, 0, 0, 0)
    for statement in masked.statements:
        if statement.line > line:
            break
        span = statement.span(masked.source)
    return Problem(complaint("", error or SyntaxError("invalid syntax")), span)


_REWRITES: tuple[tuple[Callable[[str], str], str | None], ...] = (
    (older, None),
    (lambda code: fstrings.masked(code, lambda literal: compiled(literal)[0] is not None), None),
    (renamed, "syntax of Python before 3.7"),
    (modern, "Python 2 syntax"),
    (plain, ""),
)
"""How a line may be rewritten, and what is then wrong with it: nothing, a fixed word, or what Python says of it."""


class _Repair:
    """A text being repaired: one string for each of its characters, so that offsets stay what they were."""

    def __init__(self, masked: Masked) -> None:
        self.source = masked.source
        self.characters = list(masked.source)
        self.problems: list[Problem] = []
        self.magics = list(masked.magics)
        self.explained = False  # whether the text does parse, in another Python
        self.budget = 2_000_000 + 4 * len(masked.source)

    def indent(self, nodes: list[Node], level: int) -> None:
        """Give every line the indentation of its level, one column for each."""
        for node in nodes:
            column = node.statement.column
            if column >= level:
                new = " " * level if column == level else " " * (column - level - 1) + "\f" + " " * level
                self.characters[node.statement.start - column : node.statement.start] = new
                self.indent(node.children, level + 1)
                continue
            # Tabs, narrower in characters than what is around them: the line can't be moved there.
            self.complain(node.statement, TabError("inconsistent use of tabs and spaces in indentation"))
            self.erase(node.statement.start, node.end)
            node.children.clear()
            node.header = False

    def siblings(self, nodes: list[Node], level: int) -> None:
        """Repair the statements of a block."""
        index = 0
        while index < len(nodes):
            end = index + 1
            while end < len(nodes) and self.source.startswith("@", nodes[end - 1].statement.start):
                end += 1
            while end < len(nodes) and _CLAUSE.match(self.source, nodes[end].statement.start):
                end += 1
            group = nodes[index:end]
            if self.failure(self.lines(group), level) is not None:
                self.repair(group, level)
            index = end

    def repair(self, group: list[Node], level: int) -> None:
        """Repair a statement that consists of several lines, or is one."""
        for node in group:
            self.line(node, level)
            if node.children:
                self.siblings(node.children, level + 1)
        why = self.failure(self.lines(group), level)
        if why is None:
            return
        # Every line is right by itself: a clause without its statement, a `try` without its clause.
        self.complain(group[0].statement, why)
        for node in group:
            self.replace_header(node, plain=True)
        if self.failure(self.lines(group), level) is not None:
            self.erase(group[0].statement.start, group[-1].end)
            self.characters[group[0].statement.start] = "_"

    def line(self, node: Node, level: int) -> None:
        """Repair a logical line by itself."""
        statement = node.statement
        if statement.escape:
            return
        start, end = statement.start, statement.code_end
        code = "".join(self.characters[start:end])
        why = self.line_failure(node, code, level)
        if why is None:
            if node.header and not node.children:
                self.complain(statement, IndentationError("expected an indented block"))
                self.give_body(statement)
            return
        for rewrite, problem in _REWRITES:
            new = rewrite(code)
            if new == code or self.line_failure(node, new, level) is not None:
                continue
            self.characters[start:end] = new
            if problem is None:
                self.explained = True
            else:
                self.problems.append(Problem(problem or complaint(code, why), statement.span(self.source)))
            if node.header and not node.children:
                self.give_body(statement)
            return
        automagic = _AUTOMAGIC.fullmatch(code) if not node.header else None
        if automagic:
            self.magics.append(Magic("line", automagic[1], joined(automagic[2]), "", "", statement.span(self.source)))
            self.explained = True
        else:
            self.complain(statement, why)
        if node.children:
            self.replace_header(node)
        elif automagic or not self.keep_target(node, code, level):
            self.characters[start:end] = unknown(code)

    def keep_target(self, node: Node, code: str, level: int) -> bool:
        """Leave of a broken assignment that its target is now unknown."""
        target = _TARGET.match(code)
        if target is None or self.line_failure(node, f"{target[0]}_", level) is not None:
            return False
        start, end = node.statement.start + target.end(), node.statement.code_end
        if start < end:
            self.characters[start:end] = unknown(self.source[start:end])
        else:
            self.characters[end - 1] = "=_"
        return True

    def line_failure(self, node: Node, code: str, level: int) -> Exception | None:
        """Why a logical line doesn't parse by itself."""
        if node.header and not code.endswith(":"):
            return SyntaxError("expected ':'")
        start, column = node.statement.start, node.statement.column
        prefix = "".join(self.characters[start - column : start])
        keyword = _KEYWORD.match(code)
        word = keyword[0] if keyword else ""
        before, after = _AROUND.get(word, ("", "_")) if node.header or word == "@" else ("", "")
        if word == "case":
            return self.failure(f"{' ' * (level - 1)}{before}{prefix}{code}{after}", level - 1) if level else None
        after = after.replace("\n", "\n" + " " * level)
        return self.failure(f"{' ' * level if before else ''}{before}{prefix}{code}{after}", level)

    def failure(self, code: str, level: int) -> Exception | None:
        """Why whole lines of a level don't parse."""
        self.budget -= len(code) + 100
        if self.budget < 0:
            return SyntaxError("invalid syntax")
        return compiled(f"if 1:\n{code}" if level else code)[1]

    def lines(self, group: list[Node]) -> str:
        first = group[0].statement
        return "".join(self.characters[first.start - first.column : group[-1].end])

    def give_body(self, statement: Statement) -> None:
        """Put the name ``_`` behind a header that has no body yet."""
        end = statement.code_end
        if end < len(self.characters) and self.characters[end] in " \t\f":
            self.characters[end] = "_"
        else:
            self.characters[end - 1] = ":_"

    def replace_header(self, node: Node, *, plain: bool = False) -> None:
        """Put in place of a header one that parses and has the same effect on names: ``def _():`` or ``if _:``."""
        if not node.children:
            return
        start, end = node.statement.start, node.statement.code_end
        new = "if _:"
        if not plain:
            new = next((text for word, text in _HEADERS if self.source.startswith(word, start)), new)
        self.erase(start, end)
        line_end = BREAK.search(self.source, start, end)
        end = line_end.start() if line_end else end
        while end < start + len(new) and self.source[end : end + 1] in {" ", "\t", "\f"}:
            end += 1
        if len(new) > end - start:  # a character may hold several, at the end of a line
            new, self.characters[end - 1] = new[: end - start - 1], new[end - start - 1 :]
        self.characters[start : start + len(new)] = new

    def erase(self, start: int, end: int) -> None:
        """Blank out a stretch."""
        self.characters[start:end] = blanked(self.source[start:end])

    def complain(self, statement: Statement, why: Exception) -> None:
        """Record why a statement doesn't parse, once."""
        span = statement.span(self.source)
        if not any(problem.span == span for problem in self.problems[-3:]):
            self.problems.append(Problem(complaint(self.source[statement.start : statement.code_end], why), span))


_HEADERS = (
    ("def ", "def _():"),
    ("async def ", "def _():"),
    ("except", "except:"),
    ("case ", "case _:"),
)
