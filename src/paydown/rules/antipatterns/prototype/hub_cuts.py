"""Cuts of Hugging Face data sets, followed by name to the ``Trainer`` that learns from them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from paydown.facts import nodes_of
from paydown.rule import Place
from paydown.view import DocumentView

_EVALUATES = re.compile(r"test|valid|eval|dev\b")


class _Cut(NamedTuple):
    cell: str
    node: ast.Call
    how: str
    rows: str


def hub_cuts(document: DocumentView) -> Iterator[tuple[str, Place, Place]]:
    """How rows are cut, where, and where they are learned from."""
    cuts: dict[str, _Cut] = {}
    told: set[_Cut] = set()
    for cell in (one.id for one in document.cells if one.kind == "code"):
        facts = document.facts(cell)
        for statement in facts.tree.body:
            for part in nodes_of(statement):
                if not isinstance(part, ast.keyword) or part.arg != "train_dataset":
                    continue
                cut = cuts.get(_root(part.value))
                if cut is not None and cut not in told and not _has_rest(document, cut):
                    told.add(cut)
                    where = Place(cut.cell, "", document.facts(cut.cell).span(cut.node))
                    yield cut.how, where, Place(cell, "", facts.span(part.value))
            if isinstance(statement, ast.Assign):
                _follow(cuts, cell, statement)


def _follow(cuts: dict[str, _Cut], cell: str, statement: ast.Assign) -> None:
    """Keep which names hold a cut."""
    target, value = statement.targets[0], statement.value
    cut = _cut_of(cell, value) or cuts.get(_root(value)) or cuts.get(_given(value))
    name = _root(target)
    if cut is not None and name:
        cuts[name] = cut
    elif isinstance(target, ast.Name):
        cuts.pop(name, None)


def _cut_of(cell: str, value: ast.expr) -> _Cut | None:
    """The first cut of an expression: ``select(range(1000))``, ``take(1000)``, ``split="train[:1000]"``."""
    for node in nodes_of(value):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="select", value=whole),
                args=[ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(rows))])],
            ) if not _EVALUATES.search(ast.unparse(whole)):
                return _Cut(cell, node, f".select(range({rows}))", str(rows))
            case ast.Call(func=ast.Attribute(attr="take", value=whole), args=[ast.Constant(value=int(rows))]) if (
                not _EVALUATES.search(ast.unparse(whole))
            ):
                return _Cut(cell, node, f".take({rows})", str(rows))
            case ast.Call(func=ast.Name(id="load_dataset") | ast.Attribute(attr="load_dataset"), keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "split" and isinstance(keyword.value, ast.Constant):
                        part = re.fullmatch(r"train\[:(\d+%?)\]", str(keyword.value.value))
                        if part is not None:
                            return _Cut(cell, node, f'split="{part[0]}"', part[1])
    return None


def _has_rest(document: DocumentView, cut: _Cut) -> bool:
    """Whether what the cut leaves over is used as well."""
    rest = re.compile(rf"\[{cut.rows}:|range\({cut.rows} *,|\.skip\({cut.rows}\)")
    return any(cell.kind == "code" and rest.search(cell.text) for cell in document.cells)


def _root(node: ast.expr) -> str:
    """The name that an expression begins with: ``data["train"].map(f)`` with ``data``."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _given(node: ast.expr) -> str:
    """The name that a call is given first."""
    return _root(node.args[0]) if isinstance(node, ast.Call) and node.args else ""
