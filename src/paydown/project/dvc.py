"""What DVC keeps: the outputs of ``*.dvc`` files, of the stages of ``dvc.yaml``, and of ``dvc.lock``.

Interpolation (``${data.raw}``, ``foreach``, ``matrix``) is followed where ``params.yaml`` and ``vars`` say it plainly;
what is left open covers nothing.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paydown.project.files import joined
from paydown.project.yaml import read

_HOLE = re.compile(r"\$\{\s*([^{}]+?)\s*\}")
_ENTRIES = 20_000
_KINDS = ("outs", "metrics", "plots")


def concerns(path: str) -> bool:
    """Whether DVC reads the file at ``path``."""
    name = path.rpartition("/")[2]
    return name in ("dvc.yaml", "dvc.lock", "params.yaml") or (name.endswith(".dvc") and name != ".dvc")


def files_below(root: str) -> list[str]:
    """DVC's files below a folder that is no git repository; hidden and installed folders are passed over."""
    found: list[str] = []
    left = _ENTRIES
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and name not in ("node_modules", "site-packages")
        )
        left -= len(files) + len(folders)
        if left < 0:
            break
        found += (joined(folder, name) for name in files if concerns(name))
    return found


def outputs(files: Iterable[str]) -> frozenset[str]:
    """The absolute paths that the DVC files at ``files`` keep; a folder among them covers what it holds."""
    found: set[str] = set()
    for file in files:
        folder, _, name = file.rpartition("/")
        if name == "params.yaml":
            continue
        said = read(file)
        if not isinstance(said, Mapping):
            continue
        if name == "dvc.yaml":
            found.update(_of_pipeline(said, folder))
        elif name == "dvc.lock":
            found.update(_of_lock(said, folder))
        else:
            found.update(_resolved(said, folder, {}))
    return frozenset(found)


def _of_pipeline(said: Mapping[str, Any], folder: str) -> Iterator[str]:
    known = _variables(said.get("vars"), folder, _mapping(read(joined(folder, "params.yaml"))))
    for stage in _mapping(said.get("stages")).values():
        if not isinstance(stage, Mapping):
            continue
        here = _variables(stage.get("vars"), folder, known)
        for more, body in _instances(stage, here):
            yield from _resolved(body, folder, {**here, **more})


def _instances(
    stage: Mapping[str, Any], known: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """A stage, or each of those that ``foreach`` or ``matrix`` makes of it, with the names these bind."""
    body = stage.get("do") if isinstance(stage.get("do"), Mapping) else stage
    assert isinstance(body, Mapping)
    if "foreach" in stage:
        many = _filled(stage["foreach"], known)
        if isinstance(many, Mapping):
            yield from (({"key": key, "item": item}, body) for key, item in itertools.islice(many.items(), 1000))
        elif isinstance(many, list):
            yield from (({"item": item}, body) for item in many[:1000])
        return
    if isinstance(stage.get("matrix"), Mapping):
        axes = {key: _filled(value, known) for key, value in stage["matrix"].items()}
        if all(isinstance(value, list) for value in axes.values()):
            for choice in itertools.islice(itertools.product(*axes.values()), 1000):
                yield {"item": dict(zip(axes, choice, strict=True))}, body
        return
    yield {}, body


def _of_lock(said: Mapping[str, Any], folder: str) -> Iterator[str]:
    """The outputs that ``dvc.lock`` recorded; where a stage works, only ``dvc.yaml`` says."""
    stages = _mapping(_mapping(read(joined(folder, "dvc.yaml"))).get("stages"))
    for name, stage in _mapping(said.get("stages", said)).items():
        if not isinstance(stage, Mapping):
            continue
        plan = _mapping(stages.get(str(name).partition("@")[0]))
        wdir = _mapping(plan.get("do")).get("wdir", plan.get("wdir", "."))
        yield from _resolved({"outs": stage.get("outs"), "wdir": wdir}, folder, {})


def _resolved(body: Mapping[str, Any], folder: str, known: Mapping[str, Any]) -> Iterator[str]:
    """The outputs of one stage or ``.dvc`` file as absolute paths."""
    wdir = _filled(body.get("wdir", "."), known)
    if not isinstance(wdir, str) or _HOLE.search(wdir):
        return
    for kind in _KINDS:
        for output in body.get(kind) or () if isinstance(body.get(kind), list) else ():
            path = output
            if isinstance(output, Mapping):
                path = output.get("path") if isinstance(output.get("path"), str) else next(iter(output), None)
            path = _filled(path, known)
            if isinstance(path, str) and path and not _HOLE.search(path) and "://" not in path and "\0" not in path:
                yield joined(joined(folder, wdir), path)


def _variables(said: Any, folder: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """``known`` and what a ``vars`` list adds: tables, or files with parameters, each perhaps with the keys to take."""
    merged = dict(known)
    for one in said if isinstance(said, list) else ():
        if isinstance(one, Mapping):
            merged.update(one)
        elif isinstance(one, str):
            path, _, keys = one.partition(":")
            table = _mapping(read(joined(folder, path)))
            merged.update({key: table[key] for key in keys.split(",") if key in table} if keys else table)
    return merged


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    """``value`` with its ``${…}`` filled in; a string that is one hole becomes what stands there, list or table."""
    if not isinstance(value, str):
        return value
    whole = _HOLE.fullmatch(value)
    if whole:
        found = _looked_up(whole[1], known)
        return value if found is None else found
    return _HOLE.sub(lambda hole: _spelt(_looked_up(hole[1], known), hole[0]), value)


def _spelt(value: Any, otherwise: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else otherwise


def _looked_up(name: str, known: Any) -> Any:
    for part in re.findall(r"[^.\[\]]+", name):
        if isinstance(known, Mapping):
            known = known.get(part)
        elif isinstance(known, list) and part.isdigit() and int(part) < len(known):
            known = known[int(part)]
        else:
            return None
    return known


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
