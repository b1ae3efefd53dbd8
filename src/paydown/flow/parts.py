"""Attributes and subscripts: the columns, rows and other parts of a value."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from paydown.flow.builtin import parent_of
from paydown.flow.events import Choice, Part, Position, Sample, Select, Statistic
from paydown.flow.functions import decorated, invoke, method
from paydown.flow.learning import columns_of
from paydown.flow.run import Run, source_text
from paydown.flow.values import (
    NOTHING,
    UNKNOWN,
    Value,
    constant,
    derived,
    element,
    marked,
    symbol,
)
from paydown.rule import Anchor

DATA = frozenset({"frame", "array", "tensor", "score", "prediction", "metric"})
_CUTTING = frozenset({ast.Slice, ast.Tuple})
_SIGNS = {
    "os.sep": "/",
    "os.path.sep": "/",
    "os.curdir": ".",
    "os.path.curdir": ".",
    "os.pardir": "..",
    "os.path.pardir": "..",
}
# Attributes that say what a value looks like, not what it holds.
_FORM = frozenset({"shape", "size", "ndim", "dtype", "dtypes", "columns", "index", "empty", "device", "is_cuda"})
_TABLES = frozenset({"frame", "array", "form"})
_SAME = frozenset(
    {"T", "values", "data", "real", "loc", "iloc", "at", "iat", "ix", "str", "dt", "cat", "array", "flat"}
)


def attribute_expression(run: Run, node: ast.Attribute) -> Value:
    """What ``value.attr`` holds."""
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


def subscript_expression(run: Run, node: ast.Subscript) -> Value:
    """What ``value[index]`` holds."""
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


def slice_expression(run: Run, node: ast.Slice) -> Value:
    """A slice: its parts are evaluated, what it cuts is told by what it is asked of."""
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            run.evaluate(part)
    return Value("slice")
