"""A query takes every column of a table.

A column that someone adds, drops or renames upstream changes the frame, and with it the features, with no line of code
changed; and the columns that nobody needs are fetched every time.

```python bad
import pandas as pd

sales = pd.read_sql("SELECT * FROM sales WHERE day > 3", connection)  # debt: `SELECT *` takes whatever columns `sales` has on the day: name those that are needed
```
```python good
import pandas as pd

sales = pd.read_sql("SELECT id, price FROM sales WHERE day > 3", connection)
rows = pd.read_sql("SELECT COUNT(*) FROM sales", connection)
top = pd.read_sql("WITH recent AS (SELECT * FROM sales WHERE day > 3) SELECT id FROM recent", connection)
```

How to pay it off: write the columns that the code uses. The frame's later uses tell which they are.

When to accept it: a copy or an export of the whole table, whatever it has.

Left out are `COUNT(*)` and `EXISTS`, a star in an inner query whose outer one names its columns, a table that the
document itself makes, and a look at a few rows (`LIMIT 10`).

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (underutilised data dependencies).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.flow.events import Call, Name, Read
from paydown.flow.values import HOLE
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.rules.data.commands import commands
from paydown.rules.data.made import Made
from paydown.rules.data.queries import framed
from paydown.rules.data.references import shown
from paydown.rules.lines import line_of
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD305",
    severity=INFORMATION,
    principal=5,
    message="`SELECT *` takes whatever columns {shown} has on the day: name those that are needed",
    in_tests=False,
)

_SELECT = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_STAR = re.compile(r"^(?:all\s+|distinct\s+)?\*", re.IGNORECASE)
_LOOK = re.compile(r"\blimit\s+(\d+)\b|\btop\s*\(?\s*(\d+)|\btablesample\b|\bsample\s*\(", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+([\w.`\"\[\]$…-]+)(?![\w.`\"\[\]$…-]|\s*\()", re.IGNORECASE)
_SHOWS = ("display", "IPython.display.", "builtins.print", "frame.show", "frame.display", "frame.count", "query.show")
_NONE = re.compile(
    r"\bwhere\s+(?:1\s*=\s*0|false)\b|\binformation_schema\b|\bsqlite_master\b|\bML\.\w+|\bpragma\b|\bdescribe\b|\bpg_\w+|\*\s*(?:except|exclude)\b",
    re.I,
)
_FEW = 1000


@rule.check
def starred(document: DocumentView) -> Iterator[Draft]:
    """Queries whose result has every column."""
    found = [(event, table) for event in document.events(Read) if (table := _starred_table(event))]
    if not found:
        return
    made = Made(document, commands(document.magics()))
    names = {event.name for event in document.events(Name) if event.value.kind == "frame"}
    looked_at = _looked_at(document)
    kept = framed(document) if any(event.what == "query" for event, _ in found) else frozenset()
    for event, table in found:
        in_memory = table in names and event.call.startswith(("duckdb.", "connection."))
        if event.what == "query" and event.anchor not in kept:
            continue  # a service's own look at its rows
        if (
            not in_memory
            and not made.registers(table)
            and event.anchor not in looked_at
            and not _is_shown(document, event)
        ):
            yield rule.at(event, shown="its table" if "…" in table else f"`{shown(table)}`")


def _looked_at(document: DocumentView) -> set[Anchor]:
    """The reads whose result is only shown: no name holds it."""
    found: set[Anchor] = set()
    for call in document.events(Call):
        if call.call.startswith(_SHOWS):
            for value in (call.receiver, *call.arguments):
                found |= value.origins
    for event in document.events(Name):
        if event.action == "bind":
            found -= event.value.origins
    return found


def _is_shown(document: DocumentView, event: Read) -> bool:
    """Whether the read stands by itself, for its table to be looked at."""
    line = line_of(document, event)
    body = document.facts(line.cell).tree.body
    return any(isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and line.within(node) for node in body)


def _starred_table(event: Read) -> str:
    """The table that a query takes all columns of, or empty."""
    if event.what not in ("frame", "query"):
        return ""
    query = _query_of(event)
    if "*" not in query or _NONE.search(query):
        return ""
    outer = _outer_selections(query)
    if not outer or not all(_STAR.match(selected) for selected, _ in outer):
        return ""
    look = _LOOK.search(outer[-1][1])
    if look and int(look[1] or look[2] or 0) <= _FEW:
        return ""
    table = _FROM.search(outer[0][1])
    name = table[1].strip('`"[]') if table else ""
    if re.search(rf"\b{re.escape(name)}\s+as\s*\(", query, re.IGNORECASE):
        return ""  # a part of the same query, whose own columns count
    return name


def _query_of(event: Read) -> str:
    """The text of a query, with an ellipsis in the place of what is not known of it."""
    if event.reference is not None:
        return event.reference.location if event.reference.scheme == "sql" else ""
    for value in (*event.arguments[:2], *(value for _, value in event.keywords)):
        text = value.known_part
        if text != HOLE and _SELECT.match(text):
            return " ".join(text.replace(HOLE, "…").split())
    return ""


def _outer_selections(query: str) -> list[tuple[str, str]]:
    """Of each outermost ``SELECT``, what it selects and what follows it; a CTE's are inner ones."""
    flat = _without_brackets(query)
    parts = re.split(r"\bselect\s+", flat, flags=re.IGNORECASE)[1:]
    return [(part, part) for part in parts]


def _without_brackets(query: str) -> str:
    """The query with nothing between its outermost brackets."""
    depth = 0
    kept = []
    for sign in query:
        depth -= sign == ")" and depth > 0
        if depth == 0:
            kept.append(sign)
        depth += sign == "("
    return "".join(kept)
