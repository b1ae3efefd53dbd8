"""The names a module's top level binds and the names it reads, with its imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple


class Names(NamedTuple):
    """What a text binds at its top level, what it reads there or in its functions, and what it imports."""

    bound: frozenset[str]
    used: frozenset[str]
    imports: dict[str, str]
    star_imports: tuple[str, ...]


class _Scope:
    """Names bound and read in one scope. What an inner function reads without binding it is read here."""

    __slots__ = ("bound", "globals", "imports", "stars", "used")

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.used: set[str] = set()
        self.globals: set[str] = set()
        self.imports: dict[str, str] = {}
        self.stars: list[str] = []


_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def names(tree: ast.Module) -> Names:
    """The names of a module."""
    top = _Scope()
    _walk(tree.body, top, top)
    return Names(frozenset(top.bound), frozenset(top.used), top.imports, tuple(top.stars))


def _walk(nodes: Iterable[ast.AST], scope: _Scope, top: _Scope) -> None:  # one branch per kind of node
    stack = list(nodes)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Name:
            if type(node.ctx) is ast.Store:  # type: ignore[attr-defined]
                scope.bound.add(node.id)  # type: ignore[attr-defined]
            else:
                scope.used.add(node.id)  # type: ignore[attr-defined]
            continue
        if kind is ast.Constant:
            continue
        if isinstance(node, _Function):
            if not isinstance(node, ast.Lambda):
                scope.bound.add(node.name)
                stack += node.decorator_list
                if node.returns:
                    stack.append(node.returns)
            arguments = node.args
            stack += arguments.defaults
            stack += [default for default in arguments.kw_defaults if default]
            inner = _Scope()
            for argument in _arguments(arguments):
                inner.bound.add(argument.arg)
                if argument.annotation:
                    stack.append(argument.annotation)
            _walk([node.body] if isinstance(node, ast.Lambda) else node.body, inner, top)
            _leave(inner, scope, top)
            continue
        if isinstance(node, _Comprehension):
            inner = _Scope()
            _walk(ast.iter_child_nodes(node), inner, top)
            walrus = {one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr)}
            scope.bound |= walrus
            inner.bound -= walrus
            _leave(inner, scope, top)
            continue
        if kind is ast.ClassDef:
            assert isinstance(node, ast.ClassDef)
            scope.bound.add(node.name)
            stack += node.decorator_list
            stack += node.bases
            stack += [keyword.value for keyword in node.keywords]
            inner = _Scope()
            _walk(node.body, inner, top)
            _leave(inner, scope, top)
            continue
        if kind is ast.Import or kind is ast.ImportFrom:
            _import(node, scope)
            continue
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            scope.globals.update(node.names)
            continue
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            scope.used.add(node.target.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            # The name is unbound again when the handler ends.
            inner = _Scope()
            inner.bound.add(node.name)
            local = _Scope()
            _walk(node.body, local, top)
            scope.bound |= local.bound - inner.bound
            scope.globals |= local.globals
            scope.used |= local.used - inner.bound
            scope.imports |= local.imports
            scope.stars += local.stars
            if node.type:
                stack.append(node.type)
            continue
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            scope.bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.bound.add(node.rest)
        stack += ast.iter_child_nodes(node)


def _leave(inner: _Scope, scope: _Scope, top: _Scope) -> None:
    """Hand what an inner scope reads, and what it binds globally, to the scopes around it."""
    scope.used |= inner.used - (inner.bound - inner.globals)
    top.bound |= inner.bound & inner.globals


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return found + [one for one in (arguments.vararg, arguments.kwarg) if one]


def _import(node: ast.AST, scope: _Scope) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            local = alias.asname or alias.name.partition(".")[0]
            scope.bound.add(local)
            scope.imports[local] = alias.name if alias.asname else local
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(source)
                continue
            local = alias.asname or alias.name
            scope.bound.add(local)
            scope.imports[local] = f"{source}{'' if source.endswith('.') or not source else '.'}{alias.name}"
