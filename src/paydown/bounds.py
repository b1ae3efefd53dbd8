"""What keeps parsing within bounds: no tree too deep to walk, no literal of a million items."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.statements import blanked

DEEPEST = 200
"""How many expressions, or statements, may lie in one another; enough for any code written by hand."""

_ITEM = (
    r"(?:[-+\w.'\"]{1,80}[ \t]*:[ \t]*)?+"
    r"(?:[-+\w.]{1,80}|'[^'\\\r\n]{0,400}'|\"[^\"\\\r\n]{0,400}\"|[\[({][-+\w.,:'\" \t]{0,800}[\])}])"
)
_ITEMS = re.compile(rf"(?:(?:[-+\w.]++,[ \t\r\n]*+)++|{_ITEM}[ \t]*+,[ \t\r\n]*+)++")
_MANY = 10_000


def shortened(text: str) -> str:
    """``text`` with blanks for the items of very long literals, of which an unknown one is left."""
    if len(text) < 2 * _MANY or text.count(",") < _MANY:
        return text
    return _ITEMS.sub(_unknown_items, text)


def _unknown_items(items: re.Match[str]) -> str:
    return items[0] if items[0].count(",") < _MANY else "_," + blanked(items[0][2:])


def too_deep(tree: ast.Module) -> bool:
    """Whether some statement or expression lies in more others than a recursive walk can bear."""
    level: list[ast.AST] = list(tree.body)
    for _ in range(DEEPEST):
        if not level:
            return False
        below: list[ast.AST] = []
        for node in level:
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.expr):
                    below.append(child)
                elif _long(child) and _deep(child):
                    return True
        level = below
    return True


def _long(node: ast.expr) -> bool:
    """Whether an expression has enough text to be too deep: a look at all its nodes would cost too much."""
    lines = (node.end_lineno or node.lineno) - node.lineno
    return lines > 30 or (not lines and (node.end_col_offset or 0) - node.col_offset > 300)


def _deep(node: ast.expr) -> bool:
    level: list[ast.AST] = [node]
    for _ in range(DEEPEST):
        level = list(_children(level))
        if not level:
            return False
    return True


def _children(level: list[ast.AST]) -> Iterator[ast.AST]:
    for node in level:
        yield from ast.iter_child_nodes(node)
