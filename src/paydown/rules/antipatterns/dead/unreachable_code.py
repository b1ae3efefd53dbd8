"""Statements stand after one that always leaves the block.

They never run, but they are read, searched and changed as if they did.

```python bad
def clean(frame):
    return frame.dropna()
    frame = frame.fillna(0)  # debt: 2 lines after `return` never run: delete them
    return frame
```
```python fixed
def clean(frame):
    return frame.dropna()
```

```python good
def clean(frame):
    if frame.empty:
        return frame
    return frame.dropna()
```

**How to pay it off.** Delete the statements; if they should run, the `return` stands too early.

**When to accept it.** Hardly ever. Left out: a `yield` that makes an empty generator, and code behind
`raise NotImplementedError` or a `raise` that tells the reader what to edit.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Stale, Target
from paydown.fixes.statements import keep_scope, removal
from paydown.rule import WARNING, Draft, Rule
from paydown.span import Span
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD517",
    severity=WARNING,
    principal=2,
    message="{what} after `{leaving}` never {run}: delete {them}",
    unnecessary=True,
)
_EXITS = frozenset(["sys.exit", "exit", "quit", "os._exit"])
_PASSING = frozenset(
    [
        "open",
        "no_grad",
        "inference_mode",
        "autocast",
        "catch_warnings",
        "ZipFile",
        "TemporaryDirectory",
        "NamedTemporaryFile",
    ]
)
_FOR_NOW = re.compile(r"\b(?:remove|delete|comment(?: out)?) this (?:line|return|statement)\b", re.IGNORECASE)
_WORDS = {ast.Return: "return", ast.Raise: "raise", ast.Break: "break", ast.Continue: "continue"}


@rule.check_where("return", "raise", "break", "continue", "exit(", "quit(", "while ")
def unreachable(cell: CellView) -> Iterator[Draft]:
    """Every block with something after a statement that leaves it."""
    blocks = [cell.facts.tree.body]
    for statement in cell.statements():
        blocks += [block for name in ("body", "orelse", "finalbody") if (block := getattr(statement, name, None))]
    for block in blocks:
        for number, statement in enumerate(block[:-1]):
            leaving = _leaves(statement)
            if leaving and not _is_for_now(cell, statement):
                yield from _found(cell, leaving, statement, block[number + 1 :])
                break


def _is_for_now(cell: CellView, statement: ast.stmt) -> bool:
    """Whether a remark asks the reader to take the statement out."""
    lines = (statement.lineno - 1, statement.lineno - 2)
    return any(comment.span.line in lines and _FOR_NOW.search(comment.text) for comment in cell.facts.comments)


def _leaves(statement: ast.stmt) -> str:
    word = _WORDS.get(type(statement), "")
    if word:
        return "" if isinstance(statement, ast.Raise) and _invites(statement) else word
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute() | ast.Name() as called)):
            name = ast.unparse(called)
            return f"{name}()" if name in _EXITS else ""
        case ast.If(body=body, orelse=[*_, _] as orelse) if _leaves(body[-1]) and _leaves(orelse[-1]):
            return "if … else …"
        case ast.With(items=items, body=[*_, last]) if not isinstance(last, ast.Raise) and _leaves(last):
            return "with …" if all(map(_lets_pass, items)) else ""
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=ending):
            ways = [(orelse or body)[-1], *(handler.body[-1] for handler in handlers)]
            return "try …" if all(map(_leaves, ways)) or (ending and _leaves(ending[-1])) else ""
        case ast.Match(cases=[*_, ast.match_case(pattern=ast.MatchAs(pattern=None), guard=None)] as cases):
            return "match …" if all(_leaves(case.body[-1]) for case in cases) else ""
        case ast.While(test=ast.Constant() as test) if test.value and not _breaks(statement):
            return f"while {ast.unparse(test)}"
    return ""


def _lets_pass(item: ast.withitem) -> bool:
    """Whether a context is known to hold no exception back, after which what stands below would run."""
    called = item.context_expr.func if isinstance(item.context_expr, ast.Call) else None
    return isinstance(called, (ast.Name, ast.Attribute)) and ast.unparse(called).rpartition(".")[2] in _PASSING


def _breaks(loop: ast.stmt) -> bool:
    return any(isinstance(node, ast.Break) for node in nodes_of(loop))


def _invites(statement: ast.Raise) -> bool:
    """`raise NotImplementedError`, or a text for the one who is to fill something in."""
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    texts = [part.value for part in nodes_of(statement) if isinstance(part, ast.Constant)]
    return isinstance(raised, ast.Name) and (
        raised.id == "NotImplementedError"
        or (any(isinstance(text, str) for text in texts) and raised.id == "Exception")
    )


def _found(cell: CellView, leaving: str, statement: ast.stmt, rest: list[ast.stmt]) -> Iterator[Draft]:
    if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for one in rest for part in nodes_of(one)):
        return
    if all(isinstance(one, (ast.FunctionDef, ast.ClassDef, ast.Pass)) or _is_text(one) for one in rest):
        return
    if f"def {leaving[:-1]}" in cell.text:
        return  # their own
    if leaving in {f"{name}()" for name in _EXITS} and cell.document.kind == "notebook":
        return  # it ends a run by hand; what stands below runs when the cell is split
    first, last = cell.facts.span(rest[0]), cell.facts.span(rest[-1])
    if any(statement.lineno <= error.span.line + 1 <= last.end_line + 1 for error in cell.facts.errors):
        return  # where the block ends is not known
    lines = last.end_line - first.line + 1
    span = Span(first.line, first.column, last.end_line, last.end_column)
    many = lines > 1
    yield rule.at(
        cell.place(span),
        related=[(cell.place(statement), "leaves the block")],
        what=f"{lines} lines" if many else "1 line",
        leaving=leaving,
        run="run" if many else "runs",
        them="them" if many else "it",
        statements=len(rest),
    )


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@rule.fix("Delete what never runs", safe=True)
def delete(target: Target) -> CellEdits:
    """Take the statements out."""
    for owner in nodes_of(target.facts.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(owner, name, None)
            if not isinstance(block, list):
                continue
            for number, statement in enumerate(block):
                if number and target.facts.span(statement)[:2] == target.span[:2]:
                    keep_scope(target, block[number:])
                    yield from removal(target, owner, block, number, len(block) - 1)
                    return
    raise Stale("the statements have changed")
