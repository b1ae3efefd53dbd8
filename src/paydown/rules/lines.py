"""Where in its cell's text an event stands, for rules that look around it."""

from __future__ import annotations

import ast
from typing import NamedTuple

from paydown.facts import nodes_of
from paydown.flow.events import Event
from paydown.view import DocumentView


class Line(NamedTuple):
    """A line of a cell, one-based as in the syntax tree; ``function`` is the function that it stands in, if any."""

    cell: str
    number: int
    function: ast.FunctionDef | ast.AsyncFunctionDef | None

    def within(self, node: ast.stmt | ast.ExceptHandler) -> bool:
        """Whether it is one of a statement's lines."""
        return node.lineno <= self.number <= (node.end_lineno or node.lineno)


def line_of(document: DocumentView, event: Event) -> Line:
    """The line of an event; the place of one in a function counts from the line below the function's ``def``."""
    cell, function, span = document.place_of(event)
    name = function.rpartition(".")[2]
    for node in nodes_of(document.facts(cell).tree) if name else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            return Line(cell, node.lineno + 1 + span.line, node)
    return Line(cell, span.line + 1, None)
