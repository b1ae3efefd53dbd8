"""The simple statements of a scope, and those of them that a value is made of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from paydown.facts import nodes_of
from paydown.view import DocumentView

_GROWS = frozenset({"append", "extend", "insert", "update"})


class Statement(NamedTuple):
    """A simple statement of a scope: the names it changes, those it gives a wholly new value, those it reads."""

    cell: str
    node: ast.stmt
    changes: set[str]
    renews: set[str]
    reads: set[str]


def lines_of(node: ast.stmt) -> range:
    """The zero-based lines of a statement."""
    return range(node.lineno - 1, node.end_lineno or node.lineno)


def statements(document: DocumentView) -> Iterator[Statement]:
    """The simple statements of the module level, in order, those of its loops and branches too."""
    for cell in document.order.values():
        if cell.kind == "code":
            yield from simple(cell.id, document.facts(cell.id).tree.body, {}, True)


def simple(cell: str, body: Iterable[ast.stmt], aliases: dict[str, set[str]], sure: bool) -> Iterator[Statement]:
    """The simple statements of a block; ``aliases`` are the names that a loop's target may stand for, ``sure`` tells that it runs."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.For(target=target, iter=iterated):
                names = _names(target)
                yield Statement(
                    cell, ast.Expr(target, lineno=node.lineno, end_lineno=node.lineno), names, names, _names(iterated)
                )
                known = {**aliases, **dict.fromkeys(names, _names(iterated))}
                yield from simple(cell, node.body, known, sure)
            case ast.If() | ast.While() | ast.Try() | ast.With():
                always = sure and isinstance(node, (ast.With, ast.Try))
                for block in ("body", "orelse", "finalbody"):
                    yield from simple(cell, getattr(node, block, ()), aliases, always)
                for handler in getattr(node, "handlers", ()):
                    yield from simple(cell, handler.body, aliases, False)
            case _:
                changes, renews = _changed(node)
                for name in changes - renews:
                    changes = changes | aliases.get(name, set())
                yield Statement(cell, node, changes, renews if sure else set(), _names(node, ast.Load))


def _names(node: ast.AST, context: type[ast.expr_context] = ast.expr_context) -> set[str]:
    return {part.id for part in nodes_of(node) if isinstance(part, ast.Name) and isinstance(part.ctx, context)}


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


def made_of(rows: list[Statement], cell: str, line: int) -> Iterator[Statement]:
    """The statements that what is trained on at a line comes from, the last one first."""
    needed: set[str] | None = None
    for statement in reversed(rows):
        if needed is None:
            if statement.cell == cell and line in lines_of(statement.node):
                needed = set(statement.reads)
        elif statement.changes & needed:
            yield statement
            needed -= statement.renews
            needed |= statement.reads
