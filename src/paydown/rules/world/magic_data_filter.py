"""Rows are dropped by comparing a column with a number in the code.

The number drew a line through the data of one day. When prices rise or a sensor changes its unit, another part of the data
is dropped, in silence; and the same line has to be drawn again at prediction time, where nobody will find it.

```python bad
import pandas as pd
from sklearn.linear_model import LinearRegression

houses = pd.read_csv("houses.csv")
houses = houses[houses["price"] < 500000]  # debt: `houses["price"] < 500000` decides which rows go on by a bare number: name it with the settings
model = LinearRegression().fit(houses[["area"]], houses["price"])
```
```python fixed
import pandas as pd
from sklearn.linear_model import LinearRegression

MAX_PRICE = 500000

houses = pd.read_csv("houses.csv")
houses = houses[houses["price"] < MAX_PRICE]
model = LinearRegression().fit(houses[["area"]], houses["price"])
```

```python good
import pandas as pd
from sklearn.linear_model import LinearRegression

HIGHEST_PRICE = 500_000

houses = pd.read_csv("houses.csv")
houses = houses[houses["price"] < HIGHEST_PRICE]
houses = houses[houses["area"] > 0]
houses = houses[houses["rooms"] <= houses["rooms"].quantile(0.99)]
model = LinearRegression().fit(houses[["area"]], houses["price"])
```

**How to pay it off.** Name the number and keep it with the other settings (the fix does that), better a schema that says
which values are valid, so that training and serving share it.

**When to accept it.** When the number is a fact that won't move, such as the freezing point of water.

Counted are rows that are kept or dropped under the frame's own name, of data that later trains a model or is written.
Left out: 0, 1 and -1, equality with a code, quantiles, what only a plot sees, dates (`fixed-date` finds those).

*Sculley et al., 2015, section 7: Dealing with changes in the external world (fixed thresholds in dynamic systems).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Stale, Target, replace_expression, setting
from paydown.flow.events import Compare
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.rows import filters, goes_on
from paydown.rules.world.scores import last_name, names_score, words
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD703",
    severity=INFORMATION,
    principal=5,
    message="`{text}` decides which rows go on by a bare number: name it with the settings",
    in_tests=False,
)
_DATES = frozenset({"year", "month", "day", "date", "quarter", "week", "hour", "time", "datetime", "timestamp", "yr"})


@rule.check
def filtered(document: DocumentView) -> Iterator[Draft]:
    """Comparisons of a column with a literal that keep or drop rows."""
    found: dict[tuple[str, str, float], list[Compare]] = {}
    helpers: set[tuple[str, str, float | None]] = set()  # what stands in a helper is found at each of its calls
    for event in document.events(Compare):
        number = event.right.number
        key = event.function, event.text + event.operator, number
        if event.function and key in helpers:
            continue
        helpers.add(key)
        if number is None or number in (0, 1, -1) or not event.literal or event.operator[0] not in "<>":
            continue
        if (
            filters(event)
            and not words(last_name(event.text)) & _DATES
            and not (0 < number < 1 and names_score(event.text))
        ):
            found.setdefault((event.text, event.operator, number), []).append(event)
    if not found:
        return
    reads = goes_on(document)
    for (text, operator, number), (first, *others) in found.items():
        if not first.left.origins & reads:
            continue
        related = [(event, "draws the same line") for event in others]
        low = operator[0] == ">"
        shown = f"{text} {operator} {number!r}".replace("['", '["').replace("']", '"]')
        yield rule.at(first, related=related, text=shown, number=number, low=int(low))


@rule.fix("Name the number: a constant with the other settings", safe=True)
def name(target: Target) -> CellEdits:
    """Put the literal into a constant, named after the column."""
    for place in (target, *target.related):
        compared, literal = sides(place, target.fact("number"))
        span = place.facts.span(literal)
        said = "_".join(re.findall(r"[A-Za-z0-9]+", last_name(ast.unparse(compared)))) or "VALUE"
        bound = "MIN" if target.fact("low") else "MAX"
        constant, edits = setting(place, f"{bound}_{said}".upper(), place.segment(span))
        yield from edits
        yield from replace_expression(place, span, constant)


def sides(target: Target, number: float) -> tuple[ast.expr, ast.expr]:
    """What is compared, and the literal."""
    compare = target.innermost(target.span, ast.Compare)
    operands = (compare.left, *compare.comparators)
    for index, operand in enumerate(operands):
        literal = operand.operand if isinstance(operand, ast.UnaryOp) else operand
        if isinstance(literal, ast.Constant) and literal.value in (number, -number):
            return operands[index - 1 if index else 1], operand
    raise Stale("the comparison has changed")
