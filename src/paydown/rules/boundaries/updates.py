"""Which changes of a value, made twice, give something else than made once."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from paydown.facts import nodes_of
from paydown.rules.boundaries.scene import Scene, is_made, root

AGAIN = "again"  # another result
FAILS = "fails"  # an error
GROWS = "grows"

_FAILING = frozenset(
    {"drop", "set_index", "pop", "insert", "split", "toarray", "todense", "to_numpy", "to_frame", "toPandas", "collect"}
)
_FORMS_ONLY = frozenset({"toarray", "todense", "to_numpy", "to_frame", "toPandas", "collect"})
_CHANGING = frozenset(
    {"merge", "join", "append", "concat", "transpose", "shift", "diff", "pct_change", "cumsum", "cumprod", "stack",
     "unstack", "melt", "reset_index", "unsqueeze", "permute", "map", "swapaxes", "pow", "div", "mul", "add", "sub", "mod",
     "divide", "multiply", "subtract", "transform", "inverse_transform", "repeat", "tile", "add_prefix", "add_suffix"}
)  # fmt: skip
_FUNCTIONS = {
    "pandas.get_dummies": FAILS, "pandas.concat": GROWS, "pandas.merge": AGAIN, "pandas.melt": FAILS,
    "numpy.append": GROWS, "numpy.concatenate": GROWS, "numpy.vstack": GROWS, "numpy.hstack": GROWS,
    "numpy.delete": AGAIN, "numpy.insert": GROWS, "numpy.expand_dims": AGAIN, "numpy.transpose": AGAIN,
    "numpy.log": AGAIN, "numpy.log1p": AGAIN, "numpy.log10": AGAIN, "numpy.log2": AGAIN, "numpy.sqrt": AGAIN,
    "numpy.exp": AGAIN, "numpy.expm1": AGAIN, "numpy.square": AGAIN, "numpy.cumsum": AGAIN, "numpy.diff": AGAIN,
    "numpy.power": AGAIN, "numpy.divide": AGAIN, "numpy.multiply": AGAIN, "os.path.join": GROWS, "os.path.dirname": AGAIN,
    "keras.utils.to_categorical": AGAIN, "torch.unsqueeze": AGAIN, "json.loads": FAILS, "sklearn.preprocessing.normalize": "",
}  # fmt: skip
_PUT_TOGETHER = frozenset({"pandas.concat", "numpy.concatenate", "numpy.vstack", "numpy.hstack"})
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.MatMult)
_GROWING = frozenset({"append", "extend", "insert", "appendleft"})
_REMOVING = frozenset({"pop", "remove", "popitem", "popleft"})
_IN_PLACE = frozenset({"drop", "set_index", "reset_index"})
_METHODS = _GROWING | _REMOVING | _IN_PLACE


class Update(NamedTuple):
    """A change of ``name`` from its own old value. ``kind`` is what a second time does, ``how`` the change in short."""

    name: str
    node: ast.stmt
    kind: str
    how: str
    rebinds: bool


def updates(body: list[ast.stmt], names: frozenset[str], scene: Scene) -> Iterator[Update]:
    """The changes in statements that run with the cell, outside of conditions."""
    for node in body:
        if isinstance(node, ast.Assign):
            yield from _assigned(node, names, scene)
        elif isinstance(node, ast.Expr):
            if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
                yield from _called(node, node.value, node.value.func, names, scene)
        elif type(node) in _OTHERS:
            yield from _OTHERS[type(node)](node, names, scene)


def _augmented(node: ast.AugAssign, names: frozenset[str], scene: Scene) -> Iterator[Update]:
    """``x += 1``; but not where it asks first which rows, and not what is the same the second time."""
    name = root(node.target)
    if name not in names or isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.Mod)):
        return
    asks = isinstance(node.target, ast.Subscript) and _uses(node.target.slice, name)
    anew = is_made(node.target, scene) or _depends(node.value, _spelling(node.target) or name, scene)
    if not asks and not anew and not _is_gradient_step(node):
        grows = isinstance(node.op, ast.Add) and name in scene.lists
        yield Update(name, node, GROWS if grows else AGAIN, _SIGNS.get(type(node.op), "…") + "=", False)


_GRADIENT = re.compile(r"grad|delta|^d[A-Z_0-9]|^d[a-z]$", re.IGNORECASE)


def _is_gradient_step(node: ast.AugAssign) -> bool:
    """``weights -= rate * gradient``: training, meant to be done again."""
    if not isinstance(node.op, ast.Sub):
        return False
    names = (part.id for part in nodes_of(node.value) if isinstance(part, ast.Name))
    return any(_GRADIENT.search(name) for name in names)


def _deleted(node: ast.Delete, names: frozenset[str], scene: Scene) -> Iterator[Update]:
    """``del x["k"]``, unless the cell sets it."""
    for target in node.targets:
        name = root(target) if isinstance(target, ast.Subscript) else ""
        if name in names and isinstance(target, ast.Subscript) and (name, _text(target.slice)) not in scene.made:
            yield Update(name, node, FAILS, "del", False)


def _looped(node: ast.For | ast.While, names: frozenset[str], scene: Scene) -> Iterator[Update]:
    found = list(updates([*_unguarded(node.body), *node.orelse], names, scene))
    failing = {update.name for update in found if update.kind == FAILS}
    yield from (update for update in found if update.name not in failing)


def _within(node: ast.With, names: frozenset[str], scene: Scene) -> Iterator[Update]:
    yield from updates(node.body, names, scene)


_OTHERS: dict[type, Callable[[Any, frozenset[str], Scene], Iterator[Update]]] = {
    ast.AugAssign: _augmented, ast.Delete: _deleted, ast.For: _looped, ast.While: _looped, ast.With: _within,
}  # fmt: skip


def _unguarded(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a loop's body; a condition in a loop is no guard unless it asks for the name."""
    for node in body:
        if isinstance(node, ast.If):
            asked = {part.id for part in nodes_of(node.test) if isinstance(part, ast.Name)}
            for inner in (*_unguarded(node.body), *_unguarded(node.orelse)):
                if not asked & {part.id for part in nodes_of(inner) if isinstance(part, ast.Name)}:
                    yield inner
        else:
            yield node


_PLAIN = (ast.Name, ast.Constant, ast.List, ast.Dict, ast.Tuple, ast.Set, ast.Compare, ast.ListComp, ast.DictComp)
_SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Pow: "**", ast.MatMult: "@",
    ast.Mod: "%",
}  # fmt: skip


def _uses(node: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in nodes_of(node))


def _assigned(node: ast.Assign, names: frozenset[str], scene: Scene) -> Iterator[Update]:
    """``x = f(x)``, ``x[k] = f(x[k])``, ``x.k = f(x.k)``, ``y = x.pop(k)``."""
    value = node.value
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=popped), attr="pop"), args=[ast.Constant(value=str(key))]):
            if popped in names and (popped, key) not in scene.made:
                yield Update(popped, node, FAILS, ".pop(…)", False)
            return
    target = node.targets[0]
    match target:
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id=name), attr="loc"),
            slice=ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=counted)]),
        ) if name == counted and name in names:
            yield Update(name, node, GROWS, ".loc[len(…)]", False)
            return
    if isinstance(value, _PLAIN) or len(node.targets) > 1 or root(target) not in names or is_made(target, scene):
        return
    subject = _spelling(target)
    found = _again(value, subject, scene) if subject else None
    if found is not None:
        yield Update(root(target), node, *found, isinstance(target, ast.Name))


def _again(value: ast.expr, subject: str, scene: Scene) -> tuple[str, str] | None:
    """What it gives to compute ``value`` of the subject's own result; ``None`` when that is the same or unknown."""
    match value:
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ARITHMETIC):
            for one, other in ((left, right), (right, left)):
                itself = _is(_unwrapped(one), subject)
                if itself and not _depends(other, subject, scene) and not _is_neutral(op, other):
                    return AGAIN, _SIGNS[type(op)]
            # Only one side may hold the subject: `(x - x.mean()) / x.std()` is the same a second time.
            sides = [side for side in (left, right) if _depends(side, subject, scene)]
            return _again(sides[0], subject, scene) if len(sides) == 1 else None
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand) if _is(operand, subject):
            return AGAIN, "-" if isinstance(value.op, ast.USub) else "not"
        case ast.Subscript(value=inner, slice=index) if _is(inner, subject) or _is_accessor(inner, subject):
            return _cut(index)
        case ast.Subscript(value=ast.Attribute(value=inner, attr="str"), slice=ast.Slice() as index) if _is(
            inner, subject
        ):
            return _cut(index)
        case ast.Attribute(value=inner, attr="T") if _is(inner, subject):
            return AGAIN, ".T"
        case ast.Attribute(value=inner, attr="values") if _is(inner, subject) and subject.isidentifier():
            return FAILS, ".values"
        case ast.JoinedStr():
            parts = (part.value for part in value.values if isinstance(part, ast.FormattedValue))
            return (GROWS, 'f"…"') if any(_is(part, subject) for part in parts) else None
        case ast.Call():
            return _called_again(value, subject, scene)
    return None


def _called_again(call: ast.Call, subject: str, scene: Scene) -> tuple[str, str] | None:
    name = _dotted(call.func, scene)
    given = call.args[0] if call.args else None
    if name in _FUNCTIONS and given is not None:
        kind = _FUNCTIONS[name]
        parts = given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]
        if name in _PUT_TOGETHER and parts == [given]:  # the parts of the name itself
            kind = AGAIN if name.startswith("numpy.") else FAILS
        if name == "pandas.get_dummies" and not any(one.arg == "columns" for one in call.keywords):
            return None  # nothing is left to be encoded the second time
        others = [part for part in (*parts, *call.args[1:]) if not _is(part, subject)]
        if kind != GROWS and any(_depends(part, subject, scene) for part in others):
            inner = _again(given, subject, scene)  # `log(x + 1)`
            return inner if len(others) == 1 else None
        return (kind, f"{name.rpartition('.')[2]}(…)") if any(_is(part, subject) for part in parts) else None
    if not isinstance(call.func, ast.Attribute):
        return None
    attr, receiver = call.func.attr, call.func.value
    if attr in _EACH and given is not None and _is(receiver, subject) and not isinstance(given, ast.Dict):
        return _each_again(given, scene)
    keywords = {one.arg: one.value for one in call.keywords}
    if attr in ("transform", "inverse_transform") and given is not None and _is(given, subject):
        # What the cell fits anew is fitted to what it has made the last time, and then changes nothing.
        anew = _is(receiver, subject) or root(receiver) in scene.fitted or not root(receiver)
        return (AGAIN, f".{attr}(…)") if not anew else None
    if not _is(receiver, subject):
        return _again(receiver, subject, scene)  # a chain of calls
    if attr in ("merge", "join") and call.args:
        # `join` refuses columns that are there already, `merge` gives them another name.
        refuses = attr == "join" and not keywords.keys() & {"lsuffix", "rsuffix", "suffix"}
        return FAILS if refuses else AGAIN, f".{attr}(…)"
    if any(_depends(argument, subject, scene) for argument in (*call.args, *keywords.values())):
        return None
    if attr in ("transform", "inverse_transform"):
        return None
    if attr in _FAILING:
        if not subject.isidentifier() and attr in _FORMS_ONLY:
            return None  # a column stays one
        harmless = (attr == "drop" and _is_harmless(call, keywords, subject, scene)) or (
            attr == "set_index" and (subject, _text(given)) in scene.made
        )
        return None if harmless else (FAILS, f".{attr}(…)")
    if attr == "reset_index" and (_truth(keywords.get("drop")) or _is_index_dropped(subject, scene)):
        return None
    if attr == "sample":
        part = keywords.get("frac")
        less = isinstance(part, ast.Constant) and isinstance(part.value, float) and part.value < 1
        return (AGAIN, ".sample(…)") if less else None
    if attr == "map":
        return (AGAIN, ".map({…})") if isinstance(given, ast.Dict) and not _maps_onto_itself(given) else None
    if attr in ("append", "join") and not call.args:
        return None
    return (GROWS if attr == "append" else AGAIN, f".{attr}(…)") if attr in _CHANGING else None


def _each_again(function: ast.expr, scene: Scene) -> tuple[str, str] | None:
    """What a function that is applied to each value makes of its own result."""
    match function:
        case ast.Lambda(args=ast.arguments(args=[ast.arg(arg=name)]), body=body):
            # The first letter of the first letter is the same.
            return (
                _again(body, name, scene)
                if not isinstance(body, ast.Subscript) or isinstance(body.slice, ast.Slice)
                else None
            )
        case ast.Name() | ast.Attribute():
            dotted = _dotted(function, scene)
            kind = _FUNCTIONS.get(dotted) or ("" if dotted not in _PARSERS else FAILS)
            return (kind, f"{dotted.rpartition('.')[2]}(…)") if kind in (AGAIN, FAILS) else None
    return None


_EACH = ("apply", "map", "applymap")
_PARSERS = ("ast.literal_eval", "eval", "builtins.eval")


def _is_harmless(call: ast.Call, keywords: dict[str | None, ast.expr], name: str, scene: Scene) -> bool:
    """Whether a ``drop`` does nothing the second time: of computed rows, of columns that the cell itself sets."""
    if _text(keywords.get("errors")) == "ignore" or _drops_rows(call, keywords) or _is_of_spark(call):
        return True
    labels = keywords.get("columns") or keywords.get("labels") or (call.args[0] if call.args else None)
    dropped = labels.elts if isinstance(labels, (ast.List, ast.Tuple)) else [labels] if labels is not None else []
    return bool(dropped) and all((name, _text(one)) in scene.made for one in dropped)


def _is_of_spark(call: ast.Call) -> bool:
    """``drop("a", "b")``: Spark passes over columns that are not there."""
    return len(call.args) > 1 and all(_text(one) for one in call.args) and _text(call.args[1]) not in _AXES


_AXES = ("columns", "index", "rows")


def _drops_rows(call: ast.Call, keywords: dict[str | None, ast.expr]) -> bool:
    """Whether ``drop`` takes rows whose labels are computed: there are none left the second time."""
    columns = "columns" in keywords or (len(call.args) > 1) or "axis" in keywords
    return not columns and not (call.args and isinstance(call.args[0], (ast.Constant, ast.List)))


def _maps_onto_itself(mapping: ast.Dict) -> bool:
    keys = {key.value for key in mapping.keys if isinstance(key, ast.Constant)}
    return all(isinstance(value, ast.Constant) and value.value in keys for value in mapping.values)


def _called(
    node: ast.Expr, call: ast.Call, func: ast.Attribute, names: frozenset[str], scene: Scene
) -> Iterator[Update]:
    """``x.append(…)``, ``x.drop(…, inplace=True)``."""
    attr = func.attr
    if attr not in _METHODS or not isinstance(func.value, ast.Name) or func.value.id not in names:
        return
    name = func.value.id
    keywords = {one.arg: one.value for one in call.keywords}
    if attr in _GROWING and name in scene.lists:
        yield Update(name, node, GROWS, f".{attr}(…)", False)
    elif attr in _REMOVING and name in scene.lists:
        yield Update(name, node, AGAIN if attr != "remove" else FAILS, f".{attr}(…)", False)
    elif attr in _IN_PLACE and _truth(keywords.get("inplace")):
        if attr == "reset_index" and (_truth(keywords.get("drop")) or _is_index_dropped(name, scene)):
            return
        if attr == "drop" and _is_harmless(call, keywords, name, scene):
            return
        if attr == "set_index" and call.args and (name, _text(call.args[0])) in scene.made:
            return
        yield Update(name, node, AGAIN if attr == "reset_index" else FAILS, f".{attr}(…, inplace=True)", False)
    elif attr == "insert" and name not in scene.lists and len(call.args) == 3 and not _is_back(name, call, scene):
        yield Update(name, node, FAILS, ".insert(…)", False)


def _is_index_dropped(name: str, scene: Scene) -> bool:
    """Whether the cell drops the column that an index becomes."""
    return bool({(name, "index"), (name, "level_0")} & scene.taken)


def _is_back(name: str, call: ast.Call, scene: Scene) -> bool:
    """Whether a column is inserted that the cell has taken out before."""
    return bool({(name, _text(call.args[1])), (name, "")} & scene.taken)


_FORMS = frozenset({"astype", "reshape", "copy", "fillna", "float", "to_numpy", "clip", "round", "toarray", "dropna"})


def _unwrapped(node: ast.expr) -> ast.expr:
    """What is left when calls that change only the form are taken off: ``x`` of ``x.astype(float)``."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in _FORMS:
                node = inner
            case ast.Attribute(value=inner, attr="values"):
                node = inner
            case _:
                return node


def _cut(index: ast.expr) -> tuple[str, str] | None:
    """``x[1:]``, ``x[0]``: less every time."""
    first = index.elts[0] if isinstance(index, ast.Tuple) and index.elts else index
    if isinstance(index, ast.Tuple) and any(isinstance(one, ast.Constant) and one.value is None for one in index.elts):
        return AGAIN, f"[{ast.unparse(index).strip('()')}]"
    match first:
        case ast.Slice(lower=ast.Constant(value=int(lower))) if lower > 0:
            return AGAIN, f"[{lower}:]"
        case ast.Slice(upper=ast.UnaryOp(op=ast.USub())):
            return AGAIN, f"[{ast.unparse(first)}]"
        case ast.Constant(value=int(position)) if not isinstance(index, ast.Tuple):
            return AGAIN, f"[{position}]"
    return None


def _is(node: ast.expr, subject: str) -> bool:
    """Whether an expression is the subject: ``x`` or ``x["k"]``."""
    return _spelling(node) == subject


def _is_accessor(node: ast.expr, subject: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("iloc", "loc") and _is(node.value, subject)


def _depends(node: ast.expr, subject: str, scene: Scene) -> bool:
    for part in nodes_of(node):
        if isinstance(part, (ast.Name, ast.Subscript, ast.Attribute)) and _spelling(part) == subject:
            return True
        if isinstance(part, ast.Name) and part.id in scene.from_itself:
            return True
    return False


def _spelling(node: ast.expr) -> str:
    """``x``, ``x.k`` and ``x["k"]`` (the same column), ``x[0]``, ``x[k]``; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=key) | ast.Subscript(value=inner, slice=ast.Constant(value=str(key))):
            head, tail = _spelling(inner), f".{key}"
        case ast.Subscript(value=inner, slice=ast.Constant(value=key)):
            head, tail = _spelling(inner), f"[{key!r}]"
        case ast.Subscript(value=inner, slice=ast.Name(id=key)):
            head, tail = _spelling(inner), f"[{key}]"
        case ast.Subscript(value=inner, slice=ast.List(elts=elements)) if all(
            isinstance(one, ast.Constant) for one in elements
        ):
            head, tail = _spelling(inner), ast.unparse(node.slice)
        case ast.Subscript(
            value=ast.Attribute(value=inner, attr="loc"),
            slice=ast.Tuple(elts=[ast.Slice(lower=None, upper=None), ast.Constant(value=str(key))]),
        ):
            head, tail = _spelling(inner), f".{key}"
        case _:
            return ""
    return head + tail if head else ""


def _is_neutral(operator: ast.operator, other: ast.expr) -> bool:
    if not isinstance(other, ast.Constant):
        return False
    return other.value == (0 if isinstance(operator, (ast.Add, ast.Sub)) else 1)


def _dotted(node: ast.expr, scene: Scene) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((scene.dotted(node.id), *reversed(parts)))


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _truth(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
