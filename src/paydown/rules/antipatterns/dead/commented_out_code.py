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

Left out: values listed as alternatives (`# batch_size = 64`), formulas, examples of output, directives (`# %%`, `# @param`,
`# MAGIC`, `# type:`), licences, code that the words above it offer to the reader (to uncomment, as an alternative, as an example), clean-up at
the end of a tutorial, and the form of a call shown to the reader (`# fit(X, y)`). Code in a bare string counts as well.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.facts import Comment
from paydown.fixes import CellEdits, Target, remove_comment_lines
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.antipatterns.dead.commented_code import INVITES, Block, blocks, does_something, parsed
from paydown.span import Span
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD512",
    severity=INFORMATION,
    principal=1,
    message="`{head}` is commented out: delete it, version control remembers",
    unnecessary=True,
)
MANY = "{lines} lines of code are commented out, from `{head}`: delete them, version control remembers"


@rule.check_where("#", '"""', "'''")
def commented_out(cell: CellView) -> Iterator[Draft]:
    """Comments that hold code."""
    if "#" in cell.text and cell.facts.language == "python":
        yield from _in_comments(cell)
    if '"""' in cell.text or "'''" in cell.text:
        yield from _in_strings(cell)


def _in_comments(cell: CellView) -> Iterator[Draft]:
    """One finding for each stretch of commented-out code; blank lines do not end it."""
    pending: tuple[Span, Block] | None = None
    for span, block in _stretches(cell):
        if pending is not None and span.column == pending[0].column and _only_blank(cell, pending[0], span):
            before, first = pending
            pending = (Span(before.line, before.column, span.end_line, span.end_column), first)
            continue
        if pending is not None:
            yield _draft(cell, *pending)
        pending = (span, block)
    if pending is not None:
        yield _draft(cell, *pending)


def _only_blank(cell: CellView, before: Span, after: Span) -> bool:
    return not any(line.strip() for line in cell.facts.lines[before.end_line + 1 : after.line])


def _stretches(cell: CellView) -> Iterator[tuple[Span, Block]]:
    group: list[Comment] = []
    invited = -1  # the line down to which a text above asks the reader to switch code on
    for comment in cell.facts.comments:
        if not comment.alone:
            continue
        if group and (comment.span.line != group[-1].span.line + 1 or comment.span.column != group[-1].span.column):
            if group[0].span.line > invited:
                yield from _found(group)
            invited = group[-1].span.line + 2 if any(INVITES.search(one.text) for one in group) else -1
            group = []
        group.append(comment)
    if group and group[0].span.line > invited:
        yield from _found(group)


def _found(group: list[Comment]) -> Iterator[tuple[Span, Block]]:
    for block in blocks([comment.text for comment in group]):
        first, last = group[block.first].span, group[block.last].span
        yield Span(first.line, first.column, last.end_line, last.end_column), block


def _draft(cell: CellView, span: Span, block: Block) -> Draft:
    text = cell.source(span)
    lines = sum(1 for line in text.split("\n") if line.strip(" \t\r\"'"))
    return rule.at(cell.place(span), message=MANY if lines > 1 else None, head=block.head, lines=lines)


def _in_strings(cell: CellView) -> Iterator[Draft]:
    """A string of many lines that stands as a statement, is no docstring, and holds code."""
    body = cell.facts.tree.body
    start = 1 if cell.document.kind == "script" else 0
    for node in body[start:]:
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))) if text.count("\n") > 1:
                if node is body[-1] and cell.document.kind == "notebook" and len(body) > 1:
                    continue  # it is shown as the cell's value
                statements = parsed(text)
                lines = [line for line in text.split("\n") if line.strip()]
                if statements and len(statements) > 1 and does_something(statements, lines):
                    block = Block(0, len(lines) - 1, lines[0].strip()[:60])
                    yield _draft(cell, cell.facts.span(node), block)


@rule.fix("Delete the commented-out code", safe=True)
def delete(target: Target) -> CellEdits:
    """Take the lines out."""
    yield from remove_comment_lines(target, target.span)
