"""What one text says: its syntax tree, names, imports, magics, comments and errors.

``parse`` is a pure function of the text and never raises. IPython's syntax is blanked out in place, and a text that
does not parse keeps the statements that do, so every node stands where it stands in the text.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from typing import Any, NamedTuple, Protocol, TypeVar

from paydown.bounds import shortened
from paydown.ipython import Magic, called, databricks, mask, whole_cell
from paydown.names import Names, names
from paydown.recovery import Problem, compiled, recovered
from paydown.span import Span, split_lines
from paydown.statements import STRING

__all__ = ["Comment", "Facts", "Magic", "Problem", "children_of", "nodes_of", "parse"]


NodeT = TypeVar("NodeT", bound=ast.AST)


class Comment(NamedTuple):
    """A comment with its ``#``; ``alone`` when nothing but blanks stands before it on its line."""

    text: str
    span: Span
    alone: bool


class Placed(Protocol):
    """A node of a kind that has a position: statements, expressions, arguments, keywords, aliases, handlers …"""

    lineno: int
    col_offset: int
    end_lineno: int | None
    end_col_offset: int | None


@dataclass(slots=True, eq=False)
class Facts:
    """What a text says. Nobody changes it; that it is not frozen makes it quicker to make.

    ``source`` is what was parsed: the text, with blanks in place of all that is not Python. ``masked`` is the text
    without IPython's syntax, but not yet repaired: a repaired header may be longer than it was.
    """

    text: str
    tree: ast.Module
    source: str
    magics: tuple[Magic, ...] = ()
    errors: tuple[Problem, ...] = ()
    language: str = "python"
    masked: str = ""
    _memory: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree, as ``nodes_of`` gives them."""
        if "nodes" not in self._memory:
            self._memory["nodes"] = nodes_of(self.tree)
        found: list[ast.AST] = self._memory["nodes"]
        return found

    def every(self, kind: type[NodeT]) -> list[NodeT]:
        """The nodes of just one kind, in the same order."""
        if "kinds" not in self._memory:
            kinds: dict[type, list[Any]] = defaultdict(list)
            for node in self.nodes:
                kinds[type(node)].append(node)
            self._memory["kinds"] = kinds
        return self._memory["kinds"].get(kind, [])  # type: ignore[no-any-return]

    @property
    def comments(self) -> tuple[Comment, ...]:
        """The comments, in order."""
        if "comments" not in self._memory:
            self._memory["comments"] = _comments(self.masked, self.text) if "#" in self.masked else ()
        found: tuple[Comment, ...] = self._memory["comments"]
        return found

    @property
    def names(self) -> Names:
        """The names bound and used, with the imports."""
        if "names" not in self._memory:
            found = names(self.tree)
            self._memory["names"] = found if self.source is self.text else _with_magics(found, self.magics)
        known: Names = self._memory["names"]
        return known

    @property
    def bound(self) -> frozenset[str]:
        """Names that the top level binds."""
        return self.names.bound

    @property
    def used(self) -> frozenset[str]:
        """Names read at the top level, or in a function without being its own."""
        return self.names.used

    @property
    def imports(self) -> dict[str, str]:
        """Dotted path by local name; a relative import keeps its dots."""
        return self.names.imports

    @property
    def star_imports(self) -> tuple[str, ...]:
        """Modules imported with ``*``."""
        return self.names.star_imports

    @property
    def tokens_bound(self) -> frozenset[str]:
        """Names that the text seems to bind; empty when it parses."""
        return (
            frozenset(name for match in _BINDS.finditer(self.text) for name in match.groups() if name)
            if self.errors
            else frozenset()
        )

    @property
    def lines(self) -> list[str]:
        """The lines of ``source``."""
        if "lines" not in self._memory:
            self._memory["lines"] = split_lines(self.source)
        found: list[str] = self._memory["lines"]
        return found

    @property
    def text_lines(self) -> list[str]:
        """The lines of ``text``."""
        if self.source is self.text:
            return self.lines
        if "text_lines" not in self._memory:
            self._memory["text_lines"] = split_lines(self.text)
        found: list[str] = self._memory["text_lines"]
        return found

    def position(self, lineno: int, col_offset: int) -> tuple[int, int]:
        """Zero-based line and column in code points of a place that ``ast`` gives as one-based line, UTF-8 offset."""
        lines = self.lines
        if lineno > len(lines):
            return len(lines) - 1, len(lines[-1])
        line = lines[lineno - 1]
        column = col_offset if line.isascii() else len(line.encode()[:col_offset].decode(errors="ignore"))
        # A repaired line can be longer than the text's own: a header without a body was given one.
        return lineno - 1, min(column, len(self.text_lines[lineno - 1]))

    def span(self, node: Placed | ast.AST) -> Span:
        """Where a node stands, which must be of a kind that has a position."""
        placed: Any = node
        start = self.position(placed.lineno, placed.col_offset)
        if placed.end_lineno is None:
            return Span(*start, *start)
        return Span(*start, *self.position(placed.end_lineno, placed.end_col_offset))


_WITHOUT_NODES = frozenset(
    ["ctx", "id", "attr", "arg", "kind", "conversion", "simple", "level", "module", "asname", "type_comment", "kwd_attrs",
     "rest", "type_ignores"]
)  # fmt: skip
_LEAVES = (ast.Name, ast.Constant, ast.Global, ast.Nonlocal)
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: () if kind in _LEAVES else tuple(name for name in kind._fields if name not in _WITHOUT_NODES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""The fields of each kind of node in which other nodes may lie."""
_WITH_GAPS = frozenset({"keys", "kw_defaults"})  # `{**x}` has None for a key


def nodes_of(tree: ast.AST) -> list[ast.AST]:
    """Every node of a tree, in the order of ``ast.walk`` but much faster, without the contexts of names."""
    found = [tree]
    for node in found:  # which grows on the way
        fields = _FIELDS[type(node)]
        if fields:
            _add_children(node.__dict__, fields, found)
    return found


def children_of(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one, without the contexts of names."""
    found: list[ast.AST] = []
    _add_children(node.__dict__, _FIELDS[type(node)], found)
    return found


def _add_children(held: dict[str, Any], fields: tuple[str, ...], found: list[ast.AST]) -> None:
    for name in fields:
        value = held.get(name)
        if type(value) is list:
            found += [one for one in value if one is not None] if name in _WITH_GAPS else value
        elif isinstance(value, ast.AST):
            found.append(value)


_BINDS = re.compile(
    r"^[ \t]*([^\W\d]\w*)[ \t]*(?:[-+*/|&]|//)?=(?!=)|^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+([^\W\d]\w*)"
    r"|^[ \t]*for[ \t]+([^\W\d]\w*)|\bas[ \t]+([^\W\d]\w*)|\bimport[ \t]+([^\W\d]\w*)",
    re.MULTILINE,
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMENT_OR_STRING = re.compile(rf"(#[^\r\n]*+)|{STRING}", re.DOTALL)
_PYLAB = "pylab"  # what `%pylab` imports all names of
_SHELL_NAME = re.compile(r"[{$]\s*([^\W\d]\w*)")


def parse(text: str) -> Facts:
    """What ``text`` says. Never raises."""
    facts = _parse(text)
    if "get_ipython" not in text and "# MAGIC" not in text:
        return facts
    more = [*called(facts.tree, facts.span), *databricks(text)]
    return replace(facts, magics=tuple(sorted((*facts.magics, *more), key=lambda magic: magic.span)))


def _parse(text: str) -> Facts:
    source = shortened(text)
    tree, error = compiled(source)
    if isinstance(error, UnicodeEncodeError):
        source = _LONE_SURROGATE.sub("?", source)
        tree, error = compiled(source)
    if tree is not None:
        return Facts(text, tree, source, masked=source)
    masked = mask(source)
    if masked.source != source:
        tree, error = compiled(masked.source)
        if tree is None and (whole := whole_cell(source, masked)):
            masked = whole
            tree, error = compiled(masked.source)
        if tree is not None:
            return Facts(text, tree, masked.source, masked.magics, (), masked.language, masked.source)
    saved = recovered(masked, error)
    kept = masked.source if saved.language == "python" else saved.source
    return Facts(text, saved.tree, saved.source, saved.magics, saved.problems, saved.language, kept)


def _comments(masked: str, text: str) -> tuple[Comment, ...]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        masked = masked.replace("\r\n", "\n").replace("\r", "\n")
    if '"""' not in masked and "'''" not in masked and "\\\n" not in masked:
        return _comments_by_line(masked, text)
    found: list[Comment] = []
    line = done = 0
    for match in _COMMENT_OR_STRING.finditer(masked):
        if match[1] is None:
            continue
        start, end = match.span()
        line += text.count("\n", done, start)
        done = start
        begins = text.rfind("\n", 0, start) + 1
        column = start - begins
        alone = column == 0 or text[begins:start].isspace()
        found.append(Comment(text[start:end], Span(line, column, line, column + end - start), alone))
    return tuple(found)


def _comments_by_line(masked: str, text: str) -> tuple[Comment, ...]:
    """The comments of a text no string of which goes on in the next line: few lines need a look for strings."""
    found: list[Comment] = []
    own = text.split("\n")
    for number, line in enumerate(masked.split("\n")):
        column = line.find("#")
        if column < 0:
            continue
        if "'" in line[:column] or '"' in line[:column]:
            column = next((match.start() for match in _COMMENT_OR_STRING.finditer(line) if match[1] is not None), -1)
            if column < 0:
                continue
        written = own[number]
        alone = column == 0 or written[:column].isspace()
        found.append(Comment(written[column : len(line)], Span(number, column, number, len(line)), alone))
    return tuple(found)


def _with_magics(found: Names, magics: tuple[Magic, ...]) -> Names:
    """``found`` with what magics bind and what ``$name`` and ``{name}`` read, without the name of the unknown."""
    bound = {magic.target for magic in magics if magic.target.isidentifier() and not iskeyword(magic.target)}
    used = {name for magic in magics for name in _SHELL_NAME.findall(magic.argument)}
    stars = tuple(_PYLAB for magic in magics if magic.name == "pylab")
    return Names((found.bound | bound) - {"_"}, (found.used | used) - {"_"}, found.imports, found.star_imports + stars)
