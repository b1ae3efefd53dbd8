"""A decision hangs on a number that somebody picked by eye.

The number was right for one model on one data set. When either changes the decision goes wrong in silence: nothing fails,
precision and recall just move, and nobody remembers why it was 0.73 (Sculley et al., 2015).

```python bad
from sklearn.linear_model import LogisticRegression

model = LogisticRegression().fit(X_train, y_train)
churns = model.predict_proba(X_new)[:, 1] > 0.73  # debt: `model.predict_proba(X_new)[:, 1] > 0.73` decides by a number picked by eye: name it, choose it on validation data
```
```python fixed
from sklearn.linear_model import LogisticRegression

THRESHOLD = 0.73

model = LogisticRegression().fit(X_train, y_train)
churns = model.predict_proba(X_new)[:, 1] > THRESHOLD
```

```python good
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

model = LogisticRegression().fit(X_train, y_train)
scores = model.predict_proba(X_validation)[:, 1]
candidates = np.linspace(0.05, 0.95, 19)
threshold = max(candidates, key=lambda value: f1_score(y_validation, scores > value))
churns = model.predict_proba(X_new)[:, 1] > threshold
```

**How to pay it off.** Name the number and put it with the other settings (the fix does that); better, choose it on
validation data for what errors cost (`precision_recall_curve`, `TunedThresholdClassifierCV`), and choose it again with each
model.

**When to accept it.** When the number is given from outside (a law, a contract), or the default of 0.5 was weighed and kept.

A score is what comes of `predict_proba`, `decision_function`, a sigmoid or softmax, a similarity or distance, or a value
whose name says so. A quality metric that decides something (`if f1 < 0.6: retrain()`) counts as well, and so do `round(score)`
(an implied 0.5), `.gt(0.8)` and `.query("score > 0.8")`. Left out: counts, ranks, p-values, range checks, clipping at 0,
asserts, loops' tolerances, plots, and what is compared with a named value.

*Sculley et al., 2015, section 7: Dealing with changes in the external world (fixed thresholds in dynamic systems).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Stale, Target, replace_expression, setting
from paydown.flow.events import Call, Compare
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.world.scores import decides, names_score
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD701",
    severity=WARNING,
    principal=15,
    message="`{text}` decides by a number picked by eye: name it, choose it on validation data",
    in_tests=False,
)
DEFAULT = "`{text}` decides by the default 0.5, which nobody chose: name it, choose it on validation data"
IMPLIED = "`{text}` decides by an implied 0.5, which nobody chose: compare with a named threshold"

_ORDER = frozenset({"<", "<=", ">", ">="})
_METHODS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_QUERY = re.compile(r"\b([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*(0?\.\d+)\b")
_PLAIN = frozenset(
    {
        "p",
        "prob",
        "probs",
        "proba",
        "probas",
        "probability",
        "pred",
        "preds",
        "prediction",
        "score",
        "scores",
        "y",
        "hat",
        "yhat",
        "s",
        "x",
        "output",
    }
)
_QUIET = frozenset({"assert", "range", "while"})
_SHOWN = ("call:matplotlib", "call:seaborn", "call:plt", "call:axhline", "call:numpy.isclose", "call:builtins.print")


@rule.check
def compared(cell: CellView) -> Iterator[Draft]:
    """A score, or a metric that decides, compared with a literal; the same comparison again is the same finding."""
    alike: dict[tuple[str, float], list[Compare]] = {}
    for event in cell.events(Compare):
        number = event.right.number
        if number is not None and _is_decision(event, number):
            alike.setdefault((event.text, number), []).append(event)
    for (text, number), (event, *others) in alike.items():
        if _is_range(cell, event, alike):
            continue
        related = [(other, "decides by the same number") for other in others]
        if event.operator == "round":
            yield rule.at(event, related=related, message=IMPLIED, fixes=(), text=f"round({text})", number=0.5)
            continue
        shown = f"{text} {event.operator} {number!r}"
        yield rule.at(event, related=related, message=DEFAULT if number == 0.5 else None, text=shown, number=number)


def _is_decision(event: Compare, number: float) -> bool:
    if not event.literal or _QUIET & set(event.context):
        return False
    if any(one.startswith(_SHOWN) for one in event.context):
        return False
    return event.operator == "round" or (event.operator in _ORDER and decides(event, number))


def _is_range(cell: CellView, event: Compare, alike: dict[tuple[str, float], list[Compare]]) -> bool:
    """Whether the value is looked at from both sides on one line: `(p > 0.5) & (p < 0.6)` inspects, it decides nothing."""
    line = cell.place_of(event).span.line
    return any(
        other.operator[0] != event.operator[0] and cell.place_of(other).span.line == line
        for (text, _), others in alike.items()
        for other in others
        if text == event.text and other is not event
    )


@rule.check_where("gt(", "ge(", "lt(", "le(", "round", "query")
def called(event: Call, cell: CellView) -> Iterator[Draft]:
    """``scores.gt(0.8)``, ``numpy.round(scores)``, ``frame.query("score > 0.8")``."""
    last = event.call.rpartition(".")[2]
    if last in _METHODS and event.arguments:
        number = event.arguments[0].number
        said = event.receiver.kind == "score"
        if said and number is not None and 0 < number < 1 and "named" not in event.arguments[0].marks:
            text = f".{last}({number!r})"
            yield rule.at(event, message=DEFAULT if number == 0.5 else None, fixes=(), text=text, number=number)
    elif (
        last == "round" and len(event.arguments) == (0 if event.receiver.kind == "score" else 1) and not event.keywords
    ):
        rounded = event.receiver if event.receiver.kind == "score" else event.arguments[0] if event.arguments else None
        if (
            rounded is not None
            and rounded.kind == "score"
            and "margin" not in rounded.marks
            and event.call != "builtins.round"
        ):
            yield rule.at(event, message=IMPLIED, fixes=(), text="round(…)", number=0.5)
    elif last == "query" and event.arguments and isinstance(event.arguments[0].constant, str):
        for name, operator, number_text in _QUERY.findall(event.arguments[0].constant):
            if names_score(name):
                text = f"{name} {operator} {number_text}"
                yield rule.at(event, fixes=(), text=text, number=float(number_text))
                return


@rule.fix("Name the number: a constant with the other settings", safe=True, leaves="fixed-threshold")
def name(target: Target) -> CellEdits:
    """Put the literal into a constant, named after what is compared, wherever it decides the same."""
    for place in (target, *target.related):
        compared, literal = _sides(place)
        constant, edits = setting(place, _named_after(compared), place.segment(place.facts.span(literal)))
        yield from edits
        yield from replace_expression(place, place.facts.span(literal), constant)


def _sides(target: Target) -> tuple[ast.expr, ast.expr]:
    """What is compared, and the literal."""
    compare = target.innermost(target.span, ast.Compare)
    operands = (compare.left, *compare.comparators)
    for index, operand in enumerate(operands):
        literal = operand.operand if isinstance(operand, ast.UnaryOp) else operand
        if isinstance(literal, ast.Constant) and literal.value in (target.fact("number"), -target.fact("number")):
            return operands[index - 1 if index else 1], operand
    raise Stale("the comparison has changed")


def _named_after(compared: ast.expr) -> str:
    match compared:
        case ast.Name(id=said) | ast.Attribute(attr=said) | ast.Subscript(slice=ast.Constant(value=str(said))):
            words = re.findall(r"[a-z0-9]+", said.lower())
            return "THRESHOLD" if set(words) <= _PLAIN or said[:1].isdigit() else f"{'_'.join(words)}_threshold".upper()
    return "THRESHOLD"
