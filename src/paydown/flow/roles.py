"""The roles that ``paydown.libraries`` gives to calls, and what each does: reads, fits, splits, converts, seeds …"""

from __future__ import annotations

import ast
from collections.abc import Callable

from paydown.flow import access, learning
from paydown.flow import events as on
from paydown.flow.arguments import Arguments
from paydown.flow.builtin import opened
from paydown.flow.run import Run
from paydown.flow.values import (
    MOST_ITEMS,
    NOTHING,
    UNKNOWN,
    Value,
    constant,
    marked,
    mixed,
    partly,
)
from paydown.libraries import Effect


def _convert(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    source = (
        receiver if receiver is not UNKNOWN and receiver.kind != "symbol" else arguments.first("data", "a", "object")
    )
    anchor = run.emit(on.Convert, node, name, receiver, arguments.positional, arguments.keywords, source, effect.into)
    kind = effect.returns or effect.into
    if source.kind in ("score", "prediction") and (kind in ("array", "list") or name == "pandas.Series"):
        return source
    made = mixed((source, *arguments.all()), kind, name if kind == "frame" else "")
    del anchor
    spelled = kind == "array" and node.args and isinstance(node.args[0], (ast.List, ast.ListComp))
    return marked(made, "arranged") if spelled else made  # its columns are those that the code puts into a row


def _shape(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    values = [receiver, *arguments.all()] if receiver is not UNKNOWN else arguments.all()
    kind = effect.returns
    if kind == "frame" and receiver.kind in ("score", "prediction"):
        kind = receiver.kind
    made = mixed(values, kind, receiver.name or (name if receiver is UNKNOWN else ""))
    if receiver is not UNKNOWN:
        # What is looked up while shaping is no lineage of the rows, but for what came of fitting or sampling.
        extra = frozenset().union(*(value.marks & {"sampled", "statistic"} for value in arguments.all()))
        made = made._replace(marks=receiver.marks | extra)
        if receiver.marks and name == "frame.drop":
            dropped = arguments.find(-1, "columns") or arguments.first("labels")
            keys = [value.text or "" for value in (dropped, *dropped.items) if isinstance(value, Value)]
            made = learning.columns_of(receiver, made, keys, kept=False)
        if name == "frame.drop":
            made = _rest(run, node, receiver, arguments, made)
    return marked(made, "arranged") if "arranged" in effect.tags else made


def _rest(run: Run, node: ast.Call, receiver: Value, arguments: Arguments, made: Value) -> Value:
    """What is left when the rows of a part are dropped: ``frame.drop(train.index)``."""
    dropped = arguments.first("index")
    if dropped.kind != "form" or dropped.name != "index":
        return made
    drawn = [one for one in dropped.origins - receiver.origins if one.kind == "Part" and one.cell == run.cell]
    parts = run.events(on.Part)
    told = [parts[one.index] for one in drawn if one.index < len(parts)]
    if len(told) != 1 or not isinstance(told[0], on.Part):
        return made
    kept = receiver.origins | {run.emit(on.Part, node, receiver, told[0].at, False)}
    return made._replace(origins=kept)


def _seed(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    given = arguments.first("seed")
    fresh = not arguments.all() or (given.kind == "constant" and given.constant is None and "named" not in given.marks)
    if not (fresh and name.endswith("random.seed")):  # without a seed these start anew, from the clock
        run.emit(
            on.Seed, node, name, receiver, arguments.positional, arguments.keywords,
            effect.generator or "all",
        )  # fmt: skip
    return UNKNOWN


def _threshold(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    given = mixed(arguments.all())
    marks = frozenset({"tuned", "tuned-on-test"} if "test" in given.marks else {"tuned"})
    return Value("unknown", "", None, marks, given.origins)


def _option(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value | None:
    """An option of a command line: the parser's object remembers its default."""
    names = [value.text for value in arguments.positional if value.text]
    if not names or not isinstance(node.func, ast.Attribute):
        return None
    long = next((one for one in names if one.startswith("--")), names[0])
    key = (arguments.find(-1, "dest") or Value()).text or long.lstrip("-").replace("-", "_")
    default = arguments.find(-1, "default") or UNKNOWN
    if receiver.kind not in ("unknown", "instance"):
        return None
    holder: ast.expr = node.func.value
    of = receiver.item(_PARSER)
    if of is not None and of.text:  # an argument group, which stands for its parser
        holder = ast.Name(of.text)
        receiver = run.lookup(of.text)
        if receiver.kind not in ("unknown", "instance"):
            return None
    rest = tuple(item for item in receiver.items if item[0] != key)
    setting = (
        marked(default, "setting") if default.kind != "unknown" else Value("unknown", "", None, frozenset({"setting"}))
    )
    parser = Value("instance", "argparse.ArgumentParser", None, NOTHING, NOTHING, (*rest, (key, setting))[:MOST_ITEMS])
    run.store(holder, parser)
    return UNKNOWN


_PARSER = "__parser__"


def _group(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A group of a parser's options: it knows the parser's name."""
    holder = node.func.value if isinstance(node.func, ast.Attribute) else None
    held = ((_PARSER, constant(holder.id)),) if isinstance(holder, ast.Name) else ()
    return Value("instance", "argparse.ArgumentGroup", None, NOTHING, NOTHING, held)


def _settings(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    parsed = Value("instance", "settings", None, frozenset({"setting"}), NOTHING, receiver.items)
    if name.endswith("parse_known_args"):
        return Value("tuple", "", None, NOTHING, NOTHING, (parsed, UNKNOWN))
    return parsed


def _locate(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A bucket, blob or object of a store: its address, as far as it is known."""
    kind = effect.name or name
    if effect.location and "/" in effect.location:
        parts = [
            arguments.find(effect.position + number, one) or UNKNOWN
            for number, one in enumerate(effect.location.split("/"))
        ]
    else:
        parts = [arguments.find(effect.position, effect.location) or UNKNOWN]
    inside = receiver.kind == "path" and receiver.name and not effect.scheme
    head = receiver.pieces if inside else f"{effect.scheme}:/"
    pieces = "/".join((head, *(part.pieces for part in parts)))
    known = all(part.text is not None for part in parts) and (not inside or receiver.text is not None)
    if known:
        return Value("path", kind, pieces)
    return partly(pieces, kind="path")._replace(name=kind)


def _environment(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    default = arguments.find(0 if name.startswith("typer.") and name[6:7].isupper() else 1, "default")
    if default is None or default.constant is ...:
        return Value("unknown", "", None, frozenset({"setting", "environment"}))
    return marked(default, "setting", "environment")


def _open_path(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    if receiver.kind == "path":  # ``Path.open``
        return opened(run, node, Arguments((receiver, *arguments.positional), arguments.keywords))
    place = arguments.find(0, "path") or arguments.find(-1, "urlpath") or UNKNOWN
    if effect.scheme and place.text is not None and "://" not in place.text:
        place = constant(f"{effect.scheme}://{place.text}")
    return opened(run, node, Arguments((place, *arguments.positional[1:]), arguments.keywords))


_Handler = Callable[[Run, ast.Call, str, Effect, Value, Arguments], "Value | None"]
ROLES: dict[str, _Handler] = {
    "read": access.read, "write": access.write, "save": access.write, "pickle": access.write, "load": access.load,
    "unpickle": access.unpickle, "fetch": access.fetch, "unpack": access.unpack, "connect": access.connect,
    "parse": access.parse, "copy": access.copy, "configure": access.configure,
    "list": access.listing, "open": _open_path, "fit": learning.fit,
    "fit_transform": learning.fit,
    "transform": learning.transform, "predict": learning.predict, "proba": learning.predict, "train": learning.train,
    "split": learning.split, "folds": learning.folds, "validate": learning.validate, "sample": learning.sample, "resample": learning.resample,
    "metric": learning.judge, "statistic": learning.statistic, "group-statistic": learning.group_statistic, "convert": _convert,
    "shape": _shape, "seed": _seed, "threshold": _threshold, "option": _option,
    "settings": _settings, "environment": _environment, "locate": _locate, "options": _group,
}  # fmt: skip
