"""Edits of a call's keyword arguments."""

from __future__ import annotations

import ast
import tokenize

from paydown.fixes.target import CellEdits, Stale, Target, Token
from paydown.span import Span

_BLANK = (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE)


def set_keyword(target: Target, span: Span, keyword: str, value: str) -> CellEdits:
    """Pass ``keyword=value`` in the call at ``span`` (of the call, or of the name that is called); replaces a value
    that is there.

    The argument goes last, but before a ``**mapping``: the caller knows that the mapping doesn't hold it already.
    """
    call = call_at(target, span)
    for there in call.keywords:
        if there.arg == keyword:
            yield target.edit(target.facts.span(there.value), value)
            return
    argument = f"{keyword}={value}"
    tokens, opening, closing = _brackets(target, call)
    written = [token for token in tokens[opening + 1 : closing] if token.kind not in _BLANK]
    if not written:
        comment = (
            tokens[opening + 1].kind == tokenize.COMMENT and tokens[opening].span[2:] == tokens[opening + 1].span[:2]
        )
        yield target.insert(*tokens[opening].span[2:], f"{argument}  " if comment else argument)
        return
    mapping = next((one for one in call.keywords if one.arg is None), None)
    if mapping is not None:
        line, column = target.facts.span(mapping)[:2]
        own_line = not target.lines[line][:column].strip()
        separator = target.newline + target.indentation(line) if own_line else " "
        yield target.insert(line, column, f"{argument},{separator}")
        return
    if _is_bare_generator(target, call, tokens[opening]):
        yield target.insert(*tokens[opening].span[2:], "(")
        yield target.insert(*written[-1].span[2:], f"), {argument}")
        return
    yield from _append(target, call, written, tokens[closing], argument)


def remove_keyword(target: Target, span: Span, keyword: str) -> CellEdits:
    """Take the argument ``keyword`` out of the call at ``span``, with the lines that hold nothing else."""
    call = call_at(target, span)
    there = next((one for one in call.keywords if one.arg == keyword), None)
    if there is None:
        raise Stale(f"the call has no `{keyword}`")
    tokens, opening, closing = _brackets(target, call)
    first = target.token_after(*target.facts.span(there)[:2])
    last = first
    depth = 0
    while depth or tokens[last].text not in (",", ")"):
        depth += (tokens[last].text in _OPENING) - (tokens[last].text in _CLOSING)
        last += 1
    comma = tokens[last].text == ","
    end = tokens[last if comma else last - 1].span
    start = tokens[first].span
    rest = target.lines[end.end_line][end.end_column :].strip()
    if not target.lines[start.line][: start.column].strip() and (not rest or rest.startswith("#")):
        yield target.edit(Span(start.line, 0, end.end_line + 1, 0), "")
        return
    before = next(token for token in reversed(tokens[:first]) if token.kind not in _BLANK)
    after = next(token for token in tokens[last + comma :] if token.kind not in _BLANK)
    if comma and (after is not tokens[closing] or before is tokens[opening]):
        keep = after.span[:2] if after.span.line == end.end_line else end[2:]
        yield target.edit(Span(*start[:2], *keep), "")
    elif before.text == "," and not any(token.kind == tokenize.COMMENT for token in tokens[first - 2 : first]):
        until = tokens[last - 1].span[2:]
        yield target.edit(Span(*before.span[:2], *until), "")
    else:
        yield target.edit(Span(*start[:2], *end[2:]), "")


def call_at(target: Target, span: Span) -> ast.Call:
    """The call that stands at ``span``, or whose function does."""
    position = target.facts.span
    functions = []
    for call in target.nodes(span, ast.Call):
        if position(call) == span:
            return call
        called = position(call.func)
        if called == span or (isinstance(call.func, ast.Attribute) and called[2:] == span[2:]):
            functions.append(call)
    if not functions:
        raise Stale("the call has changed")
    return functions[-1]


_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


def _brackets(target: Target, call: ast.Call) -> tuple[list[Token], int, int]:
    """The cell's tokens, and the indices of the brackets around the call's arguments."""
    tokens = target.tokens
    span = target.facts.span(call)
    closing = target.token_after(*span[2:]) - 1
    if not 0 <= closing < len(tokens) or tokens[closing].text != ")" or tokens[closing].span[2:] != span[2:]:
        raise Stale("the call has changed")
    depth = 0
    for opening in range(closing, -1, -1):
        depth += (tokens[opening].text in _CLOSING) - (tokens[opening].text in _OPENING)
        if depth == 0:
            return tokens, opening, closing
    raise Stale("the call has changed")


def _is_bare_generator(target: Target, call: ast.Call, opening: Token) -> bool:
    return (
        len(call.args) == 1
        and not call.keywords
        and isinstance(call.args[0], ast.GeneratorExp)
        and target.facts.span(call.args[0])[:2] == opening.span[:2]
    )


def _append(target: Target, call: ast.Call, written: list[Token], closing: Token, argument: str) -> CellEdits:
    """Add an argument after the last one: on a line of its own where that one begins its line."""
    comma = written[-1].text == ","
    end = (written[-2] if comma else written[-1]).span
    starts = [target.facts.span(node)[:2] for node in call.args] + [target.facts.span(one)[:2] for one in call.keywords]
    line, column = max(starts)
    before = target.lines[line][:column]
    if before.strip(" \t\f*("):
        yield target.insert(*end[2:], f", {argument}")
        return
    separator = target.newline + target.indentation(line)
    last = written[-1].span.end_line
    if closing.span.line == last:
        yield target.insert(*end[2:], f",{separator}{argument}")
        return
    if not comma:
        yield target.insert(*end[2:], ",")
    yield target.insert(last, target.line_end(last), f"{separator}{argument}{',' if comma else ''}")
