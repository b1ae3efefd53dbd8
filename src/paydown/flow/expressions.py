"""Expressions: what they hold."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import Any

from paydown.flow.builtin import percent
from paydown.flow.calls import call
from paydown.flow.events import Choice, Compare
from paydown.flow.functions import define
from paydown.flow.parts import DATA, attribute_expression, slice_expression, subscript_expression
from paydown.flow.run import EXPRESSIONS, Run, source_text
from paydown.flow.values import (
    HOLE,
    MOST_ITEMS,
    NOTHING,
    UNKNOWN,
    Value,
    constant,
    derived,
    element,
    joined,
    mixed,
    partly,
)

_new = tuple.__new__  # a named tuple's own is a third slower, and literals are what cells are made of
_OPERATORS: dict[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _constant(run: Run, node: ast.Constant) -> Value:
    value = node.value
    if value is ... or isinstance(value, bytes):
        return UNKNOWN
    return _new(Value, ("constant", type(value).__name__, value, NOTHING, NOTHING, ()))


def _name(run: Run, node: ast.Name) -> Value:
    return run.lookup(node.id, node)


def _sequence(run: Run, node: Any) -> Value:
    kind = "tuple" if isinstance(node, ast.Tuple) else "list"
    items = []
    star = False
    for item in node.elts[:MOST_ITEMS]:
        if isinstance(item, ast.Starred):
            star = True
            items.append(element(run.evaluate(item.value)))
        else:
            items.append(run.evaluate(item))
    whole = len(node.elts) <= MOST_ITEMS and not star
    return mixed(items, kind, "", tuple(items) if whole else ())


def _dict(run: Run, node: ast.Dict) -> Value:
    items: list[tuple[Any, Value]] = []
    whole = True
    values = []
    for key, value in zip(node.keys[:MOST_ITEMS], node.values[:MOST_ITEMS], strict=True):
        held = run.evaluate(value)
        values.append(held)
        name = run.evaluate(key) if key is not None else None
        if key is None and held.kind == "dict":
            items += held.items
        elif name is not None and name.kind == "constant":
            items.append((name.constant, held))
        else:
            whole = False
    return mixed(values, "dict", "" if whole else "open", tuple(items))


def _binary(run: Run, node: ast.BinOp) -> Value:
    left, right = run.evaluate(node.left), run.evaluate(node.right)
    if left.kind == "constant" and right.kind == "constant":
        return _fold(node.op, left, right)
    if left.kind == "path" and isinstance(node.op, ast.Div) and right.text is not None and left.text is not None:
        return left._replace(constant=join_paths(left.text, right.text))
    if left.kind == "path" and isinstance(node.op, ast.Div):
        return partly(f"{left.pieces}/{right.pieces}", left.marks, "path")
    if isinstance(node.op, ast.Add) and (left.pieces != HOLE or right.pieces != HOLE):
        known = partly(left.pieces + right.pieces)
        if known.items and left.kind in ("constant", "unknown") and right.kind in ("constant", "unknown"):
            return known._replace(marks=left.marks | right.marks, origins=left.origins | right.origins)
    if isinstance(node.op, ast.Mod) and left.kind == "constant" and isinstance(left.constant, str):
        return percent(left.constant, right) if len(left.constant) < 500 else UNKNOWN
    if left.kind == "list" and right.kind == "list" and isinstance(node.op, ast.Add):
        return mixed((left, right), "list", "", (*left.items, *right.items)[:MOST_ITEMS])
    return combine(left, right)


def combine(left: Value, right: Value) -> Value:
    """What arithmetic between two values gives."""
    for one in (left, right):
        if one.kind in ("score", "metric"):
            return mixed((left, right), one.kind)
    for kind in ("frame", "tensor", "array", "prediction"):
        if kind in (left.kind, right.kind):
            return mixed((left, right), kind)
    return mixed((left, right)) if left.origins or right.origins or left.marks or right.marks else UNKNOWN


def join_paths(left: str, right: str) -> str:
    """``left / right``."""
    if "://" in left:
        return left.rstrip("/") + "/" + right
    return str(PurePosixPath(left) / right)


def _fold(operator: ast.operator, left: Value, right: Value) -> Value:
    a, b = left.constant, right.constant
    marks = left.marks | right.marks
    try:
        match operator:
            case ast.Add() if isinstance(a, str) == isinstance(b, str):
                found = a + b
            case ast.Sub():
                found = a - b
            case ast.Mult() if not isinstance(a, str) and not isinstance(b, str):
                found = a * b
            case ast.Div():
                found = a / b
            case ast.FloorDiv():
                found = a // b
            case ast.Mod() if isinstance(a, str) and len(a) < 500:
                found = a % b
            case ast.Pow() if isinstance(b, int) and abs(b) < 64 and not isinstance(a, str) and abs(a) < 1e6:
                found = a**b
            case _:
                return UNKNOWN
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN
    if isinstance(found, str) and len(found) > 4_000:
        return UNKNOWN
    return Value("constant", type(found).__name__, found, marks)


def _unary(run: Run, node: ast.UnaryOp) -> Value:
    value = run.evaluate(node.operand)
    if value.kind == "constant":
        try:
            match node.op:
                case ast.USub():
                    return constant(-value.constant)._replace(marks=value.marks)
                case ast.Not():
                    return constant(not value.constant)._replace(marks=value.marks)
        except TypeError:
            return UNKNOWN
        return value if isinstance(node.op, ast.UAdd) else UNKNOWN
    return derived(value) if value.kind in DATA else UNKNOWN


def _boolean(run: Run, node: ast.BoolOp) -> Value:
    values = [run.evaluate(value) for value in node.values]
    if isinstance(node.op, ast.Or) and any(value.kind != "constant" for value in values):
        found = values[0]
        for value in values[1:]:
            found = joined(found, value)
        return found
    return Value("truth")


def _compare(run: Run, node: ast.Compare) -> Value:
    left = run.evaluate(node.left)
    origins = left.origins
    mask = left.kind in ("frame", "array", "tensor", "score", "prediction")
    tuned = left.marks & {"tuned-on-test"}
    ranged = len(node.ops) > 1
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = run.evaluate(right_node)
        spelled = _OPERATORS[type(operator)]
        if right.number is not None and left.number is None:
            compared(run, node, left, spelled, right, node.left, ranged=ranged)
        elif left.number is not None and right.number is None:
            compared(run, node, right, _MIRRORED.get(spelled, spelled), left, right_node, ranged=ranged)
        elif "metric" in (left.kind, right.kind) and not {"if", "choice"}.isdisjoint(run.context[-2:]):
            run.emit(Choice, node, mixed((left, right)), "if")
        origins = origins | right.origins
        tuned |= right.marks & {"tuned-on-test"}
        mask = mask or right.kind in ("frame", "array", "tensor", "score", "prediction")
        left = right
    return Value("mask" if mask else "truth", "", None, tuned, origins)


_NOT_LITERAL = frozenset({"named", "setting"})


def compared(run: Run, node: Any, left: Value, operator: str, right: Value, text: Any, *, ranged: bool = False) -> None:
    """Record a comparison with a number."""
    if operator in ("in", "not in", "is", "is not"):
        return
    context = tuple(run.context[-4:][::-1])
    literal = right.marks.isdisjoint(_NOT_LITERAL)
    run.emit(
        Compare, node, left, operator, right, literal, text if isinstance(text, str) else source_text(text),
        ("range", *context) if ranged else context, detail=operator,
    )  # fmt: skip


def _conditional(run: Run, node: ast.IfExp) -> Value:
    run.context.append("choice")
    run.evaluate(node.test)
    run.context.pop()
    run.guards.append((node.test, True))
    then = run.evaluate(node.body)
    run.guards[-1] = node.test, False
    otherwise = run.evaluate(node.orelse)
    run.guards.pop()
    return joined(then, otherwise)


def _formatted(run: Run, node: ast.JoinedStr) -> Value:
    pieces: list[str] = []
    marks: frozenset[str] = NOTHING
    whole = True
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            pieces.append(str(piece.value))
            continue
        assert isinstance(piece, ast.FormattedValue)
        value = run.evaluate(piece.value)
        marks |= value.marks & {"setting", "environment"}
        known = value.kind == "path" or (value.kind == "constant" and piece.format_spec is None)
        if known and value.constant is not None:
            pieces.append(str(value.constant))
        else:
            whole = False
            pieces.append(value.pieces)
    if not whole:
        return partly("".join(pieces), marks)
    return constant("".join(pieces))._replace(marks=marks)


def _comprehension(run: Run, node: Any) -> Value:
    """A comprehension binds its names in a scope of its own."""
    scope = run.scope()
    before: dict[str, Value | None] = {}
    for generator in node.generators:
        iterated = run.evaluate(generator.iter)
        for name in target_names(generator.target):
            if name not in before:
                before[name] = scope.get(name)
        _quiet_bind(run, generator.target, element(iterated))
        for condition in generator.ifs:
            run.context.append("filter")
            run.evaluate(condition)
            run.context.pop()
    run.loop += 1
    if isinstance(node, ast.DictComp):
        run.evaluate(node.key)
        found = run.evaluate(node.value)
        kind = "dict"
    else:
        found = run.evaluate(node.elt)
        kind = "list"
    run.loop -= 1
    scope = run.scope()
    for name, value in before.items():
        if value is not None:
            scope[name] = value
        else:
            scope.pop(name, None)
    if kind == "dict" or found.kind == "unknown":
        return Value(kind, "", None, found.marks, found.origins)
    return Value(kind, "many", None, found.marks, found.origins, (found,))


def _quiet_bind(run: Run, target: Any, value: Value) -> None:
    scope = run.scope()
    if isinstance(target, ast.Name):
        scope[target.id] = value
    elif isinstance(target, (ast.Tuple, ast.List)):
        parts = value.items if value.kind == "tuple" and len(value.items) == len(target.elts) else ()
        for position, part in enumerate(target.elts):
            _quiet_bind(run, part, parts[position] if parts else derived(value, "unknown"))
    elif isinstance(target, ast.Starred):
        _quiet_bind(run, target.value, UNKNOWN)


def target_names(target: Any) -> list[str]:
    """The names an assignment's target binds."""
    match target:
        case ast.Name(id=name):
            return [name]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [name for part in parts for name in target_names(part)]
        case ast.Starred(value=value):
            return target_names(value)
    return []


def _lambda(run: Run, node: ast.Lambda) -> Value:
    return define(run, node, "<lambda>")


def _named(run: Run, node: ast.NamedExpr) -> Value:
    value = run.evaluate(node.value)
    run.bind(node.target.id, value, node.target)
    return value


def _inner(run: Run, node: Any) -> Value:
    return run.evaluate(node.value) if node.value is not None else UNKNOWN


def _parts(run: Run, node: Any) -> Value:
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            run.evaluate(part)
    return UNKNOWN


EXPRESSIONS.update(
    {
        ast.Constant: _constant, ast.Name: _name, ast.Attribute: attribute_expression, ast.Subscript: subscript_expression,
        ast.Slice: slice_expression, ast.Tuple: _sequence, ast.List: _sequence, ast.Set: _sequence, ast.Dict: _dict,
        ast.BinOp: _binary, ast.UnaryOp: _unary, ast.BoolOp: _boolean, ast.Compare: _compare,
        ast.IfExp: _conditional, ast.JoinedStr: _formatted, ast.FormattedValue: _inner,
        ast.ListComp: _comprehension, ast.SetComp: _comprehension, ast.GeneratorExp: _comprehension,
        ast.DictComp: _comprehension, ast.Lambda: _lambda, ast.NamedExpr: _named, ast.Starred: _inner,
        ast.Await: _inner, ast.Yield: _inner, ast.YieldFrom: _inner, ast.Call: call,
    }
)  # fmt: skip
