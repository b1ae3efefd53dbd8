"""The tree of a text's statements, by their indentation alone: it stands for broken code too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from paydown.statements import Statement

_DEEPEST = 90
_COMPOUND = re.compile(r"(?:async[ \t]+)?(?:def|class|if|elif|else|for|while|with|try|except|finally)\b")
_UNFINISHED = re.compile(rf"{_COMPOUND.pattern}[^:]*")  # a header that has no colon yet


@dataclass(slots=True)
class Node:
    """A logical line and the lines indented under it."""

    statement: Statement
    header: bool
    children: list[Node] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.children[-1].end if self.children else self.statement.end


class Forest(NamedTuple):
    """The lines of a text; ``stray`` are indented under no header, ``lost`` under an open bracket."""

    roots: list[Node]
    stray: list[Node]
    lost: list[Statement]


def forest_of(source: str, statements: tuple[Statement, ...]) -> Forest:
    """The tree of ``statements``, which are those of ``source``."""
    found = Forest([], [], [])
    stack: list[Node] = []
    for statement in statements:
        compound = _COMPOUND.match(source, statement.start, statement.code_end) is not None
        header = source.endswith(":", statement.start, statement.code_end) and not statement.escape
        node = Node(statement, header and (statement.closed or compound))
        while stack and stack[-1].statement.width >= statement.width:
            stack.pop()
        if stack and not stack[-1].header and not stack[-1].statement.closed:
            found.lost.append(statement)
            continue
        if stack and _UNFINISHED.fullmatch(source, stack[-1].statement.start, stack[-1].statement.code_end):
            stack[-1].header = True
        if stack and (not stack[-1].header or len(stack) > _DEEPEST):
            if not stack[-1].header:
                found.stray.append(node)
            stack.pop()
        (stack[-1].children if stack else found.roots).append(node)
        stack.append(node)
    return found
