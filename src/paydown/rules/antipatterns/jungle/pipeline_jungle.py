"""The preparation of the training data is a long row of steps outside any function.

Nobody can run such a row on new data, test a step of it, or tell which step a column comes from: prediction gets a copy of it,
and each new source adds another branch.

```python bad
import pandas as pd
from sklearn.ensemble import RandomForestRegressor

sales = pd.read_csv("sales.csv")
stores = pd.read_csv("stores.csv")
stores = stores.drop(columns=["comment"])  # debt: 16 shaping steps at module level make what `RandomForestRegressor` learns from: put them into functions, and test those
stores["opened"] = pd.to_datetime(stores["opened"])
stores["age"] = 2024 - stores["opened"].dt.year
sales = sales[sales["open"] == 1]
sales = sales.merge(stores, on="store", how="left")
sales["distance"] = sales["distance"].fillna(0)
sales["date"] = pd.to_datetime(sales["date"])
sales["month"] = sales["date"].dt.month
sales["weekday"] = sales["date"].dt.dayofweek
sales["holiday"] = sales["holiday"].map({"yes": 1, "no": 0})
means = sales.groupby("store")["sales"].mean().reset_index()
means = means.rename(columns={"sales": "mean_sales"})
sales = sales.merge(means, on="store")
sales["ratio"] = sales["sales"] / sales["mean_sales"]
sales = pd.get_dummies(sales, columns=["type"])
sales = sales.drop(columns=["date", "opened"])
model = RandomForestRegressor().fit(sales.drop(columns=["sales"]), sales["sales"])
```

```python good
import pandas as pd
from features import with_calendar, with_stores, without_closed_days
from sklearn.ensemble import RandomForestRegressor

sales = pd.read_csv("sales.csv")
stores = pd.read_csv("stores.csv")
sales = without_closed_days(sales)
sales = with_stores(sales, stores)
sales = with_calendar(sales)
model = RandomForestRegressor().fit(sales.drop(columns=["sales"]), sales["sales"])
```

**How to pay it off.** Look at the whole of it, from the raw data to the features. Make a few functions of frame to frame, or steps of
one `Pipeline`, that training and prediction share; test each with a few rows.

**When to accept it.** In an analysis that is done once and never predicts. The number of steps is a setting:
`[tool.paydown.pipeline-jungle]` `steps`, 15 if nothing is said.

A step is a statement at module level that shapes a frame (merge, concat, group, pivot, apply, map, fill, drop …), sets a column, or
keeps the rows that a condition holds for. Only those count that the data of one training really comes from; of several trainings the
longest row is shown, and of that the first 20 steps. Left out are steps in functions, plots and looks, and what is done with arrays.

*Sculley et al., 2015, section 5: ML-system anti-patterns (pipeline jungles).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.flow.events import Call, Event, Fit, Read, Select, Store
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.antipatterns.lineage import made_of, node_at, statements
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD505",
    severity=INFORMATION,
    principal=120,
    message="{steps} shaping steps at module level make what {training} learns from: put them into functions, and test those",
    in_tests=False,
    options={"steps": 15},
)
_METHODS = frozenset(
    ["merge", "join", "append", "concat", "pivot", "pivot_table", "melt", "stack", "unstack", "apply", "map", "applymap", "transform",
     "query", "filter", "drop", "dropna", "fillna", "replace", "assign", "rename", "reset_index", "set_index", "explode",
     "drop_duplicates", "astype", "clip", "with_columns", "select", "agg", "aggregate", "resample", "rolling", "shift", "diff",
     "sort_values", "interpolate", "where", "mask", "insert", "update", "withColumn", "groupby", "group_by", "groupBy",
     "get_dummies", "cut", "qcut", "crosstab", "to_numeric", "to_datetime", "json_normalize", "merge_asof", "withColumnRenamed", "pop"]
)  # fmt: skip
# What texts, lists and other objects have too.
_OTHERS_TOO = frozenset(
    ["append", "insert", "update", "replace", "join", "pop", "map", "filter", "select", "transform", "where", "stack", "apply", "query"]
)  # fmt: skip
_MOST_SHOWN = 20
_MOST_TRAININGS = 12


@rule.check
def jungle(document: DocumentView) -> Iterator[Draft]:
    """The steps that what a training learns from goes through, when there are many."""
    limit = document.configuration.option(rule, "steps")
    trainings = [event for event in document.events(Fit) if event.estimator.kind != "transformer" and not event.idle]
    if not trainings:
        return
    steps: list[Event] = [event for event in document.events(Call) if _shapes(event)]
    steps += [event for event in document.events(Store) if event.receiver.kind == "frame" and not event.function]
    steps += [event for event in document.events(Select) if _filters(event)]
    if len(steps) <= limit:
        return
    read = {event.anchor for event in document.events(Read) if event.what == "frame"}
    trainings = [event for event in trainings if read & (event.data.origins | event.target.origins)]
    if not trainings:
        return
    lines: dict[str, dict[int, Event]] = {}
    for event in steps:
        place = document.place_of(event)
        lines.setdefault(event.cell, {}).setdefault(place.span.line, event)
    rows = statements(document)
    longest: list[Event] = []
    last = trainings[0]
    for training in trainings[:_MOST_TRAININGS]:
        place = document.place_of((document.event(training.via[0]) or training) if training.via else training)
        found: list[Event] = []
        for row in made_of(rows, place.cell, place.span.line):
            here = lines.get(row[0], {})
            first = next((here[line] for line in row[1].lines if line in here), None)
            if first is not None and not (isinstance(first, Select) and not _is_filter(node_at(document, row))):
                found.append(first)
        if len(found) > len(longest):
            longest, last = found, training
    if len(longest) <= limit:
        return
    longest.reverse()
    yield rule.at(
        longest[0],
        related=[(event, f"step {number}") for number, event in enumerate(longest[1:_MOST_SHOWN], 2)],
        steps=len(longest),
        training=_name_of(last),
    )


def _name_of(training: Fit) -> str:
    """The class of what learns, or else the function that trains it."""
    module, _, name = training.estimator.name.rpartition(".")
    if module and ":" not in name:
        return f"`{name}`"
    owner = training.call.rpartition(".")[0]
    return "the model" if owner in ("any", "estimator", "search") else f"`{training.call}`"


def _shapes(event: Call) -> bool:
    if event.function:
        return False
    root, _, method = event.call.rpartition(".")
    if method not in _METHODS:
        return False
    if root in ("pandas", "polars"):
        return any(
            value.kind == "frame" or value.origins
            for value in (*event.arguments, *(value for _, value in event.keywords))
        )
    if event.receiver.kind == "unknown":  # a grouped column's sums, say
        return bool(event.receiver.origins) and method not in _OTHERS_TOO
    return root in ("frame", "groupby") or event.receiver.kind == "frame"


def _filters(event: Select) -> bool:
    return not event.keys and not event.attribute and not event.function


def _is_filter(node: ast.stmt | None) -> bool:
    """Whether a statement keeps the rows that a condition holds for."""
    value = getattr(node, "value", None)
    while isinstance(value, (ast.Call, ast.Attribute)):
        value = value.func if isinstance(value, ast.Call) else value.value
    return isinstance(value, ast.Subscript) and any(
        isinstance(part, (ast.Compare, ast.BitAnd, ast.BitOr, ast.Invert))
        or getattr(part, "attr", "") in ("isin", "notnull", "notna")
        for part in nodes_of(value.slice)
    )
