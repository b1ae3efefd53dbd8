"""A value is converted to another library's type and straight back.

Index, column names and types are lost on the way and put together again by hand; the day they change, they are put together wrongly.
The copies cost memory, and the reader looks for a reason that isn't there.

```python bad
import pandas as pd
from sklearn.model_selection import train_test_split

frame = pd.read_csv("houses.csv")
values = frame.values
train, test = train_test_split(values, random_state=0)
train = pd.DataFrame(train, columns=frame.columns)  # debt: a frame again, after `frame.values` has made an array of it: nothing in between needs that, stay with the frame
train.groupby("city").mean()
```

```python good
import pandas as pd
from sklearn.model_selection import train_test_split

frame = pd.read_csv("houses.csv")
train, test = train_test_split(frame, random_state=0)
train.groupby("city").mean()
```

**How to pay it off.** Stay with the first type. What the detour is often for has a name: `rename(columns=…)` or `set_axis` for other
columns, `reset_index(drop=True)` for a fresh index, `reset_index(name=…)` for a series as a frame of two columns, `pd.concat` to put
columns one below the other, `detach().clone()` for a tensor without its history.

**When to accept it.** Where the text shows the conversions themselves.

Counted are frame → array → frame (also the index and the values of one series), column → list → column, tensor → array → tensor, array →
tensor → array and array → list → array, through names, copies, slices and `train_test_split`. Left out is all that something happened to in
between: an estimator, a function, arithmetic; and frames that get an index of their own.

*Sculley et al., 2015, section 5: ML-system anti-patterns (glue code).*
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from paydown.flow.events import Call, Called, Convert
from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.rules.antipatterns.lineage import Row, node_at, simple, statements
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD501",
    severity=INFORMATION,
    principal=10,
    message="{kind} again, after `{first}` has made {other} of it: nothing in between needs that, {way}",
    in_tests=False,
)
_INTO_TENSOR = frozenset(
    ["torch.tensor", "torch.from_numpy", "torch.as_tensor", "torch.Tensor", "torch.FloatTensor", "torch.LongTensor",
     "tensorflow.constant", "tensorflow.convert_to_tensor"]
)  # fmt: skip
_ARTICLE = {"array": "an array", "list": "a list", "tensor": "a tensor", "frame": "a frame"}
# What a value can do in either type, so that it needs neither.
_EITHER = frozenset(
    ["copy", "astype", "squeeze", "detach", "cpu", "clone", "float", "long", "double", "int", "unsqueeze", "flatten", "ravel",
     "view", "reshape"]
)  # fmt: skip
_SPELLED = {
    "array": (".values", "to_numpy", ".numpy(", "array("),
    "list": ("list()",),
    "tensor": ("tensor(", "from_numpy(", "constant("),
}
_ROWS = frozenset({"copy", "astype", "squeeze"})
_MOST_HOPS = 8


class _Scope(NamedTuple):
    """The statements around a conversion: of the function ``within``, which begins at ``line``, or of the module level."""

    cell: str
    within: str
    line: int
    call: ast.Call
    rows: Callable[[], list[Row]]

    def place(self, document: DocumentView, cell: str, node: ast.AST) -> Place:
        """Where a node of this scope stands."""
        return Place(cell, self.within, document.facts(cell).span(node).below(-self.line))


@rule.check
def round_trip(document: DocumentView) -> Iterator[Draft]:
    """Conversions back to the type that a value had."""
    found: list[tuple[Called, str, str]] = []
    for event in document.events(Convert):
        held = event.value
        if event.into == "frame":
            if _changes_library(document, event):
                continue
            if held.kind == "array" or (held.kind == "dict" and len(held.items) == 2):
                found.append((event, "frame", "array"))
            elif held.kind == "list" and held.origins and event.call.endswith("Series"):
                found.append((event, "frame", "list"))
        elif event.into == "array" and held.kind == "list" and not held.items:
            found.append((event, "array", "list"))
    for call in document.events(Call):
        if call.call in _INTO_TENSOR:
            found.append((call, "tensor", "array"))
        elif call.call.endswith(".numpy") and not call.arguments:
            found.append((call, "array", "tensor"))
    if not found:
        return
    rows = cache(lambda: statements(document))
    for one, kind, other in found:
        scope = _scope(document, one, rows, other)
        if scope is not None:
            yield from _judged(document, one, scope, kind, other)


def _changes_library(document: DocumentView, event: Convert) -> bool:
    """Whether an array may be the way from a frame of Polars to one of pandas, or back."""
    return event.call.startswith(("pandas.", "polars.")) and any(
        one.partition(".")[0] == "polars" for one in document.imports().values()
    )


def _judged(document: DocumentView, event: Called, scope: _Scope, kind: str, other: str) -> Iterator[Draft]:
    given: ast.expr = scope.call
    if other != "tensor":
        if not scope.call.args or any(word.arg == "index" for word in scope.call.keywords):
            return  # what gets an index of its own has to lose the old one
        if kind == "frame" and len(scope.call.args) > 1:
            return
        given = scope.call.args[0]
    elif isinstance(scope.call.func, ast.Attribute):
        given = scope.call.func.value
    first = _first(document, given, scope, kind, other)
    if first is None:
        return
    cell, node = first
    place = scope.place(document, cell, node)
    if not _converts(document, place, node, kind):
        return
    text = ast.unparse(node)
    yield rule.at(
        event,
        related=[(place, f"{_ARTICLE[kind]} is made {_ARTICLE[other]} here")],
        kind=_ARTICLE[kind],
        way=_way(scope.call, node, kind, other),
        other=_ARTICLE[other],
        first=text if len(text) <= 40 else text[:39] + "…",
    )


def _way(call: ast.Call, first: ast.expr, kind: str, other: str) -> str:
    """What does in one step what the detour may be for."""
    match call.args[0] if call.args else None:
        case ast.Dict():
            return "`reset_index` makes that table"
        case ast.BinOp() if other == "list":
            return "`pd.concat` puts the columns one below the other"
        case given if kind == "frame" and given is first and not call.keywords:
            return "`reset_index(drop=True)` gives a fresh index"
    return f"stay with the {kind}"


def _scope(document: DocumentView, event: Called, top: Callable[[], list[Row]], other: str) -> _Scope | None:
    """The conversion's call with the statements around it; ``top`` gives those of the module level."""
    place = document.place_of(event)
    facts = document.facts(place.cell)
    if (place.within or other != "array") and not any(word in facts.text for word in _SPELLED[other]):
        return None  # what a name holds at module level may have been made in another cell
    name = place.within.rpartition(".")[2].partition("#")[0]
    owners: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Module] = [facts.tree]
    if name:
        owners = [one for one in facts.every(ast.FunctionDef) if one.name == name]
        owners += [one for one in facts.every(ast.AsyncFunctionDef) if one.name == name]
    for owner in owners:
        line, end = (0, math.inf) if isinstance(owner, ast.Module) else (owner.lineno, owner.end_lineno or 0)
        body = owner.body
        for node in facts.every(ast.Call) if place.span.line + line < end else ():
            if node.lineno != place.span.line + line + 1:
                continue
            if facts.span(node).below(-line) == place.span:
                own = cache(lambda: [(place.cell, one) for one in simple(body)])  # noqa: B023 - used for this one only
                return _Scope(place.cell, place.within, line, node, own if name else top)
    return None


def _first(document: DocumentView, node: ast.expr, scope: _Scope, kind: str, other: str) -> tuple[str, ast.expr] | None:
    """The conversion that an expression is the result of, if nothing but that has happened to it; with its cell."""
    cell, line = scope.cell, scope.call.lineno - 1
    for _ in range(_MOST_HOPS):
        if _is_conversion(node, kind, other):
            return cell, node
        match node:
            case ast.Name(id=name) if kind == "frame":
                found = _bound(document, scope.rows(), name, line, cell)
                if found is None:
                    return None
                if _is_needed(scope.rows(), name, found[0], (cell, line)):
                    return None
                (cell, statement), node = found
                line = statement.lines.start
            case ast.BinOp(op=ast.Add(), left=left, right=right) if other == "list" and _is_conversion(
                right, kind, other
            ):
                node = left  # one list after the other
            case ast.Subscript(value=inner, slice=ast.Slice()):
                node = inner
            case ast.Call(func=ast.Attribute(attr=attr, value=inner)) if attr in (
                _ROWS if kind == "frame" else _EITHER
            ):
                node = inner
            case ast.Dict(values=[one, two]) if kind == "frame":
                for values, index in ((one, two), (two, one)):
                    owner, _, attribute = ast.unparse(values).rpartition(".")
                    if attribute == "values" and ast.unparse(index).removesuffix(".values") == owner + ".index":
                        return cell, values
                return None
            case _:
                return None
    return None


def _is_needed(rows: list[Row], name: str, bound: Row, used: tuple[str, int]) -> bool:
    """Whether anything but the use at hand reads what a name was bound to."""
    for cell, statement in rows[next(number for number, row in enumerate(rows) if row is bound) + 1 :]:
        if name in statement.reads and not (cell == used[0] and used[1] in statement.lines):
            return True
        if name in statement.renews:
            return False
    return False


def _is_conversion(node: ast.expr, kind: str, other: str) -> bool:
    """Whether an expression is spelled like a conversion of one kind of value to another."""
    match node, kind, other:
        case ast.Attribute(attr="values"), "frame", "array":
            return True
        case ast.Call(func=ast.Attribute(attr="to_numpy"), args=[]), "frame", "array":
            return True
        case ast.Call(func=ast.Attribute(attr="array" | "asarray"), args=[_], keywords=[]), "frame", "array":
            return True
        case ast.Call(func=ast.Attribute(attr="tolist" | "to_list"), args=[]), _, "list":
            return True
        case ast.Call(func=ast.Attribute(attr="numpy"), args=[]), "tensor", "array":
            return True
        case ast.Call(
            func=ast.Attribute(attr="tensor" | "from_numpy" | "as_tensor" | "constant"), args=[_]
        ), "array", "tensor":
            return True
    return False


def _converts(document: DocumentView, place: Place, node: ast.expr, kind: str) -> bool:
    """Whether it is known that a conversion has such a value; of ``.values`` and ``.numpy()`` the way back tells."""
    if isinstance(node, ast.Attribute):
        return True
    if kind == "tensor":
        return not any(call.call.startswith("tensorflow.") for call in document.events(Call)) or "torch" not in str(
            document.imports().values()
        )
    if kind == "array":
        for call in document.events(Call):
            if call.call in _INTO_TENSOR and call.arguments and document.place_of(call) == place:
                return call.arguments[0].kind == "array"
    return any(
        event.value.kind == kind and not (kind == "array" and any(one.kind == "Read" for one in event.value.origins))
        for event in document.events(Convert)
        if event.cell == place.cell and document.place_of(event) == place
    )


def _bound(document: DocumentView, rows: list[Row], name: str, line: int, cell: str) -> tuple[Row, ast.expr] | None:
    """What a name was last bound to before a line, by an assignment or by a split of something."""
    before = False
    for row in reversed(rows):
        where, statement = row
        if not before:
            before = where == cell and line in statement.lines
            continue
        if name not in statement.changes:
            continue
        match node_at(document, row):
            case ast.Assign(targets=[ast.Name()], value=value):
                return row, value
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Call(args=args, func=func)):
                if ast.unparse(func).endswith("train_test_split"):
                    for number, part in enumerate(parts):
                        if isinstance(part, ast.Name) and part.id == name and number // 2 < len(args):
                            return row, args[number // 2]
        return None
    return None
