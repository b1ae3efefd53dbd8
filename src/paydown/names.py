"""The names a module's top level binds and the names it reads, with its imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Any, NamedTuple


class Names(NamedTuple):
    """What a text binds at its top level, what it reads there or in its functions, and what it imports."""

    bound: frozenset[str]
    used: frozenset[str]
    imports: dict[str, str]
    star_imports: tuple[str, ...]


class _Scope:
    """Names bound and read in one scope. ``free`` are those that scopes inside it read and do not bind."""

    __slots__ = ("bound", "free", "global_", "imports", "nonlocal_", "stars", "used")

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.used: set[str] = set()
        self.free: set[str] = set()
        self.global_: set[str] = set()
        self.nonlocal_: set[str] = set()
        self.imports: dict[str, str] = {}
        self.stars: list[str] = []


def names(tree: ast.Module) -> Names:
    """The names of a module."""
    top = _Scope()
    _walk(tree.body, top, top)
    return Names(frozenset(top.bound), frozenset(top.used | top.free), top.imports, tuple(top.stars))


_PLAIN = frozenset(
    ["ctx", "op", "ops", "type_ignores", "type_comment", "kind", "conversion", "simple", "attr", "level"]
)
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _PLAIN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""The fields of each kind of node in which other nodes may lie."""


def _walk(nodes: Iterable[Any], scope: _Scope, top: _Scope) -> None:
    # A stack instead of recursion, and no visitor: this runs on each key press.
    stack = list(nodes)
    pop, push = stack.pop, stack.append
    bound, used = scope.bound, scope.used
    while stack:
        node = pop()
        kind = type(node)
        if kind is ast.Name:
            (bound if type(node.ctx) is ast.Store else used).add(node.id)
            continue
        if kind is ast.Constant:
            continue
        special = _SPECIAL.get(kind)
        if special is not None:
            stack += special(node, scope, top)
            continue
        for name in _FIELDS.get(kind, ()):  # `{**x}` has None for a key
            value = getattr(node, name, None)
            if type(value) is list:
                stack += value
            elif isinstance(value, ast.AST):
                push(value)


def _generic(parameters: list[Any], inside: list[Any], scope: _Scope, top: _Scope) -> None:
    """What may name the type parameters (`def first[T]`, from Python 3.12 on), which nothing else sees."""
    inner = _Scope()
    _walk([*parameters, *inside], inner, top)
    inner.bound |= {one.name for one in parameters}
    _leave(inner, scope, top)


def _function(node: Any, scope: _Scope, top: _Scope) -> list[Any]:
    """A function or lambda: its decorators, defaults and annotations are read around it, its body has its own names."""
    parameters = getattr(node, "type_params", None)
    arguments = node.args
    around = [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
    inner = _Scope()
    for argument in _arguments(arguments):
        inner.bound.add(argument.arg)
        if argument.annotation:
            around.append(argument.annotation)
    if type(node) is ast.Lambda:
        _walk([node.body], inner, top)
    else:
        scope.bound.add(node.name)
        if node.returns:
            around.append(node.returns)
        _walk(node.body, inner, top)
        if parameters:
            inner.bound |= {one.name for one in parameters}
            _generic(parameters, around, scope, top)
            around = []
        around += node.decorator_list
    _leave(inner, scope, top)
    return around


def _class(node: ast.ClassDef, scope: _Scope, top: _Scope) -> list[Any]:
    scope.bound.add(node.name)
    inner = _Scope()
    _walk(node.body, inner, top)
    # The functions of a class don't see its names.
    free = inner.free | (inner.used - (inner.bound - inner.global_))
    top.bound |= inner.bound & inner.global_
    around = [*node.bases, *node.keywords]
    parameters = getattr(node, "type_params", None)
    if parameters:
        free -= {one.name for one in parameters}
        _generic(parameters, around, scope, top)
        around = []
    scope.free |= free
    return [*node.decorator_list, *around]


def _type_alias(node: Any, scope: _Scope, top: _Scope) -> list[Any]:
    _generic(node.type_params, [node.value], scope, top)
    return [node.name]


def _comprehension(node: Any, scope: _Scope, top: _Scope) -> list[Any]:
    """A comprehension: its targets are its own, what `:=` binds in it is not."""
    inner = _Scope()
    elements = [node.key, node.value] if type(node) is ast.DictComp else [node.elt]
    parts = [part for one in node.generators for part in (one.target, one.iter, *one.ifs)]
    _walk([*elements, *parts], inner, top)
    targets = _Scope()
    _walk((one.target for one in node.generators), targets, top)
    scope.bound |= inner.bound - targets.bound
    inner.bound &= targets.bound
    _leave(inner, scope, top)
    return []


def _handler(node: ast.ExceptHandler, scope: _Scope, top: _Scope) -> list[Any]:
    """An `except`: its name is unbound again when it ends."""
    inner = _Scope()
    _walk(node.body, inner, top)
    own = {node.name} if node.name else set()
    scope.bound |= inner.bound - own
    scope.used |= inner.used - own
    scope.free |= inner.free - own
    scope.global_ |= inner.global_
    scope.nonlocal_ |= inner.nonlocal_
    scope.imports |= inner.imports
    scope.stars += inner.stars
    return [node.type] if node.type else []


def _augmented(node: ast.AugAssign, scope: _Scope, top: _Scope) -> list[Any]:
    if isinstance(node.target, ast.Name):
        scope.used.add(node.target.id)
    return [node.target, node.value]


def _declaration(node: Any, scope: _Scope, top: _Scope) -> list[Any]:
    (scope.global_ if type(node) is ast.Global else scope.nonlocal_).update(node.names)
    return []


def _pattern(node: Any, scope: _Scope, top: _Scope) -> list[Any]:
    name = node.rest if type(node) is ast.MatchMapping else node.name
    if name:
        scope.bound.add(name)
    return list(ast.iter_child_nodes(node))


def _import(node: ast.Import, scope: _Scope, top: _Scope) -> list[Any]:
    for alias in node.names:
        local = alias.asname or alias.name.partition(".")[0]
        scope.bound.add(local)
        scope.imports[local] = alias.name if alias.asname else local
    return []


def _import_from(node: ast.ImportFrom, scope: _Scope, top: _Scope) -> list[Any]:
    source = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(source)
            continue
        local = alias.asname or alias.name
        scope.bound.add(local)
        scope.imports[local] = f"{source}{'' if source.endswith('.') else '.'}{alias.name}"
    return []


_SPECIAL: dict[type, Any] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.Lambda: _function,
    ast.ClassDef: _class,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.ExceptHandler: _handler,
    ast.AugAssign: _augmented,
    ast.Global: _declaration,
    ast.Nonlocal: _declaration,
    ast.MatchAs: _pattern,
    ast.MatchStar: _pattern,
    ast.MatchMapping: _pattern,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
if sys.version_info >= (3, 12):
    _SPECIAL[ast.TypeAlias] = _type_alias


def _leave(inner: _Scope, scope: _Scope, top: _Scope) -> None:
    """Hand what an inner scope reads, and what it binds globally, to the scopes around it."""
    own = inner.bound - inner.global_ - inner.nonlocal_
    scope.free |= (inner.used | inner.free) - own
    top.bound |= inner.bound & inner.global_


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return found + [one for one in (arguments.vararg, arguments.kwarg) if one]
