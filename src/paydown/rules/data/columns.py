"""What a document does with the columns of the frames it holds under a name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from paydown.flow.events import Call, Name, Select, Store
from paydown.view import DocumentView

LOOKS = frozenset({"frame.head", "frame.tail", "frame.info", "frame.describe", "frame.show", "frame.printSchema"})
_NO_COLUMNS = frozenset({"plot", "sparse", "style", "attrs", "flags", "axes", "write", "na", "rdd"})


@dataclass
class Columns:
    """Of one name: the ``bindings``, the columns ``selected`` by name and ``stored`` into, how often the name stands in
    the code (``uses``), and how many of those uses the rest explains."""

    bindings: list[Name] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    stored: list[Store] = field(default_factory=list)
    uses: int = 0
    explained: int = 0

    @property
    def escapes(self) -> bool:
        """Whether the frame may be used in a way that nobody can tell the columns of."""
        return self.uses != self.explained or len(self.bindings) != 1 or self.bindings[0].branch


def columns(document: DocumentView) -> dict[str, Columns]:
    """What is done with each name that is bound to a frame."""
    found: dict[str, Columns] = {}
    for event in document.events(Name):
        if event.action in ("bind", "import", "define", "loop") and (
            event.value.kind == "frame" or event.name in found
        ):
            found.setdefault(event.name, Columns()).bindings.append(event)
    if not found:
        return found
    rebound = Counter(event.name for event in document.events(Name) if event.action == "delete")
    for event in document.events(Name):
        if event.name in found and event.action in ("use", "call"):
            found[event.name].uses += 1
    for selected in document.events(Select):
        mine = found.get(selected.name)
        if mine is not None and not selected.via and _tells(selected):
            mine.explained += 1
            mine.selected += selected.keys
    for stored in document.events(Store):
        mine = found.get(stored.name)
        if mine is not None and stored.key and not stored.attribute and not stored.augmented and not stored.via:
            mine.explained += 1
            mine.stored.append(stored)
    for call in document.events(Call):
        mine = found.get(call.on)
        if mine is not None and call.call in LOOKS and not call.via:
            mine.explained += 1
    for name, count in rebound.items():
        if name in found:
            found[name].uses += count
    return found


def _tells(selected: Select) -> bool:
    if selected.keys:
        return not (selected.attribute and selected.keys[0] in _NO_COLUMNS)
    return selected.attribute
