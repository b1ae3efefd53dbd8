"""The cells of the notebook were not run from top to bottom.

What is saved below a cell then came of a state that nobody can restore by running the notebook: a later cell changed a
name, an earlier one was run again, and the figures are of an order that is written nowhere.

```python bad
# %% [1]
import pandas as pd
# %% [5]
frame = pd.DataFrame({"age": [31, 45]})
# %% [3]
frame["age"].mean()  # debt: run as [3], below a cell run as [5]: the saved results are of another order than the text
```

```python good
# %% [1]
import pandas as pd
# %% [2]
frame = pd.DataFrame({"age": [31, 45]})
# %% [4]
frame["age"].mean()
```

**How to pay it off.** Restart the kernel and run all cells, then save. If a cell fails or a result differs, the notebook
depended on the order: put its cells in the order that works.

**When to accept it.** In a scratch notebook whose outputs nobody relies on.

Gaps in the counts are no finding, and a notebook without counts says nothing. One finding per notebook, at the first
cell that ran before one above it.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (reproducibility debt).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.span import Span
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD812",
    severity=INFORMATION,
    principal=5,
    message="run as [{count}], below a cell run as [{above}]: the saved results are of another order than the text",
)


@rule.check
def out_of_order(document: DocumentView) -> Iterator[Draft]:
    """The first cell whose execution count is lower than that of a cell above it."""
    highest = 0
    above = ""
    for cell in document.order.values():
        count = cell.execution_count
        if cell.kind != "code" or not count or not cell.text.strip():
            continue
        if count < highest:
            related = [(_top(above), f"run as [{highest}]")]
            yield rule.at(_top(cell.id), related=related, count=count, above=highest)
            return
        highest, above = count, cell.id


def _top(cell: str) -> Place:
    """The first line of a cell, whatever it holds."""
    return Place(cell, "", Span(0, 0, 0, 0))
