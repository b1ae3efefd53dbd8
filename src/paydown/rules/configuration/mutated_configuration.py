"""A configuration is changed after it was loaded.

What the file or the command line says is then no longer what runs: two runs with the same configuration differ, and the log
of the settings is wrong.

```python bad
import argparse

def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    return parser.parse_args()

def run():
    args = parse()
    args.lr = 0.01  # debt: `args.lr` is changed after loading, so the settings on record are not those that ran: use a name of its own
    train(args)

run()
```

```python good
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
learning_rate = args.lr / 10
```

**How to pay it off.** Set defaults where the configuration is loaded; bind what is derived to a name of its own, or make a
changed copy (`dataclasses.replace`, `OmegaConf.merge`) and log that.

**When to accept it.** Where a program completes its settings once, before anything reads them.

Counted are settings from a command line, a configuration file or the environment that are set outside the function (at the
top level: the cell) that loads them, and those that a function changes in what it is given as `args`, `cfg` or the like. Left
out: changed copies, keys that are new (what a program keeps there is no setting), test code.

*Sculley et al., 2015, section 6: Configuration debt.*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.flow.events import Call, Read, Store
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD606",
    severity=INFORMATION,
    principal=15,
    message="`{shown}` is changed after loading, so the settings on record are not those that ran: use a name of its own",
    in_tests=False,
)
_LOADERS = frozenset(
    {"parse_args", "parse_known_args", "parse_args_into_dataclasses", "compose", "parse_args_and_config"}
)
_PARSED = frozenset(
    ["omegaconf.OmegaConf.load", "omegaconf.OmegaConf.from_cli", "tyro.cli", "simple_parsing.parse", "jsonargparse.CLI",
     "draccus.parse", "dynaconf.Dynaconf", "dynaconf.LazySettings"]
)  # fmt: skip
_PARSERS = ("yaml.", "toml.", "tomllib.", "tomli.", "json.load", "omegaconf.", "configparser.")
_NAMED = frozenset(
    {"config", "cfg", "conf", "args", "settings", "params", "opt", "options", "hparams", "configuration"}
)


_GIVEN = frozenset({"args", "cfg", "config", "conf", "hparams", "opt", "opts", "configuration"})


@rule.check
def changed(document: DocumentView) -> Iterator[Draft]:
    """Stores into settings, away from where they are loaded; one per setting."""
    stores = [event for event in document.events(Store) if event.key]
    if not stores:
        return
    calls = document.events(Call)
    loads = [event for event in calls if event.call.rpartition(".")[2] in _LOADERS or event.call in _PARSED]
    options = {name for event in calls if event.call.endswith("add_argument") for name in _options(event)}
    found: dict[str, list[tuple[Store, bool]]] = {}
    for event in stores:
        root = event.name.partition(".")[0].lower()
        given = (
            root in _GIVEN and bool(event.function) and event.receiver.kind == "unknown" and not event.receiver.origins
        )
        homes = _homes(event, loads, document) if not given and not event.idle else set()
        if not (given or (homes and (event.cell, event.function) not in homes)):
            continue
        shown = f"{event.name}.{event.key}" if event.attribute else f'{event.name}["{event.key}"]'
        # A key that is new is no setting that changes: its option is known, or its old value is used, or a literal set.
        sure = (event.attribute and event.key in options) or (
            bool(homes) and not options and event.value.kind == "constant"
        )
        found.setdefault(shown, []).append((event, sure))
    if not found:
        return
    texts = [cell.text for cell in document.cells if cell.kind == "code"]
    for shown, stored in found.items():
        first, sure = stored[0]
        root = first.name.partition(".")[0]
        if not (sure or any(_changes(shown, text) for text in texts)) or any(_is_made(root, text) for text in texts):
            continue
        yield rule.at(first, related=[(event, "and here") for event, _ in stored[1:]], shown=shown)


def _options(event: Call) -> Iterator[str]:
    """The names under which an option of a command line is kept."""
    for value in (*event.arguments, event.keyword("dest")):
        if value is not None and value.text:
            yield value.text.lstrip("-").replace("-", "_")


def _changes(shown: str, text: str) -> bool:
    """Whether a setting gets a value that is made of its old one: ``args.lr = args.lr * workers``."""
    start = shown.partition("[")[0]
    if start not in text:
        return False
    spelled = re.escape(shown).replace('"', "[\"']")
    return re.search(rf"{spelled}\s*(?:[-+*/]|//)=|{spelled}\s*=(?!=)[^\n]*{spelled}(?!\w)", text) is not None


def _is_made(name: str, text: str) -> bool:
    """Whether a name stands for a copy of settings, or for settings that are made here and now."""
    return name in text and bool(
        re.search(rf"\b{re.escape(name)}\s*=\s*(?:[\w.]*\.)?(?:deep)?copy\(|\b{re.escape(name)}\s*=\s*[\w.]+\.copy\(\)|"
                  rf"\b{re.escape(name)}\s*=\s*(?:dict|[\w.]*merge|[\w.]*Namespace|[\w.]*Config\w*|[\w.]*Dict)\(|\b{re.escape(name)}\s*=\s*\{{", text)
    )  # fmt: skip


def _homes(event: Store, loads: list[Call], document: DocumentView) -> set[tuple[str, str]]:
    """Where the settings that a store changes are loaded: cells and functions."""
    if event.receiver.kind == "instance" and event.receiver.name == "settings":
        return {(load.cell, load.function) for load in loads}
    if event.name.rpartition(".")[2].lower() not in _NAMED:
        return set()
    return {
        (read.cell, read.function)
        for read in document.origins(event.receiver, Read)
        if read.call.startswith(_PARSERS)
        or (read.reference is not None and read.reference.location.endswith((".yaml", ".yml", ".toml")))
    }
