"""Edits that put one expression in another's place."""

from __future__ import annotations

import ast
from typing import Any

from paydown.facts import parse
from paydown.fixes.target import CellEdits, Target, Unfixable
from paydown.span import Edit, Span, apply


def replace_expression(target: Target, span: Span, new: str) -> CellEdits:
    """Put ``new`` in the place of the expression at ``span``, in parentheses where it needs them."""
    node = target.node(span, ast.expr)
    expected = _with(target, node, _parsed(new))
    for text in (new, f" {new}", f"({new})", f" ({new})"):
        if _statement(target, span, apply(target.text, [Edit(span, text)])) == expected:
            yield target.edit(span, text)
            return
    raise Unfixable("the expression stands where it can't be replaced")


def wrap(target: Target, span: Span, template: str) -> CellEdits:
    """Put ``template``, such as ``sorted({})``, around the expression at ``span``."""
    old = target.segment(span)
    node = target.node(span, ast.expr)
    for inner in (old, f"({old})"):
        new = template.replace("{}", inner)
        hole = _parsed(template.replace("{}", "__paydown__"))
        if (written := _tried(new)) is not None and ast.dump(written) == ast.dump(_Filled(node).visit(hole)):
            yield from replace_expression(target, span, new)
            return
    raise Unfixable("the expression can't be wrapped")


class _Filled(ast.NodeTransformer):
    """Puts a node in the place of the name ``__paydown__``."""

    def __init__(self, filling: ast.expr) -> None:
        self.filling = filling

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.filling if node.id == "__paydown__" else node


class _Replaced(ast.NodeTransformer):
    """Copies a tree with ``new`` in the place of ``old``."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old = old
        self.new = new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        fields = {name: self._copied(value) for name, value in ast.iter_fields(node)}
        return type(node)(**fields)

    def _copied(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._copied(one) for one in value]
        return self.visit(value) if isinstance(value, ast.AST) else value


def _tried(text: str) -> ast.expr | None:
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _parsed(text: str) -> ast.expr:
    found = _tried(text)
    if found is None:
        raise Unfixable(f"`{text}` is no expression")
    return found


def _with(target: Target, node: ast.expr, new: ast.expr) -> str:
    """What the top-level statement around ``node`` should be."""
    body = target.tree.body
    index = _index(target.tree, node.lineno, node.col_offset)
    return f"{len(body)} {ast.dump(_Replaced(node, new).visit(body[index]))}"


def _statement(target: Target, span: Span, text: str) -> str:
    """What the top-level statement around the start of ``span`` is in ``text``."""
    tree = parse(text).tree
    at = _index(target.tree, span.line + 1, len(target.lines[span.line][: span.column].encode()))
    return f"{len(tree.body)} {ast.dump(tree.body[at])}" if at < len(tree.body) else ""


def _index(tree: ast.Module, line: int, column: int) -> int:
    """The index of the top-level statement that a one-based line and UTF-8 column lie in."""
    found = 0
    for index, statement in enumerate(tree.body):
        first = min([statement, *getattr(statement, "decorator_list", ())], key=lambda node: node.lineno)
        if (first.lineno, first.col_offset) > (line, column):
            break
        found = index
    return found
