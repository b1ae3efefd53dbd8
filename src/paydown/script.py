"""The cells of a script: ``# %%``, Databricks' ``# COMMAND ----------``, nbconvert's ``# In[3]:``."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

from paydown.span import line_starts
from paydown.statements import STRING


class Part(NamedTuple):
    """A cell of a script: its lines with their ends, its first line."""

    text: str
    kind: Literal["code", "markdown", "raw"]
    line: int


_LINE = r"(?:(?<=[\r\n])|\A)"
_MARKER = re.compile(
    _LINE + r"\#(?:[ \t]*%%+(?=[ \t\r\n\[]|\Z)|[ \t]*In[ \t]?\[[ \d]*\][ \t]*:?(?=[ \t]*(?:[\r\n]|\Z))"
    r"|[ \t]*<(?:code|markdown|html|raw)cell>)[^\r\n]*"
)
_DATABRICKS = re.compile(r"\# Databricks notebook source[ \t]*(?=[\r\n]|\Z)")
_COMMAND = re.compile(_LINE + r"\# COMMAND -{10,}[^\r\n]*")
_MARKDOWN = re.compile(r"\#[ \t]*(?:%%+.*?(?:\[(?:markdown|md)\]|[ \t](?:markdown|md)[ \t]*$)|<markdowncell>)")
_RAW = re.compile(r"\#[ \t]*(?:%%+.*?\[raw\]|<(?:html|raw)cell>)")
_DATABRICKS_MARKDOWN = re.compile(
    r"(?:\# COMMAND -+|\# Databricks notebook source|\# DBTITLE[^\r\n]*|[ \t\r\n]+)*\# MAGIC[ \t]+%md\b"
)
_JUPYTEXT_HEADER = re.compile(r"\# ---[ \t]*(?:\r\n|\r|\n)(?:\#[^\r\n]*(?:\r\n|\r|\n))*?\# ---[ \t]*(?:[\r\n]+|\Z)")
_LITERAL = re.compile(rf"\#[^\r\n]*+|({STRING})", re.DOTALL)


def parts(text: str) -> list[Part]:
    """The cells of a script, which joined are its text; a script without markers is one cell."""
    databricks = _DATABRICKS.match(text) is not None
    if not databricks and "#%%" not in text and "# %%" not in text and "# In[" not in text and "cell>" not in text:
        return [Part(text, "code", 0)]
    marker = _COMMAND if databricks else _MARKER
    found = [match.start() for match in marker.finditer(text)]
    if found and ('"""' in text or "'''" in text):
        found = _outside_strings(text, found)
    if not found or found[0] > 0:
        found.insert(0, 0)
    starts = line_starts(text)
    ends = [*found[1:], len(text)]
    return [
        Part(text[start:end], _kind(text[start:end], databricks=databricks), bisect_right(starts, start) - 1)
        for start, end in zip(found, ends, strict=True)
    ]


def _kind(text: str, *, databricks: bool) -> Literal["code", "markdown", "raw"]:
    if databricks:
        return "markdown" if _DATABRICKS_MARKDOWN.match(text) else "code"
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if _MARKDOWN.match(first):
        return "markdown"
    if _RAW.match(first) or _JUPYTEXT_HEADER.fullmatch(text):
        return "raw"
    return "code"


def _outside_strings(text: str, offsets: list[int]) -> list[int]:
    """Those of ``offsets`` that do not lie in a string. A string that never ends hides nothing."""
    inside: set[int] = set()
    for match in _LITERAL.finditer(text):
        literal = match[1]
        if (
            literal is None
            or len(literal) < 6
            or literal[:3] not in {'"""', "'''"}
            or not literal.endswith(literal[:3])
        ):
            continue
        first = bisect_right(offsets, match.start())
        inside.update(offsets[first : bisect_right(offsets, match.end())])
    return [offset for offset in offsets if offset not in inside]
