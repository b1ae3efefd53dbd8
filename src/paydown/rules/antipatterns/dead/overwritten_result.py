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
that are no data or model (plots, handles, results of calls made for their effect), and names that functions use.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, remove_statement
from paydown.flow.events import Call, Name
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
_COMPUTED = frozenset(
    ["frame", "array", "tensor", "estimator", "transformer", "score", "prediction", "metric", "search", "splitter"]
)
_OPAQUE = ("builtins.globals", "builtins.locals", "builtins.vars", "builtins.eval", "builtins.exec")
_EFFECT = re.compile(
    r"(?:partial_)?fit\w*|train\w*|compile|add|append|pop|plot\w*|hist|boxplot|scatter\w*|show|save\w*|next|write\w*"
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
    told = "\n".join(f"{magic.argument}\n{magic.body}" for _, magic in document.magics())
    for first, second in found:
        if re.search(rf"\b{re.escape(first.name)}\b", told) or not _is_call(document, first):
            continue
        where = "in a later cell" if second.cell != first.cell else "below"
        yield rule.at(first, name=first.name, where=where, related=[(second, "overwritten here")])


def _is_call(document: DocumentView, event: Name) -> bool:
    """Whether its statement binds that one name, at the top level, to a call that is made for its result."""
    line = document.place_of(event).span.line + 1
    for node in document.facts(event.cell).tree.body:
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            if not isinstance(node, ast.Assign) or len(node.targets) > 1 or not isinstance(node.targets[0], ast.Name):
                return False
            called = node.value.func if isinstance(node.value, ast.Call) else None
            name = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            return bool(name) and not _EFFECT.fullmatch(name)
    return False


@rule.fix("Remove the first binding of `{name}`", safe=False)
def remove(target: Target) -> CellEdits:
    """Take the statement out."""
    for node in target.facts.tree.body:
        span = target.facts.span(node)
        if span.line <= target.span.line <= span.end_line:
            yield from remove_statement(target, span)
