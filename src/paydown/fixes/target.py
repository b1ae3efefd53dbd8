"""What a fix works on: a finding where it stands now, and what its cell says. Everything is computed when asked for."""

from __future__ import annotations

import ast
import tokenize
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from paydown.document import Cell, Document
from paydown.facts import Facts, Placed, children_of, parse
from paydown.rule import Finding
from paydown.span import Edit, Span, line_starts, split_lines

CellEdit = tuple[str, Edit]
"""An edit, after the id of the cell it belongs to. A fix yields these."""

CellEdits = Iterator[CellEdit]


class NewFile(NamedTuple):
    """A text file that isn't there yet, by its absolute path. A fix that ``creates`` yields these, too."""

    path: str
    text: str


NodeT = TypeVar("NodeT", bound=ast.expr | ast.stmt | ast.ExceptHandler | ast.keyword)


class Unfixable(Exception):  # noqa: N818  # it says what the code is
    """The code at hand has a form that the fix doesn't know how to change without risk. The message says which."""


class Stale(Unfixable):
    """The text no longer holds what was found there."""


class Token(NamedTuple):
    """A token of Python. ``kind`` is one of ``tokenize``'s; the indentation's own tokens are left out."""

    kind: int
    text: str
    span: Span


@lru_cache(maxsize=1024)
def facts_of(text: str) -> Facts:
    """``parse``, remembered while fixes are being applied: they ask for the same few texts again and again."""
    return parse(text)


@dataclass(frozen=True)
class Target:
    """A finding to be fixed. ``promised`` are the constants and imports that the fix at hand is about to add, ``files``
    the texts, by path, that others are about to put into new files."""

    document: Document
    finding: Finding
    files: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    promised: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def span(self) -> Span:
        """Where the finding stands in its cell."""
        return self.finding.span

    def fact(self, key: str) -> Any:
        """What the check recorded under ``key``."""
        return self.finding.fact(key)

    @cached_property
    def cell(self) -> Cell:
        """The finding's cell."""
        cell = self.document.by_id.get(self.finding.cell)
        if cell is None:
            raise Stale("the cell is gone")
        return cell

    @property
    def text(self) -> str:
        """The text of the finding's cell."""
        return self.cell.text

    @cached_property
    def facts(self) -> Facts:
        """What the finding's cell says."""
        return facts_of(self.text)

    @property
    def tree(self) -> ast.Module:
        """The cell's syntax tree."""
        return self.facts.tree

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line."""
        return line_starts(self.text)

    @cached_property
    def lines(self) -> list[str]:
        """The cell's lines without their ends."""
        return split_lines(self.text)

    @cached_property
    def newline(self) -> str:
        """The line end that the cell, or else the document, uses."""
        for text in (self.text, *(cell.text for cell in self.document.cells)):
            end = text.find("\n")
            if end >= 0:
                return "\r\n" if text[end - 1 : end] == "\r" else "\n"
        return "\n"

    @cached_property
    def tokens(self) -> list[Token]:
        """The cell's tokens, as far as it can be cut into tokens."""
        lines = iter([f"{line}\n" for line in self.facts.lines])
        found: list[Token] = []
        try:
            for token in tokenize.generate_tokens(lambda: next(lines, "")):
                if token.type not in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
                    (line, column), (end_line, end_column) = token.start, token.end
                    found.append(Token(token.type, token.string, Span(line - 1, column, end_line - 1, end_column)))
        except (tokenize.TokenError, SyntaxError):
            pass  # the rest of the text is broken; what came before stands
        return found

    @cached_property
    def _token_starts(self) -> list[tuple[int, int]]:
        return [token.span[:2] for token in self.tokens]

    def token_after(self, line: int, column: int) -> int:
        """The index of the first token that begins at or after a position."""
        return bisect_right(self._token_starts, (line, column - 1))

    @property
    def related(self) -> Iterator[Target]:
        """The finding's related places, each as a target of its own."""
        for place in self.finding.related:
            yield self.elsewhere(place.cell, place.span)

    def elsewhere(self, cell: str, span: Span) -> Target:
        """The same finding, as if it stood there."""
        return replace(self, finding=self.finding._replace(cell=cell, span=span))

    def segment(self, span: Span) -> str:
        """The text of a span."""
        return self.text[self.offset(*span[:2]) : self.offset(*span[2:])]

    def offset(self, line: int, column: int) -> int:
        """The offset in the text of a line and column."""
        if line >= len(self.starts):
            raise Stale("the cell is shorter now")
        return self.starts[line] + column

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self.starts, offset) - 1
        return line, offset - self.starts[line]

    def between(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        return Span(*self.place(start), *self.place(end))

    def edit(self, span: Span, text: str) -> CellEdit:
        """An edit of this cell."""
        return self.cell.id, Edit(span, text)

    def insert(self, line: int, column: int, text: str) -> CellEdit:
        """An insertion into this cell."""
        return self.edit(Span(line, column, line, column), text)

    def indentation(self, line: int) -> str:
        """The blanks a line begins with."""
        text = self.lines[line]
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def line_end(self, line: int) -> int:
        """The column at which a line ends, before its line end."""
        return len(self.lines[line])

    def span_of(self, node: Placed) -> Span:
        """Where a node stands; a magic that ends it is seen in full."""
        span = self.facts.span(node)
        for magic in self.facts.magics:
            if magic.kind != "cell" and magic.span[:2] < span[2:] < magic.span[2:]:
                rest = self.facts.source[self.offset(*span[2:]) : self.offset(*magic.span[2:])]
                return Span(*span[:2], *magic.span[2:]) if not rest.strip() else span
        return span

    def nodes(self, span: Span, *kinds: type[NodeT]) -> Iterator[NodeT]:
        """The nodes of some kinds that hold ``span``, outermost first."""
        level: list[ast.AST] = [self.tree]
        while level:
            below: list[ast.AST] = []
            for node in level:
                if isinstance(node, (ast.expr, ast.stmt, ast.ExceptHandler, ast.keyword)):
                    if node.lineno - 1 > span.line and not getattr(node, "decorator_list", ()):
                        continue
                    if (node.end_lineno or 0) - 1 < span.end_line:
                        continue
                    if isinstance(node, kinds) and holds(self.facts.span(node), span):
                        yield node
                below += ast.iter_child_nodes(node)
            level = below

    def node(self, span: Span, *kinds: type[NodeT]) -> NodeT:
        """The outermost node of some kinds that stands exactly at ``span``."""
        for node in self.nodes(span, *kinds):
            if self.facts.span(node) == span:
                return node
        raise Stale("the code has changed")

    def innermost(self, span: Span, *kinds: type[NodeT]) -> NodeT:
        """The innermost node of some kinds that holds ``span``."""
        found: NodeT | None = None
        for found in self.nodes(span, *kinds):  # noqa: B007  # the last one counts
            pass
        if found is None:
            raise Stale("the code has changed")
        return found


def holds(outer: Span, inner: Span) -> bool:
    """Whether ``inner`` lies within ``outer``."""
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]


def block_lists(tree: ast.AST) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    """Every list of statements below ``tree``, with its owner; outer before inner."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop(0)
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inside: Any = getattr(node, name, None)
            if isinstance(inside, list) and inside:
                if isinstance(inside[0], ast.stmt):
                    yield node, inside
                pending += inside


def walk_own(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of one scope: what inner functions and classes hold is left out, they themselves are not."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            pending += node.decorator_list
        elif not isinstance(node, ast.Lambda):
            pending += children_of(node)
