"""Data, or a model from a hub, is named by a version that moves.

The same line reads other data tomorrow: a branch goes on, `latest` is retagged, a hub's repository is pushed to. Results
then differ with no change in the code, and nobody can go back to what an old model was trained on.

```python bad
import pandas as pd

frame = pd.read_csv("https://raw.githubusercontent.com/acme/wine/master/red.csv")  # debt: `master` moves: this reads other data when it does; name a commit or a tag
```
```python bad
from datasets import load_dataset
from transformers import AutoModel

reviews = load_dataset("acme/reviews")  # debt: `load_dataset` takes the newest `acme/reviews`: name its `revision`
model = AutoModel.from_pretrained("acme/bert")
```
```python good
import pandas as pd
from datasets import load_dataset

frame = pd.read_csv("https://raw.githubusercontent.com/acme/wine/3b1e0f7d5c0f6c0d1a4c2b9e8f7a6d5c4b3a2910/red.csv")
reviews = load_dataset("acme/reviews", revision="5be91486e11a2d616f4ec5db8d3fd248585ac07a")
```

How to pay it off: put a commit, tag or dated snapshot where the branch or `latest` stands; pass `revision=`, `version=`
or the artifact's `:v3`. The commit of a hub's repository is on its page, under *Files and versions*.

When to accept it: a notebook that shows how the newest data or model behaves.

What a hub's loads lack, which nearly everybody's do, is one finding per document, with the other calls as related
places. Local files are not looked at when they are under version control, nor are models loaded from a folder. A name
that is not in the text is unknown, and unknown is never a finding.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (unstable data dependencies).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, set_keyword
from paydown.flow.events import Load, Read, Save
from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.rules.data.commands import commands
from paydown.rules.data.references import (
    is_data,
    is_download,
    is_kaggle,
    is_placeholder,
    moving_in,
    names_version,
    shown,
    version_in,
)
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD302",
    severity=INFORMATION,
    principal=5,
    message="`{call}` takes the newest `{shown}`: name its `{argument}`",
    in_tests=False,
)

_MOVES = "`{part}` moves: this {happens} when it does; name {fixed}"
_TAG = "`torch.hub.{call}` takes the newest `{shown}`: name its tag or commit, as in `{shown}:v1.0`"
_FOLDER = re.compile(
    r"^[./~]|^[A-Za-z]:|\\|^(?:models?|outputs?|results?|checkpoints?|data|runs|artifacts?)/|/.*/|\.\w{2,4}$"
)
_OWN_FORMATS = frozenset(
    {"csv", "json", "text", "parquet", "arrow", "pandas", "xml", "imagefolder", "audiofolder", "webdataset"}
)
_ADDRESSES = frozenset({"http", "s3", "gs", "abfs", "hf"})
_TAGS = frozenset({"latest", "current", "head", "newest", "production", "staging", "champion"})
_OTHER_HUBS = ("vertexai.", "google.", "nemo.", "tensorflow_hub.")
_STORES = frozenset({"mlflow", "models", "wandb", "azureml"})


@rule.check
def floating(document: DocumentView) -> Iterator[Draft]:
    """Reads and loads whose version moves."""
    hub: list[tuple[Read | Load, str]] = []
    seen: set[str] = set()
    saved = {event.reference.location for event in document.events(Save) if event.reference is not None}
    events: list[Read | Load] = [*document.events(Read), *document.events(Load)]
    if any(event.cell != events[0].cell for event in events):
        rank = {cell: number for number, cell in enumerate(document.order)}
        events.sort(key=lambda event: rank[event.cell])
    for event in events:
        reference = event.reference
        if reference is None or event.versioned or event.open_ended or is_placeholder(reference.location):
            continue
        location = reference.location
        if event.hub and event.version and "://" not in location:
            if (
                location not in saved
                and _comes_from_hub(event, location)
                and all(location != known for _, known in hub)
            ):
                hub.append((event, location))
            continue
        part = _moving(document, event, location)
        if part and location not in seen:
            seen.add(location)
            happens = "loads another model" if isinstance(event, Load) else "reads other data"
            yield rule.at(event, message=_MOVES, part=part, happens=happens, fixed=_fixed(part), fixes=())
    for address, cell, magic in commands(document.magics()).downloads:
        part = moving_in(address) if is_download(address) and not version_in(address) else ""
        if part and address not in seen:
            seen.add(address)
            where = Place(cell, "", magic.span)
            yield rule.at(where, message=_MOVES, part=part, happens="reads other data", fixed=_fixed(part), fixes=())
    if hub:
        (first, location), *others = hub
        related = [(event, f"so does `{shown(other)}`") for event, other in others]
        call, argument = _called(first), first.version
        yield rule.at(
            first, related=related, call=call, shown=shown(location), argument=argument,
            message=_TAG if argument == "repo_or_dir" else None,
            fixes=() if argument in ("name:v0", "repo_or_dir") or first.via else None,
        )  # fmt: skip


def _fixed(part: str) -> str:
    return "a version or a date" if part.lower() in _TAGS else "a commit or a tag"


def _called(event: Read | Load) -> str:
    return event.call.rpartition(".")[2]


def _comes_from_hub(event: Read | Load, location: str) -> bool:
    """Whether a hub's newest is taken: not a folder, a file, a built-in format, a tag in the name."""
    if event.call.startswith(_OTHER_HUBS) or _FOLDER.search(location) or names_version(event, location):
        return False
    if event.call == "torch.hub.load":
        return ":" not in location and _given(event, "source") != "local"
    if event.call.startswith("tensorflow_datasets."):
        return ":" not in location
    if location in _OWN_FORMATS or any(event.keyword(name) is not None for name in ("data_files", "data_dir")):
        return False
    return _given(event, "local_files_only") is not True


def _given(event: Read | Load, name: str) -> object:
    value = event.keyword(name)
    return value.constant if value is not None else None


def _moving(document: DocumentView, event: Read | Load, location: str) -> str:
    """The part of a location that moves, if it is of data or an artifact."""
    assert event.reference is not None
    scheme = event.reference.scheme
    if scheme in _STORES:
        return _moving_artifact(scheme, event, location)
    part = "" if version_in(location) and "/main/" not in location else moving_in(location)
    if not part:
        return ""
    if scheme == "local":
        project = document.project
        known = project is not None and project.version_of(location, document.path) is not None
        whole = any(piece.partition(".")[0] == part for piece in location.replace("\\", "/").split("/"))
        if known or not whole or is_kaggle(location) or isinstance(event, Load):
            return ""
        return part if is_data(event, event.reference) else ""
    if scheme not in _ADDRESSES or (isinstance(event, Read) and not is_data(event, event.reference)):
        return ""
    return part


def _moving_artifact(scheme: str, event: Read | Load, location: str) -> str:
    if scheme in ("mlflow", "models"):
        return next((end for end in ("/latest", "/Production", "/Staging", "@champion") if location.endswith(end)), "")[
            1:
        ]
    if version_in(location):
        return ""
    if ":" not in location:
        return "" if scheme == "azureml" else location
    end = location.rpartition(":")[2]
    return "" if end.startswith("//") else end  # a path in a store isn't the name of a version


@rule.fix("Pass `{argument}=` (to be filled in)", safe=False)
def name_version(target: Target) -> CellEdits:
    """Add the argument, with a value to be filled in."""
    value = "1" if target.fact("argument") == "version" else '"…"'
    yield from set_keyword(target, target.span, target.fact("argument"), value)
