"""The time of the run takes part in the data.

The same code on the same data then gives other features tomorrow, a model is never trained on what it was trained on before,
and at prediction time everybody is older than in training.

```python bad
from datetime import datetime

import pandas as pd

customers = pd.read_csv("customers.csv")
customers["age"] = datetime.now().year - customers["born"]  # debt: `customers["age"]` depends on the day of the run: take the date from the data or a setting
```

```python good
import time
from datetime import datetime

import pandas as pd

customers = pd.read_csv("customers.csv")
customers["age"] = customers["observed"].dt.year - customers["born"]
started = datetime.now()
record["written"] = datetime.now()
elapsed = datetime.now() - started
```

**How to pay it off.** Take the date of the observation from the data, or a reference date from the settings, and use the
same one for training and for prediction.

**When to accept it.** In a report about the present day.

Counted are columns that are computed or compared with `now()`, `today()` and Spark's `current_date()`, and rows that are kept
by them. Left out: time stamps of records, durations.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (reproducibility debt).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD815",
    severity=INFORMATION,
    principal=5,
    message="`{column}` depends on the day of the run: take the date from the data or a setting",
)
_CLOCKS = frozenset({"now", "today", "utcnow", "current_date", "current_timestamp"})
_DIFFERENCE = re.compile(r"datediff|months_between|date_diff|timestampdiff", re.IGNORECASE)
_START = re.compile(r"start|begin|t0|tic|last|previous|since", re.IGNORECASE)


@rule.check_where("now(", "today(", "current_date(", "current_timestamp(", "time.time(", "datetime64(")
def clocked(cell: CellView) -> Iterator[Draft]:
    """Columns computed with the time of the run."""
    clocks: set[str] = set()
    functions: set[str] = set()
    for statement in cell.statements():
        if isinstance(statement, ast.FunctionDef) and _asks_in(statement):
            functions.add(statement.name)
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        match statement.targets[0]:
            case ast.Name(id=name) if _is_clock(statement.value, set()):
                clocks.add(name)
            case (
                ast.Subscript(
                    value=owner, slice=ast.Constant(value=str(key)) | ast.Tuple(elts=[_, ast.Constant(value=str(key))])
                ) as column
            ) if (
                _computes(statement.value, clocks)
                or _compares(statement.value, clocks)
                or _applies(statement.value, functions)
            ):
                yield rule.at(cell.place(column), column=f'{ast.unparse(owner).removesuffix(".loc")}["{key}"]')
            case _:
                yield from _within(cell, statement.value, clocks)


def _asks_in(function: ast.FunctionDef) -> bool:
    """Whether a function returns what lies between the clock and its arguments: ``date.today().year - born.year``."""
    clocks: set[str] = set()
    given = {one.arg for one in function.args.args}
    for node in nodes_of(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_clock(value, set()):
                clocks.add(name)
            case ast.Return(value=ast.expr() as value) if any(
                isinstance(part, ast.BinOp)
                and isinstance(part.op, ast.Sub)
                and _is_clock(part.left, clocks)
                and any(isinstance(one, ast.Name) and one.id in given for one in nodes_of(part.right))
                for part in nodes_of(value)
            ):
                return True
    return False


def _applies(value: ast.expr, functions: set[str]) -> bool:
    """Whether such a function is applied to a column."""
    for node in nodes_of(value) if functions else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="apply" | "map" | "transform"), args=[ast.Name(id=name), *_]):
                if name in functions:
                    return True
            case ast.Call(func=ast.Name(id=name), args=[ast.Subscript() | ast.Attribute(), *_]) if name in functions:
                return True
    return False


def _within(cell: CellView, value: ast.expr, clocks: set[str]) -> Iterator[Draft]:
    """Rows that are kept, and columns that are added, within an expression."""
    for node in nodes_of(value):
        match node:
            case ast.Subscript(value=owner, slice=ast.Compare() | ast.BinOp() | ast.UnaryOp() as kept) if _compares(
                kept, clocks
            ) or _computes(kept, clocks):
                yield rule.at(cell.place(node), column=f"{ast.unparse(owner)}[…]")
                return
            case ast.Call(func=ast.Attribute(attr="withColumn"), args=[ast.Constant(value=str(key)), made]) if any(
                isinstance(part, ast.Call) and _DIFFERENCE.search(ast.unparse(part.func)) and _asks(part)
                for part in nodes_of(made)
            ):
                yield rule.at(cell.place(node.args[0]), column=key)
            case ast.Call(func=ast.Attribute(attr="assign"), keywords=keywords):
                for keyword in keywords:
                    made = keyword.value.body if isinstance(keyword.value, ast.Lambda) else keyword.value
                    if keyword.arg and _computes(made, clocks):
                        yield rule.at(cell.place(keyword.value), column=keyword.arg)


def _asks(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) and _is_clock(part, set()) for part in nodes_of(node))


def _compares(value: ast.expr, clocks: set[str]) -> bool:
    """Whether a column is compared with the clock, or with a time so and so long ago."""
    for node in nodes_of(value):
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
                moment = one.left if isinstance(one, ast.BinOp) else one
                if _is_clock(moment, clocks) and _is_data(other) and not _START.search(ast.unparse(other)):
                    return True
    return False


def _computes(value: ast.expr, clocks: set[str]) -> bool:
    """Whether a clock is taken from a column, or the other way round."""
    for node in nodes_of(value):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if _is_clock(one, clocks) and not _START.search(ast.unparse(other)):
                    return any(isinstance(part, (ast.Subscript, ast.Name)) for part in nodes_of(other)) and _is_data(
                        other
                    )
    return False


def _is_clock(node: ast.expr, clocks: set[str]) -> bool:
    while True:
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _CLOCKS:
                return True
            case ast.Call(func=ast.Name(id="int" | "float"), args=[inner]):
                node = inner
            case ast.Call(
                func=ast.Attribute(attr="to_datetime" | "Timestamp" | "datetime64"),
                args=[ast.Constant(value="now" | "today"), *_],
            ):
                return True
            case ast.Call(func=ast.Attribute(attr="time", value=ast.Name(id="time")), args=[]):
                return True
            case ast.Attribute(value=inner) | ast.Call(func=ast.Attribute(value=inner)):
                node = inner
            case ast.Name(id=name):
                return name in clocks
            case _:
                return False


def _is_data(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Subscript) or (isinstance(part, ast.Name) and len(part.id) == 1) for part in nodes_of(node)
    ) or isinstance(node, ast.Attribute)
