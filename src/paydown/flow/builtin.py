"""Python's own functions, and the few of its library that fold texts and paths."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from paydown.flow import events as on
from paydown.flow.run import Run
from paydown.flow.values import (
    EACH,
    HOLE,
    NOTHING,
    UNKNOWN,
    Value,
    constant,
    derived,
    element,
    marked,
    mixed,
    partly,
)

if TYPE_CHECKING:
    from paydown.flow.arguments import Arguments

_TEXT = frozenset(
    {"format", "lower", "upper", "strip", "rstrip", "lstrip", "replace", "title", "capitalize", "removeprefix",
     "removesuffix", "zfill", "join"}
)  # fmt: skip


_SPEC = re.compile(r"(?<!\{)\{(\w*)(?:![rs])?(?::[^{}]*)?\}")
_FIELD = re.compile(r"%(\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[diuxXeEfFgG]")


def filled(text: str, arguments: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...] = ()) -> Value:
    """What ``format`` makes of a text of which it is not given everything: a text known in part."""
    try:
        found = _SPEC.sub(r"{\1}", text).format(*map(_piece, arguments), **{key: _piece(one) for key, one in keywords})
    except (ValueError, IndexError, KeyError, AttributeError):
        return UNKNOWN
    return partly(found, mixed((*arguments, *(one for _, one in keywords))).marks & {"setting", "environment"})


def percent(text: str, right: Value) -> Value:
    """What ``%`` makes of a text and values that are not all known."""
    values = right.items if right.kind == "tuple" else (right,)
    try:
        found = _FIELD.sub(r"%\1s", text) % tuple(map(_piece, values))
    except (TypeError, ValueError, KeyError):
        return UNKNOWN
    return partly(found, mixed(values).marks & {"setting", "environment"})


def _piece(value: Value) -> str:
    return str(value.constant) if value.kind == "constant" and value.constant is not None else value.pieces


def text_method(
    receiver: Value, attr: str, arguments: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...] = ()
) -> Value | None:
    """A method of a known text or path, folded when all it needs is known; ``None`` if it is none of those."""
    if receiver.kind == "path":
        return _path_method(receiver, attr, arguments)
    text = receiver.constant
    if not isinstance(text, str):
        return None
    if attr == "split":
        return Value("list")
    if attr not in _TEXT:
        return None
    given: list[Any] = []
    if attr == "format" and (keywords or any(value.constant is None for value in arguments)):
        return filled(text, arguments, keywords) if len(text) < 2_000 else UNKNOWN
    for value in arguments:
        if value.kind == "list" and attr == "join" and all(item.text is not None for item in value.items):
            given.append([item.text for item in value.items])
        elif value.kind in ("constant", "path") and value.constant is not None:
            given.append(value.constant)
        else:
            return UNKNOWN
    try:
        found = getattr(text, attr)(*given) if len(text) < 2_000 else ""
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, OverflowError, MemoryError):
        return UNKNOWN
    return Value("constant", "str", found, receiver.marks) if len(found) < 4_000 else UNKNOWN


def _path_method(receiver: Value, attr: str, arguments: tuple[Value, ...]) -> Value | None:
    if not isinstance(receiver.constant, str):
        return None
    path = PurePosixPath(receiver.constant)
    texts = [value.text for value in arguments]
    match attr:
        case "joinpath" if all(text is not None for text in texts):
            return receiver._replace(constant=str(path.joinpath(*(text or "" for text in texts))))
        case "joinpath":
            return partly("/".join((receiver.constant, *(value.pieces for value in arguments))), receiver.marks, "path")
        case "with_suffix" | "with_name" if texts and texts[0]:
            try:
                return receiver._replace(constant=str(getattr(path, attr)(texts[0])))
            except ValueError:
                return UNKNOWN
        case "resolve" | "absolute" | "expanduser":
            return receiver
        case "as_posix":
            return constant(receiver.constant)
        case "exists" | "is_file" | "is_dir":
            return Value("truth")
    return None


def _join(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    texts = [value.text for value in arguments.positional]
    if not texts or any(text is None for text in texts):
        marks = mixed(arguments.positional).marks & {"setting", "environment"}
        return partly("/".join(value.pieces for value in arguments.positional), marks)
    first = texts[0] or ""
    if "://" in first:
        joined = "/".join(
            (text or "").strip("/") if position else (text or "").rstrip("/") for position, text in enumerate(texts)
        )
    else:
        joined = str(PurePosixPath(*(text or "" for text in texts)))
    return constant(joined)._replace(marks=mixed(arguments.positional).marks)


def _path(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    if not arguments.positional:
        return Value("path", "", ".")
    texts = [value.text for value in arguments.positional]
    marks = mixed(arguments.positional).marks
    if any(text is None for text in texts):
        pattern = "/".join(value.pieces for value in arguments.positional)
        return partly(pattern, marks & {"setting", "environment"}, "path")
    return Value("path", "", str(PurePosixPath(*(text or "" for text in texts))), marks)


def opened(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    """A file, opened to be read or written."""
    from paydown.flow.access import reference

    location = arguments.find(0, "file") or UNKNOWN
    mode_value = arguments.find(1, "mode")
    mode = mode_value.constant if mode_value is not None and isinstance(mode_value.constant, str) else "r"
    pointed = reference(location, "local")
    given = (arguments.positional, arguments.keywords)
    if any(letter in mode for letter in "wax+"):
        guarded = any("exist" in guard or "is_file" in guard for guard in run.spelled_guards())
        run.emit(
            on.Write, node, "builtins.open", UNKNOWN, *given, pointed, UNKNOWN, "a" in mode, guarded, False,
            location.pattern,
        )  # fmt: skip
        return Value("file", "", location.example, frozenset({"append"}) if "a" in mode else NOTHING)
    anchor = run.emit(on.Read, node, "builtins.open", UNKNOWN, *given, pointed, "file", False, False)
    return Value("file", "", location.example, NOTHING, frozenset({anchor}))


def _container(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    source = arguments.first()
    if source.kind in ("list", "tuple"):
        return source._replace(kind="list")
    if source.kind == "folds":
        return Value("list", "many", None, NOTHING, source.origins, (element(source),))
    if source.kind in ("array", "frame", "tensor"):
        run.emit(on.Convert, node, "builtins.list", UNKNOWN, arguments.positional, (), source, "list")
        return derived(source, "list")
    return derived(source, "list", name="many" if source.origins else "")


def _ordered(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    return ranked(_container(run, node, arguments))


def ranked(value: Value) -> Value:
    """Results in the order of their scores: the first of them, or the last, is the best."""
    return marked(value, "ranked") if any(one.kind == "Score" for one in value.origins) else value


def _best(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    value = mixed(arguments.all())
    if any(one.kind == "Score" for one in value.origins):
        if not any(_PICTURE.search(one) for one in run.context):
            run.emit(on.Choice, node, value, "max")
    else:
        by = arguments.find(-1, "key")
        if by is not None and by.kind == "function":
            tried(run, node, by, element(arguments.first()))
    given = arguments.positional
    if len(given) > 1 and given[0].kind == "constant" and any(one.kind != "constant" for one in given):
        others = [one for one in given if one.kind != "constant"]  # the most of a number and of something else
        told = next((one for one in others if one.kind in ("score", "metric", "prediction")), None)
        return derived(told) if told is not None else mixed(others)
    return _same(run, node, arguments)


_PICTURE = re.compile(
    r"^call:(?:matplotlib\.|seaborn\.|plotly\.|(?:.*\.)?(?:ylim|xlim|set_ylim|axhline|axvline|text|annotate)$)"
)


def tried(run: Run, node: ast.Call, function: Value, given: Value = UNKNOWN) -> None:
    """A function is called with one candidate after the other, and the best of them is chosen by what it returns."""
    from paydown.flow.functions import passed_along

    found = passed_along(run, function, [given], node)
    if any(one.kind == "Score" for one in found.origins):
        run.emit(on.Choice, node, found, "each")


def _same(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    source = arguments.first()
    if source.kind in ("score", "metric", "prediction"):
        return derived(source)
    if source.kind in ("list", "loader"):
        return element(source)
    return derived(source, "unknown") if source.kind != "constant" else source._replace(marks=source.marks)


def _round(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    from paydown.flow.expressions import compared

    source = arguments.first()
    if source.kind == "score" and len(arguments.positional) == 1 and not arguments.keywords:
        compared(run, node, source, "round", constant(0.5), node.args[0])
        return derived(source, "prediction")
    return derived(source, source.kind if source.kind in ("score", "metric", "prediction") else "unknown")


def _number(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    source = arguments.first()
    if source.kind in ("score", "metric", "prediction"):
        return derived(source)
    if source.kind == "constant":
        return Value("constant", source.name, source.constant, source.marks) if source.name != "str" else UNKNOWN
    return derived(source, "unknown")


def _string(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    source = arguments.first()
    if source.kind in ("constant", "path") and source.constant is not None:
        return Value("constant", "str", str(source.constant), source.marks)
    marks = source.marks & {"setting", "environment"}
    held = ((HOLE, source.pieces),) if source.pieces != HOLE else ()
    return Value("unknown", "text", None, marks, NOTHING, held)


def _zip(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    items = tuple(element(value) for value in arguments.positional)
    pair = Value("tuple", "", None, NOTHING, NOTHING, items)
    return Value("list", "many", None, NOTHING, mixed(items).origins, (pair,))


def _enumerate(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    item = element(arguments.first())
    pair = Value("tuple", "", None, NOTHING, NOTHING, (Value("index"), item))
    return Value("list", "many", None, NOTHING, item.origins, (pair,))


def _count(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    return Value("count")


def _range(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    return Value("list", "range", None, NOTHING, NOTHING, (EACH,))


def _dict(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    if arguments.positional:
        return arguments.positional[0] if arguments.positional[0].kind == "dict" else Value("dict", "open")
    known = tuple((key, value) for key, value in arguments.keywords if key not in ("*", "**"))
    return mixed(arguments.all(), "dict")._replace(items=known)


def _namespace(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    known = tuple((key, value) for key, value in arguments.keywords if key not in ("*", "**"))
    return Value("instance", "settings", None, frozenset({"setting"}), NOTHING, known)


def _getattr(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    if len(arguments.positional) > 1 and arguments.positional[1].text:
        found = arguments.positional[0].item(arguments.positional[1].text)
        if found is not None:
            return found
    return arguments.positional[2] if len(arguments.positional) > 2 else UNKNOWN


def _nothing(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    return Value("truth")


def _buffer(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    source = arguments.first()
    return Value("buffer", "", source.constant if source.kind == "buffer" else None, source.marks, source.origins)


def _file_parent(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    source = arguments.first()
    if source.text is None:
        return Value("unknown", "text", None, source.marks)
    return constant(parent_of(source.text))._replace(marks=source.marks)


def parent_of(path: str) -> str:
    """The folder above a path; of the document's own folder, the one above that."""
    pure = PurePosixPath(path)
    if pure.name in ("", "..") and not pure.is_absolute():
        return "../" + str(pure) if pure.name else ".."
    return str(pure.parent)


def _here(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    """The working folder: the document's own, as far as anybody can tell."""
    return constant(".")


def _working(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    return Value("path", "", ".")


def _home(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    return Value("path", "", "~")


def _field(run: Run, node: ast.Call, arguments: Arguments) -> Value | None:
    """The field of a data class or settings: what it holds when nobody sets it."""
    return arguments.find(-1, "default")


def _settings_field(run: Run, node: ast.Call, arguments: Arguments) -> Value | None:
    found = arguments.find(0, "default")
    return None if found is None or found.kind == "unknown" else found


def _complement(run: Run, node: ast.Call, arguments: Arguments) -> Value | None:
    """What is left of all rows without those of a test part: the train part."""
    without = arguments.positional[1] if len(arguments.positional) > 1 else UNKNOWN
    if without.marks & {"train", "test"} != {"test"}:
        return None
    whole = arguments.first()
    kind = whole.kind if whole.kind in ("array", "frame") else "index"
    return Value(kind, "", None, whole.marks - {"test"} | {"train"}, whole.origins | without.origins)


def _first(run: Run, node: ast.Call, arguments: Arguments) -> Value:
    return arguments.first()


def _walk(run: Run, node: ast.Call, arguments: Arguments) -> Value | None:
    """``os.walk``: the folder, and the files in it."""
    top = arguments.first("top")
    if top.text is None:
        return None
    marks = frozenset({"listing"})
    each = Value("list", "many", None, marks, NOTHING, (Value("constant", "str", "*", marks),))
    place = Value("constant", "str", top.text, marks)
    return Value("list", "many", None, marks, NOTHING, (Value("tuple", items=(place, each, each)),))


def _partial(run: Run, node: ast.Call, arguments: Arguments) -> Value | None:
    """A function that reads, with some of its options given beforehand."""
    first = arguments.first()
    effect = run.libraries.function(first.name) if first.kind == "symbol" else None
    return first if effect is not None and effect.role == "read" and len(arguments.positional) == 1 else None


def _variables(run: Run, node: ast.Call, arguments: Arguments) -> Value | None:
    source = arguments.first()
    if source.kind != "instance":
        return None
    return Value("dict", "open", None, source.marks, source.origins, source.items)


BUILTIN_CALLS: dict[str, Callable[[Run, ast.Call, Arguments], Value | None]] = {
    "builtins.open": opened, "io.open": opened, "codecs.open": opened, "gzip.open": opened, "bz2.open": opened,
    "lzma.open": opened, "os.path.join": _join, "pathlib.Path": _path, "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path, "builtins.list": _container, "builtins.tuple": _container,
    "builtins.sorted": _ordered, "builtins.reversed": _container, "builtins.set": _container,
    "builtins.max": _best, "builtins.min": _best, "builtins.sum": _same, "builtins.abs": _same,
    "builtins.next": _same, "builtins.iter": _first, "builtins.round": _round, "builtins.float": _number,
    "builtins.int": _number, "builtins.str": _string, "os.fspath": _string, "builtins.zip": _zip,
    "builtins.enumerate": _enumerate, "builtins.len": _count, "builtins.range": _range, "builtins.dict": _dict,
    "argparse.Namespace": _namespace, "types.SimpleNamespace": _namespace, "builtins.getattr": _getattr,
    "builtins.isinstance": _nothing, "builtins.hasattr": _nothing, "builtins.bool": _nothing,
    "builtins.any": _nothing, "builtins.all": _nothing, "io.StringIO": _buffer, "io.BytesIO": _buffer,
    "os.path.abspath": _first, "os.path.realpath": _first, "os.path.expanduser": _first,
    "os.path.dirname": _file_parent, "sqlalchemy.text": _first, "sqlalchemy.sql.text": _first,
    "tqdm.tqdm": _first, "tqdm.auto.tqdm": _first, "tqdm.notebook.tqdm": _first,
    "os.path.normpath": _first, "os.getcwd": _here, "pathlib.Path.cwd": _working, "pathlib.Path.home": _home,
    "os.walk": _walk, "functools.partial": _partial, "joblib.delayed": _first, "builtins.vars": _variables,
    "dataclasses.field": _field, "pydantic.Field": _settings_field,
    "tqdm.tqdm_notebook": _first, "copy.deepcopy": _first, "copy.copy": _first, "builtins.super": _count,
    "numpy.setdiff1d": _complement, "numpy.delete": _complement,
}  # fmt: skip

__all__ = ["BUILTIN_CALLS", "marked", "opened", "text_method"]
