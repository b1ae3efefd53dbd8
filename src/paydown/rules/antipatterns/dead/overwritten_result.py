"""A computed value is overwritten before anything uses it.

Either the computation is left over from an earlier attempt, and costs time at every run, or the line that should have used
it is missing or reads the wrong name.

```python bad
import pandas as pd

# %%
frame = pd.read_csv("january.csv")  # debt: `frame` is overwritten in a later cell before any use: remove this binding or give it its own name
# %%
frame = pd.read_csv("february.csv")
frame.mean()
```
```python fixed
import pandas as pd

# %%
# %%
frame = pd.read_csv("february.csv")
frame.mean()
```

```python good
import pandas as pd

january = pd.read_csv("january.csv")
february = pd.read_csv("february.csv")
frame = pd.concat([january, february])
```

**How to pay it off.** Remove the first binding, or give the second another name and use both.

**When to accept it.** In a lesson that shows one way after another. Left out: what happens on a condition or in a loop, values
that are no data or model (plots, handles, results of calls made for their effect), names that functions use, what a cell ends
with when a later cell binds the result of another call, a function of the notebook called again with other arguments, two ways with a remark each (beside them, or their result below), and names that start again from where they began
(`X, y = load()` in every section).

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, remove_statement
from paydown.flow.events import Call, Name, Read
from paydown.rule import WARNING, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD514",
    severity=WARNING,
    principal=2,
    message="`{name}` is overwritten {where} before any use: remove this binding or give it its own name",
    unnecessary=True,
)
_SEVERAL = "{name} are overwritten {where} before any use: remove this binding or give them their own names"
_COMPUTED = frozenset(
    [
        "frame",
        "array",
        "tensor",
        "estimator",
        "transformer",
        "score",
        "prediction",
        "metric",
        "search",
        "splitter",
        "list",
    ]
)
_OPAQUE = ("builtins.globals", "builtins.locals", "builtins.vars", "builtins.eval", "builtins.exec")
_TABLE = re.compile(r"#(?: {3,}\S|.*\S {2,}\S)")  # columns of a comment that shows what stands above it
_EFFECT = re.compile(
    r"(?:partial_)?fit\w*|train\w*|compile|add|append|pop|plot\w*|hist|boxplot|scatter\w*|show|save\w*|next|write\w*|from_(?:estimator|predictions|cv_results)"
)


@rule.check
def overwritten(document: DocumentView) -> Iterator[Draft]:
    """Bindings of computed values that are followed by another before a use."""
    pending: dict[str, Name] = {}
    found: list[tuple[Name, Name]] = []
    inside: set[str] = set()
    for event in document.events(Name):
        known = pending.pop(event.name, None)
        if event.action == "call":
            inside.add(event.name)
        if event.action != "bind" or event.branch or event.loop or event.function:
            continue
        if known is not None and not event.own and event.value.kind != "unknown":
            found.append((known, event))
        if event.value.kind in _COMPUTED and event.name[0] != "_":
            pending[event.name] = event
    found = [(first, second) for first, second in found if first.name not in inside]
    if not found or document.broken() or any(call.call.startswith(_OPAQUE) for call in document.events(Call)):
        return
    used = {event.name for event in document.events(Name) if event.action in ("use", "update")}
    told = "\n".join(f"{magic.argument}\n{magic.body}" for _, magic in document.magics())
    together: dict[tuple[str, int], set[str]] = {}
    for first, _ in found:
        together.setdefault((first.cell, document.place_of(first).span.line), set()).add(first.name)
    for first, second in found:
        names = _bound_to_call(document, first)
        if (
            not names
            or names[0] != first.name
            or not together[first.cell, document.place_of(first).span.line] >= set(names)
        ):
            continue
        if any(re.search(rf"\b{re.escape(name)}\b", told) for name in names):
            continue
        if _is_shown(document, first, second) or _starts_again(document, first, second):
            continue
        if first.name not in used and document.origins(first.value, Read):
            continue  # an unused read, which another rule tells of
        where = "in a later cell" if second.cell != first.cell else "below"
        message, name = (None, first.name) if len(names) == 1 else (_SEVERAL, ", ".join(f"`{name}`" for name in names))
        yield rule.at(first, message=message, name=name, where=where, related=[(second, "overwritten here")])


def _bound_to_call(document: DocumentView, event: Name) -> list[str]:
    """The names that its statement binds, at the top level, to a call that is made for its result; several to a split's."""
    match _statement(document, event):
        case ast.Assign(
            targets=[ast.Name(id=one)], value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) as call
        ):
            empty = event.value.kind == "list" and not (call.args or isinstance(call.func, ast.Attribute))
            return [] if empty or _EFFECT.fullmatch(name) else [one]
        case ast.Assign(
            targets=[ast.Tuple(elts=parts)], value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name))
        ):
            plain = [part.id for part in parts if isinstance(part, ast.Name)]
            return plain if name.endswith("_split") and len(plain) == len(parts) else []
    return []


def _is_shown(document: DocumentView, first: Name, second: Name) -> bool:
    """Whether the two are a lesson's ways: each with a remark, or the first all that its cell leads to, the second another call's."""
    one, other, facts = _statement(document, first), _statement(document, second), document.facts(first.cell)
    if one is None or other is None:
        return False
    if first.cell == second.cell:
        remarked = {comment.span.line for comment in facts.comments if not comment.alone}
        remarked |= {
            comment.span.line - 1 for comment in facts.comments if comment.alone and _TABLE.match(comment.text)
        }
        return all(
            remarked.intersection(range(each.lineno - 1, each.end_lineno or each.lineno)) for each in (one, other)
        )
    if not _same(_callee(one), _callee(other)):
        return one is facts.tree.body[-1]
    return not _same(one, other) and _is_own(document, _callee(one))


def _is_own(document: DocumentView, called: ast.expr | None) -> bool:
    """Whether it's a function or class of the document: its calls may well be made for what they show or write."""
    return isinstance(called, ast.Name) and any(
        event.name == called.id for event in document.events(Name) if event.action == "define"
    )


def _starts_again(document: DocumentView, first: Name, second: Name) -> bool:
    """Whether the second reads or makes anew what the name was before: a script of several independent sections."""
    again = _statement(document, second)
    match again:
        case ast.Assign(value=ast.Call(func=ast.Name(id=name), args=[], keywords=[])) if name.startswith("load"):
            return first.own
    if _same(_statement(document, first), again):
        return False
    for event in document.events(Name):
        if event is first:
            return False
        if event.name == first.name and event.action == "bind" and _same(_statement(document, event), again):
            return True
    return False


def _statement(document: DocumentView, event: Name) -> ast.stmt | None:
    """The statement of a cell's top level that an event belongs to."""
    line = document.place_of(event).span.line + 1
    for node in document.facts(event.cell).tree.body:
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            return node
    return None


def _callee(statement: ast.stmt) -> ast.expr | None:
    match statement:
        case ast.Assign(value=ast.Call(func=called)):
            return called
    return None


def _same(one: ast.AST | None, other: ast.AST | None) -> bool:
    return one is not None and other is not None and ast.dump(one) == ast.dump(other)


@rule.fix("Remove the first binding", safe=False)
def remove(target: Target) -> CellEdits:
    """Take the statement out."""
    for node in target.facts.tree.body:
        span = target.facts.span(node)
        if span.line <= target.span.line <= span.end_line:
            yield from remove_statement(target, span)
