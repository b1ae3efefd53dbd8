"""Data is written to a file and read back in the same document.

The file does nothing but carry a value from one cell to another, and may lose types, indexes and precision on the way.
It also goes stale: run the reading cell alone, and yesterday's file is what it gets.

```python bad
import pandas as pd

frame = pd.read_csv("raw.csv").dropna()
frame.to_csv("clean.csv", index=False)
# %%
clean = pd.read_csv("clean.csv")  # debt: `clean.csv` was written from `frame` above: use that, and save the hop through a file
print(clean.price.mean())
```
```python good
import pandas as pd

frame = pd.read_csv("raw.csv").dropna()
frame.to_csv("clean.csv", index=False)
# %%
frame.describe()
```

How to pay it off: use the value that was written. Where the file is a cache of something slow, read it only if it exists
and say so in the code.

When to accept it: the text shows how a format behaves, or a process in between works on the file.

Left out are what is read back only to be shown, Spark (a file cuts its plan short), models saved and loaded to show that it works, downloads, files that a command or another call is handed
in between, files opened to be appended to, and files that are read when they exist already.

*Sculley et al., 2015, section 5: ML-system anti-patterns (pipeline jungles).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.flow.events import Call, Name, Read, Select, Store, Write
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.rules.data.commands import normal
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD506",
    severity=INFORMATION,
    principal=10,
    message="`{shown}` was written{source} above: use that, and save the hop through a file",
    in_tests=False,
)

_OTHERS = (
    "builtins.open",
    "reader.",
    "tensorflow.io.read_file",
    "PIL.",
    "cv2.",
    "path.read_bytes",
    "imageio.",
    "skimage.",
    "matplotlib.",
)  # Spark goes through a file to cut a plan short
_LOOKS = ("builtins.print", "IPython.display.", "display", "frame.head", "frame.info", "frame.describe", "frame.tail")
_DATA = frozenset({"frame", "array", "tensor", "prediction", "score", "list", "dict"})


@rule.check
def hopped(document: DocumentView) -> Iterator[Draft]:
    """Reads of a file that the document wrote before."""
    writes: dict[str, list[Write]] = {}
    for event in document.events(Write):
        if event.reference is not None and event.reference.scheme == "local" and not event.pattern:
            writes.setdefault(normal(event.reference.location), []).append(event)
    if not writes:
        return
    found: dict[str, tuple[Read, Write]] = {}
    for read in document.events(Read):
        if read.reference is None or read.reference.scheme != "local" or read.call.startswith(_OTHERS):
            continue
        path = normal(read.reference.location)
        written = writes.get(path, [])
        data = [event for event in written if event.value.kind in _DATA]
        if not data or path in found or any(event.append or event.guarded or event.fetched for event in written):
            continue
        before = [event for event in data if _comes_before(document, event, read)]
        if before and read.function == before[-1].function == "":
            found[path] = (read, before[-1])
    if not found:
        return
    handed = _handed_on(document, found)
    goes_on = _anchors_that_go_on(document)
    for path, (read, write) in found.items():
        if path not in handed and read.anchor in goes_on:
            name = _name_of(document, write)
            source = f" from `{name}`" if name else ""
            yield rule.at(read, shown=path, source=source, related=[(write, "written here")])


def _comes_before(document: DocumentView, write: Write, read: Read) -> bool:
    if write.cell == read.cell:
        return document.place_of(write).span < document.place_of(read).span
    order = list(document.order)
    return order.index(write.cell) < order.index(read.cell)


def _handed_on(document: DocumentView, found: dict[str, tuple[Read, Write]]) -> set[str]:
    """The paths that a command, or a call that neither reads nor writes them here, is given too."""
    texts = [magic.argument + magic.body for _, magic in document.magics()]
    handed = {path for path in found if any(path in text for text in texts)}
    known = {(one.cell, one.call) for pair in found.values() for one in pair}
    for call in document.events(Call):
        if (call.cell, call.call) in known:
            continue
        for value in (*call.arguments, *(value for _, value in call.keywords)):
            text = value.text
            if not text or call.call.startswith(("os.path", "pathlib", "builtins.print")):
                continue
            handed.update(path for path in found if normal(text) == path or (" " in text and _speaks_of(text, path)))
    return handed


def _speaks_of(query: str, path: str) -> bool:
    return path in query or path.rpartition("/")[0] + "/*" in query


def _anchors_that_go_on(document: DocumentView) -> set[Anchor]:
    """The reads whose data is worked with, not merely shown."""
    found: set[Anchor] = set()
    for call in document.events(Call):
        if not call.call.startswith(_LOOKS):
            for value in (call.receiver, *call.arguments):
                found |= value.origins
    for selected in document.events(Select):
        if selected.keys or not selected.attribute:  # `frame.shape` looks, too
            found |= selected.receiver.origins
    for stored in document.events(Store):
        found |= stored.receiver.origins
    return found


def _name_of(document: DocumentView, write: Write) -> str:
    """The name that held what was written, if one does."""
    held = [event.name for event in document.events(Name) if event.action == "bind" and event.value == write.value]
    if not held:
        return ""
    place = document.place_of(write)
    line = document.facts(place.cell).lines[document.line_of(place)]
    return next((name for name in reversed(held) if re.search(rf"\b{re.escape(name)}\b", line)), "")
