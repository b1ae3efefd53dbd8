"""A document writes over the data that it has read.

The source is gone: nobody can run the steps again from the start, or see what they did. A second run starts from the result
of the first one, and gives another.

```python bad
import pandas as pd

frame = pd.read_csv("houses.csv")
frame["price"] = frame["price"] / 1000
frame.to_csv("houses.csv")  # debt: `houses.csv` is overwritten with what was made of it, so no second run can start from the source: write elsewhere
```
```python fixed
import pandas as pd

frame = pd.read_csv("houses.csv")
frame["price"] = frame["price"] / 1000
frame.to_csv("houses_prepared.csv")
```
```python good
import pandas as pd

frame = pd.read_csv("raw/houses.csv")
frame["price"] = frame["price"] / 1000
frame.to_csv("prepared/houses.csv")
```

How to pay it off: write the result to a new name, and keep sources in a place that nothing writes to.

When to accept it: the file is the document's own state and changes by design.

Left out: what is written only where nothing stands yet, what is appended, logs and histories that are read, extended by `concat`
or `append` and written back, settings and texts, places that are not known.

*Sculley et al., 2015, section 4: Feedback loops (direct feedback loops).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, Unfixable, replace_expression
from paydown.fixes.calls import call_at
from paydown.flow.events import Call, Read, Store, Write
from paydown.rule import WARNING, Anchor, Draft, Rule
from paydown.rules.data.commands import commands, normal
from paydown.rules.feedback.places import rewrites, shown
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD403",
    severity=WARNING,
    principal=10,
    message="`{place}` is overwritten with what was made of it, so no second run can start from the source: write elsewhere",
)

_PRODUCT = re.compile(r"submission", re.IGNORECASE)  # what a document is there to make
_AMONG = "`{place}` is written among the files that are read (`{read}`), so a second run reads it too: write elsewhere"
_DATA = frozenset({"frame", "array", "tensor", "image"})
_PICTURES = ("cv2.", "imageio.", "skimage.", "image.", "matplotlib.")
_ROW = frozenset({"list", "dict", "tuple"})
_EXTENDS = frozenset(
    {"pandas.concat", "frame.append", "frame.concat", "list.append", "list.extend", "frame.union", "frame.unionByName"}
)


@rule.check
def overwritten(document: DocumentView) -> Iterator[Draft]:
    """Writes of what was read to the place it was read from; each place once."""
    done: set[str] = set()
    for write, read in rewrites(document):
        assert write.reference is not None
        place = write.reference.location
        data = write.value.kind in _DATA or (write.value.kind == "unknown" and write.call.startswith(_PICTURES))
        made_of_it = data and read.anchor in write.value.origins
        if place in done or write.append or write.guarded or not made_of_it:
            continue
        predicted = any(one.kind == "Predict" for one in write.value.origins)  # `direct-feedback-loop`
        if predicted or ("*" not in place and _is_extended(document, read)) or _is_kept(document, place):
            continue
        if _is_made_here(document, place, read) or _PRODUCT.match(place.rpartition("/")[2]):
            continue
        done.add(place)
        related: list[tuple[Read | Anchor, str]] = [(read, "read here")]
        related += [(anchor, "in this call") for anchor in write.via]
        assert read.reference is not None
        among = "*" in read.reference.location and read.reference.location != place
        yield rule.at(
            write, related=related, place=shown(write.reference), location=place, read=shown(read.reference),
            message=_AMONG if among else None, fixes=() if among else None,
        )  # fmt: skip


def _is_kept(document: DocumentView, place: str) -> bool:
    """Whether the document puts a copy of the source aside."""
    return any(
        write.fetched and write.call.startswith(("shutil.copy", "shutil.move", "os.rename", "os.replace"))
        and write.arguments and write.arguments[0].text == place
        for write in document.events(Write)
    )  # fmt: skip


def _is_made_here(document: DocumentView, place: str, read: Read) -> bool:
    """Whether the document itself puts the file there before it reads it: then a second run starts anew."""
    path = normal(place)
    shell = commands(document.magics())
    if path in shell.made or (shell.anything and not path.startswith(("/", "~")) and ":" not in path[:2]):
        return True
    order = {cell: number for number, cell in enumerate(document.order)}
    for write in document.events(Write):
        if write.reference is not None and normal(write.reference.location) == path:
            if write.cell != read.cell:
                if order[write.cell] < order[read.cell]:
                    return True
            elif document.place_of(write).span.end_line < document.place_of(read).span.line:
                return True
    return False


def _is_extended(document: DocumentView, read: Read) -> bool:
    """Whether what was read gets further rows: it is a log or a history."""
    if read.reference is not None and "*" in read.reference.location:
        return False
    for call in document.events(Call):
        if call.call in _EXTENDS and any(read.anchor in value.origins for value in (call.receiver, *call.arguments)):
            return True
    rows = (store for store in document.events(Store) if store.name.endswith(".loc") and store.value.kind in _ROW)
    return any(read.anchor in store.receiver.origins for store in rows)


@rule.fix("Write to a new name", safe=False)
def new_place(target: Target) -> CellEdits:
    """Write beside the source."""
    location = target.fact("location")
    call = call_at(target, target.span)
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        span = target.facts.span(argument)
        if target.segment(span)[1:-1] == location:
            head, dot, ending = location.rpartition(".")
            new = f"{head}_prepared.{ending}" if dot and "/" not in ending else f"{location}_prepared"
            quote = target.segment(span)[0]
            yield from replace_expression(target, span, f"{quote}{new}{quote}")
            return
    raise Unfixable("the place is no literal of this call")
