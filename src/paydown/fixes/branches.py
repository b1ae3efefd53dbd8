"""Taking a dead branch out of an ``if`` or ``while`` and letting the living one stand."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Sequence
from typing import Literal

from paydown.fixes.statements import delete_lines, keep_scope, silenced, statement_span
from paydown.fixes.target import CellEdits, Stale, Target, Unfixable, block_lists
from paydown.span import Span

_Conditional = ast.If | ast.While
_ABOUT_THE_CONDITION = re.compile(r"#\s*(?:noqa|type:|pragma|pylint|fmt:|paydown:)")
_STRING_BEGINS = getattr(tokenize, "FSTRING_START", -1)
_STRING_ENDS = getattr(tokenize, "FSTRING_END", -1)


def keep_branch(target: Target, span: Span, living: Literal["body", "orelse"]) -> CellEdits:
    """Let the ``body`` or the ``orelse`` of the ``if``, ``elif`` or ``while`` at ``span`` stand, and take the rest out.

    ``span`` is that of the statement or of its condition. Strings of many lines in the living branch stay as they are.
    """
    node = _conditional_at(target, span)
    line, column = target.span_of(node)[:2]
    if target.lines[line][:column].strip() or (isinstance(node, ast.While) and living == "body"):
        raise Unfixable("this is no branch that could stand by itself")
    keep_scope(target, [node], kept=node.body if living == "body" else node.orelse)
    is_elif = _is_elif(target, node)
    other = _alternative(target, node)
    if living == "body":
        yield from _with_body(target, node, is_elif=is_elif)
        if other is not None:
            yield from delete_lines(target, other[0], _last_line(target, node.orelse, other[0]))
        return
    last = _last_line(target, node.body, line)
    if other is None:
        yield from _without(target, node, last, is_elif=is_elif)
        return
    yield from delete_lines(target, line, last)
    if not is_elif and target.text.startswith("elif", target.offset(*other)):
        yield target.edit(Span(*other, other[0], other[1] + len("el")), "")
    elif not is_elif:
        yield from _shown(target, node, node.orelse)
        yield from _unwrapped(target, other, _after(target, *other, ":"), node.orelse)


def _with_body(target: Target, node: _Conditional, *, is_elif: bool) -> CellEdits:
    span = target.span_of(node)
    colon = _after(target, *target.span_of(node.test)[2:], ":")
    if is_elif:
        yield target.edit(Span(*span[:2], *colon), "else")
        return
    yield from _shown(target, node, node.body)
    yield from _unwrapped(target, span[:2], colon, node.body)


def _without(target: Target, node: _Conditional, last: int, *, is_elif: bool) -> CellEdits:
    """Take a conditional out that has nothing living."""
    owner, block = next(found for found in block_lists(target.tree) if node in found[1])
    span = target.span_of(node)
    if is_elif:
        yield from delete_lines(target, span.line, last)
    elif len(block) == 1 and not isinstance(owner, ast.Module):
        yield target.edit(span, "pass")
    else:
        if isinstance(owner, ast.Module) and node is block[-1] and len(block) > 1:
            yield from silenced(target, block[-2])
        yield from delete_lines(target, span.line, last)


def _shown(target: Target, node: _Conditional, living: list[ast.stmt]) -> CellEdits:
    if node is target.tree.body[-1]:
        yield from silenced(target, living[-1])


def _unwrapped(target: Target, header: tuple[int, int], colon: tuple[int, int], block: list[ast.stmt]) -> CellEdits:
    """Take the header of a block away, and the indentation from its lines."""
    first = statement_span(target, block[0])
    if first.line == colon[0]:
        yield target.edit(Span(*header, *first[:2]), "")
        return
    comment = next((one for one in target.facts.comments if one.span.line == colon[0]), None)
    if comment and not _ABOUT_THE_CONDITION.match(comment.text):
        yield target.edit(Span(*header, *comment.span[:2]), "")
    else:
        yield target.edit(Span(header[0], 0, colon[0] + 1, 0), "")
    outer, inner = target.indentation(header[0]), target.indentation(first.line)
    within_strings = _lines_within_strings(target)
    for line in range(colon[0] + 1, _last_line(target, block, header[0]) + 1):
        if line not in within_strings and target.lines[line].startswith(inner):
            kept = len(outer) if inner.startswith(outer) else 0
            yield target.edit(Span(line, kept, line, len(inner)), "" if kept or not outer else outer)


def _conditional_at(target: Target, span: Span) -> _Conditional:
    found: list[_Conditional] = list(target.nodes(span, ast.If, ast.While))
    if not found:
        raise Stale("the condition has changed")
    return next((node for node in found if target.span_of(node) == span), found[-1])


def _is_elif(target: Target, node: ast.stmt) -> bool:
    return target.text.startswith("elif", target.offset(*target.span_of(node)[:2]))


def _alternative(target: Target, node: _Conditional) -> tuple[int, int] | None:
    """Where the ``elif`` or ``else`` of a conditional stands."""
    if not node.orelse:
        return None
    line, column = statement_span(target, node.orelse[0])[:2]
    if isinstance(node.orelse[0], ast.If) and _is_elif(target, node.orelse[0]):
        return line, column
    index = target.token_after(line, column) - 1
    while target.tokens[index].text != "else":
        index -= 1
    return target.tokens[index].span[:2]


def _after(target: Target, line: int, column: int, text: str) -> tuple[int, int]:
    """Where the first token ``text`` at or after a position stands."""
    index = target.token_after(line, column)
    while target.tokens[index].text != text:
        index += 1
    return target.tokens[index].span[:2]


def _last_line(target: Target, block: Sequence[ast.stmt], header: int) -> int:
    """The last line of a block, with the comments below that are indented like it."""
    last = target.span_of(block[-1]).end_line
    inner = target.indentation(statement_span(target, block[0]).line)
    if len(inner) <= len(target.indentation(header)):
        return last
    alone = {one.span.line for one in target.facts.comments if one.alone}
    line = last + 1
    while line < len(target.lines) and (line in alone or not target.lines[line].strip()):
        if line in alone:
            if not target.lines[line].startswith(inner):
                break
            last = line
        line += 1
    return last


def _lines_within_strings(target: Target) -> set[int]:
    """The lines whose beginning belongs to a string."""
    found: set[int] = set()
    begins: list[int] = []
    for token in target.tokens:
        if token.kind == _STRING_BEGINS:
            begins.append(token.span.line)
        elif token.kind == _STRING_ENDS and begins:
            found.update(range(begins.pop() + 1, token.span.end_line + 1))
        elif token.kind == tokenize.STRING:
            found.update(range(token.span.line + 1, token.span.end_line + 1))
    return found
