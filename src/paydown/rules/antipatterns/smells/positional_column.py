"""A column is chosen by its place in the file.

The day a column is added or moved, the number means another one: nothing fails, and the model learns from the wrong column.
And nobody who reads `[:, 7]` knows what it holds.

```python bad
import pandas as pd

orders = pd.read_csv("orders.csv")
prices = orders.iloc[:, 3]  # debt: `orders.iloc[:, 3]` takes a column by its place, which moves when the file changes: name it
```

```python good
import pandas as pd

orders = pd.read_csv("orders.csv")
prices = orders["price"]
features, target = orders.iloc[:, :-1], orders.iloc[:, -1]
```

**How to pay it off.** Choose columns by name (`orders["price"]`, `usecols=["price"]`); give a file without a header `names=`.

**When to accept it.** When the file's layout is fixed by a standard and has no names.

One finding per frame and cell, with the other places beside it. Only what is known to come from a read counts. Left out: the
first column and all but it (an index), the last and all but it (the target), of arrays also the second (a pair of coordinates) and
three or four that are each taken (points, corners), arrays and tables that the code itself lays out (`hstack`, `[[…]]`, `corr`),
submissions, results of a model or transformer, images and tensors, what is only looked at or drawn, what goes under its label
(`.loc`), and data that comes with a library.

*Sculley et al., 2015, section 5: ML-system anti-patterns (plain-old-data type smell).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.flow.events import Position, Read
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD523",
    severity=INFORMATION,
    principal=5,
    message="`{text}` takes {what} place, which moves when the file changes: name {it}",
    in_tests=False,
)
_ENDS = frozenset(["0", "-1", "1:", "0:", ":-1", "0:-1", "1:-1", "-1:", ":1", "0:1", "[0]", "[-1]"])
_PAIR = frozenset(["1", ":2", "2:", "0:2", "[0, 1]", "[1, 0]"])
_POINTS = [{"0", "1", "2"}, {"0", "1", "2", "3"}]  # each taken by itself: points in space, the corners of boxes
_PLACE = re.compile(r"-?\d+|-?\d*:-?\d*|\[[-\d, ]+\]")
_MADE = frozenset(["Fit", "Predict", "Transform"])
_LOOKS = re.compile(
    r"call:(?:matplotlib|seaborn|plotly|builtins\.(?:print|zip|enumerate)|IPython|missingno|"
    r"(?:.*\.)?(?:scatter\w*|plot\w*|bar\w*|hist\w*|fill_between|errorbar|annotate|text|display|print|head|show|set_\w+)$)"
)


# Tables whose columns the code itself has made.
_LAID_OUT = re.compile(r"\.(?:corr|cov|describe|agg|aggregate|groupby|pivot_table|value_counts)\(|concat\(|\[\[")
_SUBMITTED = re.compile(
    r"(?:^|_)sub(?:s|mission\w*)?(?:$|[_.\d])", re.IGNORECASE
)  # an identifier and what is predicted
_TABLES = frozenset({"frame", "rows"})
_READERS = ("numpy.loadtxt", "numpy.genfromtxt", "csv.reader", "builtins.open")


@rule.check
def positional(document: DocumentView) -> Iterator[Draft]:
    """Places of columns in data that was read."""
    positions = document.events(Position)
    found = [event for event in positions if _is_magic(event)]
    if not found:
        return
    taken: dict[tuple[str, str, str], set[str]] = {}
    for event in positions:
        if event.receiver.kind == "array":
            taken.setdefault((event.cell, event.function, event.name), set()).add(event.columns.partition(":")[0])
    found = [event for event in found if taken.get((event.cell, event.function, event.name), set()) not in _POINTS]
    groups: dict[str, dict[str, list[Position]]] = {}
    for event in found:
        if not any(map(_has_columns, document.origins(event.receiver, Read))):
            continue
        here = groups.setdefault(event.cell, {})
        root = event.name.partition(".")[0]
        # The same places of the train and of the test part are one finding.
        twin = next((name for name, events in here.items() if event.columns in {one.columns for one in events}), root)
        here.setdefault(root if root in here else twin, []).append(event)
    for here in groups.values():
        for first, *others in here.values():
            yield _draft(first, _text(first), first.columns, [(event, "and here") for event in others])


def _has_columns(read: Read) -> bool:
    """Whether it reads a table that somebody may change: no boxes or points (`np.load`), no sample of a submission."""
    location = read.reference.location.rpartition("/")[2].lower() if read.reference is not None else ""
    if read.shipped or "submission" in location:
        return False
    return read.what in _TABLES or (read.call.startswith(_READERS) and not location.endswith((".json", ".npy", ".npz")))


def _is_magic(event: Position) -> bool:
    columns = event.columns
    if "arranged" in event.receiver.marks or _LAID_OUT.search(event.name) or _SUBMITTED.search(event.name):
        return False
    if columns in _ENDS or not _PLACE.fullmatch(columns) or event.name.endswith((".loc", ".at", ".T", ".str")):
        return False
    bare = event.receiver.kind != "form" and not event.name.endswith((".iloc", ".ix"))
    if bare and columns in _PAIR:  # an array, whatever it was made of: two classes, two axes
        return False
    if event.context[:1] == ("statement",) or any(_LOOKS.match(one) for one in event.context):
        return False
    return not any(origin.kind in _MADE for origin in event.receiver.origins)


@rule.check
def read(event: Read) -> Iterator[Draft]:
    """``usecols=[0, 4]`` of a file with a header."""
    chosen = event.keyword("usecols")
    if chosen is None or not event.call.startswith("pandas.") or chosen.kind not in ("list", "tuple"):
        return
    places = [item.number for item in chosen.items]
    if not places or not all(isinstance(place, int) for place in places):
        return
    if event.keyword("names") is not None or event.keyword("header") is not None or event.open_ended:
        return
    listed = ", ".join(map(str, places))
    yield _draft(event, f"usecols=[{listed}]", f"[{listed}]" if len(places) > 1 else "0", [])


def _draft(event: Position | Read, text: str, columns: str, related: list[tuple[Position, str]]) -> Draft:
    one = columns.lstrip("-").isdigit()
    what = "a column by its" if one else "columns by their"
    return rule.at(event, related=related, text=text, what=what, it="it" if one else "them")


def _text(event: Position) -> str:
    name = event.name or "…"
    return f"{name}[{event.columns}]" if event.receiver.kind == "form" else f"{name}[:, {event.columns}]"
