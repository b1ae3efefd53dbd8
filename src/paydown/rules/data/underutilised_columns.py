"""A file is read whole, and only a few of its columns are used.

The rest costs time and memory on every run; and the code depends, as far as anybody can tell, on columns it has no need
of: when one of them goes, or its type changes, the read breaks for nothing.

```python bad
import pandas as pd

sales = pd.read_csv("sales.csv")  # debt: of all its columns only `price`, `store` of `sales` are used: read just those with `usecols`
print(sales["price"].mean(), sales.store.nunique())
```
```python fixed
import pandas as pd

sales = pd.read_csv("sales.csv", usecols=["price", "store"])
print(sales["price"].mean(), sales.store.nunique())
```
```python good
import pandas as pd

sales = pd.read_csv("sales.csv")
print(sales["price"].mean())
sales.to_parquet("sales.parquet")
```

How to pay it off: name the columns in the read: `usecols`, `columns`, or the `SELECT`.

When to accept it: a first look, or a small file that is about to be used in full.

It speaks only when every use of the frame names its columns, and either the file's first line shows that there are
others, or at most four are used. A frame that is handed to anything whole, or whose rows are looked at, is left alone;
a look at its head or shape doesn't count.
Files of predictions (`submission.csv`), which hold little else, are left alone too.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (underutilised data dependencies).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, set_keyword
from paydown.flow.events import Call, Name, Read
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.rules.data.columns import Columns, columns
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD304",
    severity=INFORMATION,
    principal=5,
    message="of {whole} only {used} of `{name}` {are} used: read just {those} with `{keyword}`",
    in_tests=False,
)

_KEYWORDS = {
    "pandas.read_csv": "usecols", "pandas.read_table": "usecols", "pandas.read_excel": "usecols",
    "pandas.read_parquet": "columns", "pandas.read_feather": "columns", "pandas.read_orc": "columns",
    "pandas.read_stata": "columns", "pandas.read_sql_table": "columns", "dask.dataframe.read_csv": "usecols",
    "dask.dataframe.read_parquet": "columns", "polars.read_csv": "columns", "polars.read_parquet": "columns",
    "geopandas.read_parquet": "columns",
}  # fmt: skip
_TOLD = (
    "usecols",
    "columns",
    "names",
    "header",
    "index_col",
    "nrows",
    "iterator",
    "chunksize",
    "squeeze",
    "use_nullable_dtypes",
)
_PREDICTIONS = re.compile(r"sub(?:[^a-z]|mi)|stack|pred|blend|ensembl")
_TEXT = re.compile(r"^(?:review|text|sentence|message|comment|tweet|sms|email|body|content|question|news|title)s?$")
_PAIR = 2
_THIN = 3
_MOST = 4  # a file may well have no more


@rule.check
def underutilised(document: DocumentView) -> Iterator[Draft]:
    """Reads of whole files of which a few columns are used."""
    reads = {
        event.anchor: event
        for event in document.events(Read)
        if event.call in _KEYWORDS and not event.via and not event.function and not event.open_ended
        and all(event.keyword(name) is None for name in _TOLD)
    }  # fmt: skip
    if not reads or document.broken():
        return
    first = _first_names(document)
    reshaped = _reshaped(document)
    for name, mine in columns(document).items():
        if mine.escapes or len(mine.bindings[0].value.origins) != 1:
            continue
        value = mine.bindings[0].value
        read = reads.get(next(iter(value.origins)))
        if read is None or value.name != read.call or first.get(read.anchor) != name or read.anchor in reshaped:
            continue
        yield from _finding(document, name, mine, read)


def _reshaped(document: DocumentView) -> set[Anchor]:
    """The reads whose result a method changes before any name holds it: ``pd.read_csv(…).rename(…)``."""
    return {
        anchor
        for call in document.events(Call)
        if not call.on and call.call.startswith("frame.") and call.receiver.name in _KEYWORDS
        for anchor in call.receiver.origins
    }


def _first_names(document: DocumentView) -> dict[Anchor, str]:
    """The name that the result of each read is bound to first; later ones hold what was made of it."""
    found: dict[Anchor, str] = {}
    for event in document.events(Name):
        if event.action == "bind":
            for anchor in event.value.origins:
                found.setdefault(anchor, event.name)
    return found


def _finding(document: DocumentView, name: str, mine: Columns, read: Read) -> Iterator[Draft]:
    created = {event.key for event in mine.stored}
    used = sorted(set(mine.selected) - created)
    header = _header(document, read)
    if header is not None:
        used = sorted(set(mine.selected) & set(header))
        if not set(mine.selected) <= set(header) | created or len(used) == len(header):
            return
        if len(header) <= _THIN and _is_thin(read):
            return
    elif len(used) > _MOST or created & set(mine.selected) or _is_thin(read):
        return
    elif len(used) == _PAIR and any(_TEXT.search(one.lower()) for one in used):
        return  # a text and its label may well be all that there is
    told = _told_elsewhere(read)
    if not used or told is None:
        return
    keyword = _KEYWORDS[read.call]
    whole = f"its {len(header)} columns" if header is not None else "all its columns"
    yield rule.at(
        read,
        name=name,
        whole=whole,
        used=", ".join(f"`{one}`" for one in used[:4]) + (f" and {len(used) - 4} more" if len(used) > 4 else ""),
        are="is" if len(used) == 1 else "are",
        those="that" if len(used) == 1 else "those",
        keyword=keyword,
        columns=tuple(sorted({*used, *told})),
    )


def _is_thin(read: Read) -> bool:
    """Whether the file's name says that it holds predictions: an identifier and little else."""
    place = (
        read.reference.location if read.reference is not None else read.arguments[0].pattern if read.arguments else ""
    )
    return _PREDICTIONS.search(place.lower().rpartition("/")[2]) is not None


def _header(document: DocumentView, read: Read) -> tuple[str, ...] | None:
    """The columns of a local CSV file with commas."""
    project, reference = document.project, read.reference
    if project is None or reference is None or reference.scheme != "local" or not read.call.endswith("read_csv"):
        return None
    if any(read.keyword(name) is not None for name in ("sep", "delimiter", "skiprows", "comment", "quotechar")):
        return None
    return project.header(reference.location, document.path)


def _told_elsewhere(read: Read) -> set[str] | None:
    """The columns that other arguments of the read name; ``None`` when they can't be told."""
    found: set[str] = set()
    for argument in ("parse_dates", "dtype", "converters"):
        value = read.keyword(argument)
        if value is None or value.constant is False:
            continue
        if value.kind == "list" and value.items and all(isinstance(item.constant, str) for item in value.items):
            found.update(item.constant for item in value.items)
        elif argument == "dtype" and value.kind == "dict" and value.name != "open":
            continue  # types of columns that aren't read do no harm
        else:
            return None
    return found


@rule.fix("Read only these columns", safe=True)
def narrow(target: Target) -> CellEdits:
    """Name the columns in the read."""
    names = ", ".join(
        f'"{name}"' if '"' not in name and "\\" not in name else repr(name) for name in target.fact("columns")
    )
    yield from set_keyword(target, target.span, target.fact("keyword"), f"[{names}]")
