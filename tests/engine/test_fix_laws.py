"""The laws of fixes, on code that nobody would write by hand.

What a fix makes of a text means exactly what it should: the syntax tree before with the one change made in it. Strings of
many lines, magics and the rest of the code so are as they were. Comments stay but for those of what is taken out.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from targets import by_cell, span

from paydown.document import Cell, Document
from paydown.facts import Facts, parse
from paydown.fixes import (
    CellEdit,
    Target,
    Unfixable,
    accept,
    keep_branch,
    remove_comment_lines,
    remove_keyword,
    remove_statement,
    replace_expression,
    set_keyword,
    setting,
)
from paydown.fixes.applying import moved
from paydown.rule import Finding, Severity
from paydown.span import Span, apply

LAW = settings(max_examples=300, deadline=None)
Draw = Callable[[st.SearchStrategy[Any]], Any]

_EXPRESSIONS = [
    "f(a)", "f()", "x.y(a, b=1)", "f(x for x in y)", "f(a, *b, **c)", "f(\n{o}a,\n{o}b,\n)", "f(a,  # note\n  b)",
    "f(\n{o}a,\n{o}**c,  # rest\n)", "g(f(1), [f(2)])", "a + b * c", "a if b else f(c)", "lambda x, **y: f(x)", "(a,\n)",
    "'''one\n   two\n\ttwo'''", "f('''(\n''', \"#\")", "'𝒳😀' + f('é')", "[\n{o}1,  # one\n{o}2\n]", "not a", "-f(a)[0].b",
    "{{'a': f(1), **b}}", "f\"{{a}} b\"", "f(a)(b)(c=1)", "(yield_)", "a \\\n{o}+ b",
]  # fmt: skip
_SIMPLE = [
    "𝒳 = {e}",
    "{e}",
    "x: int = {e}",
    "del a",
    "import os, sys as s",
    "pass",
    "assert {e}",
    "x += {e}",
    "a = 1; {e}",
]
_SIMPLE += ["{e}; b = 2  # two", "a; {e};", "!ls {{x}} # shell", "%matplotlib inline", "a = !ls -l", "%time y = {e}"]
_COMMENTS = ["# é", "# a(b)", "#", "#! x"]


class Writer:
    """Writes random code."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.unit = draw(st.sampled_from(["    ", "  ", "\t", " "]))

    def choose(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def expression(self) -> str:
        outdented = self.choose("", " ", "      ", "\t")
        return str(self.choose(*_EXPRESSIONS)).format(o=outdented)

    def block(self, depth: int, inside: str = "") -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 3))):
            if self.draw(st.booleans()):
                lines.append(self.choose("", inside + self.choose(*_COMMENTS), self.choose(*_COMMENTS), inside))
            lines += self.statement(depth, inside)
        return lines

    def statement(self, depth: int, inside: str) -> list[str]:
        kind = self.choose("simple", "simple", "if", "if", "def", "for", "try", "one-line") if depth else "simple"
        note = self.choose("", "  # note")
        if kind == "simple":
            return (inside + self.choose(*_SIMPLE).format(e=self.expression())).split("\n")
        if kind == "one-line":
            return [
                f"{inside}if {self.choose('0', '1', 'x')}: a = 1; b = 2{note}",
                *self.choose([], [f"{inside}else: c"]),
            ]
        below = inside + self.unit
        header = {
            "def": "def f(a, b=1):",
            "for": "for i in y:",
            "try": "try:",
            "if": f"if {self.choose('0', '1', '(x)')}:",
        }
        lines = [inside + header[kind] + note, *self.block(depth - 1, below)]
        if kind == "def" and self.draw(st.booleans()):
            lines.insert(0, inside + "@d(1)")
        if kind == "if" and self.draw(st.booleans()):
            lines += [f"{inside}elif {self.choose('0', '1', 'x')}:{note}", *self.block(depth - 1, below)]
        if kind in ("if", "for") and self.draw(st.booleans()):
            lines += [f"{inside}else:{note}", *self.block(depth - 1, below)]
        if kind == "try":
            lines += [f"{inside}except E as e:", *self.block(depth - 1, below)]
        return lines


@st.composite
def codes(draw: Draw) -> str:
    """Cells of random code that parse."""
    writer = Writer(draw)
    head = writer.choose("", "%%time\n", "%%capture out\n", '"""Doc."""\n', "import a\n")
    text = head + "\n".join(writer.block(2)) + writer.choose("", "\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def pointed(text: str, where: Span, *before: str, kind: Literal["notebook", "script"] = "notebook") -> Target:
    cells = tuple(Cell(f"c{n}", one, index=n) for n, one in enumerate((*before, text)))
    finding = Finding("HTD000", "some-debt", Severity.HINT, "", 1, cells[-1].id, where)
    return Target(Document("/x.ipynb", cells, kind), finding)


def nodes(text: str, *kinds: type[ast.AST]) -> list[Any]:
    return nodes_of(parse(text), *kinds)


def nodes_of(facts: Facts, *kinds: type[ast.AST]) -> list[Any]:
    """The nodes of some kinds; none where Python 3.11 gives wrong positions, within f-strings."""
    strings = [node for node in ast.walk(facts.tree) if isinstance(node, ast.JoinedStr)]
    within = {id(below) for node in strings for below in ast.walk(node) if below is not node}
    return [node for node in ast.walk(facts.tree) if isinstance(node, kinds) and id(node) not in within]


def pick(data: st.DataObject, text: str, *kinds: type[ast.AST]) -> Any:
    found = nodes(text, *kinds)
    return data.draw(st.sampled_from(range(len(found)))) if found else None


def made(target: Target, fix: Iterable[CellEdit]) -> str | None:
    """The cell's text after a fix that touches no other cell; ``None`` where it can't be made."""
    try:
        found = by_cell(fix)
    except Unfixable:
        return None
    assert set(found) <= {target.cell.id}
    return apply(target.text, found.get(target.cell.id, ()))


def comments(text: str) -> Counter[str]:
    return Counter(one.text for one in parse(text).comments)


def meant(tree: ast.AST) -> str:
    """The tree as text, without what stands for magics: ``%time`` looks different at the margin and in a block."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, [one for one in block if not _is_magic(one)])
    return ast.dump(tree)


def _is_magic(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Name) and node.value.id == "_"


def same_magics(before: str, after: str) -> bool:
    return _magics(before) == _magics(after)


def _magics(text: str) -> list[str]:
    return [one.argument for one in parse(text).magics if one.name != "time"]


@LAW
@given(st.data(), codes())
def test_a_keyword_comes_and_goes(data: st.DataObject, text: str) -> None:
    index = pick(data, text, ast.Call)
    if index is None:
        return
    call = nodes(text, ast.Call)[index]
    target = pointed(text, parse(text).span(call))
    once = made(target, set_keyword(target, target.span, "k", "SEED"))
    assert once is not None
    assert all(edit.span[:2] == edit.span[2:] for edit in by_cell(set_keyword(target, target.span, "k", "SEED"))["c0"])
    after = parse(once)
    found = [
        one for one in ast.walk(after.tree) if isinstance(one, ast.Call) and any(k.arg == "k" for k in one.keywords)
    ]
    assert len(found) == 1
    again = pointed(once, after.span(found[0]))
    assert made(again, set_keyword(again, again.span, "k", "SEED")) == once
    assert comments(once) == comments(text)
    removed = made(again, remove_keyword(again, again.span, "k"))
    assert removed is not None
    found[0].keywords = [one for one in found[0].keywords if one.arg != "k"]
    assert meant(after.tree) == meant(parse(text).tree) == meant(parse(removed).tree)
    assert same_magics(text, removed)
    assert once.count("\r\n") == once.count("\n") * ("\r" in text)


@LAW
@given(st.data(), codes(), st.sampled_from(["b + c", "NAME", "a if b else c", "lambda: 0", "f(x)", "(a, b)", "-1"]))
def test_an_expression_is_replaced_and_nothing_else(data: st.DataObject, text: str, new: str) -> None:
    index = pick(data, text, ast.expr)
    if index is None:
        return
    facts = parse(text)
    where = facts.span(nodes_of(facts, ast.expr)[index])
    node = next(one for one in nodes_of(facts, ast.expr) if facts.span(one) == where)  # the outermost there
    target = pointed(text, where)
    after = made(target, replace_expression(target, where, new))
    if after is None:
        magic = isinstance(node, ast.Name) and node.id == "_"
        assert magic or any(isinstance(one, (ast.Store, ast.Del)) for one in ast.walk(node))
        return
    for owner in list(ast.walk(facts.tree)):
        for name, value in ast.iter_fields(owner):
            if value is node:
                setattr(owner, name, ast.parse(f"({new})", mode="eval").body)
            elif isinstance(value, list) and node in value:
                value[value.index(node)] = ast.parse(f"({new})", mode="eval").body
    assert meant(parse(after).tree) == meant(facts.tree)
    assert comments(after) <= comments(text)


@LAW
@given(st.data(), codes())
def test_a_statement_goes_and_nothing_else(data: st.DataObject, text: str) -> None:
    index = pick(data, text, ast.stmt)
    if index is None:
        return
    facts = parse(text)
    node = [one for one in ast.walk(facts.tree) if isinstance(one, ast.stmt)][index]
    target = pointed(text, facts.span(node))
    after = made(target, remove_statement(target, target.span))
    if after is None:
        return
    wanted = _without(facts.tree, facts.span(node), facts)
    assert meant(parse(after).tree) == meant(wanted)
    assert comments(after) <= comments(text)
    kept = Counter(one.text for one in facts.comments if not _lines_touch(one.span, facts.span(node), node))
    assert kept <= comments(after)


def _lines_touch(comment: Span, span: Span, node: Any) -> bool:
    first = min([span.line, *(one.lineno - 1 for one in getattr(node, "decorator_list", ()))])
    return first <= comment.line <= span.end_line


def _without(tree: ast.Module, span: Span, facts: Facts) -> ast.Module:
    """The tree without the outermost statements at a span, and without the ``%time`` before them."""
    for owner in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(owner, name, None)
            if isinstance(block, list) and any(isinstance(one, ast.stmt) and facts.span(one) == span for one in block):
                kept = [one for one in block if facts.span(one) != span]
                index = next(n for n, one in enumerate(block) if facts.span(one) == span)
                before = block[index - 1] if index else None
                if before is not None and _is_timing(before, facts, span):
                    kept.remove(before)
                is_elif = facts.lines[span.line][span.column :].startswith("elif")
                if not kept and not isinstance(owner, ast.Module) and not is_elif:
                    kept = [ast.Pass()]
                setattr(owner, name, kept)
                return tree
    raise AssertionError


def _is_timing(before: ast.stmt, facts: Facts, span: Span) -> bool:
    where = facts.span(before)
    line = facts.text.replace("\r\n", "\n").split("\n")[where.line]
    return where.line == span.line and line[where.column :].startswith("%time")


@LAW
@given(st.data(), codes(), st.sampled_from(["body", "orelse"]))
def test_a_branch_is_kept_as_it_is(data: st.DataObject, text: str, living: Literal["body", "orelse"]) -> None:
    index = pick(data, text, ast.If)
    if index is None:
        return
    facts = parse(text)
    node = [one for one in ast.walk(facts.tree) if isinstance(one, ast.If)][index]
    target = pointed(text, facts.span(node.test))
    after = made(target, keep_branch(target, target.span, living))
    if after is None:
        return
    assert meant(parse(after).tree) == meant(_kept(facts.tree, node, living, facts))
    assert comments(after) <= comments(text)


def _kept(tree: ast.Module, node: ast.If, living: str, facts: Facts) -> ast.Module:
    line, column = facts.span(node)[:2]
    is_elif = facts.lines[line][column:].startswith("elif")
    for owner in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(owner, name, None)
            if isinstance(block, list) and node in block:
                at = block.index(node)
                block[at : at + 1] = getattr(node, living)
                if not block and not isinstance(owner, ast.Module) and not is_elif:
                    block.append(ast.Pass())
                return tree
    raise AssertionError


@LAW
@given(st.data(), codes(), codes())
def test_a_setting_is_one_statement_more(data: st.DataObject, first: str, text: str) -> None:
    index = pick(data, text, ast.expr)
    if index is None:
        return
    facts = parse(text)
    target = pointed(text, facts.span(nodes(text, ast.expr)[index]), first)
    name, constant = setting(target, "SEED", "42")
    found = by_cell(constant)
    assert len(found) == 1
    (cell,) = found
    before = target.document.by_id[cell].text
    after = apply(before, found[cell])
    assert all(edit.span[:2] == edit.span[2:] for edit in found[cell])
    tree = parse(after).tree
    added = [one for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one) == f"{name} = 42"]
    assert len(added) == 1
    if cell == target.cell.id:
        where = moved(target.span, before, found[cell])
        assert where is not None
        assert parse(after).span(added[0])[2:] <= where[:2]
    tree.body.remove(added[0])
    assert meant(tree) == meant(parse(before).tree)
    assert comments(after) == comments(before)
    assert same_magics(before, after)


@LAW
@given(st.data(), codes(), st.text(max_size=30))
def test_what_is_accepted_means_the_same(data: st.DataObject, text: str, reason: str) -> None:
    index = pick(data, text, ast.stmt, ast.expr)
    if index is None:
        return
    facts = parse(text)
    target = pointed(text, facts.span(nodes(text, ast.stmt, ast.expr)[index]))
    try:
        (edits,) = accept(target.document, target.finding, reason).values()
    except Unfixable:
        return
    after = apply(text, edits)
    assert meant(parse(after).tree) == meant(facts.tree)
    assert same_magics(text, after)
    assert len(after.splitlines()) <= len(text.splitlines()) + 1


@LAW
@given(st.text(alphabet=st.sampled_from("abf(),=*#'\"\n\r\t :%!\\[]if0else𝒳"), max_size=40), st.data())
def test_any_text_at_all_is_fixed_or_left(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    target = pointed(text, span(text, start, end))
    makers: list[Callable[[], Iterable[CellEdit]]] = [
        lambda: set_keyword(target, target.span, "k", "1"),
        lambda: remove_statement(target, target.span),
        lambda: remove_comment_lines(target, target.span),
        lambda: keep_branch(target, target.span, "orelse"),
        lambda: replace_expression(target, target.span, "a + b"),
        lambda: (edit for make in (setting,) for edit in make(target, "SEED", "42")[1]),
    ]
    for make in makers:
        made(target, make())


def test_the_generator_writes_code_that_parses() -> None:
    """Else the laws above would hold of nothing."""
    found: list[str] = []

    @settings(max_examples=100, deadline=None, database=None)
    @given(codes())
    def collect(text: str) -> None:
        found.append(text)

    collect()
    whole = [text for text in found if not parse(text).errors]
    assert len(whole) > 0.95 * len(found)
    for kind in (ast.If, ast.Call, ast.FunctionDef, ast.Try):
        assert any(nodes(text, kind) for text in whole)


@pytest.mark.parametrize("text", ["𝒳 = f(a)\r\nif 0:\r\n\tb = '''\r\n 😀'''\r\n"])
def test_an_example_by_hand(text: str) -> None:
    target = pointed(text, span(text, text.index("0"), text.index("0") + 1))
    assert made(target, keep_branch(target, target.span, "body")) == "𝒳 = f(a)\r\nb = '''\r\n 😀'''\r\n"
