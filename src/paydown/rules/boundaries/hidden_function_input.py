"""A function reads data or a model of another cell without having it as a parameter.

What it returns then depends on which cells were run before, and how often. It cannot be tested, moved into a module or used
for other data, and a renamed variable breaks it at a distance.

```python bad
# %%
import pandas as pd
frame = pd.read_csv("houses.csv")
# %%
def mean_price(town):  # debt: `mean_price` reads `frame` of another cell: make it a parameter, so that the result hangs on the call alone
    return frame[frame["town"] == town]["price"].mean()
# %%
mean_price("Bath")
```
```python fixed
# %%
import pandas as pd
frame = pd.read_csv("houses.csv")
# %%
def mean_price(town, frame):
    return frame[frame["town"] == town]["price"].mean()
# %%
mean_price("Bath", frame=frame)
```
```python good
# %%
import pandas as pd
frame = pd.read_csv("houses.csv")
TOWNS = ["Bath", "Wells"]
# %%
def mean_price(frame, town):
    return frame[frame["town"] == town]["price"].mean()
# %%
{town: mean_price(frame, town) for town in TOWNS}
```

How to pay it off: add the parameter and pass the value at the calls.

When to accept it: a helper for one picture, never used again.

Left out: objectives of a search and other functions that are handed to a library, ready-made models, constants in capitals, modules, functions and classes, numbers and texts, lists and dicts of literals, names that the
function's own cell binds, names whose value is not known.

*Sculley et al., 2015, section 2: Complex models erode boundaries (entanglement).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Target, Unfixable, set_keyword
from paydown.fixes.bindings import code_cells
from paydown.fixes.statements import bound_by
from paydown.fixes.target import facts_of, walk_own
from paydown.flow.values import Value
from paydown.rule import INFORMATION, Draft, Rule
from paydown.span import Span
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD207",
    severity=INFORMATION,
    principal=10,
    message="`{function}` reads {names} of {where}: make {them}, so that the result hangs on the call alone",
)

_DATA = frozenset(
    {
        "frame",
        "array",
        "tensor",
        "score",
        "prediction",
        "estimator",
        "search",
        "transformer",
        "loader",
        "bunch",
        "groupby",
    }
)
_READY_MADE = (
    "spacy.", "transformers.", "sentence_transformers.", "torch.hub.", "tensorflow_hub.", "keras.applications.", "timm.",
    "whisper.", "easyocr.", "stanza.", "flair.", "open_clip.",
)  # fmt: skip
_OF_ROWS = frozenset({"apply", "map", "applymap", "agg", "aggregate", "transform", "filter", "pipe"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@rule.check_where("def ")
def hidden(cell: CellView) -> Iterator[Draft]:
    """Functions of a cell that read what other cells bind."""
    if cell.document.kind != "notebook":
        return
    body = cell.facts.tree.body
    data = {name for name, value in cell.flow.reads.items() if _is_data(value) and not _is_constant(name)}
    if data:
        data -= bound_by(walk_own(body))
    if not data:
        return
    functions = [function for function in _functions(body) if not _is_callback(function)]
    handed = _handed_over(body) if functions else set()
    for function in functions:
        if function.name in handed:
            continue
        names = [name for name in _free(function) if name in data]
        if not names:
            continue
        several = len(names) > 1
        yield rule.at(
            cell.place(_head(cell, function)), function=function.name, names=_listed(names), inputs=",".join(names),
            where="other cells" if several else "another cell",
            them="them parameters" if several else "it a parameter",
        )  # fmt: skip


def _is_constant(name: str) -> bool:
    """Whether a name is spelled like a constant; ``X`` is not."""
    return len(name) > 2 and name.isupper()


def _is_data(value: Value | None) -> bool:
    """Whether a value is data or a model, or a container that holds more than literals."""
    if value is None:
        return False
    if value.name.startswith(_READY_MADE):
        return False
    if value.kind in ("list", "dict"):
        held = [item[1] if value.kind == "dict" else item for item in value.items]
        return bool(value.origins) or any(_is_data(one) for one in held)
    return value.kind in _DATA


def _is_callback(function: _Function) -> bool:
    """Whether a library calls it with arguments of its own: an objective of Optuna or hyperopt, a handler."""
    given = [one.arg for one in function.args.args]
    if given[:1] == ["trial"]:
        return True
    if any(isinstance(node, ast.Name) and node.id == "STATUS_OK" for node in nodes_of(function)):
        return True
    return any("interact" in ast.unparse(one) or "capture" in ast.unparse(one) for one in function.decorator_list)


def _handed_over(body: list[ast.stmt]) -> set[str]:
    """The names of functions that the cell hands to others, and never calls itself; what is called for each row could
    be given more."""
    nodes = [node for statement in body for node in nodes_of(statement)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    handed: set[str] = set()
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _OF_ROWS:
            continue
        given = (*call.args, *(one.value for one in call.keywords))
        handed |= {one.id for one in given if isinstance(one, ast.Name)}
    return handed - called


def _functions(body: list[ast.stmt]) -> Iterator[_Function]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def _free(function: _Function) -> list[str]:
    """The names a function uses and doesn't bind, in order."""
    nodes = [node for statement in function.body for node in nodes_of(statement)]
    own = bound_by(nodes) | {node.arg for node in nodes_of(function) if isinstance(node, ast.arg)}
    used = [node for node in nodes if isinstance(node, ast.Name) and node.id not in own]
    used.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in used))


def _head(cell: CellView, function: _Function) -> Span:
    """The place of ``def name``."""
    span = cell.facts.span(function)
    word = "async def " if isinstance(function, ast.AsyncFunctionDef) else "def "
    return Span(span.line, span.column, span.line, span.column + len(word) + len(function.name))


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > 3:
        quoted = [*quoted[:3], f"{len(quoted) - 3} more"]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]


@rule.fix("Add the parameters, and pass them at the calls", safe=False)
def parameters(target: Target) -> CellEdits:
    """Make what is read parameters."""
    names = target.fact("inputs").split(",")
    function = next(
        (node for node in _functions(target.tree.body) if target.facts.span(node)[:2] == target.span[:2]), None
    )
    if function is None or function not in target.tree.body or function.decorator_list:
        raise Unfixable("it is a method, or decorated")
    yield from _declared(target, function, names)
    for cell in code_cells(target.document, function.name):
        there = target.elsewhere(cell.id, target.span)
        calls = [node for node in nodes_of(facts_of(cell.text).tree) if isinstance(node, ast.Call)]
        called = {id(call.func): call for call in calls}
        for node in nodes_of(facts_of(cell.text).tree):
            if not isinstance(node, ast.Name) or node.id != function.name:
                continue
            call = called.get(id(node))
            place = there.facts.span(node)
            if call is None or any(True for _ in there.nodes(place, ast.FunctionDef, ast.Lambda, ast.ClassDef)):
                raise Unfixable(f"`{function.name}` is used by other functions")
            for name in names:
                yield from set_keyword(there, there.facts.span(call), name, name)


def _declared(target: Target, function: _Function, names: list[str]) -> CellEdits:
    """Add parameters to a function's head."""
    given = function.args
    if given.kwarg or given.vararg or given.kwonlyargs:
        raise Unfixable("it takes any number of arguments")
    text = ", ".join(names)
    every = [*given.posonlyargs, *given.args]
    if not every:
        opening = next(token for token in target.tokens[target.token_after(*target.span[2:]) :] if token.text == "(")
        yield target.insert(*opening.span[2:], text)
        return
    last = given.defaults[-1] if given.defaults else (every[-1].annotation or every[-1])
    place = target.facts.span(every[-1] if last is every[-1] else last)
    yield target.insert(*place[2:], f", *, {text}" if given.defaults else f", {text}")
