"""Where the data of a document comes from and goes to, compared."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from posixpath import normpath

from paydown.flow.events import Read, Reference, Write
from paydown.view import DocumentView

LONGEST = 40


def same_place(read: Reference, written: Reference) -> bool:
    """Whether a read covers what is written: the same file or table, or one that its ``*`` matches."""
    if read.scheme != written.scheme:
        return False
    source, goal = normpath(read.location), normpath(written.location)
    return source == goal or ("*" in source and fnmatch(goal, source))


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
