"""The simple statements of a scope, and those of them that a value is made of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from paydown.facts import Facts, nodes_of
from paydown.view import DocumentView
from paydown.view import statements as all_statements

_GROWS = frozenset({"append", "extend", "insert", "update"})


class Statement(NamedTuple):
    """A simple statement of a scope: its zero-based lines and where it begins, the names it changes, those it gives a
    wholly new value, those it reads. It is remembered with its cell's text, so it holds no node."""

    lines: range
    column: int
    changes: set[str]
    renews: set[str]
    reads: set[str]


Row = tuple[str, Statement]
"""A statement, with its cell."""


def statements(document: DocumentView) -> list[Row]:
    """The simple statements of the module level, in order, those of its loops and branches too."""
    return [
        (cell.id, statement)
        for cell in document.order.values()
        if cell.kind == "code"
        for statement in document.told(cell.id, _of_module)
    ]


def _of_module(facts: Facts) -> tuple[Statement, ...]:
    return tuple(simple(facts.tree.body))


def node_at(document: DocumentView, row: Row) -> ast.stmt | None:
    """The node of a statement of the module level."""
    cell, statement = row
    place = statement.lines.start + 1, statement.column
    found = (node for node in all_statements(document.facts(cell).tree) if (node.lineno, node.col_offset) == place)
    return next(found, None)


def simple(
    body: Iterable[ast.stmt], aliases: dict[str, set[str]] | None = None, *, sure: bool = True
) -> Iterator[Statement]:
    """The simple statements of a block; ``aliases`` are the names that a loop's target may stand for, ``sure`` tells that it runs."""
    aliases = aliases or {}
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.For(target=target, iter=iterated):
                names = _names(target)
                yield Statement(range(node.lineno - 1, node.lineno), node.col_offset, names, names, _names(iterated))
                known = {**aliases, **dict.fromkeys(names, _names(iterated))}
                yield from simple(node.body, known, sure=sure)
            case ast.If() | ast.While() | ast.Try() | ast.With():
                always = sure and isinstance(node, (ast.With, ast.Try))
                for block in ("body", "orelse", "finalbody"):
                    yield from simple(getattr(node, block, ()), aliases, sure=always)
                for handler in getattr(node, "handlers", ()):
                    yield from simple(handler.body, aliases, sure=False)
            case _:
                changes, renews = _changed(node)
                for name in changes - renews:
                    changes = changes | aliases.get(name, set())
                lines = range(node.lineno - 1, node.end_lineno or node.lineno)
                yield Statement(lines, node.col_offset, changes, renews if sure else set(), _names(node, ast.Load))


def _names(node: ast.AST, context: type[ast.expr_context] = ast.expr_context) -> set[str]:
    return {part.id for part in nodes_of(node) if type(part) is ast.Name and isinstance(part.ctx, context)}


def _changed(node: ast.stmt) -> tuple[set[str], set[str]]:
    """The names a statement changes, and those of them it binds anew."""
    match node:
        case ast.Assign(targets=targets):
            pass
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return {_root(target)}, set()
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=attr), keywords=keywords)) if (
            attr in _GROWS or any(word.arg == "inplace" for word in keywords)
        ):
            return {_root(owner)}, set()
        case _:
            return set(), set()
    changes: set[str] = set()
    renews: set[str] = set()
    for whole in targets:
        for part in whole.elts if isinstance(whole, (ast.Tuple, ast.List)) else [whole]:
            changes.add(_root(part))
            if isinstance(part, ast.Name):
                renews.add(part.id)
    return changes, renews


def _root(expression: ast.AST) -> str:
    """The name that an expression begins with."""
    node: ast.AST = expression
    while not isinstance(node, ast.Name):
        inner = getattr(node, "value", None) or getattr(node, "func", None)
        if not isinstance(inner, ast.AST):
            return ""
        node = inner
    return node.id


def made_of(rows: list[Row], cell: str, line: int) -> Iterator[Row]:
    """The statements that what is trained on at a line comes from, the last one first."""
    needed: set[str] | None = None
    for row in reversed(rows):
        where, statement = row
        if needed is None:
            if where == cell and line in statement.lines:
                needed = set(statement.reads)
        elif not statement.changes.isdisjoint(needed):
            yield row
            needed -= statement.renews
            needed |= statement.reads
