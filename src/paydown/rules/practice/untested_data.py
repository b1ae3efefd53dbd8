"""Data goes from a read to a model without a check.

A model learns from anything: a column full of nulls, a unit that changed, rows twice. The first sign is a worse metric, long
after, far away.

```python bad
import pandas as pd
from sklearn.linear_model import LogisticRegression

customers = pd.read_csv("customers.csv")  # debt: `customers.csv` trains a model and nothing checks it on the way: assert its columns, nulls and ranges
model = LogisticRegression().fit(customers[["age", "visits"]], customers["churned"])
```

```python fixed
import pandas as pd
from sklearn.linear_model import LogisticRegression
import pandera.pandas as pa

customers = pd.read_csv("customers.csv")
customers_schema = pa.DataFrameSchema(
    {
        "age": pa.Column(),
        "visits": pa.Column(),
        "churned": pa.Column(),
    }
)
customers = customers_schema.validate(customers)
model = LogisticRegression().fit(customers[["age", "visits"]], customers["churned"])
```

```python good
import pandas as pd
from sklearn.linear_model import LogisticRegression

customers = pd.read_csv("customers.csv")
assert customers["age"].between(0, 120).all(), "ages out of range"
model = LogisticRegression().fit(customers[["age", "visits"]], customers["churned"])
```

**How to pay it off.** Assert what the code relies on: columns, types, nulls, ranges, keys; or give the frame a schema (pandera,
Great Expectations) that training and serving share. The fix writes a schema of the columns that the code uses, for you to add
types and ranges to: each must be there, and without nulls unless the code looks for nulls itself.

**When to accept it.** In an exploration that nobody will run again.

One finding per document, at the first read that reaches training. A check looks at content: `assert len(X) == len(y)` is none,
and looking (`head`, `describe`, `isnull().sum()`) isn't either. Left out: data that comes with a library.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (data testing debt).*
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from paydown.fixes import CellEdits, Target, ensure_import, insert_below
from paydown.fixes.bindings import is_taken
from paydown.flow.events import Call, Fit, Name, Read, Store
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.rules.data.columns import Columns, columns
from paydown.rules.data.references import is_kaggle, shown
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD801",
    severity=INFORMATION,
    principal=30,
    message="{what} trains a model and nothing checks it on the way: assert its columns, nulls and ranges",
    in_tests=False,
)
_CHECKED = re.compile(
    r"\bpandera\b|great_expectations|\bpydantic\b|deepchecks|tensorflow_data_validation|evidently|whylogs|pydeequ|\bsoda\b|frictionless|cerberus"
    r"|\bvalidate *=|\.validate\(|\bvalidate_\w+\(|\bcheck_(?:data|schema|columns|quality|nulls|input)\w*\(|verify_integrity|expect_\w+\("
)
_WORDS = ("pandera", "great_expectations", "pydantic", "deepchecks", "data_validation", "evidently", "whylogs", "deequ",
          "soda", "frictionless", "cerberus", "validate", "check_", "verify_integrity", "expect_")  # fmt: skip
_ASSERT = re.compile(
    r"^[ \t]*(?:assert\b(?! *len\(| *isinstance\(| *\w+(?:\.shape)? *==)|(?:np|numpy|pd|pandas|tm)\.testing\.)[^\n]*(?:null|isna|column|between|min\(|max\(|unique|duplicat|dtype|isin|any\(|all\(|set\(|shape|in )",
    re.MULTILINE,
)
_RAISES = re.compile(
    r"(?:null|isna|columns|between|min\(\)|max\(\)|unique|duplicated|dtype|isin|missing|empty)[^\n]*:\s*\n[ \t]+(?:[^\n]*\n[ \t]+)?raise\b"
)
# Columns that are missing are listed, and nothing goes on without them.
_STOPS = re.compile(
    r"\b(\w+) *= *\[[^\n]*\bnot in \w+\.columns\b[^\n]*\]\n[ \t]*if \1\b[^\n]*:\n(?:[^\n]*\n){0,3}?[ \t]+(?:return\b|\w+\.(?:stop|exit)\()"
)

_NULLS = re.compile(r"\b(?:fillna|dropna|isnull|isna|notnull|notna|SimpleImputer|KNNImputer|interpolate)\b")
_MOST_COLUMNS = 40
_OTHER_NAMES = ("names", "header", "index_col", "skiprows")
_RENAMES = frozenset(
    ["frame.rename", "frame.insert", "frame.eval", "frame.set_axis", "frame.join", "frame.merge", "frame.add_prefix"]
)


@rule.check
def untested(document: DocumentView) -> Iterator[Draft]:
    """The first read that reaches training, in a document that checks no data."""
    reads = [event for event in document.events(Read) if not event.shipped and event.what == "frame"]
    if not reads:
        return
    trained: set[Anchor] = set()
    for fit in document.events(Fit):
        if fit.estimator.kind != "transformer":
            trained |= fit.data.origins | fit.target.origins
    found = [event for event in reads if event.anchor in trained and not _is_shipped(event)]
    if not found or any(_checks(cell.text) for cell in document.cells if cell.kind == "code"):
        return
    first, *others = found
    name = first.reference.location if first.reference is not None else ""
    yield rule.at(
        first,
        what=f"`{shown(name, 40)}`" if name else "this data",
        related=[(event, "nor this one") for event in others[:5]],
        **_schema(document, first),
    )


def _schema(document: DocumentView, read: Read) -> dict[str, Any]:
    """What a schema of the frame can be drawn from: the name it is bound to, the columns that the code uses of it, and
    whether the code expects nulls in them."""
    bound = next(
        (one for one in document.events(Name) if one.action == "bind" and read.anchor in one.value.origins), None
    )
    if bound is None or not read.call.startswith("pandas.") or bound.value.kind != "frame" or bound.branch:
        return {"fixes": ()}
    value = read.keyword("usecols")
    used = [item.text or "" for item in value.items] if value is not None and value.kind == "list" else []
    mine = columns(document).get(bound.name)
    project, reference = document.project, read.reference
    header = None
    if project is not None and reference is not None and all(read.keyword(name) is None for name in _OTHER_NAMES):
        header = project.header(reference.location, document.path)
    if not used and mine is not None and (header is not None or _keeps_columns(document, bound.name, mine)):
        created = {event.key for event in mine.stored}
        used = [one for one in dict.fromkeys(mine.selected) if one not in created]
    if header is not None:
        used = [one for one in header if one in used] or list(header)
    if not all(used) or not 0 < len(used) <= _MOST_COLUMNS or not _is_assigned(document, read, bound.name):
        return {"fixes": ()}
    nulls = any(_NULLS.search(cell.text) for cell in document.cells if cell.kind == "code")
    return {"name": bound.name, "columns": tuple(used), "nulls": nulls}


def _keeps_columns(document: DocumentView, name: str, mine: Columns) -> bool:
    """Whether all columns that the code selects of a name, and doesn't make by their names, are those of the file."""
    if len(mine.bindings) > 1:
        return False
    if any(one.name == name and (one.attribute or not one.key) for one in document.events(Store)):
        return False
    return not any(call.on == name and call.call in _RENAMES for call in document.events(Call))


def _is_assigned(document: DocumentView, read: Read, name: str) -> bool:
    """Whether a statement of its own binds what is read, as it is, to the name."""
    place = document.place_of(read).span
    facts = document.facts(read.cell)
    return any(
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == name
        and isinstance(node.value, ast.Call)
        and facts.span(node.value) == place
        for node in facts.tree.body
    )


def _checks(text: str) -> bool:
    """Whether a cell's text looks at what data holds and stops, or has a library do so."""
    lower = text.lower()
    return (
        (any(map(lower.__contains__, _WORDS)) and _CHECKED.search(text) is not None)
        or (("assert" in text or "testing" in text) and _ASSERT.search(text) is not None)
        or ("raise" in text and _RAISES.search(text) is not None)
        or (".columns]\n" in text and _STOPS.search(text) is not None)
    )


def _is_shipped(event: Read) -> bool:
    return event.reference is not None and event.hub and not is_kaggle(event.reference.location)


@rule.fix("Check the columns with a pandera schema", safe=False)
def schema(target: Target) -> CellEdits:
    """Validate the frame right after it is read."""
    alias, imported = ensure_import(target, "pandera.pandas", alias="pa")
    yield from imported
    frame = target.fact("name")
    name = next(
        one
        for number in count(1)
        if not is_taken(target, one := f"{frame}_schema{'' if number == 1 else f'_{number}'}")
    )
    column = f"{alias}.Column({'nullable=True' if target.fact('nulls') else ''})"
    lines = [f"        {json.dumps(one, ensure_ascii=False)}: {column}," for one in target.fact("columns")]
    yield from insert_below(
        target,
        target.span,
        f"{name} = {alias}.DataFrameSchema(",
        "    {",
        *lines,
        "    }",
        ")",
        f"{frame} = {name}.validate({frame})",
    )
