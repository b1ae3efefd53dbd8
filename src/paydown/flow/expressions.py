"""Expressions: what they hold."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import Any

from paydown.flow.builtin import parent_of, percent
from paydown.flow.calls import call
from paydown.flow.events import Choice, Compare, Part, Position, Sample, Select, Statistic
from paydown.flow.functions import decorated, define, invoke, method
from paydown.flow.learning import columns_of
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
    marked,
    mixed,
    partly,
    symbol,
)
from paydown.rule import Anchor

DATA = frozenset({"frame", "array", "tensor", "score", "prediction", "metric"})
_CUTTING = frozenset({ast.Slice, ast.Tuple})
_new = tuple.__new__  # a named tuple's own is a third slower, and literals are what cells are made of
_OPERATORS: dict[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_SIGNS = {
    "os.sep": "/",
    "os.path.sep": "/",
    "os.curdir": ".",
    "os.path.curdir": ".",
    "os.pardir": "..",
    "os.path.pardir": "..",
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
# Attributes that say what a value looks like, not what it holds.
_FORM = frozenset({"shape", "size", "ndim", "dtype", "dtypes", "columns", "index", "empty", "device", "is_cuda"})
_TABLES = frozenset({"frame", "array", "form"})
_SAME = frozenset(
    {"T", "values", "data", "real", "loc", "iloc", "at", "iat", "ix", "str", "dt", "cat", "array", "flat"}
)


def _constant(run: Run, node: ast.Constant) -> Value:
    value = node.value
    if value is ... or isinstance(value, bytes):
        return UNKNOWN
    return _new(Value, ("constant", type(value).__name__, value, NOTHING, NOTHING, ()))


def _name(run: Run, node: ast.Name) -> Value:
    return run.lookup(node.id, node)


def _attribute(run: Run, node: ast.Attribute) -> Value:
    return attribute(run, run.evaluate(node.value), node)


def attribute(run: Run, receiver: Value, node: ast.Attribute) -> Value:
    """What an attribute of a value holds."""
    attr, kind = node.attr, receiver.kind
    if kind == "symbol":
        if (table := run.modules.table(receiver.name)) is not None and attr in table:
            return table[attr]
        name = run.libraries.member(receiver.name, attr)
        return constant(_SIGNS[name]) if name in _SIGNS else symbol(name)
    if kind in ("instance", "class"):
        found = receiver.item(attr)
        if found is not None:
            return found
        made = method(run, receiver, attr) if kind == "instance" else None
        if made is not None and decorated(run, made, "property", "cached_property"):
            return invoke(run, made, (), (), node, receiver)[0]
        return Value("unknown", "", None, receiver.marks & {"setting"})
    if kind == "frame":
        if attr in ("write", "writeTo", "writeStream"):
            return derived(receiver, "writer")._replace(items=(("frame", receiver),))
        if attr == "values":
            return derived(receiver, "array", name=receiver.name if receiver.name.startswith("[") else "")
        if attr in _FORM:
            if attr in ("shape", "size", "ndim", "empty", "index"):
                run.emit(Select, node, _label(node.value), receiver, (), True)
            return Value("form", attr, None, receiver.marks & {"correlated"}, receiver.origins)
        if attr not in _SAME:
            run.emit(Select, node, _label(node.value), receiver, (attr,), True)
            if receiver.name == "correlation":
                return correlated(run, node, receiver)
        return derived(receiver, name=receiver.name if attr in _SAME else _column((attr,)))
    if kind == "groupby":
        return receiver._replace(name=_column((attr,)))
    if kind in DATA:
        if attr in _FORM:
            return Value("form", attr, None, receiver.marks & {"correlated"}, receiver.origins)
        return derived(receiver) if attr in _SAME else derived(receiver, "unknown")
    if kind == "bunch":
        return derived(receiver, "frame" if attr == "frame" else "array" if attr in ("data", "target") else "unknown")
    if kind == "path":
        return _path_attribute(receiver, attr)
    if kind in ("estimator", "search", "transformer"):
        if attr in ("best_estimator_", "estimator"):
            return receiver
        return Value("metric" if attr == "best_score_" else "learned", attr, None, NOTHING, receiver.origins)
    if kind == "response":
        if attr in ("text", "content", "raw", "body"):
            return derived(receiver, "buffer")._replace(constant=receiver.constant)
        return derived(receiver, "unknown")
    if kind == "spark":
        if attr in ("read", "readStream"):
            return Value("reader", "", None, frozenset({"stream"}) if attr == "readStream" else NOTHING)
        return receiver if attr == "sparkSession" else UNKNOWN
    if kind == "unknown" and attr in ("writeStream", "readStream"):
        return Value("writer" if attr == "writeStream" else "reader", "", None, frozenset({"stream"}), receiver.origins)
    if kind in ("unknown", "loader", "file"):
        if (table := run.modules.table(receiver.name)) is not None and attr in table:
            return table[attr]  # of an object of a class of the project
        name = f"{receiver.name}.{attr}" if kind == "unknown" and "." in receiver.name else ""
        return Value("unknown", name, None, receiver.marks, receiver.origins)
    return UNKNOWN


def _path_attribute(receiver: Value, attr: str) -> Value:
    if not isinstance(receiver.constant, str):
        return UNKNOWN
    path = PurePosixPath(receiver.constant)
    match attr:
        case "parent":
            return receiver._replace(constant=parent_of(receiver.constant))
        case "parents":
            above = receiver.constant
            return Value("list", items=tuple(receiver._replace(constant=(above := parent_of(above))) for _ in range(5)))
        case "name" | "stem" | "suffix":
            return constant(getattr(path, attr))
    return UNKNOWN


def _label(node: ast.AST) -> str:
    return source_text(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""


def _subscript(run: Run, node: ast.Subscript) -> Value:
    receiver = run.evaluate(node.value)
    run.context.append("mask")
    index = run.evaluate(node.slice)
    run.context.pop()
    kind = receiver.kind
    if "ranked" in receiver.marks and index.constant in (0, -1) and index.kind == "constant":
        run.emit(Choice, node, receiver, "first")
    if receiver.origins and kind in _TABLES and (place := _place_of_columns(node, receiver)) is not None:
        around = tuple(run.context[-4:][::-1])
        run.emit(Position, node, _label(node.value), receiver, ast.unparse(place), around)
    if kind in ("tuple", "list"):
        position = index.constant if index.kind == "constant" else None
        if isinstance(position, int) and -len(receiver.items) <= position < len(receiver.items):
            held: Value = receiver.items[position]
            # Of a list with a name, a number has one as well.
            return marked(held, "named") if held.kind == "constant" and isinstance(node.value, ast.Name) else held
        cut = _cut(node)
        if cut[1] and receiver.origins:
            return _sampled(run, node, receiver, cut)
        return derived(receiver) if isinstance(node.slice, ast.Slice) else element(receiver)
    if kind in ("dict", "instance"):
        found = receiver.item(index.constant) if index.kind == "constant" else None
        if found is None and kind == "dict" and index.kind != "constant" and receiver.items:
            found = element(Value("list", items=tuple(value for _, value in receiver.items)))
        if found is not None:
            return marked(found, "named") if found.kind == "constant" else found  # by its key
        return Value("unknown", "", None, receiver.marks & {"setting"}, NOTHING)
    if kind == "symbol":
        if receiver.name in ("os.environ",):
            return Value("unknown", "", None, frozenset({"setting", "environment"}))
        return receiver if receiver.name.startswith("typing.") else UNKNOWN
    if kind in DATA or kind in ("unknown", "bunch"):
        part = derived(receiver) if kind != "bunch" else attribute_of_bunch(receiver, index)
        if index.kind in ("index", "tuple", "unknown") or index.marks:
            roles = index.marks & {"train", "test"}
            if index.kind == "tuple":
                roles = frozenset().union(
                    *(item.marks & {"train", "test"} for item in index.items if item.kind == "index")
                )
            if roles:
                part = part._replace(marks=part.marks | roles, origins=part.origins | index.origins)
        if index.origins or index.kind == "tuple":
            part = _marked_as_chosen(part, _chosen_by(index))
        if receiver.name == "correlation" and index.kind == "constant":
            part = correlated(run, node, receiver)
        if kind == "frame":
            keys = _keys(index)
            run.emit(Select, node, _label(node.value), receiver, keys, False)
            part = part._replace(name=_column(keys))
            columns = keys or (_keys(index.items[1]) if index.kind == "tuple" and len(index.items) == 2 else ())
            if index.kind == "list" and len(keys) > 1:
                part = marked(part, "arranged")  # its columns stand in the order of the list
            if columns and receiver.marks:
                part = columns_of(receiver, part, columns, kept=True)
        if receiver.origins and (at := _place_of_cut(node)) is not None:
            place, head = at
            # At the length of other data: what was put together is only taken apart again.
            if run.evaluate(place).kind not in ("count", "form"):
                anchor = run.emit(Part, node, part, ast.unparse(place), head)
                part = part._replace(origins=part.origins | {anchor})
        elif receiver.origins and (told := _choice_of_rows(node.slice, index)) is not None:
            anchor = run.emit(Part, node, part, *told)
            part = part._replace(origins=part.origins | {anchor})
        if (kind != "unknown" or receiver.origins) and (cut := _cut(node))[0]:
            return _sampled(run, node, part, cut)
        return part
    if kind == "form":
        chosen = {one for one in index.origins if one.kind == "Fit"}
        return receiver._replace(origins=receiver.origins | chosen)
    if kind == "groupby":
        return receiver._replace(name=_column(_keys(index)))
    return Value("unknown", "", None, receiver.marks, receiver.origins)


def _marked_as_chosen(part: Value, by: frozenset[Anchor]) -> Value:
    if not by:
        return part
    learnt = any(one.kind == "Fit" for one in by)
    return part._replace(marks=part.marks | {"chosen"} if learnt else part.marks, origins=part.origins | by)


def _chosen_by(index: Value) -> frozenset[Anchor]:
    """What rows are drawn by by chance, or columns by what was learnt of them."""
    if index.kind == "tuple" and len(index.items) == 2:
        learnt: Value = index.items[1]
        return frozenset(one for one in learnt.origins if one.kind == "Fit")
    if index.kind not in ("array", "form", "learned", "list"):
        return NOTHING
    kinds = ("Random", "Fit", "Statistic") if "correlated" in index.marks else ("Random", "Fit")
    return frozenset(one for one in index.origins if one.kind in kinds)


def _column(keys: tuple[str, ...]) -> str:
    """The name of a lone column's value: ``[sales]``."""
    return f"[{keys[0]}]" if len(keys) == 1 and "." not in keys[0] else ""


def correlated(run: Run, node: ast.expr, receiver: Value) -> Value:
    """The correlation of all columns with one of them."""
    anchor = run.emit(Statistic, node, "correlation", receiver, (), (), receiver, "corr")
    return marked(derived(receiver), "correlated", origin=anchor)


def _place_of_cut(node: ast.Subscript) -> tuple[ast.expr, bool] | None:
    """Where a slice of rows cuts its data in two, and whether this is the head."""
    index = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    match index:
        case ast.Slice(lower=None | ast.Constant(value=0), upper=ast.expr() as place, step=None):
            return place, True
        case ast.Slice(lower=ast.expr() as place, upper=None, step=None):
            return place, False
    return None


_LOW, _HIGH = (ast.Lt, ast.LtE), (ast.Gt, ast.GtE)


def _choice_of_rows(node: ast.expr, index: Value) -> tuple[str, bool] | None:
    """What a mask asks that cuts data in two (``day < START``, a mask drawn by chance), and whether this is the head."""
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if isinstance(operator, (*_LOW, *_HIGH)):
            return f"`{ast.unparse(left)} < {ast.unparse(right)}`", isinstance(operator, _LOW)
        case ast.Name(id=name) if any(one.kind == "Random" for one in index.origins):
            return f"`{name}`", True
        case ast.UnaryOp(op=ast.Invert(), operand=ast.Name(id=name)):
            return f"`{name}`", False
    return None


def _place_of_columns(node: ast.Subscript, receiver: Value) -> ast.expr | None:
    """The literal places that columns are chosen by: of all rows, or of the columns' names."""
    index = node.slice
    if receiver.kind == "form":
        place = index if receiver.name == "columns" else None
    elif type(index) is ast.Tuple and len(index.elts) == 2 and type(index.elts[0]) is ast.Slice:
        place = index.elts[1]
    else:
        return None
    match place:
        case ast.Constant(value=int()) | ast.List(elts=[ast.Constant(value=int()), *_]):
            return place
        case ast.Slice(lower=ast.Constant() | None, upper=ast.Constant() | None, step=None) if (
            place.lower or place.upper
        ):
            return place
    return None


def attribute_of_bunch(receiver: Value, index: Value) -> Value:
    """What a key of scikit-learn's ``Bunch`` holds."""
    return derived(receiver, "array" if index.constant in ("data", "target") else "unknown")


def _keys(index: Value) -> tuple[str, ...]:
    if index.kind == "constant" and isinstance(index.constant, str):
        return (index.constant,)
    if index.kind == "list" and all(isinstance(item.constant, str) for item in index.items):
        return tuple(item.constant for item in index.items)
    return ()


def _cut(node: ast.Subscript) -> tuple[str, float]:
    """The text and size of ``[:1000]``, if the slice takes a literal number of the first rows; of ``[1000:]``, what
    such a cut leaves over, the size is 0."""
    if type(node.slice) not in _CUTTING or (isinstance(node.value, ast.Attribute) and node.value.attr == "str"):
        return ("", 0)
    index = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    match index:
        case ast.Slice(lower=None | ast.Constant(value=0), upper=ast.Constant(value=int(rows)), step=None) if rows > 1:
            return (f"[:{rows}]", rows)
        case ast.Slice(lower=ast.Constant(value=int(rows)), step=None) if rows > 1:
            return (f"[{rows}:]", 0)
        case ast.Slice(lower=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(rows))), upper=None, step=None):
            return (f"[-{rows}:]", 0)
    return ("", 0)


def _sampled(run: Run, node: ast.AST, part: Value, cut: tuple[str, float]) -> Value:
    if not cut[0]:
        return part
    anchor = run.emit(Sample, node, "[]", part, (), (), part, cut[0], cut[1], bool(run.guards))
    return marked(part, "sampled", origin=anchor) if cut[1] else part


def _slice(run: Run, node: ast.Slice) -> Value:
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            run.evaluate(part)
    return Value("slice")


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
        ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute, ast.Subscript: _subscript,
        ast.Slice: _slice, ast.Tuple: _sequence, ast.List: _sequence, ast.Set: _sequence, ast.Dict: _dict,
        ast.BinOp: _binary, ast.UnaryOp: _unary, ast.BoolOp: _boolean, ast.Compare: _compare,
        ast.IfExp: _conditional, ast.JoinedStr: _formatted, ast.FormattedValue: _inner,
        ast.ListComp: _comprehension, ast.SetComp: _comprehension, ast.GeneratorExp: _comprehension,
        ast.DictComp: _comprehension, ast.Lambda: _lambda, ast.NamedExpr: _named, ast.Starred: _inner,
        ast.Await: _inner, ast.Yield: _inner, ast.YieldFrom: _inner, ast.Call: call,
    }
)  # fmt: skip
