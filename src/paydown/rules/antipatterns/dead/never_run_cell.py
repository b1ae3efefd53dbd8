"""A code cell was never run, in a notebook whose other cells were.

Nobody has seen what it does to the names below it. Either it is dead and misleads the reader, or the saved results lack it.

```python bad
# %% [1]
import pandas as pd
# %% [2]
frame = pd.DataFrame({"age": [31, None]})
# %%
frame = frame.dropna()  # debt: 1 code cell has no execution count though 3 others were run: run or delete it
# %% [3]
frame.mean()
```

```python good
# %% [1]
import pandas as pd
# %% [2]
frame = pd.DataFrame({"age": [31, None]})
# %%
# frame.plot() comes later
# %% [3]
frame.mean()
```

**How to pay it off.** Run the notebook from top to bottom and save it, or delete the cell.

**When to accept it.** For a cell that must not run each time, such as an installation; those at the end of a notebook, and
cells that only install, clean up or hold comments, are left out. One finding per notebook.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.document import Cell
from paydown.flow.events import Name
from paydown.rule import HINT, Draft, Place, Rule
from paydown.span import Span
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD515",
    severity=HINT,
    principal=2,
    message="{cells} no execution count though {run} others were run: {todo}",
)
_INNOCENT = re.compile(
    r"\bpip3?\b|\bconda\b|install|download|kill|restart|shutdown|delete|\.stop\(|clean|drive\.mount", re.IGNORECASE
)


@rule.check
def never_run(document: DocumentView) -> Iterator[Draft]:
    """Cells without a count above the last cell that has one, where most have one."""
    order = [cell for cell in document.order.values() if cell.kind == "code" and cell.text.strip()]
    run = [number for number, cell in enumerate(order) if cell.execution_count]
    if len(run) * 2 <= len(order):
        return
    if all(cell.execution_count for cell in order[: run[-1]]):
        return
    texts = {cell.id: cell for cell in document.cells}
    missed = [cell for cell in order[: run[-1]] if not cell.execution_count and _does_something(texts[cell.id])]
    if not missed:
        return
    first, *others = missed
    many = len(missed) > 1
    them = "them" if many else "it"
    yield rule.at(
        _top(first),
        related=[(_top(cell), "never run") for cell in others],
        cells=f"{len(missed)} code cells have" if many else "1 code cell has",
        run=len(run),
        todo="run the notebook again and save it" if _is_needed(document, missed) else f"run or delete {them}",
    )


def _is_needed(document: DocumentView, missed: list[Cell]) -> bool:
    """Whether cells that were run use what each of these binds, so that it has run before it was changed."""
    bound: dict[str, set[str]] = {cell.id: set() for cell in missed}
    elsewhere: set[str] = set()
    for event in document.events(Name):
        if event.action in ("bind", "define", "import"):
            bound.get(event.cell, elsewhere).add(event.name)
    others = [cell.id for cell in document.order.values() if cell.kind == "code" and cell.execution_count]
    used = frozenset[str]().union(*(document.used_in(cell) for cell in others))
    return all((names - elsewhere) & used for names in bound.values())


def _does_something(cell: Cell) -> bool:
    lines = [line for line in cell.text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    text = "\n".join(lines).strip()
    quoted = text[:3] in ('"""', "'''") and text.endswith(text[:3]) and text.count(text[:3]) == 2
    return bool(lines) and not quoted and not _INNOCENT.search(cell.text)


def _top(cell: Cell) -> Place:
    return Place(cell.id, "", Span(0, 0, 0, 0))
