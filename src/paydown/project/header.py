"""The first line of a local table, read with bounds."""

from __future__ import annotations

import csv
import zlib

from paydown.project.files import beginning

_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
_DELIMITERS = ",\t;|"
_COLUMNS = 10_000


def header(path: str) -> tuple[str, ...] | None:
    """The names of the columns that the first line of a CSV file says; ``None`` when that can't be told."""
    if not path.lower().endswith(_SUFFIXES):
        return None
    data = beginning(path)
    if data is not None and data[:2] == b"\x1f\x8b":
        data = _inflated(data)
    if not data or b"\0" in data:
        return None
    line, newline, _ = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").partition(b"\n")
    if not newline:
        return None
    try:
        text = line.decode("utf-8-sig")
        delimiter = max(_DELIMITERS, key=text.count)
        names = next(csv.reader([text], delimiter=delimiter if delimiter in text else ","), [])
    except (UnicodeDecodeError, csv.Error):
        return None
    return tuple(names) if 0 < len(names) <= _COLUMNS else None


def _inflated(data: bytes) -> bytes | None:
    """The beginning of what a gzip file holds."""
    try:
        return zlib.decompressobj(31).decompress(data, 256 << 10)
    except zlib.error:
        return None
