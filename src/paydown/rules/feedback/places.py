"""Where the data of a document comes from and goes to, compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import lru_cache
from posixpath import normpath

from paydown.flow.events import Read, Reference, Write
from paydown.view import DocumentView

LONGEST = 40
_TABLES = re.compile(r"\b(?:from|join)\s+([\w.`\"\[\]$-]+)(?![\w.$-]|\s*\()", re.IGNORECASE)


def same_place(read: Reference, written: Reference) -> bool:
    """Whether a read covers what is written: the same file or table, or one that its ``*`` matches."""
    if read.scheme == "sql" and written.scheme == "table":
        return written.location.lower() in tables(read.location)
    if read.scheme != written.scheme:
        return False
    source, goal = normpath(read.location), normpath(written.location)
    return source == goal or (source.strip("*") != "" and "*" in source and fnmatch(goal, source))


@lru_cache(maxsize=512)
def tables(query: str) -> frozenset[str]:
    """The tables that a query reads, in lower case."""
    names = (name.strip("`\"[]'").lower() for name in _TABLES.findall(query))
    return frozenset(one for name in names for one in (name, name.rpartition(".")[2]))


def rewrites(document: DocumentView) -> Iterator[tuple[Write, Read]]:
    """Every write to a place that the document reads, with that read."""
    reads = [(read, read.reference) for read in document.events(Read) if read.reference is not None]
    if not reads:
        return
    for write in document.events(Write):
        if write.reference is None or write.fetched:
            continue
        for read, source in reads:
            if same_place(source, write.reference):
                yield write, read


def shown(reference: Reference) -> str:
    """A place for messages: no more than its end."""
    text = reference.location
    return text if len(text) <= LONGEST else "…" + text[1 - LONGEST :]
