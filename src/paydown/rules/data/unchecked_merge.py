"""Tables are joined on the way to training, and nothing says how.

Left to its defaults, a merge joins on whatever columns share a name, drops the rows that find no partner, and multiplies
those that find two. When a source changes, the training data changes shape in silence.

```python bad
import pandas as pd
from sklearn.linear_model import LinearRegression

sales = pd.read_csv("sales.csv")
stores = pd.read_csv("stores.csv")
frame = sales.merge(stores, on="store")  # debt: `merge` drops rows without a match and multiplies repeated keys in silence: say `how` and `validate`
model = LinearRegression().fit(frame[["size"]], frame["price"])
```
```python fixed
import pandas as pd
from sklearn.linear_model import LinearRegression

sales = pd.read_csv("sales.csv")
stores = pd.read_csv("stores.csv")
frame = sales.merge(stores, on="store", how="inner")
model = LinearRegression().fit(frame[["size"]], frame["price"])
```
```python good
import pandas as pd
from sklearn.linear_model import LinearRegression

sales = pd.read_csv("sales.csv")
stores = pd.read_csv("stores.csv")
frame = sales.merge(stores, on="store", how="left", validate="many_to_one")
model = LinearRegression().fit(frame[["size"]], frame["price"])
```

How to pay it off: name the key, say `how`, and let `validate="many_to_one"` check what you believe of the keys.

When to accept it: a key that a schema guarantees to be whole and unique on both sides.

It looks at pandas-like merges of two sources that both reach a training call. That both reach it is the evidence; a
merge for a plot is left alone.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (unstable data dependencies).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, set_keyword
from paydown.flow.events import Call, Fit
from paydown.flow.values import Value
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD308",
    severity=INFORMATION,
    principal=5,
    message="`merge` {problem}",
    in_tests=False,
)

_HOW = "drops rows without a match and multiplies repeated keys in silence: say `how` and `validate`"
_KEY = "joins on whatever columns share a name on the day: name the key with `on`"
_KEYS = ("on", "left_on", "right_on", "left_index", "right_index")


@rule.check
def unchecked(document: DocumentView) -> Iterator[Draft]:
    """Merges that say neither how nor, perhaps, on what."""
    merges = [
        event
        for event in document.events(Call)
        if event.call in ("frame.merge", "pandas.merge") and not event.open_ended
    ]
    if not merges:
        return
    trained = [_reads(fit.data) | _reads(fit.target) for fit in document.events(Fit)]
    for event in merges:
        left, right, position = _sides(event)
        if left is None or right is None:
            continue
        ours, theirs = _reads(left), _reads(right)
        if not ours or not theirs - ours or not any((ours | theirs) <= reads for reads in trained):
            continue
        how, validate = event.argument(position, "how"), event.keyword("validate")
        if how is not None and how.constant == "cross":
            continue
        if all(event.keyword(key) is None for key in _KEYS) and len(event.arguments) <= position + 1:
            yield rule.at(event, problem=_KEY, fixes=())
        elif how is None and validate is None:
            yield rule.at(event, problem=_HOW)


def _sides(event: Call) -> tuple[Value | None, Value | None, int]:
    """The two tables, and the position of ``how``."""
    if event.call == "pandas.merge":
        return event.argument(0, "left"), event.argument(1, "right"), 2
    return event.receiver, event.argument(0, "right"), 1


def _reads(value: Value) -> frozenset[Anchor]:
    return frozenset(anchor for anchor in value.origins if anchor.kind == "Read")


@rule.fix('Say `how="inner"`, the present default', safe=False)
def say_how(target: Target) -> CellEdits:
    """Spell the default out."""
    yield from set_keyword(target, target.span, "how", '"inner"')
