"""Where a cell knows a validation part with labels: how a threshold over the same model's scores is chosen on it."""

from __future__ import annotations

import ast
import re
from typing import Any

from paydown.facts import nodes_of
from paydown.fixes.bindings import is_taken
from paydown.fixes.statements import bound_by, insert_above
from paydown.fixes.target import CellEdits, Target, Unfixable, walk_own
from paydown.flow.events import Compare
from paydown.rules.world.scores import last_name
from paydown.view import CellView

_FEATURES = re.compile(r"[Xx](\w*val\w*|_cv|_dev)")
_ENOUGH = (("precision", "recall", "thresholds"), ("precisions", "recalls", "candidates"))


def validation(cell: CellView, event: Compare) -> dict[str, Any]:
    """The expression that gives the ``scores`` of the validation part, and the name of its ``labels``; empty when the
    cell knows no such part above, or the compared score is no plain probability or margin that it computes."""
    if event.function or event.via or event.left.kind != "score" or event.operator[0] not in "<>":
        return {}
    line = cell.place_of(event).span.line + 1
    body = [statement for statement in cell.facts.tree.body if statement.lineno <= line]
    above = [statement for statement in body if (statement.end_lineno or 0) < line]
    known = bound_by(walk_own(above)) | {name for name, value in cell.flow.reads.items() if value is not None}
    parts = ((name, f"y{match[1]}") for name in sorted(known) if (match := _FEATURES.fullmatch(name)))
    features, labels = next(((name, other) for name, other in parts if other in known), ("", ""))
    scored = last_name(event.text)
    for statement in reversed(body) if labels else ():
        if statement in above and not _binds(statement, scored):
            continue
        scores = next(filter(None, (_scores(node, features) for node in nodes_of(statement))), "")
        if scores:
            return {"scores": scores, "labels": labels}
        if statement in above:
            return {}  # what it's bound to last isn't a plain score
    return {}


def choose(target: Target, name: str) -> CellEdits:
    """Choose ``name`` above the target's statement: the threshold with the best F1 on the validation part."""
    curve = next((names for names in _ENOUGH if not any(is_taken(target, one) for one in names)), None)
    if curve is None:
        raise Unfixable("the names of the curve are taken")
    precision, recall, thresholds = curve
    scores, labels = target.fact("scores"), target.fact("labels")
    first = f"{precision}, {recall}, {thresholds} = precision_recall_curve({labels}, {scores})"
    f1 = f"({precision} * {recall} / ({precision} + {recall} + 1e-9))[:-1]"
    second = f"{name} = {thresholds}[{f1}.argmax()]  # the best F1 on validation data"
    yield from insert_above(target, target.span, f"{first}{target.newline}{second}")


def _binds(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id=bound)]):
            return bound == name
    return False


def _scores(node: ast.AST, features: str) -> str:
    """``model.predict_proba(X)[:, 1]`` or ``model.decision_function(X)``, of other features."""
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=model), attr="predict_proba"), args=[_], keywords=[]),
            slice=ast.Tuple(elts=[ast.Slice(lower=None, upper=None), ast.Constant(value=1)]),
        ):
            return f"{model}.predict_proba({features})[:, 1]"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=model), attr="decision_function"), args=[_], keywords=[]):
            return f"{model}.decision_function({features})"
    return ""
