"""Edits that take statements and comments out, line by line, without changing what stays."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterable, Sequence

from paydown.fixes.target import CellEdits, Stale, Target, Unfixable, block_lists, holds, walk_own
from paydown.span import Span

_SILENT = frozenset({"print", "display"})
_SILENT_MAGIC = re.compile(r"!|%\s*(?:matplotlib|load_ext|reload_ext|autoreload|config|pip|conda|cd|pylab|run)\b")
_SKIPPED = (tokenize.NL, tokenize.COMMENT)


def remove_statement(target: Target, span: Span) -> CellEdits:
    """Take out the statements that ``span`` holds, or the one that does nothing but evaluate it or bind it to a name.

    Whole lines go, with a comment at their end; ``pass`` stays where a block would be empty.
    """
    owner, block, first, last = _statements_at(target, span)
    if not _is_all_of(target, block[first], span):
        raise Unfixable("the statement does more than that")
    keep_scope(target, block[first : last + 1])
    start = target.span_of(block[first])
    if target.text.startswith("elif", target.offset(*start[:2])):
        yield from delete_lines(target, start.line, start.end_line)
        return
    yield from removal(target, owner, block, first, last)


def _is_all_of(target: Target, statement: ast.stmt, span: Span) -> bool:
    """Whether a statement lies within a span, is a definition whose name it is, or an assignment of what stands there."""
    if holds(span, target.facts.span(statement)):
        return True
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return target.segment(span) == statement.name
    match statement:
        case (
            ast.Expr(value=value)
            | ast.Assign(targets=[ast.Name()], value=value)
            | ast.AnnAssign(target=ast.Name(), value=value)
        ):
            return value is not None and holds(span, target.facts.span(value))
    return False


def insert_above(target: Target, span: Span, statement: str) -> CellEdits:
    """Put a statement on a line of its own above the top-level statement that holds ``span``."""
    body = target.tree.body
    index = next((at for at, one in enumerate(body) if holds(statement_span(target, one), span)), None)
    if index is None:
        raise Stale("the statement has changed")
    while index and not apart(target, body[index - 1], body[index]):
        index -= 1
    yield target.insert(statement_span(target, body[index]).line, 0, statement + target.newline)


def insert_below(target: Target, span: Span, *lines: str) -> CellEdits:
    """Put lines below the assignment of one name that ``span`` is the value of, or the name, in the same block."""
    statement = target.innermost(span, ast.stmt)
    if not isinstance(statement, ast.Assign) or not _is_alone(target, statement):
        raise Unfixable("the statement shares its line with others")
    indentation = target.indentation(target.facts.span(statement).line)
    end = target.span_of(statement).end_line
    text = "".join(f"{target.newline}{indentation}{line}" for line in lines)
    yield target.insert(end, target.line_end(end), text)


def _is_alone(target: Target, statement: ast.stmt) -> bool:
    """Whether nothing but a comment stands on a statement's lines beside it."""
    span = target.span_of(statement)
    rest = target.lines[span.end_line][span.end_column :].strip()
    return not target.lines[span.line][: span.column].strip() and (not rest or rest.startswith("#"))


def removal(target: Target, owner: ast.AST, block: list[ast.stmt], first: int, last: int) -> CellEdits:
    """Take the statements ``first`` to ``last`` out of a block."""
    if first and _is_prefix_magic(target, block[first - 1], block[first]):
        first -= 1
    start, end = statement_span(target, block[first])[:2], statement_span(target, block[last])[2:]
    if first == 0 and last == len(block) - 1 and not isinstance(owner, ast.Module):
        yield target.edit(Span(*start, *end), "pass")
        return
    joined = first > 0 and not apart(target, block[first - 1], block[first])
    following = target.token_after(*end)
    tokens = target.tokens
    semicolon = following < len(tokens) and tokens[following].text == ";"
    if last == len(block) - 1 and first and isinstance(owner, ast.Module) and not (joined and semicolon):
        yield from silenced(target, block[first - 1], separated=not joined)
    more = semicolon and last + 1 < len(block) and not _ends_line(target, following + 1)
    if joined:
        yield target.edit(Span(*statement_span(target, block[first - 1])[2:], *end), "")
    elif more:
        yield target.edit(Span(*start, *statement_span(target, block[last + 1])[:2]), "")
    else:
        yield from delete_lines(target, start[0], end[0])


def remove_comment_lines(target: Target, span: Span) -> CellEdits:
    """Take out the comments on the lines of ``span`` and the blank lines between them; a string that stands there
    as a statement goes as one."""
    comments = [one for one in target.facts.comments if span.line <= one.span.line <= span.end_line]
    comments = [one for one in comments if one.span[:2] < span[2:] and one.span[2:] > span[:2]]
    if not comments:
        string = target.innermost(span, ast.Expr)
        if not isinstance(string.value, ast.Constant) or not isinstance(string.value.value, str):
            raise Stale("the comment has changed")
        yield from remove_statement(target, target.span_of(string))
        return
    run: list[int] = []
    for comment in comments:
        line, column = comment.span[:2]
        if not comment.alone:
            yield target.edit(Span(line, len(target.lines[line][:column].rstrip()), *comment.span[2:]), "")
            continue
        if run and not all(not target.lines[between].strip() for between in range(run[-1] + 1, line)):
            yield from delete_lines(target, run[0], run[-1])
            run = []
        run.append(line)
    if run:
        yield from delete_lines(target, run[0], run[-1])


def delete_lines(target: Target, first: int, last: int) -> CellEdits:
    """Delete whole lines, so that the text keeps or lacks a line end at its end as before."""
    if last + 1 < len(target.lines):
        yield target.edit(Span(first, 0, last + 1, 0), "")
    elif first:
        yield target.edit(Span(first - 1, target.line_end(first - 1), last, target.line_end(last)), "")
    else:
        yield target.edit(Span(0, 0, last, target.line_end(last)), "")


def silenced(target: Target, statement: ast.stmt, *, separated: bool = True) -> CellEdits:
    """Keep a notebook from showing the value of ``statement`` now that it becomes a cell's last. A semicolon after it
    stays unless it only parted it (``separated`` is false) from what goes."""
    if target.document.kind != "notebook" or not isinstance(statement, ast.Expr):
        return
    value = statement.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _SILENT:
        return
    span = target.span_of(statement)
    if is_magic(target, statement):
        if _SILENT_MAGIC.match(target.segment(span)):
            return
        raise Unfixable("a magic would become the cell's last line, and show its value")
    following = target.token_after(*span[2:])
    if separated and following < len(target.tokens) and target.tokens[following].text == ";":
        return
    yield target.insert(*span[2:], ";")


def keep_scope(target: Target, removed: Sequence[ast.stmt], *, kept: Sequence[ast.stmt] = ()) -> None:
    """Raise ``Unfixable`` when the function around ``removed`` would become another kind of function, or when a name
    would cease to be its own. ``kept`` stays, though it stands inside ``removed``."""
    function: ast.AST | None = None
    for node in target.nodes(target.span_of(removed[0]), ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        if node is removed[0]:
            break
        function = node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    stays = {below for node in kept for below in ast.walk(node)}
    inside = {below for node in removed for below in ast.walk(node)} - stays
    own = list(walk_own(function.body))
    gone = [node for node in own if node in inside]
    rest = [node for node in own if node not in inside]
    if any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in gone):
        raise Unfixable("the code declares a name `global`")
    generators = (ast.Yield, ast.YieldFrom)
    if any(isinstance(node, generators) for node in gone) and not any(isinstance(node, generators) for node in rest):
        raise Unfixable("its `yield` makes the function a generator")
    parameters = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    lost = bound_by(gone) - bound_by(rest) - parameters
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and node not in inside}
    if lost & used:
        raise Unfixable(f"it makes `{min(lost & used)}` a name of the function")


def bound_by(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that nodes of one scope bind."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
    return found


def statement_span(target: Target, statement: ast.stmt) -> Span:
    """Where a statement stands, its decorators included."""
    span = target.span_of(statement)
    decorators = getattr(statement, "decorator_list", None)
    if not decorators:
        return span
    index = target.token_after(*target.span_of(decorators[0])[:2])
    while target.tokens[index].text != "@":
        index -= 1
    return Span(*target.tokens[index].span[:2], *span[2:])


def is_magic(target: Target, statement: ast.stmt) -> bool:
    """Whether a statement stands for IPython's own syntax."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Name) or statement.value.id != "_":
        return False
    return not target.segment(target.span_of(statement)).startswith("_")


def _statements_at(target: Target, span: Span) -> tuple[ast.AST, list[ast.stmt], int, int]:
    found: tuple[ast.AST, list[ast.stmt], int, int] | None = None
    for owner, block in block_lists(target.tree):
        within = [index for index, one in enumerate(block) if holds(span, target.facts.span(one))]
        if within:
            return owner, block, within[0], within[-1]
        around = [index for index, one in enumerate(block) if holds(statement_span(target, one), span)]
        if around:
            found = owner, block, around[0], around[0]
    if found is None:
        raise Stale("the statement has changed")
    return found


def apart(target: Target, before: ast.stmt, after: ast.stmt) -> bool:
    """Whether two neighbours stand in different logical lines."""
    start = target.token_after(*statement_span(target, before)[2:])
    end = target.token_after(*statement_span(target, after)[:2])
    return any(token.kind == tokenize.NEWLINE for token in target.tokens[start:end])


def _ends_line(target: Target, index: int) -> bool:
    while index < len(target.tokens) and target.tokens[index].kind in _SKIPPED:
        index += 1
    return index >= len(target.tokens) or target.tokens[index].kind == tokenize.NEWLINE


def _is_prefix_magic(target: Target, before: ast.stmt, after: ast.stmt) -> bool:
    """Whether ``before`` is the ``%time`` of ``%time after``."""
    return is_magic(target, before) and target.span_of(before).line == target.span_of(after).line
