"""Making one pipeline of preprocessing done by hand and the estimator it is done for."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Target, Unfixable, ensure_import, remove_statement, replace_expression, wrap
from paydown.fixes.bindings import assigned, code_cells, is_constant
from paydown.fixes.calls import call_at
from paydown.fixes.target import facts_of
from paydown.flow.events import Event


def into_pipeline(training: Target, steps: Iterable[Target], split: Target | None = None) -> CellEdits:
    """Take the calls at ``steps`` (``fit``, ``fit_transform``, ``transform`` of preprocessors) away and put the
    preprocessors in front of the estimator that learns at ``training``. ``split`` is where the data is split between.

    Only where names of the top level hold it all, and what is learnt from is what the steps made, nothing beside it.
    """
    made: set[str] = set()
    names: dict[str, Target] = {}
    edits: list[CellEdits] = []
    for step in steps:
        call = call_at(step, step.span)
        statement = _top_level(step)
        made.add(_only_target(statement, call))
        names.setdefault(_receiver(call), step)
        edits.append(_without(step, statement, call))
    if split is not None:
        made |= _parts(split, made)
    call = call_at(training, training.span)
    learnt = call.args[0] if call.args else None
    if not isinstance(learnt, ast.Name) or learnt.id not in made:
        raise Unfixable("the training gets more than the preprocessors made")
    _top_level(training)
    estimator, _ = _bound(training, _receiver(call))
    function, imported = ensure_import(estimator, "sklearn.pipeline", "make_pipeline")
    yield from imported
    steps_text = ", ".join(_available(name, where, estimator) for name, where in names.items())
    yield from wrap(estimator, estimator.span, f"{function}({steps_text}, {{}})")
    for edit in edits:
        yield from edit


def is_plain(event: Event) -> bool:
    """Whether something happens once, at the top level."""
    return not event.function and not event.loop


def _parts(split: Target, made: set[str]) -> set[str]:
    """The names of the parts that a split makes of what the steps made."""
    statement = _top_level(split)
    call = call_at(split, split.span)
    given = {argument.id for argument in call.args if isinstance(argument, ast.Name)}
    if not given & made or not isinstance(statement, ast.Assign) or statement.value is not call:
        raise Unfixable("what is split is not what the preprocessor made")
    return {node.id for target in statement.targets for node in nodes_of(target) if isinstance(node, ast.Name)}


def _top_level(target: Target) -> ast.stmt:
    """The statement around the target, if it is one of the top level."""
    for statement in target.tree.body:
        if statement in target.nodes(target.span, ast.stmt):
            if isinstance(statement, (ast.Assign, ast.Expr)):
                return statement
            break
    raise Unfixable("it doesn't stand at the top level")


def _only_target(statement: ast.stmt, call: ast.Call) -> str:
    """The one name that a statement binds to what ``call`` gives; empty when it binds none."""
    if isinstance(statement, ast.Expr) and statement.value is call:
        return ""
    name, value = assigned(statement)
    if not name or value is not call:
        raise Unfixable("what the preprocessor makes goes into something else")
    return name


def _receiver(call: ast.Call) -> str:
    """The name that a method is called on."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.value.id
    raise Unfixable("the object has no name")


def _bound(target: Target, name: str) -> tuple[Target, ast.Call]:
    """Where the one call stands whose value a name of the top level holds."""
    for cell in code_cells(target.document, name):
        facts = facts_of(cell.text)
        for statement in facts.tree.body:
            bound, value = assigned(statement)
            if bound == name and isinstance(value, ast.Call) and is_constant(target.document, name, value):
                return target.elsewhere(cell.id, facts.span(value)), value
    raise Unfixable(f"`{name}` is bound elsewhere, or more than once")


def _available(name: str, step: Target, estimator: Target) -> str:
    """A preprocessor for the estimator's place: its name if it is bound above, else what makes it."""
    there, value = _bound(step, name)
    if (there.cell.index, there.span.line) < (estimator.cell.index, estimator.span.line):
        return name
    if any(isinstance(node, ast.Name) and node.id != ast.unparse(value.func) for node in nodes_of(value)):
        raise Unfixable(f"`{name}` is made of what comes later")
    return there.segment(there.span)


def _without(step: Target, statement: ast.stmt, call: ast.Call) -> CellEdits:
    """Leave the data as it is where it was fitted to or transformed."""
    name, _ = assigned(statement)
    data = call.args[0] if call.args else None
    assert isinstance(call.func, ast.Attribute)
    if call.func.attr == "fit" and not name:
        yield from remove_statement(step, step.facts.span(statement))
        return
    if data is None:
        raise Unfixable("the call has no data")
    if isinstance(data, ast.Name) and data.id == name:
        yield from remove_statement(step, step.facts.span(statement))
        return
    yield from replace_expression(step, step.facts.span(call), step.segment(step.facts.span(data)))
