"""Code has been switched off by turning it into a comment.

Nobody knows whether it still works or why it went; the next reader must decide anew whether it matters, and the one after
that. Version control remembers what was deleted.

```python bad
import pandas as pd

frame = pd.DataFrame({"age": [31, 45]})
# frame = frame.dropna()  # debt: `frame = frame.dropna()` is commented out: delete it, version control remembers
```
```python fixed
import pandas as pd

frame = pd.DataFrame({"age": [31, 45]})
```

```python good
threshold = 0.3
# threshold = 0.5
# higher values lose too many customers (see the report)
```

**How to pay it off.** Delete it. If it is an alternative that should be kept, make it a function or a setting.

**When to accept it.** When it documents something that must not be written again.

More than five places in a document are one finding, at the first of them; its fix deletes them all.

Left out: values listed as alternatives (`# batch_size = 64`), formulas, examples of output, directives (`# %%`, `# @param`,
`# MAGIC`, `# type:`), licences, code that the words above it offer to the reader (to uncomment, as an alternative, as an example) or
say must stay off ("too slow", "doesn't work here"), clean-up at the end of a tutorial, and the form of a call shown to the reader
(`# fit(X, y)`, or the use of a function right above it). Code in a bare string counts as well.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from paydown.facts import Comment, Facts
from paydown.fixes import CellEdits, Target, remove_comment_lines
from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.rules.antipatterns.dead.commented_code import (
    MOST_LINES,
    Block,
    blocks,
    does_something,
    head_of,
    is_offered,
    parsed,
)
from paydown.span import Span
from paydown.view import DocumentView, statements

rule = Rule(
    __name__,
    "HTD512",
    severity=INFORMATION,
    principal=1,
    message="`{head}` is commented out: delete it, version control remembers",
    unnecessary=True,
)
_MANY = "{lines} lines of code are commented out, from `{head}`: delete them, version control remembers"
_EVERYWHERE = (
    "{lines} lines of code are commented out in {places} places, from `{head}`: delete them, version control remembers"
)
_SINGLY = 5  # so many places of a document are told one by one
_TO_FILL = re.compile(
    r"\btodo\W{1,3}fill\b|\byour (?:code|solution|answer)\b.{0,9}\bhere\b", re.IGNORECASE
)  # an exercise
_NAMED = re.compile(r"(\w+) = ")
_DEFINES = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+(\w+)")


class Stretch(NamedTuple):
    """Where code is commented out, what it begins with, and how many lines it has."""

    span: Span
    head: str
    lines: int


@rule.check
def commented_out(document: DocumentView) -> Iterator[Draft]:
    """Code in comments and bare strings: one by one, or as one finding where there is much of it."""
    found: list[tuple[str, Stretch]] = []
    for cell in document.cells:
        if cell.kind != "code":
            continue
        here = list(document.told(cell.id, _in_comments)) if "#" in cell.text else []
        if '"""' in cell.text or "'''" in cell.text:
            here += document.told(cell.id, _in_cell_strings if document.kind == "notebook" else _in_script_strings)
            here.sort()
        found += [(cell.id, one) for one in here]
    if len(found) <= _SINGLY:
        for cell_id, one in found:
            message = _MANY if one.lines > 1 else None
            yield rule.at(Place(cell_id, "", one.span), message=message, head=one.head, lines=one.lines)
        return
    (first_cell, first), *others = found
    yield rule.at(
        Place(first_cell, "", first.span),
        related=[(Place(cell_id, "", one.span), f"`{one.head}`") for cell_id, one in others],
        message=_EVERYWHERE,
        head=first.head,
        lines=sum(one.lines for _, one in found),
        places=len(found),
    )


def _in_comments(facts: Facts) -> tuple[Stretch, ...]:
    """The stretches of commented-out code; blank lines do not end one."""
    if facts.language != "python" or _TO_FILL.search(facts.text):
        return ()
    found: list[tuple[Span, Block]] = []
    for span, block in _blocks(facts):
        if found and span.column == found[-1][0].column and _only_blank(facts, found[-1][0], span):
            before, first = found.pop()
            found.append((Span(before.line, before.column, span.end_line, span.end_column), first))
        else:
            found.append((span, block))
    return tuple(_stretch(facts, span, block.head) for span, block in found)


def _stretch(facts: Facts, span: Span, head: str) -> Stretch:
    lines = facts.lines[span.line : span.end_line + 1]
    return Stretch(span, head, sum(1 for line in lines if line.strip(" \t\r\"'")))


def _blocks(facts: Facts) -> Iterator[tuple[Span, Block]]:
    group: list[Comment] = []
    for comment in facts.comments:
        if not comment.alone:
            continue
        if group and not _goes_on(facts, group[-1].span, comment.span):
            yield from _found(facts, group)
            group = []
        group.append(comment)
    if group:
        yield from _found(facts, group)


def _goes_on(facts: Facts, before: Span, after: Span) -> bool:
    return before.column == after.column and (before.line + 1 == after.line or _only_blank(facts, before, after))


def _only_blank(facts: Facts, before: Span, after: Span) -> bool:
    return not any(line.strip() for line in facts.lines[before.end_line + 1 : after.line])


def _found(facts: Facts, group: list[Comment]) -> Iterator[tuple[Span, Block]]:
    while group:
        part = group[: _cut(group)]
        group = group[len(part) :]
        top = part[0].span.line
        lines = [""] * (part[-1].span.line - top + 1)
        spans = {comment.span.line - top: comment.span for comment in part}
        for comment in part:
            lines[comment.span.line - top] = comment.text
        for block in blocks(tuple(lines)):
            first, last = spans[block.first], spans[block.last]
            if not _tells(facts, block, last):
                yield Span(first.line, first.column, last.end_line, last.end_column), block


def _tells(facts: Facts, block: Block, last: Span) -> bool:
    """Whether the comment tells of what stands right below it: it calls what is defined there, or says in a formula what a
    node of a graph, whose name stands there in quotes, computes."""
    below = [line for line in facts.lines[last.end_line + 1 : last.end_line + 6] if line.strip()]
    defined = _DEFINES.match(below[0]) if below else None
    if defined is not None and f"{defined[1]}(" in block.head:
        return True
    named = _NAMED.match(block.head)
    return named is not None and any(f"{quote}{named[1]}{quote}" in line for quote in "'\"" for line in below)


def _cut(group: list[Comment]) -> int:
    """How many comments are looked at in one go: all, or as many as end where a statement may begin."""
    if len(group) <= MOST_LINES:
        return len(group)
    starts = (number for number in range(MOST_LINES, MOST_LINES // 2, -1) if re.match(r"# ?\w", group[number].text))
    return next(starts, MOST_LINES)


def _in_cell_strings(facts: Facts) -> tuple[Stretch, ...]:
    body = facts.tree.body
    return _in_strings(facts, body[:-1] if len(body) > 1 else body)  # the last one is shown as the cell's value


def _in_script_strings(facts: Facts) -> tuple[Stretch, ...]:
    return _in_strings(facts, facts.tree.body[1:])


def _in_strings(facts: Facts, body: list[ast.stmt]) -> tuple[Stretch, ...]:
    """Strings of many lines that stand as statements, are no docstrings, and hold code."""
    found = []
    for node in (*body, *_inner(facts)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))) if text.count("\n") > 1:
                code = parsed(text)
                lines = [line for line in text.split("\n") if line.strip()]
                if code and len(code) > 1 and does_something(code, lines) and not _is_example(facts, node):
                    found.append(_stretch(facts, facts.span(node), head_of(lines, 0)))
    return tuple(found)


def _is_example(facts: Facts, string: ast.stmt) -> bool:
    """Whether the comment right above a string offers what is in it: ``# Example usage:``."""
    above = facts.lines[max(string.lineno - 4, 0) : string.lineno - 1]
    while above and not all(line.lstrip().startswith("#") for line in above):
        above = above[1:]
    return is_offered([line.strip() for line in above])


def _inner(facts: Facts) -> Iterator[ast.stmt]:
    """The statements inside of others that are no docstrings."""
    for outer in statements(facts.tree):
        documented = isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for name in ("body", "orelse", "finalbody"):
            yield from (getattr(outer, name, None) or [])[1 if documented and name == "body" else 0 :]


@rule.fix("Delete the commented-out code", safe=True)
def delete(target: Target) -> CellEdits:
    """Take the lines out."""
    yield from remove_comment_lines(target, target.span)
    for place in target.finding.related:
        there = replace(target, finding=target.finding._replace(cell=place.cell, span=place.span))
        yield from remove_comment_lines(there, place.span)
