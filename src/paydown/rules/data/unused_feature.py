"""A column is computed and never read again.

It is the paper's legacy feature: someone made it for a model that has moved on. It still takes its time on every run, it
still breaks when its source does, and nobody dares to delete it.

```python bad
import pandas as pd
from sklearn.linear_model import LinearRegression

houses = pd.read_csv("houses.csv")
houses["rooms_per_floor"] = houses["rooms"] / houses["floors"]  # debt: `rooms_per_floor` is computed and then dropped, unused
houses = houses.drop(columns=["rooms_per_floor", "id"])
model = LinearRegression().fit(houses[["rooms"]], houses["price"])
```
```python good
import pandas as pd
from sklearn.linear_model import LinearRegression

houses = pd.read_csv("houses.csv")
houses["rooms_per_floor"] = houses["rooms"] / houses["floors"]
model = LinearRegression().fit(houses[["rooms", "rooms_per_floor"]], houses["price"])
```

How to pay it off: delete the line that computes it, and its mention in the `drop`.

When to accept it: the column is about to be tried.

It speaks of columns that nothing in the document names again, either because they are dropped, or because every use of
their frame names the columns it takes. A frame that goes anywhere whole may carry the column along, so it is left alone.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (underutilised data dependencies: legacy features).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.flow.events import Call, Event, Name, Select, Store
from paydown.flow.values import Value
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.data.columns import LOOKS, columns
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD307",
    severity=INFORMATION,
    principal=5,
    message="`{column}` is computed and {fate}",
    in_tests=False,
)

_DROPPED = "then dropped, unused"
_FORGOTTEN = "never read again"
_DROPS = frozenset({"frame.drop", "any.drop", "frame.drop_columns"})


@rule.check
def legacy(document: DocumentView) -> Iterator[Draft]:
    """Columns that are made and never read."""
    made = {
        event.key: event
        for event in reversed(document.events(Store))
        if event.key and not event.attribute and not event.augmented and not event.via and event.receiver.kind == "frame"
        and len(event.key) > 1
    }  # fmt: skip
    if not made:
        return
    for selected in document.events(Select):
        for key in selected.keys:
            made.pop(key, None)
    if not made:
        return
    dropped = _dropped(document, set(made))
    kept = {event.key for mine in columns(document).values() if not mine.escapes for event in mine.stored}
    candidates = [event for key, event in made.items() if key in dropped or key in kept]
    if not candidates or document.broken():
        return
    text = "\n".join(cell.text for cell in document.cells if cell.kind == "code")
    stores = [event.key for event in document.events(Store)]
    for event in reversed(candidates):
        drops = dropped.get(event.key, [])
        if drops and (drops[0].on != event.name or _goes_anywhere(document, event, drops[0])):
            continue
        if len(re.findall(rf"(?<!\w){re.escape(event.key)}(?!\w)", text)) == stores.count(event.key) + len(drops):
            related = [(drop, "dropped here") for drop in drops]
            yield rule.at(event, column=event.key, fate=_DROPPED if drops else _FORGOTTEN, related=related)


def _goes_anywhere(document: DocumentView, stored: Store, drop: Call) -> bool:
    """Whether the frame is used whole between the two: a plot or a model may have had the column."""
    rank = {cell: number for number, cell in enumerate(document.order)}

    def place(event: Event) -> tuple[int, int, int]:
        span = document.place_of(event).span
        return rank[event.cell], span.line, span.column

    first, last = place(stored), place(drop)
    names = [one for one in document.events(Name) if one.name == stored.name and one.action in ("use", "call")]
    parts: list[Event] = [one for one in document.events(Select) if one.name == stored.name]
    parts += [one for one in document.events(Store) if one.name == stored.name]
    parts += [one for one in document.events(Call) if one.on == stored.name and one.call in LOOKS]
    return sum(first < place(one) < last for one in names) > sum(first < place(one) < last for one in parts)


def _dropped(document: DocumentView, keys: set[str]) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for call in document.events(Call):
        if call.call in _DROPS and not call.via:
            for key in keys & set(_texts((*call.arguments[:1], call.keyword("columns"), call.keyword("labels")))):
                found.setdefault(key, []).append(call)
    return found


def _texts(values: tuple[Value | None, ...]) -> Iterator[str]:
    for value in values:
        if value is None or "named" in value.marks:
            continue
        if value.kind == "list":
            yield from _texts(value.items)
        elif value.text:
            yield value.text
