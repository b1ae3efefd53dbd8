"""The notebook was saved with an error below a cell.

What stands below that cell was made without it, or in another run. A reader can't tell whether the notebook works.

```python bad
# %% [1]
import pandas as pd
# %% [2] failed
frame = pd.read_csv("gone.csv")  # debt: this cell's saved output is an error: run the notebook again or mend the cell
```

```python good
# %% [1]
import pandas as pd
# %% [2]
frame = pd.DataFrame()
```

**How to pay it off.** Restart the kernel, run all, mend what fails, save.

**When to accept it.** When the error is what the notebook shows; tag the cell `raises-exception` and it is no
finding. Nor is it when the text beside the cell speaks of an error. One finding per notebook.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (reproducibility debt).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paydown.document import Cell
from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.span import Span
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD817",
    severity=INFORMATION,
    principal=2,
    message="this cell's saved output is an error: run the notebook again or mend the cell",
)
# A text beside the cell that says so: the error is what the notebook shows.
_SHOWN = re.compile(
    r"error|exception|traceback|rais(?:e|es|ing|ed)\b|fail|\bwon't|\bcan't|\bcannot|can not|not (?:work|allowed|possible|valid)|"
    r"doesn't|does not|immutable|illegal|invalid|wrong|oops|bug|crash|"
    r"incompatib|well-defined|not match|will break|breaks\b|forbid|no longer|must be|needs? to be|should be equal",
    re.IGNORECASE,
)
_LESSON = re.compile(r"error|exception|debug", re.IGNORECASE)


@rule.check
def saved_error(document: DocumentView) -> Iterator[Draft]:
    """The first cell with a traceback among its outputs that no text beside it announces."""
    if not any(cell.failed for cell in document.order.values()) or _LESSON.search(document.path.rpartition("/")[2]):
        return
    cells = document.cells
    found = [
        cell
        for number, cell in enumerate(cells)
        if cell.failed and "raises-exception" not in cell.tags and not _is_shown(cells, number)
    ]
    if found:
        first, *others = found
        yield rule.at(_top(first), related=[(_top(cell), "so is this one's") for cell in others])


def _is_shown(cells: Sequence[Cell], number: int) -> bool:
    around = [cells[number].text.split("#", 1)[1] if "#" in cells[number].text else ""]
    around += [
        cell.text
        for cell in (*cells[max(0, number - 1) : number], *cells[number + 1 : number + 2])
        if cell.kind == "markdown"
    ]
    last = cells[number].text.rstrip().rpartition("\n")[2]
    if "try:" in cells[number].text or last.startswith("assert "):
        return True
    return any(_SHOWN.search(text) for text in around)


def _top(cell: Cell) -> Place:
    return Place(cell.id, "", Span(0, 0, 0, 0))
