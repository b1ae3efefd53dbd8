"""Where the lines of a notebook's cells stand in its file."""

from __future__ import annotations

from paydown import encoding, jsontext
from paydown.document import Document


def file_lines(data: bytes, document: Document) -> dict[int, list[int]]:
    """For each cell, by its index, the one-based line of the file that holds each line of its text."""
    try:
        lines = jsontext.source_lines(encoding.decoded(data, notebook=True).text)
    except (ValueError, IndexError, RecursionError, encoding.Unreadable):
        return {}
    return {cell.index: [line + 1 for line in lines[cell.index]] for cell in document.cells if cell.index < len(lines)}
