"""Data is read that has no version.

When it changes, nobody can tell: yesterday's model can't be built again, and a worse metric may come from the code or
from the data. The paper calls such inputs unstable data dependencies, and a versioned copy their cure.

```python bad
import pandas as pd

train = pd.read_csv("data/train.csv")  # debt: `data/train.csv` is under no version control: it can change without a trace
```
```python bad
import pandas as pd

red = pd.read_csv("https://data.example.org/wine/red.csv", sep=";")  # debt: `https://data.example.org/wine/red.csv` can change without a trace: pin its hash, or keep a copy with a version
```
```python fixed
import pandas as pd
import pooch

red = pd.read_csv(pooch.retrieve("https://data.example.org/wine/red.csv", known_hash="sha256:…"), sep=";")
```
```python good
import pandas as pd

base = "https://raw.githubusercontent.com/acme/wine/3b1e0f7d5c0f6c0d1a4c2b9e8f7a6d5c4b3a2910"
red = pd.read_csv(f"{base}/red.csv", sep=";")
sales = spark.read.format("delta").option("versionAsOf", 12).load("/lake/sales")
prices = pd.read_parquet("s3://acme-lake/prices/dt=2024-01-31/")
```

How to pay it off: `paydown pin` writes the hash, size and date of a file, folder or URL to `paydown.lock`, and `paydown
verify` tells when one has changed. Or track the file with git, Git LFS, git-annex or DVC. Or read what carries a version
already: a commit instead of a branch, a DOI, a dated partition, `VersionId=`, `versionAsOf`, an artifact `name:v3`.

What counts as versioned: files that git or DVC track or that `paydown.lock` pins; files that the same document or one
beside it writes or downloads (what they are made of counts instead); locations with a commit, hash, tag, DOI or date; calls with an argument such
as `version`, `revision`, `known_hash`; downloads in a document that computes a hash. Code, settings and prose that
`open` reads are no data, nor are models (`floating-model-version` looks at those) or a service's answers. Data that
comes with a library or that Kaggle keeps is versioned elsewhere: a hint, once. Tables of databases: once, as
information. What moves by name (`main`, `latest`) is `floating-data-version`.

When to accept it: the data is a throw-away sample, or a live source whose newest state is the point.

It leaves out what can't be resolved from the text, such as a path that comes from outside; of several (`for name in
("train", "test")`) the first is told of.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (unstable data dependencies).*
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from paydown.fixes import CellEdits, Target, ensure_import, wrap
from paydown.fixes.calls import call_at
from paydown.flow.events import Call, Name, Read, Reference
from paydown.rule import HINT, INFORMATION, WARNING, Anchor, Draft, Place, Rule
from paydown.rules.data.commands import Commands, commands, normal
from paydown.rules.data.made import Made, database_file
from paydown.rules.data.queries import framed
from paydown.rules.data.references import (
    connection_of,
    floating,
    is_data,
    is_derived,
    is_download,
    is_kaggle,
    is_placeholder,
    is_provided,
    is_system,
    moving_in,
    shown,
    version_in,
)
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD301",
    severity=WARNING,
    principal=10,
    message="`{shown}` {problem}",
    in_tests=False,
)

_LOCAL = "is under no version control: it can change without a trace"
_REMOTE = "can change without a trace: pin its hash, or keep a copy with a version"
_LIVE = "is whatever its source holds today: keep what was read, with its date"
_TABLE = "is read as it stands today: name a snapshot or a date, or keep what was read"
_SHIPPED = "comes with {owner}: its version is that of the library, so pin that"
_KEPT = "is versioned by {owner}, not here: write down which version this is for"
_TABLES = re.compile(
    r"\b(?:from|join)\s+([`\"\[]?[\w.$-]+(?:[`\"\]]?\.[`\"\[]?[\w$-]+)*[`\"\]]?|'[^']+')(?![\w.$-]|\s*\()",
    re.IGNORECASE,
)
_FILES = re.compile(r"(?:\b(?:from|join)\s+|\bread_\w+\(\s*\[?\s*)'([^'\0]+\.\w+|[^'\0]+/\*[^'\0]*)'", re.IGNORECASE)
_NO_DATA = re.compile(
    r"\s*(?:show|describe|pragma|explain|values|set|use)\b|\binformation_schema\b|\bsqlite_master\b|\bpg_\w+", re.I
)
_BYTES = frozenset({"text", "file", "buffer"})
_DRIVE = "//drive.google.com/"
_NAMED = {"sklearn": "scikit-learn", "keras": "Keras", "torchvision": "torchvision", "seaborn": "seaborn"}


@dataclass
class _Sorted:
    """The unversioned reads of a document, each reference once."""

    plain: dict[tuple[str, str], list[Read]] = field(default_factory=dict)
    tables: list[tuple[Read, str]] = field(default_factory=list)
    kept: list[tuple[Read, str, str]] = field(default_factory=list)


@rule.check
def unversioned(document: DocumentView) -> Iterator[Draft]:
    """Reads whose reference has no version."""
    reads = [event for event in document.events(Read) if not event.versioned]
    magics = document.magics()
    if not reads and not magics:
        return
    shell = commands(magics, _handed_to_shell(document))
    hashes = [event for event in document.events(Call) if event.call.startswith("hashlib.")]
    seen = frozenset[Anchor]().union(*(value.origins for event in hashes for value in event.arguments))
    found = _sorted(document, [event for event in reads if not (event.what in _BYTES and event.anchor in seen)], shell)
    hashed = bool(hashes)
    for (scheme, location), events in found.plain.items():
        if scheme == "local" or not hashed:
            yield _finding(document, scheme, location, events)
    if found.tables:
        (first, name), *others = found.tables
        related = [(event, f"so is `{shown(other)}`") for event, other in others]
        yield rule.at(first, shown=shown(name), problem=_TABLE, related=related, severity=INFORMATION, fixes=())
    if shell.kaggle and not found.kept:
        downloads = [(Place(cell, "", magic.span), shown(name)) for name, cell, magic in shell.kaggle]
        (where, name), *further = downloads
        also = [(place, f"so is `{other}`") for place, other in further]
        yield rule.at(where, shown=name, problem=_KEPT.format(owner="Kaggle"), related=also, severity=HINT, fixes=())
    if found.kept:
        (first, name, problem), *rest = found.kept
        related = [(event, f"so is `{shown(other)}`") for event, other, _ in rest]
        yield rule.at(first, shown=shown(name), problem=problem, related=related, severity=HINT, fixes=())
    known = {location for scheme, location in found.plain if scheme == "http"}
    for address, cell, magic in shell.downloads:
        if address not in known and not hashed and _is_unversioned_download(document, address):
            known.add(address)
            place = Place(cell, "", magic.span)
            fixes = () if _DRIVE in address else ("pin",)  # which answers with a page
            yield rule.at(place, shown=shown(address), problem=_REMOTE, reference=address, fixes=fixes)


def _handed_to_shell(document: DocumentView) -> Iterator[str]:
    for event in document.events(Call):
        if event.call.startswith(("os.system", "subprocess.")) and event.arguments:
            first = event.arguments[0]
            words = [item.text or "?" for item in first.items] if first.kind == "list" else [first.text or ""]
            yield " ".join(words)


def _is_unversioned_download(document: DocumentView, address: str) -> bool:
    project = document.project
    if not (is_download(address) or _DRIVE in address) or version_in(address) or moving_in(address):
        return False
    return project is None or not project.pinned(address)


def _sorted(document: DocumentView, reads: list[Read], shell: Commands) -> _Sorted:
    found = _Sorted()
    made = Made(document, shell)
    shipped: set[str] = set()
    for event in reads:
        if event.shipped or (event.hub and not event.version):
            if event.call not in shipped:
                shipped.add(event.call)
                root = event.call.partition(".")[0]
                name = (
                    ".".join(event.call.split(".")[-2:])
                    if event.call.startswith("keras")
                    else event.call.rpartition(".")[2]
                )
                found.kept.append((event, name, _SHIPPED.format(owner=f"`{_NAMED.get(root, root)}`")))
            continue
        reference = event.reference
        if reference is None or event.hub or not is_data(event, reference):
            continue
        _sort(document, found, made, event, reference)
    return found


def _sort(document: DocumentView, found: _Sorted, made: Made, event: Read, reference: Reference) -> None:
    scheme, location = reference
    if version_in(location) or floating(event) or is_placeholder(location) or "stream" in event.receiver.marks:
        return
    if scheme == "local" and "#" in location and event.call.startswith("reader."):
        scheme = "table"  # a share
    if scheme in ("sql", "table"):
        for file in _FILES.findall(location) if event.call.startswith(("duckdb.", "connection.")) else ():
            _sort(document, found, made, event, Reference(_scheme(file), file))
        if event.what == "query" and event.anchor not in framed(document):
            return  # a service's own look at its tables
        connection = connection_of(event)
        place = connection.constant if connection is not None else None
        file = database_file(place) if place else ""
        if file:
            scheme, location = "local", file
        elif (place is not None and ":memory:" in place) or _NO_DATA.search(location):
            return
        else:
            _sort_tables(document, found, made, event, reference)
            return
    if scheme == "kaggle" or is_kaggle(location):
        if all(name != location for _, name, _ in found.kept):
            found.kept.append((event, location, _KEPT.format(owner="Kaggle")))
        return
    if scheme == "local":
        if is_system(location) or is_derived(location) or made.makes(location) or _has_version(document, location):
            return
        if is_provided(location):
            found.kept.append((event, location, _KEPT.format(owner="the platform")))
            return
        if document.project is not None and document.project.written(location, document.path):
            return  # its own inputs count instead
        location = normal(location)
    elif (
        scheme in ("dvc", "mlflow", "runs", "models", "azureml", "wandb", "clearml")
        or (scheme == "http" and "://" not in location)
        or (document.project is not None and _has_version(document, location))
    ):
        return
    found.plain.setdefault((scheme, location), []).append(event)


def _scheme(file: str) -> str:
    return "local" if "://" not in file else "http" if file.startswith("http") else file.partition(":")[0]


def _sort_tables(document: DocumentView, found: _Sorted, made: Made, event: Read, reference: Reference) -> None:
    tables = [name.strip("`\"[]'") for name in _TABLES.findall(reference.location)]
    if reference.scheme == "table" or (not tables and " " not in reference.location):
        tables = [reference.location]
    files = _FILES.findall(reference.location)
    tables = [name for name in tables if name not in files and not made.registers(name)]
    if tables and event.call.startswith(("duckdb.", "connection.")):
        held = {one.name for one in document.events(Name) if one.value.kind == "frame"}
        tables = [name for name in tables if name not in held]  # DuckDB finds frames under their names
    if tables and all(tables[0] != name for _, name in found.tables):
        found.tables.append((event, tables[0]))


def _has_version(document: DocumentView, location: str) -> bool:
    project = document.project
    if project is None:
        return False
    declared = project.declares(location, document.path)
    return bool(declared and declared.version) or project.version_of(location, document.path) is not None


def _finding(document: DocumentView, scheme: str, place: str, events: list[Read]) -> Draft:
    first, *more = events
    assert first.reference is not None
    location = first.reference.location
    if first.reference.scheme in ("sql", "table"):
        location = place
    where = _literal_place(document, first, location)
    if scheme == "live":
        return rule.at(where, shown=_live_name(first), problem=_LIVE, fixes=())
    fixes: list[str] = []
    if scheme == "local" or (scheme == "http" and "*" not in location):
        fixes.append("pin")
    written = any(value.text == location for value in (*first.arguments, *(value for _, value in first.keywords)))
    if scheme == "http" and where is first and first.what == "frame" and written:
        fixes.append("pooch")
    if scheme == "local" and "*" not in location:
        fixes.append("dvc-add")
    return rule.at(
        where,
        shown=shown(location),
        problem=_LOCAL if scheme == "local" else _REMOTE,
        fixes=fixes,
        related=[(event, "read again") for event in more if not _is_same_place(first, event)][:8],
        reference=location,
        quoted=shlex.quote(location),
    )


def _is_same_place(first: Read, event: Read) -> bool:
    """Whether an event stands where ``first`` does, as far as one can tell: in the same function, or reading its file."""
    if first.call == "builtins.open" and not first.function and event.reference == first.reference:
        return event.cell == first.cell and event.index == first.index + 1
    return bool(first.function) and (event.function, event.call) == (first.function, first.call)


def _live_name(event: Read) -> str:
    assert event.reference is not None
    return event.reference.location


def _literal_place(document: DocumentView, event: Read, location: str) -> Read | Call:
    """The read, or the call of the document's own function that was handed the location."""
    if event.via:
        call = document.event(event.via[0])
        if isinstance(call, Call):
            given = [*call.arguments, *(value for _, value in call.keywords)]
            if any(value.text and value.text.strip("./") and value.text in location for value in given):
                return call
    return event


rule.command("pin", "Pin it in `paydown.lock`", "pin {reference}", safe=True)
rule.command("dvc-add", "Track it with DVC", "dvc add {quoted}", safe=False)


@rule.fix("Read it through `pooch` with a known hash (fill it in)", safe=False)
def pooch(target: Target) -> CellEdits:
    """Download it through pooch, which checks the hash."""
    call = call_at(target, target.span)
    given = call.args[0] if call.args else call.keywords[0].value
    name, edits = ensure_import(target, "pooch")
    yield from edits
    yield from wrap(target, target.facts.span(given), f'{name}.retrieve({{}}, known_hash="sha256:…")')
