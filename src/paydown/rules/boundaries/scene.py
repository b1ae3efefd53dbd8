"""What is known of a cell around the changes it makes: what it sets, takes out and fits by itself."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from paydown.facts import nodes_of


class Scene(NamedTuple):
    """What is known around an update: what a name of a module is, the names bound in the cell from the name itself …"""

    dotted: Callable[[str], str]
    from_itself: frozenset[str]
    lists: frozenset[str]
    made: Mapping[tuple[str, str], int]  # columns that the cell sets anew, (name, column), and the lines
    fitted: frozenset[str] = frozenset()  # what the cell fits
    taken: frozenset[tuple[str, str]] = (
        frozenset()
    )  # columns that it takes out, (name, column); "" for a choice of some


def made_anew(nodes: Iterable[ast.AST]) -> dict[tuple[str, str], int]:
    """The columns that a cell sets to something that is not made of the same column, with the lines."""
    found: dict[tuple[str, str], int] = {}
    changed: set[tuple[str, str]] = set()
    sets = [node for node in nodes if isinstance(node, (ast.Assign, ast.Call))]
    for node in sorted(sets, key=lambda one: (one.lineno, one.col_offset)):
        match node:
            case ast.Assign(targets=[target], value=value):
                columns = list(_columns(target))
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="insert"),
                args=[_, ast.Constant(value=str(key)), value],
            ):
                columns = [(name, key)]
            case ast.Call(func=ast.Attribute(value=value, attr="reset_index")):
                columns = [(root(value), "index"), (root(value), "level_0")]
            case _:
                continue
        for column in columns:
            if column[1] in _asked(value, column[0]):
                changed.add(column)
            elif column not in changed:
                found.setdefault(column, node.lineno)
    return found


def root(node: ast.expr) -> str:
    """The name at the root of subscripts and attributes."""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _asked(value: ast.expr, name: str) -> set[object]:
    """The columns that an expression asks for, if it has to do with a name at all."""
    parts = nodes_of(value)
    if not any(isinstance(part, ast.Name) and part.id == name for part in parts):
        return set()
    told: set[object] = {part.value for part in parts if isinstance(part, ast.Constant)}
    return told | {part.attr for part in parts if isinstance(part, ast.Attribute)}


def taken_out(nodes: Iterable[ast.AST]) -> frozenset[tuple[str, str]]:
    """The columns that a cell takes out of a frame; ``""`` where it keeps a choice of columns."""
    found: set[tuple[str, str]] = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop"), args=[ast.Constant(value=str(key))]):
                found.add((name, key))
            case ast.Call(func=ast.Attribute(value=value, attr="drop")):
                given = [*node.args[:1], *(one.value for one in node.keywords if one.arg in ("columns", "labels"))]
                labels = [part.value for one in given for part in nodes_of(one) if isinstance(part, ast.Constant)]
                found |= {(root(value), str(label)) for label in labels}
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript(value=ast.Name(id=source))) if (
                name == source
            ):
                found.add((name, ""))
    return frozenset(found)


def _columns(target: ast.expr) -> Iterator[tuple[str, str]]:
    match target:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
            yield name, key
        case ast.Subscript(value=ast.Name(id=name), slice=ast.List(elts=elements)):
            yield from ((name, str(one.value)) for one in elements if isinstance(one, ast.Constant))
        case ast.Attribute(value=ast.Name(id=name), attr=key):
            yield name, key


def is_made(target: ast.expr, scene: Scene) -> bool:
    """Whether the cell set a column anew above."""
    columns = list(_columns(target))
    return bool(columns) and all(scene.made.get(one, target.lineno) < target.lineno for one in columns)


def fitted(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names of what the cell fits."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="fit" | "fit_transform" | "partial_fit")):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(attr="fit"))):
                found.add(name)
    return frozenset(found)
