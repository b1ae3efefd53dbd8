"""Data is read and never used.

Every run pays for the read, and fails when the file is gone, for nothing; and whoever traces what the model depends on
counts one source too many.

```python bad
import pandas as pd

train = pd.read_csv("train.csv")
stores = pd.read_csv("stores.csv")  # debt: `stores` is read and never used
print(train.price.mean())
```
```python fixed
import pandas as pd

train = pd.read_csv("train.csv")
print(train.price.mean())
```
```python good
import pandas as pd

train = pd.read_csv("train.csv")
# %%
train.describe()
```

How to pay it off: remove the read.

When to accept it: the read is there to show that the file can be read.

It looks at reads that a notebook, or a script's main part, binds to a name; what a module binds may be imported
elsewhere. A name in the text of a query counts as used, and nothing is said of a document with code that can't be parsed, nor of
what the document has written itself.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (underutilised data dependencies).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paydown.fixes import CellEdits, Target, remove_statement
from paydown.flow.events import Call, Name, Read, Write
from paydown.rule import WARNING, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD306",
    severity=WARNING,
    principal=2,
    message="`{name}` is read and never used",
    in_tests=False,
    unnecessary=True,
)

_DATA = frozenset({"frame", "array", "query", "frames"})
_OPAQUE = ("builtins.globals", "builtins.locals", "builtins.vars", "builtins.eval", "builtins.exec", "pandasql.")


@rule.check
def unused(document: DocumentView) -> Iterator[Draft]:
    """Names bound to what was just read, which nothing uses."""
    bound = [
        event
        for event in document.events(Name)
        if event.action == "bind" and event.value.kind in _DATA and not event.branch
    ]
    if not bound:
        return
    names: dict[str, list[Name]] = {}
    for event in bound:
        names.setdefault(event.name, []).append(event)
    seen = {event.name for event in document.events(Name) if event.action in ("use", "call", "update")}
    names = {name: events for name, events in names.items() if name not in seen and not name.startswith("_")}
    if not names:
        return
    used = document.uses(names)
    candidates = {name: events for name, events in names.items() if name not in used}
    if not candidates or document.broken():
        return
    calls = document.events(Call)
    if any(call.call.startswith(_OPAQUE) for call in calls):
        return
    if document.kind == "script" and not _runs(document):
        return
    told = _texts(document, calls)
    elsewhere = {
        anchor
        for event in document.events(Name)
        if event.name not in candidates and event.action in ("bind", "update", "loop")
        for anchor in event.value.origins
    }
    # A lesson, or a look at whether what was saved can be read.
    written = {write.reference.location for write in document.events(Write) if write.reference is not None}
    for name, events in candidates.items():
        if re.search(rf"\b{re.escape(name)}\b", told):
            continue
        for event in events:
            read = _read_of(document, event)
            if read is None or (read.reference is not None and read.reference.location in written):
                continue
            if read.anchor not in elsewhere:
                yield rule.at(read, name=name)


def _runs(document: DocumentView) -> bool:
    """Whether a script is run rather than imported: it does more at its top level than bind names."""
    return any(event.action == "use" and event.name == "__name__" for event in document.events(Name)) or any(
        not call.used and not call.function for call in document.events(Call)
    )


def _texts(document: DocumentView, calls: Sequence[Call]) -> str:
    """What queries, magics and formatted texts say: names may be used there."""
    found = [magic.argument + magic.body for _, magic in document.magics()]
    for call in calls:
        found += [value.text for value in call.arguments if value.text and " " in value.text]
    return "\n".join(found)


def _read_of(document: DocumentView, event: Name) -> Read | None:
    """The one read that a name holds the whole result of."""
    origins = [anchor for anchor in event.value.origins if anchor.cell == event.cell]
    if len(event.value.origins) != 1 or not origins or origins[0].kind != "Read":
        return None
    read = document.event(origins[0])
    if isinstance(read, Read) and not read.via and not read.function and event.value.name == read.call:
        if read.what == "query" and read.reference is None:
            return None  # it may do more than read
        return read if read.call != "builtins.open" and read.what != "response" else None
    return None


@rule.fix("Remove the read", safe=True)
def remove(target: Target) -> CellEdits:
    """Take the statement out."""
    yield from remove_statement(target, target.span)
