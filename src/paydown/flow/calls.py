"""Calls: what libraries' functions and methods do, told by ``paydown.libraries``."""

from __future__ import annotations

import ast
from typing import Any

from paydown.flow import access, learning
from paydown.flow import events as on
from paydown.flow.arguments import Arguments, arguments_of
from paydown.flow.builtin import BUILTIN_CALLS, ranked, text_method, tried
from paydown.flow.functions import decorated, instantiate, invoke, method, passed_along
from paydown.flow.roles import ROLES
from paydown.flow.run import Run
from paydown.flow.values import (
    MOST_ITEMS,
    NOTHING,
    UNKNOWN,
    Value,
    bounded,
    derived,
    element,
    marked,
    mixed,
    symbol,
)
from paydown.libraries import Effect
from paydown.rule import Anchor

DATA = frozenset({"frame", "array", "tensor", "score", "prediction"})
LEARNERS = frozenset({"estimator", "search", "transformer", "splitter"})
_MAPS = frozenset({"map", "imap", "imap_unordered"})  # of pools of threads and processes
_KNOWN_CALL = Effect()


def call(run: Run, node: ast.Call) -> Value:
    """What a call returns; its events are emitted on the way."""
    func = node.func
    receiver: Value | None = None
    attr = ""
    if type(func) is ast.Attribute:
        receiver, attr = run.evaluate(func.value), func.attr
        callee = _member(run, receiver, attr)
    else:
        callee = run.evaluate(func)
    name = callee.name if callee.kind == "symbol" else attr or getattr(func, "id", "")
    run.context.append("call:" + name)
    arguments = arguments_of(run, node)
    run.context.pop()

    kind = callee.kind
    if kind == "symbol":
        return _library_call(run, node, callee.name, UNKNOWN, arguments)
    if kind == "function":
        owner = receiver if receiver is not None and receiver.kind in ("instance", "class", *LEARNERS) else None
        if owner is not None and not _is_bound(run, callee, owner):
            owner = None
        result, after = invoke(run, callee, arguments.positional, arguments.keywords, node, owner)
        if owner is not None and after is not None and after != owner and isinstance(func, ast.Attribute):
            run.store(func.value, after)
        return result
    if kind == "class":
        return instantiate(run, callee, arguments.positional, arguments.keywords, node)
    if kind in ("estimator", "search"):
        return _model_call(run, node, callee, arguments)
    if kind == "transformer":  # a layer of Keras
        return learning.transform(run, node, "transformer.__call__", _KNOWN_CALL, callee, arguments)
    if receiver is not None and attr:
        return _method_call(run, node, receiver, attr, arguments)
    if isinstance(func, ast.Name) and (effect := run.libraries.effect("call." + func.id)) is not None:
        return _apply(run, node, func.id, effect, UNKNOWN, arguments)
    _hand_functions(run, arguments, node)
    return _lineage(arguments.all())


def _is_bound(run: Run, function: Value, owner: Value) -> bool:
    """Whether a method gets what it is called on: not a static one, of a class only its own methods."""
    if owner.kind == "class":
        return decorated(run, function, "classmethod")
    return not decorated(run, function, "staticmethod")


def _member(run: Run, receiver: Value, attr: str) -> Value:
    if receiver.kind == "symbol":
        return symbol(run.libraries.member(receiver.name, attr))
    own = method(run, receiver, attr)
    if own is not None:
        return own
    if receiver.kind in ("instance", "class", "dict"):
        found = receiver.item(attr)
        if found is not None:
            return found
    return UNKNOWN


def _lineage(values: list[Value]) -> Value:
    """What an unknown function makes of its arguments: unknown, but still of their lineage."""
    told = [value for value in values if value.origins or value.marks]
    return mixed(told) if told else UNKNOWN


def _hand_functions(run: Run, arguments: Arguments, node: Any, given: Value = UNKNOWN) -> frozenset[Anchor]:
    """Hand what is known to the functions among the arguments; where what they make comes from."""
    origins: frozenset[Anchor] = NOTHING
    for value in arguments.positional[:3]:
        if value.kind == "function":
            origins |= passed_along(run, value, [given], node).origins
    return origins


def _method_call(run: Run, node: ast.Call, receiver: Value, attr: str, arguments: Arguments) -> Value:
    kind = receiver.kind
    if kind in ("constant", "path"):
        found = text_method(receiver, attr, arguments.positional, arguments.keywords)
        if found is not None:
            return found
    if kind == "dict" and attr == "get" and arguments.positional:
        held = receiver.item(arguments.positional[0].constant) if arguments.positional[0].known else None
        found = held or (arguments.positional[1] if len(arguments.positional) > 1 else UNKNOWN)
        return marked(found, "named") if found.kind == "constant" else found  # by its key
    if kind in ("list", "dict") and attr in ("append", "extend", "add", "insert", "update"):
        return _grow(run, node, receiver, attr, arguments)
    if kind == "dict" and attr in ("items", "values"):
        return _dict_view(receiver, attr)
    name, effect = run.libraries.method(kind, receiver.name, attr)
    if attr == "optimize" and kind == "unknown":
        _search(run, node, arguments)
    if attr == "pipe" and kind == "frame" and arguments.positional and arguments.positional[0].kind == "function":
        function, *more = arguments.positional
        return invoke(run, function, (receiver, *more), arguments.keywords, node)[0]
    if effect is not None:
        return _apply(run, node, name, effect, receiver, arguments)
    _emit_call(run, node, name, receiver, arguments, kind if kind in DATA else "unknown")
    if attr in _MAPS and kind == "unknown" and len(arguments.positional) > 1:
        first, second = arguments.positional[:2]
        mapped = _mapped(run, node, first, second) if first.kind == "symbol" else None
        if mapped is not None:
            return mapped
    _hand_functions(run, arguments, node, receiver)
    if kind in DATA:
        made = mixed((receiver, *arguments.all()), kind, receiver.name)
        kept = receiver.marks | (made.marks & {"sampled"})
        return made if kept == made.marks else made._replace(marks=kept)
    if kind in LEARNERS:
        return derived(receiver, "unknown")
    if kind == "metric" and attr in _SUMMARIES:
        return derived(receiver)
    return mixed((derived(receiver, "unknown"), *arguments.all()))


_SUMMARIES = frozenset({"mean", "max", "min", "median", "item", "round"})
_SEARCHES = ("hyperopt.fmin", "skopt.gp_minimize", "skopt.forest_minimize", "skopt.dummy_minimize")


def _search(run: Run, node: ast.Call, arguments: Arguments) -> None:
    """A search for the best parameters calls an objective for each trial."""
    objective = arguments.first("func", "fn", "objective")
    if objective.kind == "function":
        tried(run, node, objective)


def _grow(run: Run, node: ast.Call, receiver: Value, attr: str, arguments: Arguments) -> Value:
    assert isinstance(node.func, ast.Attribute)
    added = arguments.positional
    items = receiver.items
    if receiver.kind == "list" and attr == "append" and run.loop == 0 and len(items) < MOST_ITEMS:
        items = (*items, *added)
    elif receiver.kind == "dict" and attr == "update" and added and added[0].kind == "dict":
        items = (*(item for item in items if all(item[0] != key for key, _ in added[0].items)), *added[0].items)
    elif receiver.kind == "list":
        items = ()
    grown = mixed((receiver, *arguments.all()), receiver.kind)._replace(items=items[:MOST_ITEMS])
    _emit_call(run, node, f"{receiver.kind}.{attr}", receiver, arguments, "constant")
    run.store(node.func.value, grown)
    return UNKNOWN


def _dict_view(receiver: Value, attr: str) -> Value:
    if attr == "values":
        items = tuple(value for _, value in receiver.items)
    else:
        items = tuple(
            Value("tuple", "", None, NOTHING, NOTHING, (Value("constant", type(key).__name__, key), value))
            for key, value in receiver.items
        )
    return Value("list", "", None, receiver.marks, receiver.origins, items)


def _model_call(run: Run, node: ast.Call, model: Value, arguments: Arguments) -> Value:
    """A torch or Keras model is called like a function: its output is a score."""
    data = arguments.first("x", "inputs")
    if data.kind == "estimator" or (data.kind == "unknown" and not data.origins and not data.marks and not model.marks):
        return Value("unknown", "", None, NOTHING, model.origins)
    anchor = run.emit(
        on.Predict, node, f"{model.name or 'model'}.__call__", model, arguments.positional,
        arguments.keywords, model, data,
    )  # fmt: skip
    return Value("score", "output", None, data.marks - {"score"}, data.origins | {anchor})


def _library_call(run: Run, node: ast.Call, name: str, receiver: Value, arguments: Arguments) -> Value:
    special = BUILTIN_CALLS.get(name)
    if special is not None:
        found = special(run, node, arguments)
        if found is not None:
            return found
    effect = run.libraries.function(name)
    if effect is None:
        if name.startswith("builtins."):
            _emit_call(run, node, name, receiver, arguments, "unknown")
            if name == "builtins.map" and len(arguments.positional) == 2:
                mapped = _mapped(run, node, *arguments.positional)
                if mapped is not None:
                    return mapped
            _hand_functions(run, arguments, node, arguments.positional[-1] if arguments.positional else UNKNOWN)
            return _lineage(arguments.all())
        _emit_call(run, node, name, receiver, arguments, "unknown")
        _hand_functions(run, arguments, node)
        if name in _SEARCHES:
            _search(run, node, arguments)
        made = _lineage(arguments.all())
        return made._replace(name=name) if name.rpartition(".")[2][:1].isupper() else made
    return _apply(run, node, name, effect, receiver, arguments)


def _mapped(run: Run, node: ast.Call, function: Value, items: Value) -> Value | None:
    """``map(pd.read_csv, paths)``: what a function, of a library one that reads, makes of each."""
    if function.kind == "function":
        result = passed_along(run, function, [element(items)], node)
        return Value("list", "many", None, result.marks, result.origins, (result,))
    effect = run.libraries.function(function.name) if function.kind == "symbol" else None
    if effect is None or effect.role not in ("read", "fetch"):
        return None
    made = _apply(run, node, function.name, effect, UNKNOWN, Arguments((element(items),), ()))
    return Value("list", "many", None, made.marks, made.origins, (made,))


def _emit_call(run: Run, node: ast.Call, name: str, receiver: Value, arguments: Arguments, result: str) -> None:
    context, func = run.context, node.func
    used = not context or context[-1] != "statement"
    name_called = func.value.id if type(func) is ast.Attribute and type(func.value) is ast.Name else ""
    run.record(on.Call, node, (name, receiver, arguments.positional, arguments.keywords, result, used, name_called))


def _apply(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    handler = ROLES.get(effect.role)
    may_draw = effect.random or effect.generator
    drawn = _randomness(run, node, name, effect, receiver, arguments) if may_draw else None
    found = handler(run, node, name, effect, receiver, arguments) if handler is not None else None
    if found is None:
        found = _returns(name, effect, receiver, arguments)
    if drawn is not None and found.kind in DATA:
        found = marked(found, origin=drawn)
    _emit_call(run, node, name, receiver, arguments, found.kind)
    if name.endswith(".sort_values"):
        found = ranked(found)
    if receiver.kind in ("frame", "array", "score", "tensor"):
        made = _hand_functions(run, arguments, node, receiver)
        if not made <= found.origins and found.kind in DATA:
            found = found._replace(origins=bounded(found.origins | made))
        inplace = arguments.find(-1, "inplace")
        if inplace is not None and inplace.constant is True and isinstance(node.func, ast.Attribute):
            run.store(node.func.value, found)
    return found


def _returns(name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """The value an effect's ``returns`` tells of."""
    kind = effect.returns
    source = receiver if receiver is not UNKNOWN else arguments.first("x", "a", "input", "data", "X")
    match kind:
        case "":
            return _lineage(arguments.all() if receiver is UNKNOWN else [receiver, *arguments.all()])
        case "self":
            return receiver
        case "same":
            made = mixed([receiver, *arguments.all()], source.kind if source.kind in (*DATA, "metric") else "array")
            if source.kind == "score" or any(value.kind == "score" for value in arguments.positional[:1]):
                made = made._replace(kind="score", name=source.name)
            return made
        case "estimator" | "transformer" | "search" | "splitter":
            made = mixed(arguments.all())
            inner = arguments.first("estimator", "steps", "transformers", "transformer_list")
            if len(arguments.positional) > 1 and "pipeline" in effect.tags:
                inner = Value("tuple", "", None, NOTHING, NOTHING, arguments.positional)
            tags = effect.tags & {"pipeline", "stateless", "labels", "resampler"}
            items = (("estimator", inner),) if kind == "search" or "pipeline" in tags else ()
            if arguments.find(-1, "early_stopping_rounds") is not None:
                tags |= {"stops-early"}
            return Value(kind, name, None, frozenset(tags), made.origins, items)
        case "data-target":
            return Value("tuple", "", None, NOTHING, NOTHING, (Value("array"), Value("array")))
        case "halves":
            return UNKNOWN
        case "blank":
            return Value("array")
    if kind == "buffer" and receiver.kind in access.HANDLES:
        return derived(receiver, kind)._replace(constant=receiver.constant)
    values = [receiver, *arguments.all()] if receiver is not UNKNOWN else arguments.all()
    made = mixed(values, kind, effect.name or (name if kind == "frame" else ""))
    return marked(made, "similarity") if "similarity" in effect.tags else made


# -- randomness --------------------------------------------------------------------------------------------------


def _randomness(
    run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments
) -> Anchor | None:
    if effect.role == "seed":
        return None
    if not _applies(effect, arguments):
        return None
    given = arguments.find(effect.order.index(effect.random) if effect.random in effect.order else -1, effect.random)
    if given is None and name.startswith("numpy.random.") and arguments.positional and effect.random:
        given = arguments.positional[0]
    opened = any(key in ("*", "**") for key, _ in arguments.keywords)
    seeded = opened or (
        given is not None
        and (given.constant is not None or given.kind != "constant" or bool(given.marks & {"named", "setting"}))
    )
    seeded = seeded or (
        not effect.generator and any(guard.endswith(" is None") for guard in run.spelled_guards())
    )  # a default
    shown = run.context[-1:] == ["statement"] or any(one.startswith(_SHOWING) for one in run.context)
    return run.emit(
        on.Random, node, name, receiver, arguments.positional, arguments.keywords, effect.random,
        seeded, effect.generator, shown,
    )  # fmt: skip


_SHOWING = ("call:builtins.print", "call:display", "call:IPython.", "call:matplotlib.", "call:seaborn.", "call:plotly.")


def _applies(effect: Effect, arguments: Arguments) -> bool:
    """Whether the condition under which a call is random holds (``when``): unknown values say no."""
    if not effect.when:
        return True
    return any(
        all(_holds(one, effect, arguments) for one in alternative.split(" and "))
        for alternative in effect.when.split(" or ")
    )


def _holds(condition: str, effect: Effect, arguments: Arguments) -> bool:
    """Whether one condition holds: ``key`` (unless it is false), ``key=one|other``, ``key<number``."""
    sign = "<" if "<" in condition else "=" if "=" in condition else ""
    key, _, wanted = condition.partition(sign) if sign else (condition, "", "")
    value = arguments.find(effect.order.index(key) if key in effect.order else -1, key)
    if not sign:
        return value is None or not (value.kind == "constant" and not value.constant)
    if value is None or value.kind != "constant":
        return False
    if sign == "<":
        return isinstance(value.constant, float) and value.constant < float(wanted)
    return str(value.constant) in wanted.split("|")
