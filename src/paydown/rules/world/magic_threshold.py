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

**How to pay it off.** Name the number and put it with the other settings (the fix does that; where the cell knows a validation part
and its labels, `X_val` and `y_val`, a second one chooses the threshold there by F1); better, choose it on
validation data for what errors cost (`precision_recall_curve`, `TunedThresholdClassifierCV`), and choose it again with each
model.

**When to accept it.** When the number is given from outside (a law, a contract), or the default of 0.5 was weighed and kept.

A score is what comes of `predict_proba`, `decision_function`, a sigmoid or softmax, a similarity or distance, or a value
whose name says so. A quality metric that decides something (`if f1 < 0.6: retrain()`, the condition of a SageMaker or Kubeflow
pipeline) counts as well, and so do `round(score)` (an implied 0.5), `.gt(0.8)`, `np.greater(scores, 0.8)`,
`.query("score > 0.8")` and a number handed on as `score_threshold=0.3`. Left out: counts, ranks, p-values, range checks, clipping,
random draws, asserts, loops' tolerances, plots, metrics that only choose what is printed, the bounds of a stability index (0.1, 0.2,
0.25), and what is compared with a named value.

*Sculley et al., 2015, section 7: Dealing with changes in the external world (fixed thresholds in dynamic systems).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Stale, Target, Unfixable, ensure_import, replace_expression, setting
from paydown.fixes.bindings import is_taken
from paydown.fixes.calls import call_at
from paydown.flow.events import Call, Compare
from paydown.flow.values import Value
from paydown.rule import WARNING, Anchor, Draft, Rule
from paydown.rules.world.scores import (
    decides,
    handed,
    last_name,
    names_metric,
    names_prediction,
    names_score,
    said_of,
    words,
)
from paydown.rules.world.validation import choose, validation
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
_METHODS = {
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
}
# A column, or values, that a lambda is applied to.
_APPLIED = re.compile(r"(.+)\.(?:map|apply|transform)\(\s*lambda (\w+)\s*:", re.DOTALL)
_CONDITIONS = {"ConditionLessThan": "<", "ConditionLessThanOrEqualTo": "<=", "ConditionGreaterThan": ">", "ConditionGreaterThanOrEqualTo": ">="}  # fmt: skip
_KINDS = frozenset({"score", "prediction"})
_THRESHOLD = frozenset({"threshold", "thresh", "thres", "thr", "cutoff"})
# What a threshold is of, and who takes one called just that, when it decides over scores.
_OF_SCORES = frozenset(
    ["score", "scores", "prob", "probability", "confidence", "conf", "similarity", "box", "text", "iou", "nms", "decision",
     "alert", "drift", "distance", "detection", "match", "relevance", "classification"]
)  # fmt: skip
_DECIDERS = frozenset(
    ["predict", "track", "matches", "extract", "detect", "detector", "detection", "classify", "classifier", "decide", "segmentation", "match", "search",
     "retrieve", "retriever", "moderate", "label", "nms", "recognize", "deployment", "bind"]
)  # fmt: skip
# What a threshold defines rather than decides: a metric, a loss, rules of association, what training is told.
_NO_DECIDERS = frozenset(
    [
        "metric",
        "metrics",
        "map",
        "ap",
        "evaluator",
        "evaluate",
        "loss",
        "anchor",
        "apriori",
        "hyperparameters",
        "rules",
        "assigner",
    ]
)
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
_JUDGED = re.compile(
    r"(?:accuracy|precision|recall|f1|fbeta|kappa|matthews\w*)_(?:score|coef)\(|confusion_matrix\(|classification_report\(|hamming_loss\("
)
_PROBABLE = re.compile(r"prob", re.IGNORECASE)
_PART = re.compile(r"_?(?:train(?:ing)?|valid(?:ation)?|val|test|tst|dev|holdout)(?![a-z])", re.IGNORECASE)
_OF_STABILITY = frozenset({0.1, 0.2, 0.25})
_TELLS = re.compile(r"(?:print|display|(?:\w+\.)?(?:log|logger|logging|console)\.\w+)\(")
_QUIET = frozenset({"assert", "range", "while"})
_FINISHED = frozenset(
    {"assign:done", "assign:converged", "assign:finished", "assign:decision_boundary", "assign:boundary"}
)
_GATES = ("call:kfp.dsl.Condition", "call:kfp.dsl.If", "call:kfp.dsl.Elif")
_SHOWN = ("call:matplotlib", "call:seaborn", "call:plt", "call:axhline", "call:numpy.isclose", "call:builtins.print")


@rule.check
def compared(cell: CellView) -> Iterator[Draft]:
    """A score, or a metric that decides, compared with a literal; the same comparison again, or that of another part of
    the data, is the same finding."""
    alike: dict[tuple[str, float], list[Compare]] = {}
    handed: set[Anchor] = set()
    for event in cell.events(Compare):
        number = event.right.number
        if number is None:
            continue
        if _is_decision(cell, event, number):
            of_any = _PART.sub("", event.text)
            alike.setdefault((f"round({of_any})" if event.operator == "round" else of_any, number), []).append(event)
        elif event.via and event.via[-1] not in handed and _is_order(event) and decides(event, number):
            handed.add(event.via[-1])
            yield from _handed_to_own(cell, event, number)
    for (of_any, number), (event, *others) in alike.items():
        text = event.text
        if _is_range(cell, event, alike) or _is_clipping(cell, event, number) or _is_drawn(cell, text):
            continue
        if _is_convention(text, number) or _only_tells(cell, event):
            continue
        if (
            _is_judged(event)
            and sum(said == of_any and _is_judged(tried) for (said, _), (tried, *_) in alike.items()) > 2
        ):
            continue  # several are tried
        related = [(other, "decides by the same number") for other in others]
        if event.operator == "round":
            yield rule.at(event, related=related, message=IMPLIED, fixes=(), text=f"round({text})", number=0.5)
            continue
        shown = f"{text} {event.operator} {number!r}"
        message = DEFAULT if number == 0.5 else None
        known = validation(cell, event)
        fixes = ("name", "choose-on-validation") if known else ("name",)
        yield rule.at(event, related=related, message=message, fixes=fixes, text=shown, number=number, **known)


def _is_decision(cell: CellView, event: Compare, number: float) -> bool:
    if not event.literal:
        return False
    if event.operator == "round":
        return "*" not in event.text and _QUIET.isdisjoint(event.context)
    if not _is_order(event):
        return False
    if decides(event, number) or (number not in (0, 1) and any(one.startswith(_GATES) for one in event.context)):
        return True
    return bool(event.via) and event.left.kind == "unknown" and 0.02 < number < 0.98 and _is_of_scores(cell, event)


def _is_order(event: Compare) -> bool:
    """Whether it asks for more or less than a number, and not in passing."""
    if event.operator not in _ORDER or not (_QUIET | _FINISHED).isdisjoint(event.context):
        return False
    return _is_judged(event) or not any(one.startswith(_SHOWN) for one in event.context)


def _is_of_scores(cell: CellView, event: Compare) -> bool:
    """Whether it stands in a lambda that is applied to scores by their name: ``frame.prob.map(lambda p: p > 0.4)``."""
    call = _called_by(cell, event)
    if call is None or "<lambda>" not in call.call or not event.text.isidentifier():
        return False
    place = cell.place_of(call)
    applied = _APPLIED.match(cell.source(place.span)) if place.cell == cell.id and not place.within else None
    return (
        applied is not None and applied[2] == event.text and (names_score(applied[1]) or names_prediction(applied[1]))
    )


def _called_by(cell: CellView, event: Compare) -> Call | None:
    """The call in whose function it stands."""
    anchor = event.via[-1]
    calls = cell.events(Call) if anchor.cell == cell.id else ()
    return calls[anchor.index] if anchor.index < len(calls) else None


def _handed_to_own(cell: CellView, event: Compare, number: float) -> Iterator[Draft]:
    """A literal handed to a function of the document that decides by it: ``classify(scores, 0.7)``."""
    call = _called_by(cell, event)
    key = handed(call, number) if call is not None else None
    if call is None or key is None or words(call.call.rpartition(".")[2]) & _NO_DECIDERS - {"evaluate"}:
        return
    if words(_parameter(cell, call, key)) & {"alpha", "significance", "level"}:
        return  # of a test
    text = f"{call.call.rpartition('.')[2]}(…, {f'{key}=' if isinstance(key, str) else ''}{number!r})"
    yield rule.at(call, fixes=("name",), text=text, keyword=key, number=number)


def _parameter(cell: CellView, call: Call, key: str | int) -> str:
    """What the function calls what it is given under a keyword or position, if it stands in the cell."""
    if isinstance(key, str):
        return key
    name = call.call.rpartition(".")[2]
    for statement in cell.statements():
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            names = [one.arg for one in statement.args.args if one.arg not in ("self", "cls")]
            return names[key] if key < len(names) else ""
    return ""


def _is_clipping(cell: CellView, event: Compare, number: float) -> bool:
    """Whether the values are set to the number that they are compared with: ``p[p < 0.01] = 0.01``."""
    return "mask" in event.context and re.search(rf"\]\s*=\s*{re.escape(repr(number))}\b", cell.text) is not None


def _is_judged(event: Compare) -> bool:
    """Whether what a comparison decides goes right into a metric: ``f1_score(y, p > 0.3)``."""
    return any(one.startswith("call:") and one.endswith("_score") for one in event.context)


def _is_drawn(cell: CellView, text: str) -> bool:
    """Whether what is compared was drawn at random: ``prob = random.random()``."""
    name = last_name(text)
    return "rand" in cell.text and bool(
        name and re.search(rf"\b{name}\s*=\s*(?:\w+\.)*(?:rand|random|uniform|random_sample)\(", cell.text)
    )


def _is_convention(text: str, number: float) -> bool:
    """Whether it is one of the bounds that everybody reads a population stability index by."""
    return number in _OF_STABILITY and "psi" in said_of(text)


def _only_tells(cell: CellView, event: Compare) -> bool:
    """Whether a metric only decides what is printed about it: ``if accuracy > 0.9: print("good")``."""
    if event.left.kind != "metric" and not names_metric(event.text):
        return False
    place = cell.place_of(event)
    if place.cell != cell.id:
        return False
    line = place.span.line + cell.flow.definitions.get(place.within, 0)
    for node in cell.facts.every(ast.If):
        test = cell.facts.span(node.test)
        if test.line <= line <= test.end_line:
            return all(isinstance(one, ast.Expr) and _TELLS.match(ast.unparse(one)) is not None for one in node.body)
    return False


def _is_range(cell: CellView, event: Compare, alike: dict[tuple[str, float], list[Compare]]) -> bool:
    """Whether the value is looked at from both sides on one line: `(p > 0.5) & (p < 0.6)` inspects, it decides nothing."""
    line = cell.place_of(event).span.line
    return any(
        other.operator[0] != event.operator[0] and cell.place_of(other).span.line == line
        for others in alike.values()
        for other in others
        if other.text == event.text and other is not event
    )


@rule.check_where(
    "gt(", "ge(", "lt(", "le(", "greater", "less", "round", "rint", "query", "thres", "_thr", "thr=", "cutoff", "conf", "iou=",
    "min_", "binarize",
)  # fmt: skip
def called(event: Call, cell: CellView) -> Iterator[Draft]:
    """``scores.gt(0.8)``, ``numpy.round(scores)``, ``frame.query("score > 0.8")``, ``score_threshold=0.3``."""
    last = event.call.rpartition(".")[2]
    if last in _METHODS:
        yield from _compared_by_method(event, last)
    elif last in ("round", "rint"):
        yield from _rounded(event, cell)
    elif last == "binarize":
        yield from _binarized(event)
    elif last == "query":
        yield from _queried(event)
    elif last in _CONDITIONS:
        right = event.argument(1, "right")
        if right is not None and right.number is not None and "named" not in right.marks:
            text = f"{last}(right={right.number!r})"
            yield rule.at(event, fixes=("name",), text=text, keyword="right", number=right.number)
    elif event.keywords and not event.call.startswith("."):
        for keyword, value in event.keywords:
            if _is_handed_on(keyword, value, last):
                text = f"{keyword}={value.number!r}"
                yield rule.at(event, fixes=("name",), text=text, keyword=keyword, number=value.number)
                return


def _compared_by_method(event: Call, last: str) -> Iterator[Draft]:
    arguments = event.arguments
    compared, against = (event.receiver, arguments[:1]) if len(arguments) == 1 else (arguments[:1], arguments[1:2])
    value = compared if isinstance(compared, Value) else next(iter(compared), None)
    number = against[0].number if against else None
    if value is None or number is None or not 0 < number < 1 or "named" in against[0].marks:
        return
    if value.kind in _KINDS or (event.on and (names_score(event.on) or names_prediction(event.on))):
        text = f".{last}({number!r})" if len(arguments) == 1 else f"{last}(…, {number!r})"
        yield rule.at(event, message=DEFAULT if number == 0.5 else None, fixes=(), text=text, number=number)


def _rounded(event: Call, cell: CellView) -> Iterator[Draft]:
    method = event.receiver.kind in _KINDS
    if len(event.arguments) != (0 if method else 1) or event.keywords or event.call == "builtins.round":
        return
    rounded = event.receiver if method else event.arguments[0]
    if rounded.kind not in _KINDS or "margin" in rounded.marks:
        return
    place = cell.place_of(event)
    here = place.cell == cell.id and not place.within
    text = cell.source(place.span) if here else ""
    if "*" in text:  # a product is no probability
        return
    if rounded.kind == "prediction":  # of a regression, or of classes?
        line = cell.facts.lines[place.span.line] if here else ""
        if rounded.name.startswith("sklearn.") or not (_JUDGED.search(line) or _PROBABLE.search(text)):
            return
    yield rule.at(event, message=IMPLIED, fixes=(), text=text if 0 < len(text) < 40 else "round(…)", number=0.5)


def _binarized(event: Call) -> Iterator[Draft]:
    """``sklearn.preprocessing.binarize(scores, threshold=0.3)``."""
    threshold = event.argument(1, "threshold")
    number = threshold.number if threshold is not None and threshold.marks.isdisjoint({"named", "setting"}) else None
    if event.arguments and event.arguments[0].kind in _KINDS and number is not None and 0 < number < 1:
        yield rule.at(
            event, message=DEFAULT if number == 0.5 else None, fixes=("name",), text=f"binarize(…, {number!r})",
            keyword="threshold" if event.keyword("threshold") is not None else 1, number=number,
        )  # fmt: skip


def _queried(event: Call) -> Iterator[Draft]:
    said = event.arguments[0].constant if event.arguments else None
    if not isinstance(said, str) or "named" in event.arguments[0].marks:
        return
    for name, operator, number in _QUERY.findall(said):
        if names_score(name) or names_prediction(name):
            yield rule.at(event, fixes=(), text=f"{name} {operator} {number}", number=float(number))
            return


def _is_handed_on(keyword: str, value: Value, function: str) -> bool:
    """Whether a keyword hands a literal threshold over scores to a function that decides by it."""
    number = value.number
    if number is None or not 0 < number < 1 or value.marks & {"named", "setting"}:
        return False
    said = words(keyword)
    if words(function) & _NO_DECIDERS:
        return False
    if said & _THRESHOLD:
        of = said - _THRESHOLD
        return bool(of & _OF_SCORES) if of else bool(words(function) & _DECIDERS)
    if said & {"min", "minimum"}:
        return bool(said & {"confidence", "conf", "score", "similarity", "probability"})
    return keyword in ("conf", "iou", "confidence") and function in ("predict", "track", "detect", "__call__")


@rule.fix("Name the number: a constant with the other settings", safe=True, leaves="fixed-threshold")
def name(target: Target) -> CellEdits:
    """Put the literal into a constant, named after what is compared, wherever it decides the same."""
    for place in (target, *target.related):
        hint, literal = _handed_on(place) if target.fact("keyword") is not None else _sides(place)
        span = place.facts.span(literal)
        constant, edits = setting(place, hint, place.segment(span))
        yield from edits
        yield from replace_expression(place, span, constant)


@rule.fix("Choose it on the validation data (`{labels}`)", safe=False)
def choose_on_validation(target: Target) -> CellEdits:
    """Bind a threshold with the best F1 there, and decide by it."""
    names = ("threshold", "best_threshold", "chosen_threshold")
    name = next((one for one in names if not is_taken(target, one)), None)
    if name is None:
        raise Unfixable("every name for a threshold is taken")
    _, edits = ensure_import(target, "sklearn.metrics", "precision_recall_curve")
    yield from edits
    yield from choose(target, name)
    for place in (target, *target.related):
        _, literal = _sides(place)
        yield from replace_expression(place, place.facts.span(literal), name)


def _handed_on(target: Target) -> tuple[str, ast.expr]:
    """The name for a number that a call is given, and the literal."""
    keyword, call = target.fact("keyword"), call_at(target, target.span)
    if isinstance(keyword, int):
        if keyword < len(call.args) and isinstance(call.args[keyword], ast.Constant):
            return "THRESHOLD", call.args[keyword]
        raise Stale("the call has changed")
    for one in call.keywords:
        if one.arg == keyword and isinstance(one.value, ast.Constant):
            return "THRESHOLD" if keyword == "right" else keyword.upper(), one.value
    raise Stale("the call has changed")


def _sides(target: Target) -> tuple[str, ast.expr]:
    """The name for a number that something is compared with, and the literal."""
    compare = target.innermost(target.span, ast.Compare)
    operands = (compare.left, *compare.comparators)
    for index, operand in enumerate(operands):
        literal = operand.operand if isinstance(operand, ast.UnaryOp) else operand
        if isinstance(literal, ast.Constant) and literal.value in (target.fact("number"), -target.fact("number")):
            return _named_after(operands[index - 1 if index else 1]), operand
    raise Stale("the comparison has changed")


def _named_after(compared: ast.expr) -> str:
    match compared:
        case ast.Name(id=said) | ast.Attribute(attr=said) | ast.Subscript(slice=ast.Constant(value=str(said))):
            words = re.findall(r"[a-z0-9]+", _PART.sub("", said).lower())
            return "THRESHOLD" if set(words) <= _PLAIN or said[:1].isdigit() else f"{'_'.join(words)}_threshold".upper()
    return "THRESHOLD"
