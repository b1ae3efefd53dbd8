"""Where data and models come from and go to: calls that read, write, load, save, download, unpack, connect."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from paydown.flow import events as on
from paydown.flow.events import Reference
from paydown.flow.run import Run
from paydown.flow.values import NOTHING, UNKNOWN, Value, constant, derived, marked
from paydown.libraries import Effect
from paydown.rule import Anchor

if TYPE_CHECKING:
    from paydown.flow.arguments import Arguments

LEARNT = frozenset({"estimator", "search", "transformer", "learned", "weights"})
HANDLES = frozenset({"file", "response", "buffer"})
VERSIONS = frozenset(
    {"version", "revision", "known_hash", "file_hash", "md5_hash", "sha256", "md5", "hash", "expected_hash", "checksum",
     "versionAsOf", "timestampAsOf", "version_as_of", "snapshot_id", "snapshot-id", "as-of-timestamp", "snapshot",
     "as_of", "commit", "commit_hash", "tag", "rev", "VersionId", "version_id", "generation", "etag"}
)  # fmt: skip
"""Arguments and options that name a version, or hold the data to one."""
_FLOATING = frozenset({"latest", "*", "main", "master", "head", "active", "newest", ""})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}):(?://|(?<=dbfs:)/)")
_SAME_STORE = {
    "https": "http", "ftp": "http", "s3a": "s3", "s3n": "s3", "gcs": "gs", "abfss": "abfs", "wasbs": "abfs",
    "wasb": "abfs", "adl": "abfs", "az": "abfs",
}  # fmt: skip
_TEST_FILE = re.compile(r"(?:^|[^a-z])(?:test|holdout|hold_out)(?:[^a-z]|$)")
_EXISTS = re.compile(r"exist|is_?file|is_?dir|listdir|glob")
_QUERY = re.compile(r"\s*\(*\s*(?:select|with|from|table|values|show|describe|pivot)\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MODEL_WORDS = frozenset(
    {"model", "models", "clf", "classifier", "regressor", "estimator", "pipeline", "pipe", "scaler", "encoder",
     "vectorizer", "tokenizer", "weights", "weight", "checkpoint", "checkpoints", "ckpt", "net", "network", "pca",
     "kmeans", "rf", "xgb", "lgb", "lgbm", "svm", "svc", "knn", "policy", "agent", "generator", "discriminator", "dv",
     "transformer", "preprocessor", "imputer", "optimizer", "state", "regression", "forest", "bert", "resnet"}
)  # fmt: skip
_DATA_WORDS = frozenset(
    {"data", "dataset", "datasets", "df", "frame", "train", "test", "val", "valid", "validation", "features", "labels",
     "images", "embeddings", "samples", "corpus", "records", "rows", "series", "vectors", "batch", "x", "y", "raw",
     "processed", "interim", "input", "inputs"}
)  # fmt: skip


def reference(value: Value | None, scheme: str) -> Reference | None:
    """What a location argument points at, if it is known."""
    if value is None:
        return None
    if value.kind in ("list", "tuple") and value.items and isinstance(value.items[0], Value):
        value = value.items[0]  # the first of several files
    elif value.kind == "dict" and value.items:
        value = value.items[0][1]
    text = value.constant if value.kind in HANDLES else value.example
    if not isinstance(text, str) or not text.strip():
        return None
    match = _SCHEME.match(text)
    if match:
        head = match[1].lower()
        if head == "file":
            return Reference("local", text.removeprefix("file://"))
        return Reference(_SAME_STORE.get(head, head), text)
    if scheme in ("sql", "table") or "\n" in text:
        return Reference("sql" if scheme == "local" else scheme, " ".join(text.split()))
    return Reference(scheme or "local", text)


def is_model(location: str) -> bool | None:
    """Whether a file's name says that it holds a model (or a scaler and the like) or data; ``None`` when neither."""
    path = PurePosixPath(location.replace("\\", "/"))
    for part in (path.stem, path.parent.name):
        words = {word.lower() for word in _WORD.findall(part)}
        if words & _MODEL_WORDS:
            return True
        if words & _DATA_WORDS:
            return False
    return None


def _location(effect: Effect, receiver: Value, arguments: Arguments) -> Value | None:
    if effect.location == "receiver":
        return receiver
    if effect.location.startswith("receiver/"):
        inside = arguments.find(effect.position, effect.location.partition("/")[2])
        known = receiver.text is not None and inside is not None and inside.text is not None
        return constant(f"{receiver.text}/{inside.text}") if known and inside is not None else None
    if "/" in effect.location:
        parts = [arguments.find(effect.position + number, one) for number, one in enumerate(effect.location.split("/"))]
        texts = [part.text for part in parts if part is not None]
        if len(texts) < len(parts) or any(text is None for text in texts):
            return None
        return constant(f"{effect.scheme}://" + "/".join(text or "" for text in texts))
    found = arguments.find(effect.position, effect.location)
    return receiver if found is None and receiver.kind == "path" else found


def _versioned(effect: Effect, receiver: Value, arguments: Arguments) -> bool:
    """Whether a call names a version, or checks a hash."""
    if "versioned" in receiver.marks:
        return True
    position = effect.order.index(effect.version) if effect.version in effect.order else -1
    own = arguments.find(position, effect.version) if effect.version else None
    given = [own, *(value for key, value in arguments.keywords if key in VERSIONS)]
    return any(value is not None and _names_version(value) for value in given)


def _names_version(value: Value) -> bool:
    return value.kind != "constant" or (value.constant is not None and str(value.constant).lower() not in _FLOATING)


def _opened_to_write(effect: Effect, arguments: Arguments) -> bool:
    """Whether a call that opens things (tagged ``mode``) opens one to write it."""
    position = effect.order.index("mode") if "mode" in effect.order else 1
    mode = arguments.find(position, "mode") if "mode" in effect.tags else None
    return mode is not None and isinstance(mode.constant, str) and any(letter in mode.constant for letter in "wax")


def _own_files(arguments: Arguments) -> Value | None:
    """The files that a hub's loader is given, instead of a name: ``load_dataset("csv", data_files="a.csv")``."""
    for name in ("data_files", "data_dir"):
        given = arguments.find(-1, name)
        if given is not None and reference(given, "local") is not None:
            return given
    return None


_LIMIT = re.compile(r"\bLIMIT\s+(\d{2,})\s*;?\s*$", re.IGNORECASE)
_ORDERED = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)


def _limit(query: str) -> int:
    """The number of rows that a query is cut to; if it is ordered, the first are chosen, not cut."""
    match = _LIMIT.search(query) if "limit" in query.lower() else None
    return int(match[1]) if match is not None and not _ORDERED.search(query) else 0


def read(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value | None:
    """Data comes in."""
    if _opened_to_write(effect, arguments):
        write(run, node, name, effect, receiver, arguments)
        return UNKNOWN
    location = _location(effect, receiver, arguments)
    if "files" in effect.tags and (files := _own_files(arguments)) is not None:
        location, effect = files, replace(effect, scheme="local", hub=False)
    if "path" in effect.tags and (location is None or location.example is None):
        return None  # it is given data, not the place of it
    kind = effect.returns or "unknown"
    lineage = NOTHING
    if location is not None and (location.kind in HANDLES or (location.kind == "unknown" and location.origins)):
        if not isinstance(location.constant, str):
            return Value(kind, name, None, location.marks, location.origins)
        lineage = location.origins
    if effect.scheme == "sql" and location is not None and location.text and not _reads_sql(location.text):
        return Value(kind, name)
    pointed = reference(location, effect.scheme)
    anchor = emit_read(run, node, name, effect, receiver, arguments, pointed)
    marks = set()
    if (
        pointed is not None
        and pointed.scheme == "local"
        and (location is None or location.kind in HANDLES or location.text is not None)  # not one of several
        and _TEST_FILE.search(pointed.location.rpartition("/")[2].lower())
    ):
        marks.add("test")
    if location is not None and location.marks & {"setting"}:
        marks.add("setting")
    if kind == "train-test":
        return _train_and_test(anchor)
    if kind == "bunch" and (pair := arguments.find(-1, "return_X_y")) is not None and pair.constant is True:
        both = Value("array", name, None, NOTHING, frozenset({anchor}))
        return Value("tuple", "", None, NOTHING, NOTHING, (both, both))
    where = pointed.location if pointed is not None and kind in HANDLES else None
    value = Value(kind, name, where, frozenset(marks), lineage | {anchor})
    rows = arguments.find(-1, effect.rows) if effect.rows else None
    if rows is not None and rows.number is not None and not rows.marks & {"named", "setting"} and rows.number > 1:
        cut = run.emit(
            on.Sample, node, name, value, arguments.positional, arguments.keywords, value,
            f"{effect.rows}={rows.number}", rows.number, bool(run.guards),
        )  # fmt: skip
        value = marked(value, "sampled", origin=cut)
    limit = _limit(location.text or "") if effect.scheme == "sql" and location is not None else 0
    if limit:
        cut = run.emit(
            on.Sample, node, name, value, arguments.positional, arguments.keywords, value,
            f"LIMIT {limit}", limit, bool(run.guards),
        )  # fmt: skip
        value = marked(value, "sampled", origin=cut)
    return value


def _train_and_test(anchor: Anchor) -> Value:
    """What ``(x_train, y_train), (x_test, y_test) = …`` unpacks."""
    halves = []
    for role in ("train", "test"):
        array = Value("array", "", None, frozenset({role}), frozenset({anchor}))
        halves.append(Value("tuple", "", None, NOTHING, NOTHING, (array, array)))
    return Value("tuple", "", None, NOTHING, frozenset({anchor}), tuple(halves))


def parse(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value | None:
    """The text of a file or an answer is parsed; a text in the code is none."""
    location = _location(effect, receiver, arguments)
    if location is not None and location.kind in HANDLES:
        return read(run, node, name, effect, receiver, arguments)
    source = location if location is not None else UNKNOWN
    return derived(source, "unknown")


def copy(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A file goes to another place."""
    target = arguments.find(effect.target_position, effect.target) or UNKNOWN
    left = reference(target, "local")
    _emit_write(run, node, name, receiver, arguments, left, UNKNOWN, fetched=True, pattern=target.pattern)
    return UNKNOWN


def _reads_sql(text: str) -> bool:
    return " " not in text.strip() or _QUERY.match(text) is not None


def emit_read(
    run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments,
    pointed: Reference | None,
) -> Anchor:  # fmt: skip
    """Record that data comes in."""
    return run.emit(
        on.Read, node, name, receiver, arguments.positional, arguments.keywords, pointed,
        effect.returns or "unknown", effect.shipped, effect.hub, effect.version,
        _versioned(effect, receiver, arguments),
    )  # fmt: skip


def write(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """Data, or a trained model, goes out."""
    written = _written(effect, receiver, arguments)
    location = _target(effect, receiver, arguments)
    if location is None and name.startswith("frame.to_") and effect.role == "write":
        return derived(receiver, "unknown")  # `to_csv()` without a path gives the text
    pointed = reference(location, effect.scheme)
    if effect.role == "save" or (effect.role == "pickle" and _holds_model(effect, written, pointed)):
        run.emit(on.Save, node, name, receiver, arguments.positional, arguments.keywords, pointed, written)
        return UNKNOWN
    mode = arguments.find(1 if "mode" in effect.tags else -1, "mode")
    append = mode is not None and isinstance(mode.constant, str) and mode.constant.startswith("a")
    append = append or any(value is not None and "append" in value.marks for value in (location, receiver))
    pattern = location.pattern if location is not None else ""
    _emit_write(run, node, name, receiver, arguments, pointed, written, append=append, pattern=pattern)
    return UNKNOWN


def _written(effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    if effect.value:
        return arguments.find(effect.value_position, effect.value) or UNKNOWN
    return receiver.item("frame") or receiver if receiver.kind == "writer" else receiver


def _target(effect: Effect, receiver: Value, arguments: Arguments) -> Value | None:
    if effect.location == "receiver" or "/" in effect.location:
        return _location(effect, receiver, arguments)
    return arguments.find(effect.position + (1 if effect.value_position == 0 else 0), effect.location)


def _emit_write(
    run: Run, node: ast.Call, name: str, receiver: Value, arguments: Arguments, pointed: Reference | None,
    written: Value, *, append: bool = False, fetched: bool = False, pattern: str = "",
) -> None:  # fmt: skip
    guarded = any(_EXISTS.search(guard) for guard in run.spelled_guards())
    run.emit(
        on.Write, node, name, receiver, arguments.positional, arguments.keywords, pointed, written,
        append, guarded, fetched, pattern,
    )  # fmt: skip


def _holds_model(effect: Effect, value: Value, pointed: Reference | None) -> bool:
    held = [value, *(item for item in _contents(value) if isinstance(item, Value))]
    if any(one.kind in LEARNT or (one.kind == "unknown" and "fitted" in one.marks) for one in held):
        return True
    if value.kind in ("frame", "array", "tensor"):
        return False
    named = is_model(pointed.location) if pointed is not None else None
    return "model" in effect.tags if named is None else named


def _contents(value: Value) -> tuple[object, ...]:
    if value.kind == "dict":
        return tuple(item for _, item in value.items)
    return value.items if value.kind in ("tuple", "list") else ()


def load(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A trained model comes in."""
    location = _location(effect, receiver, arguments)
    run.emit(
        on.Load, node, name, receiver, arguments.positional, arguments.keywords,
        reference(location, effect.scheme or "local"), effect.hub, effect.version,
        _versioned(effect, receiver, arguments),
    )  # fmt: skip
    if effect.returns == "self":
        return marked(receiver, "loaded", "fitted")
    return Value(effect.returns or "unknown", name, None, frozenset({"loaded", "fitted"}))


def unpickle(
    run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments
) -> Value | None:
    """A model or data comes in: the file's name tells which, or else what the call is mostly used for."""
    pointed = reference(_location(effect, receiver, arguments), effect.scheme)
    named = is_model(pointed.location) if pointed is not None else None
    if named if named is not None else "model" in effect.tags:
        return load(run, node, name, effect, receiver, arguments)
    return read(run, node, name, effect, receiver, arguments)


def fetch(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A download: data comes in, and a copy of it stays in a file."""
    source = reference(_location(effect, receiver, arguments), effect.scheme)
    anchor = emit_read(run, node, name, effect, receiver, arguments, source)
    target = arguments.find(effect.target_position, effect.target) if effect.target else None
    left = reference(target, "local")
    if left is None and target is None and source is not None:
        left = Reference("local", source.location.partition("?")[0].rstrip("/").rpartition("/")[2] or ".")
    if effect.target:
        pattern = target.pattern if target is not None else ""
        _emit_write(run, node, name, receiver, arguments, left, UNKNOWN, fetched=True, pattern=pattern)
    if effect.returns == "path" and left is not None:
        return Value("path", name, left.location, NOTHING, frozenset({anchor}))
    return Value("unknown", name, None, NOTHING, frozenset({anchor}))


def unpack(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """An archive is unpacked: its files lie in a folder."""
    if effect.location:
        archive = reference(_location(effect, receiver, arguments), effect.scheme)
        emit_read(run, node, name, effect, receiver, arguments, archive)
    target = arguments.find(effect.target_position, effect.target)
    left = reference(target if target is not None else constant("."), "local")
    pattern = target.pattern if target is not None else ""
    _emit_write(run, node, name, receiver, arguments, left, UNKNOWN, fetched=True, pattern=pattern)
    return UNKNOWN


def connect(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A way to a database; its ``constant`` is the place when that is known."""
    location = _location(effect, receiver, arguments) or UNKNOWN
    if location.kind == "connection":
        return location
    if location is UNKNOWN and not arguments.all() and name in ("duckdb.connect", "sqlite3.connect"):
        location = constant(":memory:")
    return Value("connection", name, location.text, location.marks & {"setting", "environment"})


def configure(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """A step towards a read or a write: what it reads with, or in which mode it writes."""
    marks = set()
    first = arguments.positional[0].constant if arguments.positional else None
    keys = {first, *(key for key, _ in arguments.keywords)}
    if keys & VERSIONS:
        marks.add("versioned")
    if first == "append":
        marks.add("append")
    if name == "reader.schema":
        marks.add("typed")
    return marked(receiver, *marks) if marks else receiver


def listing(run: Run, node: ast.Call, name: str, effect: Effect, receiver: Value, arguments: Arguments) -> Value:
    """The files of a folder, in no order: one path with ``*`` in the place of what differs."""
    location = _location(effect, receiver, arguments)
    text = location.text if location is not None else "."
    marks = frozenset({"listing"})
    if text is None:
        return Value("list", "many", None, marks, NOTHING, (Value("path", "", None, marks),))
    if effect.into == "names":
        item = Value("constant", "str", "*", marks)
    elif receiver.kind == "path" and isinstance(receiver.constant, str):
        pattern = arguments.positional[0].text if arguments.positional else "*"
        if "rglob" in name:
            pattern = f"**/{pattern}"
        item = Value("path", "", str(PurePosixPath(receiver.constant) / (pattern or "*")), marks)
    else:
        item = Value("constant", "str", text, marks)
    return Value("list", "many", None, marks, NOTHING, (item,))


__all__ = [
    "HANDLES", "LEARNT", "VERSIONS", "configure", "connect", "copy", "fetch", "is_model", "listing", "load", "parse",
    "read", "reference", "unpack", "unpickle", "write",
]  # fmt: skip
