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
top level: the cell) that loads them.

*Sculley et al., 2015, section 6: Configuration debt.*
"""

from __future__ import annotations

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
_PARSERS = ("yaml.", "toml.", "tomllib.", "tomli.", "json.load", "omegaconf.", "configparser.")
_NAMED = frozenset(
    {"config", "cfg", "conf", "args", "settings", "params", "opt", "options", "hparams", "configuration"}
)


@rule.check
def changed(document: DocumentView) -> Iterator[Draft]:
    """Stores into settings, away from where they are loaded; one per setting."""
    stores = [event for event in document.events(Store) if not event.idle and event.key]
    if not stores:
        return
    loads = [event for event in document.events(Call) if event.call.rpartition(".")[2] in _LOADERS]
    found: dict[str, list[Store]] = {}
    for event in stores:
        homes = _homes(event, loads, document)
        if homes and (event.cell, event.function) not in homes:
            shown = f"{event.name}.{event.key}" if event.attribute else f'{event.name}["{event.key}"]'
            found.setdefault(shown, []).append(event)
    for shown, (first, *others) in found.items():
        yield rule.at(first, related=[(event, "and here") for event in others], shown=shown)


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
