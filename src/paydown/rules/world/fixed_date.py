"""A date in the code splits or filters the data.

It was right on the day it was written. From then on the training data grows old, or the test period shrinks to nothing
beside it, and no test fails.

```python bad
import pandas as pd

sales = pd.read_csv("sales.csv")
train = sales[sales["date"] < "2023-07-01"]  # debt: `2023-07-01` cuts the data at a fixed date: make it a setting, or derive it from the data
test = sales[sales["date"] >= "2023-07-01"]
```
```python fixed
import pandas as pd

CUT_OFF = "2023-07-01"

sales = pd.read_csv("sales.csv")
train = sales[sales["date"] < CUT_OFF]
test = sales[sales["date"] >= CUT_OFF]
```

```python good
import pandas as pd

sales = pd.read_csv("sales.csv", parse_dates=["date"])
cut_off = sales["date"].max() - pd.DateOffset(months=6)
train = sales[sales["date"] < cut_off]
test = sales[sales["date"] >= cut_off]
```

**How to pay it off.** Name the date and keep it with the settings (the fix does that), or derive it from the newest data.

**When to accept it.** When the date is a fact: a law came into force, a sensor was replaced.

Counted are dates and years that cut the frame that goes on under its own name (also by Spark's and Polars' `filter` and `where`), or
into parts called train, validation or test, or that make the mask for such parts. Left out: what is only looked at (cells that plot,
documents that explore by their name), dates that have a name.

*Sculley et al., 2015, section 7: Dealing with changes in the external world (fixed thresholds in dynamic systems).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Target, replace_expression, setting
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.scores import words
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD706",
    severity=INFORMATION,
    principal=5,
    message="{dates} {what} the data at {unit}: {cure} from the data",
    in_tests=False,
)

_DATE = re.compile(
    r"(?:19|20)\d\d(?:[-/.](?:0?[1-9]|1[0-2])(?:[-/.](?:0?[1-9]|[12]\d|3[01]))?|Q[1-4]|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?(?:[ T][\d:.]+)?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d"
)
_QUICK = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d\d\d)")
_QUERY = re.compile(r"([A-Za-z_]\w*) *(?:<=|>=|<|>|==|!=) *['\"]?((?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?)(?![\w.])")
_LOOKS = re.compile(r"visuali|(?<![a-z])eda(?![a-z])|explor|plot", re.IGNORECASE)
_PLOTS = re.compile(r"\bplt\.|\.plot\b|\bsns\.|\bax\d?\.|\bpx\.|\bfig\b|\.hist\(")
_SPLITS = re.compile(r"\b\w*(?:train|test|valid)\w*\s*=")
_MASKS = frozenset({"mask", "idx", "is", "split", "rows"})
_PARTS = frozenset(
    {"train", "training", "trn", "test", "testing", "tst", "valid", "validation", "val", "holdout", "oot", "dev"}
)
_MAKERS = frozenset({"Timestamp", "to_datetime", "datetime", "date", "datetime64", "lit", "strptime"})
_YEARS = frozenset({"year", "years", "yr", "season", "yrsold"})
_DATED = (
    frozenset(
        {
            "date",
            "dates",
            "time",
            "timestamp",
            "day",
            "dt",
            "datetime",
            "month",
            "week",
            "index",
            "period",
            "ds",
            "created",
            "at",
            "on",
            "quarter",
        }
    )
    | _YEARS
)


@rule.check_where("19", "20")
def cut(cell: CellView) -> Iterator[Draft]:
    """Assignments that cut a frame at literal dates: one finding for a cell."""
    if not _QUICK.search(cell.text):
        return
    found = [
        (node, date)
        for statement in cell.statements()
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1
        for target, value in _parts(statement)
        for node, date in _dates(target, value)
    ]
    if found and cell.document.kind == "notebook" and _PLOTS.search(cell.text) and not _SPLITS.search(cell.text):
        return
    if not found or (_LOOKS.search(cell.document.path.rpartition("/")[2]) and not _SPLITS.search(cell.text)):
        return
    (first, date), *others = found
    dates = list(dict.fromkeys(one for _, one in found))
    unit = "year" if re.fullmatch(r"\d{4}", date) else "date"
    yield rule.at(
        cell.place(first),
        related=[
            (cell.place(node), f"and at {one}" if one != date else "cut at the same place") for node, one in others
        ],
        dates=", ".join(f"`{one}`" for one in dates[:3]) + (" …" if len(dates) > 3 else ""),
        what="cuts" if len(dates) == 1 else "cut",
        unit=f"a fixed {unit}" if len(dates) == 1 else f"fixed {unit}s",
        fixes=() if any(isinstance(node, ast.Constant) and str(node.value) != date for node, date in found) else None,
        cure="make it a setting, or derive it" if len(dates) == 1 else "make them settings, or derive them",
    )


def _parts(statement: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is bound, and to what: of ``train, test = …, …`` one after the other."""
    match statement.targets[0], statement.value:
        case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
            yield from zip(names, values, strict=True)
        case target, value:
            yield target, value


def _dates(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    for node in nodes_of(value):
        match node:
            case ast.Subscript(value=frame, slice=cutting) if _goes_on(target, frame):
                within: list[ast.AST] = [cutting]
            case ast.Call(func=ast.Attribute(attr="filter" | "where", value=frame), args=[*conditions]) if _goes_on(
                target, frame
            ):
                within = list(conditions)
            case ast.Call(
                func=ast.Attribute(attr="query", value=frame), args=[ast.Constant(value=str(said)) as query, *_]
            ) if _goes_on(target, frame):
                for column, date in _QUERY.findall(said):
                    if len(date) > 4 or words(column) & _YEARS:
                        yield query, date
                continue
            case ast.Compare() if node is value and _is_mask(target):
                within = [node]
            case _:
                continue
        for one in (inner for part in within for inner in nodes_of(part)):
            match one:
                case ast.Compare(
                    left=left,
                    ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() | ast.Eq() | ast.NotEq()],
                    comparators=[right],
                ):
                    for side, other in ((right, left), (left, right)):
                        date = _date(side, other)
                        if date:
                            yield side, date
                case ast.Call(func=ast.Attribute(attr="between", value=column), args=ends):
                    for end in ends[:2]:
                        if date := _date(end, column):
                            yield end, date
                case ast.Slice(lower=lower, upper=upper):
                    for bound in (lower, upper):
                        text = bound.value if isinstance(bound, ast.Constant) else None
                        if bound is not None and isinstance(text, str) and _DATE.fullmatch(text):
                            yield bound, text


def _is_mask(name: ast.expr) -> bool:
    """Whether a name is one for the mask of a part: ``train_mask = frame.date < "2020-01-01"``."""
    return isinstance(name, ast.Name) and bool(words(name.id) & _PARTS) and bool(words(name.id) & _MASKS)


def _goes_on(name: ast.expr, frame: ast.expr) -> bool:
    """Whether the frame that is cut keeps its name, or becomes a part to train or test with."""
    if not isinstance(name, ast.Name):
        return False
    root = frame
    while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    return isinstance(root, ast.Name) and (root.id == name.id or bool(words(name.id) & _PARTS))


def _date(node: ast.expr, column: ast.expr) -> str:
    """The date that a node spells, when it is compared with a column; empty when it is none."""
    if not isinstance(column, (ast.Attribute, ast.Subscript, ast.Call)):
        return ""
    match node:
        case ast.Constant(value=str(text)) if _DATE.fullmatch(text) and (
            len(text) > 4 or words(ast.unparse(column)) & _DATED
        ):
            return text
        case ast.Constant(value=int(year)) if 1900 < year < 2100 and words(ast.unparse(column)) & _YEARS:
            return str(year)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[*arguments]) if (
            name in _MAKERS and arguments
        ):
            if all(isinstance(one, ast.Constant) for one in arguments):
                text = "-".join(str(getattr(one, "value", "")).zfill(2) for one in arguments[:3])
                return text if _DATE.fullmatch(text) else ""
    return ""


@rule.fix("Name the date: a constant with the other settings", safe=True)
def name(target: Target) -> CellEdits:
    """Put the literal into a constant, wherever it cuts."""
    for place in (target, *target.related):
        node = place.node(place.span, ast.expr)
        literal = node
        year = isinstance(node, ast.Constant) and re.fullmatch(r"\d{4}", str(node.value))
        hint = "CUT_OFF_YEAR" if year else "CUT_OFF"
        if isinstance(node, ast.Call):
            if len(node.args) != 1:
                continue
            literal = node.args[0]
        span = place.facts.span(literal)
        constant, edits = setting(place, hint, place.segment(span))
        yield from edits
        yield from replace_expression(place, span, constant)
