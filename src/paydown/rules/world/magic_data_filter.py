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

Counted are rows that are kept or dropped under the frame's own name (or one that says so, such as `clean` or `train`), of data
that later trains a model or is written: by a mask, `drop(frame[…].index)`, `between`, `query`, and Spark's and Polars' `filter`.
Left out: 0, 1 and -1, equality with a code, quantiles, what only a plot sees, values that are no rows (counts, skews), dates
(`fixed-date` finds those).

*Sculley et al., 2015, section 7: Dealing with changes in the external world (fixed thresholds in dynamic systems).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import Facts, nodes_of
from paydown.fixes import CellEdits, Stale, Target, replace_expression, setting
from paydown.fixes.calls import call_at
from paydown.flow.events import Call, Compare
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.rules.world.rows import filters, goes_on, keeps, leads_on
from paydown.rules.world.scores import last_name, names_score, words
from paydown.span import Span
from paydown.view import DocumentView, statements

rule = Rule(
    __name__,
    "HTD703",
    severity=INFORMATION,
    principal=5,
    message="`{text}` decides which rows go on by a bare number: name it with the settings",
    in_tests=False,
)
_MANY = "`{text}` and {more} more decide which rows go on by bare numbers: name them with the settings"
_DATES = frozenset({"year", "month", "day", "date", "quarter", "week", "hour", "time", "datetime", "timestamp", "yr"})


_QUERY = re.compile(r"(?<![\w.@`'\"])([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])")
_UNBOUND = frozenset({0, 1, -1})
_PLOTS = re.compile(r"\bplt\.|\bsns\.|\bpx\.|\.plot\b|\.hist\(")


@rule.check
def filtered(document: DocumentView) -> Iterator[Draft]:
    """Comparisons of columns with literals that keep or drop rows: one finding for a mask."""
    found: dict[tuple[str, str, float], list[Compare]] = {}
    helpers: set[tuple[str, str, float | None]] = set()  # what stands in a helper is found at each of its calls
    for event in document.events(Compare):
        number = event.right.number
        if (
            number is None
            or number in _UNBOUND
            or abs(number) < 1e-3
            or not event.literal
            or event.operator[0] not in "<>"
        ):
            continue
        key = event.function, event.text + event.operator, number
        if event.function and key in helpers:
            continue
        helpers.add(key)
        if filters(event) and _is_quantity(last_name(event.text)) and not (0 < number < 1 and names_score(event.text)):
            found.setdefault((event.text, event.operator, number), []).append(event)
    if not found:
        return
    reads = goes_on(document)
    masks: dict[tuple[str, str, str, int], list[list[Compare]]] = {}
    last, mask = -9, 0
    for events in found.values():
        if not _leads_on(events[0], document, reads):
            continue
        place = document.place_of(events[0])
        if not last <= place.span.line <= last + 1:
            mask = place.span.line
        last = place.span.line
        masks.setdefault((place.cell, place.within, _assigned(events[0]), mask), []).append(events)
    for (first, *again), *others in masks.values():
        related = [(event, "draws the same line") for event in again]
        related += [(event, "a bare number too") for events in others for event in events]
        shown = f"{first.text} {first.operator} {first.right.number!r}".replace("['", '["').replace("']", '"]')
        if others:
            yield rule.at(first, related=related, message=_MANY, text=shown, more=len(others), fixes=("name",))
        else:
            yield rule.at(first, related=related, text=shown, fixes=("name",))


def _assigned(event: Compare) -> str:
    return next((one for one in event.context if one.startswith("assign:")), "")


def _leads_on(event: Compare, document: DocumentView, reads: set[Anchor]) -> bool:
    """Whether the rows go on: their read reaches a training or a write; of rows from elsewhere (a parameter), whether
    the document has any, or hands them back."""
    if _is_plotted(event, document):
        return False
    if event.left.kind == "frame" and not event.function:
        return bool(event.left.origins & reads)
    return bool(event.left.origins & reads) or leads_on(document) or bool(event.function)


def _is_plotted(event: Compare, document: DocumentView) -> bool:
    """Whether the rows get a name of their own in a cell of a notebook that plots."""
    name = _assigned(event)[7:]
    if document.kind != "notebook" or event.function or not name or event.text.startswith((f"{name}[", f"{name}.")):
        return False
    return _PLOTS.search(document.facts(event.cell).text) is not None


def _is_quantity(name: str) -> bool:
    said = words(name)
    return (
        not said & _DATES
        and "skew" not in name
        and not said >= {"p", "value"}
        and not said & {"pvalue", "pval", "pvalues"}
    )


@rule.check
def selected(document: DocumentView) -> Iterator[Draft]:
    """``frame[frame.price.between(10, 500)]`` and ``frame.query("price < 500")``."""
    found = [
        event
        for event in document.events(Call)
        if event.call.endswith((".between", ".query"))
        and event.arguments
        and event.receiver.kind in ("frame", "unknown")
        and not any("named" in value.marks for value in event.arguments)
    ]
    if not found:
        return
    reads = goes_on(document)
    seen: set[tuple[str, int]] = set()
    for event in found:
        place = document.place_of(event)
        if place.within or (place.cell, place.span.line) in seen:
            continue
        if not (event.receiver.origins & reads if event.receiver.origins else leads_on(document)):
            continue
        seen.add((place.cell, place.span.line))
        if event.call.endswith(".query"):
            yield from _queried(event, document.facts(place.cell), place.span)
        else:
            yield from _between(event, document.facts(place.cell), place.span)


def _queried(event: Call, facts: Facts, span: Span) -> Iterator[Draft]:
    said = event.arguments[0].constant
    if event.receiver.kind != "frame" or not isinstance(said, str) or not _is_kept(facts, span):
        return
    for name, operator, written in _QUERY.findall(said):
        number = float(written)
        if number not in _UNBOUND and _is_quantity(name) and not (0 < number < 1 and names_score(name)):
            yield rule.at(event, fixes=(), text=f"{name} {operator} {written}")
            return


def _between(event: Call, facts: Facts, span: Span) -> Iterator[Draft]:
    numbers = [value.number for value in event.arguments[:2]]
    if len(numbers) < 2 or None in numbers or all(number in _UNBOUND for number in numbers):
        return
    kept = _is_kept(facts, span)
    if kept is None or not _is_quantity(last_name(kept)):
        return
    text = f"{kept}.between({numbers[0]!r}, {numbers[1]!r})"
    yield rule.at(event, fixes=("name-both",), text=text.replace("['", '["').replace("']", '"]'))


def _is_kept(facts: Facts, span: Span) -> str | None:
    """What a call at a place selects from, if its rows stay under the frame's own name; else nothing."""
    for statement in statements(facts.tree):
        if not isinstance(statement, ast.Assign) or not statement.lineno - 1 <= span.line < (statement.end_lineno or 0):
            continue
        target = statement.targets[0]
        for node in nodes_of(statement.value):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and facts.span(node) == span:
                root: ast.expr = node.func.value
                while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
                    root = root.func if isinstance(root, ast.Call) else root.value
                if isinstance(target, ast.Name) and isinstance(root, ast.Name) and keeps(target.id, root.id):
                    return ast.unparse(node.func.value)
    return None


@rule.fix("Name the number: a constant with the other settings", safe=True)
def name(target: Target) -> CellEdits:
    """Put each literal into a constant, named after the column."""
    done: set[tuple[str, Span]] = set()
    for place in (target, *target.related):
        compared, literal, low = sides(place)
        low ^= _is_dropped(place)
        span = place.facts.span(literal)
        if (place.cell.id, span) in done:
            continue
        done.add((place.cell.id, span))
        said = "_".join(re.findall(r"[A-Za-z0-9]+", last_name(ast.unparse(compared)))) or "VALUE"
        constant, edits = setting(place, f"{'MIN' if low else 'MAX'}_{said}".upper(), place.segment(span))
        yield from edits
        yield from replace_expression(place, span, constant)


@rule.fix("Name both numbers: constants with the other settings", safe=True)
def name_both(target: Target) -> CellEdits:
    """Put the ends of a range into constants, named after the column."""
    call = call_at(target, target.span)
    if not isinstance(call.func, ast.Attribute) or len(call.args) < 2:
        raise Stale("the call has changed")
    said = "_".join(re.findall(r"[A-Za-z0-9]+", last_name(ast.unparse(call.func.value)))) or "VALUE"
    for bound, literal in zip(("MIN", "MAX"), call.args[:2], strict=True):
        span = target.facts.span(literal)
        constant, edits = setting(target, f"{bound}_{said}".upper(), target.segment(span))
        yield from edits
        yield from replace_expression(target, span, constant)


def _is_dropped(target: Target) -> bool:
    """Whether the rows for which a comparison holds are those that go: ``frame.drop(frame[…].index)``."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "drop"
        and target.facts.span(node).line <= target.span.line <= target.facts.span(node).end_line
        for node in nodes_of(target.facts.tree)
    )


def sides(target: Target) -> tuple[ast.expr, ast.expr, bool]:
    """What is compared, the literal, and whether that is the least value."""
    compare = target.innermost(target.span, ast.Compare)
    operands = (compare.left, *compare.comparators)
    for index, operand in enumerate(operands):
        literal = operand.operand if isinstance(operand, ast.UnaryOp) else operand
        if isinstance(literal, ast.Constant) and isinstance(literal.value, (int, float)):
            more = isinstance(compare.ops[max(index - 1, 0)], (ast.Gt, ast.GtE))
            return operands[index - 1 if index else 1], operand, more == bool(index)
    raise Stale("the comparison has changed")
