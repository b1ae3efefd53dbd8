"""What a document makes itself: files, folders, tables. To read those again is no read of somebody's data."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from paydown.flow.events import Call, Save, Write
from paydown.rules.data.commands import Commands, normal
from paydown.view import DocumentView

_CREATES = re.compile(
    r"\bcreate\s+(?:or\s+\w+\s+)?(?:\w+\s+)*?(?:table|view)\s+(?:if\s+not\s+exists\s+)?([\w.`\"\[\]$-]+)", re.I
)
_FILLS = re.compile(r"\s*(?:create|insert)\b", re.IGNORECASE)
_EXPORTS = re.compile(r"\bto\s+'([^']+)'", re.IGNORECASE)


class Made:
    """What the document makes itself: files, folders, tables."""

    def __init__(self, document: DocumentView, shell: Commands) -> None:
        self.anything = shell.anything
        self.files = set(shell.made)
        self.patterns: list[str] = []
        self.tables: set[str] = set()
        outputs: list[Write | Save] = [*document.events(Write), *document.events(Save)]
        for event in outputs:
            if event.call.endswith(".to_sql"):
                held = (value for value in (*event.arguments, *(value for _, value in event.keywords)))
                places = [value.constant for value in held if value.kind == "connection"]
                self.files.update(normal(database_file(place)) for place in places if isinstance(place, str))
            if event.reference is not None:
                target = self.tables if event.reference.scheme in ("sql", "table") else self.files
                target.add(normal(event.reference.location))
            if isinstance(event, Write) and event.pattern:
                self.patterns.append(normal(event.pattern))
            elif event.reference is None and isinstance(event, Write) and event.fetched:
                self.anything = True  # a download lies somewhere
        for call in document.events(Call):
            if call.call.endswith(("TempView", "registerTempTable", "createTable", ".register")) and call.arguments:
                self.tables.add((call.arguments[0].text or "").lower())
            elif call.receiver.kind in ("connection", "spark") or call.call.startswith("duckdb."):
                for text in (value.known_part for value in call.arguments[:1]):
                    self.tables.update(name.strip('`"[]') for name in _CREATES.findall(text))
                    if _FILLS.match(text) and isinstance(call.receiver.constant, str):
                        self.files.add(normal(database_file(call.receiver.constant)))
                    if "copy" in text.lower():
                        self.files.update(normal(name) for name in _EXPORTS.findall(text))
        self.tables = {name.lower() for name in self.tables}

    def makes(self, location: str) -> bool:
        """Whether the document writes the file, its folder, or something that the pattern fits."""
        path = normal(location)
        if path in self.files or path.removesuffix(".npy").removesuffix(".npz") in self.files:
            return True
        if self.anything and not path.startswith(("/", "~")) and ":" not in path[:2]:
            return True
        if "*" in path and any(one.startswith(path.partition("*")[0]) for one in self.files):
            return True
        if any(fnmatchcase(path, one) or fnmatchcase(path, one + "/*") for one in self.patterns):
            return True
        folder = path
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in self.files:
                return True
        inside = path + "/"
        return ("." in self.files and not path.startswith(("/", "~", ".."))) or any(
            one.startswith(inside) for one in self.files
        )

    def registers(self, table: str) -> bool:
        """Whether the document makes the table or view."""
        name = table.lower()
        return name in self.tables or name.rpartition(".")[2] in self.tables


def database_file(place: str) -> str:
    """The file of a database that is one, or empty."""
    if place.startswith("sqlite:///") or place.startswith("duckdb:///"):
        return place.partition(":///")[2].partition("?")[0]
    return "" if "://" in place or place == ":memory:" or "=" in place else place
