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
out: changed copies, keys that are new (what a program keeps there is no setting), settings that are filled in where they are missing
(`if args.x is None`), test code.

*Sculley et al., 2015, section 6: Configuration debt.*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import Facts
from paydown.flow.events import Call, Read, Store
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import DocumentView, statements

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


_HYDRA = re.compile(r"^@hydra\.main\b[^\n]*\n(?:@[^\n]*\n)*(?:async )?def (\w+)\(", re.MULTILINE)
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
    composed = _composed(document) if "hydra" in document.imports().values() else frozenset()
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
        literal = event.value.kind == "constant"
        sure = (event.attribute and event.key in options) or (
            literal and (event.function in composed or (bool(homes) and not options))
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
        changes = [event for event, _ in stored if shown not in document.told(event.cell, _completed)]
        if changes:
            yield rule.at(changes[0], related=[(event, "and here") for event in changes[1:]], shown=shown)


def _composed(document: DocumentView) -> frozenset[str]:
    """The functions that Hydra gives a whole configuration: they can't add keys to it unless they say so."""
    texts = [cell.text for cell in document.cells if cell.kind == "code"]
    if any("open_dict" in text or "set_struct" in text for text in texts):
        return frozenset()
    return frozenset(name for text in texts for name in _HYDRA.findall(text))


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


def _completed(facts: Facts) -> frozenset[str]:
    """The settings that a cell fills in where they are missing: ``if args.x is None: args.x = …``, ``args.x = args.x or 3``."""
    found: set[str] = set()
    for statement in statements(facts.tree):
        match statement:
            case ast.If(test=test):
                missing = _missing(test)
                set_here = {
                    _spelled(target)
                    for part in statement.body
                    for one in statements(ast.Module(body=[part], type_ignores=[]))
                    if isinstance(one, ast.Assign)
                    for target in one.targets
                }
                found |= missing & set_here
            case ast.Assign(targets=[target], value=ast.BoolOp(op=ast.Or(), values=[first, *_])):
                found |= {_spelled(target)} & {_spelled(first)}
            case ast.Assign(targets=[target], value=ast.IfExp(test=test)):
                found |= {_spelled(target)} & _missing(test)
    return frozenset(found)


def _missing(test: ast.expr) -> set[str]:
    """What a condition finds missing: ``not x``, ``x is None``, ``x == ""``, ``x < 0``."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Attribute() | ast.Subscript() as asked):
            return {_spelled(asked)}
        case ast.Compare(left=asked, ops=[ast.Is() | ast.IsNot() | ast.Eq()], comparators=[ast.Constant()]):
            return {_spelled(asked)}
        case ast.Compare(left=asked, ops=[ast.Lt()], comparators=[ast.Constant(value=0)]):
            return {_spelled(asked)}
        case ast.Compare(
            left=ast.Constant(value=str(key)), ops=[ast.NotIn()], comparators=[ast.Name() | ast.Attribute() as holder]
        ):
            return {f'{ast.unparse(holder)}["{key}"]'}
        case ast.BoolOp(values=values):
            return set().union(*map(_missing, values))
    return set()


def _spelled(node: ast.expr) -> str:
    """A setting as findings spell it."""
    match node:
        case ast.Attribute():
            return ast.unparse(node)
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            return f'{ast.unparse(value)}["{key}"]'
    return ""


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
