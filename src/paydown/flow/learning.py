"""What learns, transforms, predicts, splits and judges: the calls of estimators and their kin."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from paydown.flow import events as on
from paydown.flow.run import Run
from paydown.flow.values import NOTHING, UNKNOWN, Value, derived, marked, mixed
from paydown.libraries import Effect
from paydown.rule import Anchor

if TYPE_CHECKING:
    from paydown.flow.arguments import Arguments

DATA = frozenset({"frame", "array", "tensor", "score", "prediction"})
ROLES = frozenset({"train", "test", "validation"})
"""The marks of the parts of data."""


def fit(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value | None:
    """``fit`` and its kin; a search also splits what it gets into folds. A function that fits and transforms at once
    (``scale``) is a transformer of its own."""
    data = arguments.first("X", "x", "data", "train", "train_dataset", "dtrain", "train_set", "features")
    target = arguments.find(1, "y") or UNKNOWN
    given = arguments.positional, arguments.keywords
    unknown = name.startswith("any.")
    estimator = Value("transformer", name) if receiver is UNKNOWN and not unknown else receiver
    anchor = run.emit(on.Fit, node, name, receiver, *given, estimator, data, target)
    fitted = marked(estimator, "fitted", origin=anchor)
    if receiver.kind == "search":
        run.emit(on.Split, node, name, receiver, *given, (data, target), True)
    if "train" in data.marks and "test" not in data.marks:
        fitted = marked(fitted, "on-train")
    if isinstance(node.func, ast.Attribute) and receiver is not UNKNOWN:
        run.store(node.func.value, fitted)
    if effect.role == "fit_transform":
        result = _transformed(data, fitted, anchor)
        if name.endswith(("_resample", "_sample")):
            return Value("tuple", "", None, NOTHING, NOTHING, (result, marked(target, origin=anchor)))
        return result
    if effect.returns in ("prediction", "learned"):
        return Value(effect.returns, "", None, data.marks, data.origins | {anchor})
    if name.endswith("fit") and ("keras" in name or "History" in effect.name):
        return Value("unknown", "history", None, NOTHING, frozenset({anchor}))
    return fitted


def _transformed(data: Value, transformer: Value, anchor: Anchor | None = None) -> Value:
    kind = data.kind if data.kind in ("frame", "array", "tensor") else "array"
    origins = data.origins | transformer.origins | ({anchor} if anchor else NOTHING)
    chosen = {"chosen"} if transformer.name.endswith(".SelectFromModel") else NOTHING
    return Value(kind, "", None, data.marks | chosen, origins)


def transform(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """``transform``: the data, of the transformer's lineage too. A model of Spark predicts by it."""
    if receiver.kind == "estimator" and receiver.name.startswith("pyspark.ml."):
        predicted = predict(run, node, name, effect, receiver, arguments)
        return predicted._replace(kind="frame", name="", marks=predicted.marks | {PREDICTED + "prediction"})
    data = arguments.first("X", "raw_documents")
    run.emit(on.Transform, node, name, receiver, arguments.positional, arguments.keywords, receiver, data)
    return _transformed(data, receiver)


def predict(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """``predict`` and ``predict_proba``."""
    data = arguments.first("X", "x", "data")
    anchor = run.emit(on.Predict, node, name, receiver, arguments.positional, arguments.keywords, receiver, data)
    kind = "score" if effect.role == "proba" else "prediction"
    marks = data.marks | {"margin"} if name.endswith(("decision_function", "score_samples")) else data.marks
    return Value(kind, receiver.name, None, marks, data.origins | {anchor})


def train(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A function that learns by itself: ``xgb.train``, ``loss.backward``."""
    data = mixed([receiver, *arguments.all()])
    place = arguments.find(effect.position, effect.location) if effect.location else None
    anchor = run.emit(
        on.Fit, node, name, receiver, arguments.positional, arguments.keywords, receiver,
        place or data, UNKNOWN,
    )  # fmt: skip
    return Value(effect.returns or "unknown", name, None, frozenset({"fitted"}), frozenset({anchor}))


def split(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """``train_test_split``: of each array a train and a test part; of a train part, a train and a validation part."""
    data = arguments.positional if receiver is UNKNOWN else (receiver,)
    anchor = run.emit(on.Split, node, name, receiver, arguments.positional, arguments.keywords, data, False)
    parts: list[Value] = []
    if effect.returns == "parts":
        source = receiver if receiver is not UNKNOWN else arguments.first()
        for position in range(3):
            parts.append(marked(derived(source), "train" if position == 0 else "test", origin=anchor))
        return Value("list", "parts", None, NOTHING, NOTHING, tuple(parts))
    for value in data:
        kind = value.kind if value.kind in ("frame", "array", "tensor", "list") else "array"
        whole = derived(value, kind, without=ROLES)
        roles = ("train", "validation" if "train" in value.marks else "test")
        cut = any(one.kind == "Split" for one in value.origins)
        if cut and value.marks & {"test", "validation"} and "train" not in value.marks:
            roles = ("validation", "test")
        inner = {"inner"} if "train" in value.marks else NOTHING
        parts += [marked(whole, role, *inner, origin=anchor) for role in roles]
    return Value("tuple", "", None, NOTHING, NOTHING, tuple(parts))


def named_part(name: str, value: Value) -> Value:
    """A part of data as its name tells: what is called ``X_val`` is no test part."""
    lowered = name.lower()
    if "val" in lowered and "test" in value.marks and "test" not in lowered:
        return value._replace(marks=value.marks - {"test"} | {"validation"})
    if "test" in lowered and "validation" in value.marks and "inner" not in value.marks:
        return value._replace(marks=value.marks - {"validation"} | {"test"})
    return value


PREDICTED = "predicted:"  # with a column's name: it holds what an estimator predicted


SCORED = "scored:"  # it holds scores or predictions themselves


def holding(frame: Value, key: str, value: Value) -> frozenset[str]:
    """The marks of a frame that gets ``value`` as a column."""
    marks = frame.marks - {SCORED + key}
    if key and (value.kind == "score" or (value.kind == "prediction" and not value.name.startswith("sklearn."))):
        marks |= {SCORED + key}
    if any(one.kind == "Predict" for one in value.origins):
        marks |= {PREDICTED + (key or "*")}
    return marks


def columns_of(frame: Value, part: Value, keys: Iterable[str], *, kept: bool) -> Value:
    """A part of a frame with only the columns ``keys``, or without them: predictions in the others are not in it."""
    known = {mark for mark in frame.marks if mark.startswith(PREDICTED)}
    chosen = {PREDICTED + key for key in keys}
    left = known & chosen if kept else known - chosen
    if not known or left == known or (PREDICTED + "*" in known):
        return part
    origins = part.origins if left else frozenset(one for one in part.origins if one.kind != "Predict")
    return part._replace(marks=part.marks - known | left, origins=origins)


def folds(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A splitter's ``split``: pairs of indices."""
    data = arguments.positional
    anchor = run.emit(on.Split, node, name, receiver, arguments.positional, arguments.keywords, data, True)
    return Value("folds", "", None, NOTHING, frozenset({anchor}))


def validate(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """``cross_val_score`` and its kin."""
    data = tuple(value for value in arguments.all()[1:] if value.kind in ("frame", "array", "tensor", "unknown"))
    anchor = run.emit(on.Split, node, name, receiver, arguments.positional, arguments.keywords, data, True)
    return Value(effect.returns, "", None, NOTHING, frozenset({anchor}))


def sample(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A few rows; rows drawn with replacement may come more than once."""
    if (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "str"
    ):
        return derived(receiver, name=receiver.name)  # a few letters of each text
    made = derived(receiver, receiver.kind if receiver.kind in DATA else "unknown", name=receiver.name)
    replaced = arguments.find(-1, "replace")
    if replaced is not None and replaced.constant is True:
        return _redrawn(run, node, name, receiver, arguments, receiver, made)
    given = arguments.find(0, effect.rows) or arguments.find(-1, "frac") or arguments.find(-1, "fraction")
    if receiver.origins and name.endswith(".sample"):
        cut = run.emit(on.Part, node, made, f"`{ast.unparse(node.func)}(…)`", True)
        made = marked(made, origin=cut)
    if given is None or given.number is None or given.marks & {"named", "setting"} or given.number == 1:
        return made
    spelled = name.rpartition(".")[2]
    anchor = run.emit(
        on.Sample, node, name, receiver, arguments.positional, arguments.keywords, receiver,
        f".{spelled}({given.number})", given.number, bool(run.guards),
    )  # fmt: skip
    return marked(made, "sampled", origin=anchor)


def resample(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """Scikit-learn's ``resample``: with replacement, if nothing else is said."""
    parts = [derived(value, value.kind if value.kind in DATA else "array") for value in arguments.positional]
    replaced = arguments.find(-1, "replace")
    if replaced is None or replaced.constant is not False:
        source = arguments.first()
        parts = [_redrawn(run, node, name, receiver, arguments, source, part) for part in parts]
    if len(parts) == 1:
        return parts[0]
    return Value("list", "", None, NOTHING, NOTHING, tuple(parts))


def _redrawn(
    run: Run, node: ast.Call, name: str, receiver: Value, arguments: Arguments, source: Value, made: Value
) -> Value:
    """Rows drawn with replacement: some come more than once."""
    anchor = run.emit(on.Statistic, node, name, receiver, arguments.positional, arguments.keywords, source, "resample")
    return marked(made, origin=anchor)


def judge(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A metric."""
    metric = name.rpartition(".")[2]
    anchor = run.emit(on.Score, node, name, receiver, arguments.positional, arguments.keywords, metric)
    made = mixed([receiver, *arguments.all()])
    return Value("metric", metric, None, made.marks & ROLES, made.origins | {anchor})


_SUMMARIES = frozenset(
    {"mean", "median", "std", "var", "mode", "quantile", "percentile", "min", "max", "average", "corr"}
)


def statistic(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A statistic of all rows (one of each row is none)."""
    source = receiver if receiver is not UNKNOWN else arguments.first("a")
    if source.kind in ("score", "metric"):
        return derived(source)
    made = derived(source, source.kind if source.kind in DATA else "unknown")
    if _is_of_windows(node):
        return marked(made, "statistic")
    how = name.rpartition(".")[2].removeprefix("nan")
    how = {"amin": "min", "amax": "max", "corrwith": "corr"}.get(how, how)
    axis = arguments.find(1 if receiver is UNKNOWN else 0, "axis")
    by_row = axis is not None and axis.constant in (1, -1, "columns")
    if how in _SUMMARIES and not by_row and source.kind in ("frame", "array"):
        anchor = run.emit(on.Statistic, node, name, receiver, arguments.positional, arguments.keywords, source, how)
        made = marked(made, "correlated", origin=anchor) if how == "corr" else marked(made, origin=anchor)
    return marked(made, "statistic")


_WINDOWS = frozenset({"rolling", "expanding", "ewm", "resample"})


def _is_of_windows(node: ast.Call) -> bool:
    """``x.rolling(7).mean()``, ``x.resample("D")["y"].mean()``: of the rows around each one, not of all."""
    inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    while isinstance(inner, ast.Subscript):
        inner = inner.value
    return isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in _WINDOWS


def group_statistic(
    run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments
) -> Value | None:
    """A statistic of each group: of a known column (``of:sales``), or one that fills what is missing."""
    made = derived(receiver, "frame")
    told = arguments.first("func").text
    how = told if name.endswith(("transform", "agg", "aggregate")) and told else name.rpartition(".")[2]
    if how not in ("mean", "median", "std", "var", "agg", "aggregate", "mode"):
        return None
    if "call:fillna" in run.context:
        kind = how
    elif receiver.name:
        kind = f"of:{receiver.name[1:-1]}"
    else:
        return None
    anchor = run.emit(on.Statistic, node, name, receiver, arguments.positional, arguments.keywords, receiver, kind)
    return marked(made, "statistic", origin=anchor)
