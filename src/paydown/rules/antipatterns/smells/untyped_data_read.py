"""A text file goes to training with its types guessed.

CSV and JSON carry no types. The reader guesses them from what the file holds that day: one stray word makes a column of
numbers text, an identifier loses its leading zeros, a date stays a string.

```python bad
import pandas as pd
from sklearn.linear_model import LinearRegression

houses = pd.read_csv("houses.csv")  # debt: the types of `houses.csv` are guessed on every read, and it trains a model: say `dtype`
model = LinearRegression().fit(houses[["size"]], houses["price"])
```
```python good
import pandas as pd
from sklearn.linear_model import LinearRegression

houses = pd.read_csv("houses.csv", dtype={"size": "float32", "price": "float32"})
model = LinearRegression().fit(houses[["size"]], houses["price"])
```

How to pay it off: say `dtype` and `parse_dates` (polars: `schema`, Spark: `.schema(…)`), or keep the data in a format
that has types (Parquet, Feather, a table), or check it with a schema right after the read.

When to accept it: an experiment on a file that never changes.

One finding for a document, at its first such read; the others are related places. Left out: frames whose types are said later
(`astype({…})`), documents that check data with a schema.

*Sculley et al., 2015, section 5: ML-system anti-patterns (common smells: plain-old-data type).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.flow.events import Call, Fit, Read
from paydown.rule import HINT, Anchor, Draft, Rule
from paydown.rules.data.references import shown
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD522",
    severity=HINT,
    principal=10,
    message="the types of {what} are guessed on every read, and it trains a model: say `{keyword}`",
    in_tests=False,
)

_READERS = {
    "pandas.read_csv": "dtype", "pandas.read_table": "dtype", "pandas.read_fwf": "dtype", "pandas.read_json": "dtype",
    "dask.dataframe.read_csv": "dtype", "dask.dataframe.read_table": "dtype", "dask.dataframe.read_json": "dtype",
    "polars.read_csv": "schema", "polars.scan_csv": "schema", "polars.read_json": "schema",
    "polars.read_ndjson": "schema", "polars.scan_ndjson": "schema", "reader.csv": "schema", "reader.json": "schema",
    "pyarrow.csv.read_csv": "convert_options",
}  # fmt: skip
_TYPED = (
    "dtype",
    "dtypes",
    "schema",
    "schema_overrides",
    "parse_dates",
    "converters",
    "convert_options",
    "dtype_backend",
)
_SCHEMAS = ("pandera", "great_expectations", "pandantic", "dataframely", "patito")


@rule.check
def untyped(document: DocumentView) -> Iterator[Draft]:
    """Reads of text without types that reach training."""
    reads = [
        event
        for event in document.events(Read)
        if event.call in _READERS and not event.open_ended and not _is_typed(event)
    ]
    if not reads:
        return
    trained: set[Anchor] = set()
    for fit in document.events(Fit):
        if fit.estimator.kind != "transformer":
            trained |= fit.data.origins | fit.target.origins
    found = [event for event in reads if event.anchor in trained]
    if not found or any(module.startswith(_SCHEMAS) for module in document.imports().values()):
        return
    told = {
        anchor
        for call in document.events(Call)
        if call.call == "frame.astype" and call.arguments and call.arguments[0].kind == "dict"
        for anchor in call.receiver.origins
    }
    found = [event for event in found if event.anchor not in told]
    if not found:
        return
    first, *others = found
    name = first.reference.location if first.reference is not None else ""
    what = f"`{shown(name)}`" if name else "this file"
    related = [(event, "and of this one") for event in others]
    yield rule.at(first, what=what, keyword=_READERS[first.call], related=related)


def _is_typed(event: Read) -> bool:
    return "typed" in event.receiver.marks or any(event.keyword(name) is not None for name in _TYPED)
