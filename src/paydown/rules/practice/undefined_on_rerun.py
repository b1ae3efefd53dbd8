"""A cell uses a name that no cell above binds.

It worked once because of what was still in the kernel's memory: a cell run out of order, changed or deleted since. After
*Restart & Run All*, or on a colleague's machine, the notebook stops here.

```python bad
# %%
scaled = (ages - 18) / 100  # debt: `ages` is bound only in a cell below: Restart & Run All stops here, move that cell up
# %%
ages = [31, 45]
```

```python bad
# %%
import pandas as pd
# %%
pd.DataFrame(rows).mean()  # debt: no cell binds `rows`: Restart & Run All stops here, define it above
```

```python good
# %%
ages = [31, 45]
# %%
scaled = [(age - 18) / 100 for age in ages]
```

**How to pay it off.** Move the cell that binds the name up, or write again the one that was deleted; then restart and run all.

**When to accept it.** In an exercise that a reader has to fill in; one whose path says so is left out. Left out too: names that code or magics may bind unseen
(`import *`, `%run`, `%store`, `exec`, `globals()`), cells whose saved output is an error, functions nobody calls, and
notebooks with a cell that does not parse. One finding per name, or a single one when
no cell binds more than five.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (reproducibility debt).*
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.flow.events import Call, Name
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.lines import line_of
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD813",
    severity=WARNING,
    principal=5,
    message="no cell binds `{name}`: Restart & Run All stops here, define it above",
)
_BELOW = "`{name}` is bound only in a cell below: Restart & Run All stops here, move that cell up"
_MANY = "no cell binds {names} and {more} more names: Restart & Run All stops here, bind them above"
_MOST = 5
_KEDRO = frozenset(["catalog", "context", "session", "pipelines"])  # what its extension of IPython binds
_UNSURE = re.compile(r"\byour\b", re.IGNORECASE)  # to be filled in
_AUTOMAGIC = re.compile(
    r"\s*(?:ls|ll|cat|cp|mv|rm|mkdir|rmdir|cd|pwd|man|more|less|clear|who|whos)(?:\s*$|\s+[-\w/~.*$])(?!.*=)"
)
_GIVEN = frozenset(dir(builtins)) | {
    *("get_ipython", "display", "In", "Out", "exit", "quit", "__file__", "__builtins__", "reveal_type"),
    *("spark", "sc", "dbutils", "sqlContext", "sqlCtx", "displayHTML", "table", "sql", "udf", "getArgument"),
    *("unicode", "xrange", "raw_input", "reduce", "basestring", "unichr", "long", "reload", "file", "execfile", "cmp"),
    *("mssparkutils", "notebookutils", "glueContext", "kernel"),
}
_BINDERS = frozenset(["run", "pylab", "store", "load", "cython", "import", "loadpy", "recall", "rerun", "macro", "px"])
_OPAQUE = ("builtins.globals", "builtins.locals", "builtins.vars", "builtins.exec")
_BINDS = frozenset(["bind", "import", "define", "loop"])


@rule.check
def undefined(document: DocumentView) -> Iterator[Draft]:
    """The first use of each name that nothing above binds."""
    if document.kind != "notebook" or "exercise" in document.path.lower():
        return
    missing = _missing(document)
    if not missing or document.broken() or _hidden(document):
        return
    below = {event.name for event in document.events(Name) if event.action in _BINDS}
    sure = [event for event in missing.values() if _is_sure(document, event)]
    nowhere = [event for event in sure if event.name not in below]
    if len(nowhere) > _MOST:
        names = ", ".join(f"`{event.name}`" for event in nowhere[:3])
        others = [(event, f"`{event.name}` is bound nowhere") for event in nowhere[1:]]
        yield rule.at(nowhere[0], related=others, name="", message=_MANY.format(names=names, more=len(nowhere) - 3))
    for event in sure:
        if event.name in below or len(nowhere) <= _MOST:
            yield rule.at(event, name=event.name, message=_BELOW if event.name in below else None)


def _is_sure(document: DocumentView, event: Name) -> bool:
    """Whether nothing else that the texts say binds the name; asked only of names that are missing."""
    name = re.escape(event.name)
    if event.name not in document.used_in(event.cell) or document.order[event.cell].failed:
        return False
    texts = [cell.text for cell in document.cells if cell.kind == "code"]
    if any("NameError" in text for text in texts):
        return False
    if any("global" in text and re.search(rf"\bglobal\b.*\b{name}\b", text) for text in texts):
        return False
    if event.name in _KEDRO and any("kedro" in f"{magic.name} {magic.argument}" for _, magic in document.magics()):
        return False
    if any(re.search(rf"\b{name}\b", f"{magic.argument}\n{magic.body}") for _, magic in document.magics()):
        return False
    line = line_of(document, event)
    facts = document.facts(line.cell)
    if "except" in facts.text and any(
        isinstance(node, ast.ExceptHandler) and line.within(node) for node in nodes_of(facts.tree)
    ):
        return False
    text = facts.text_lines[line.number - 1]
    return not _UNSURE.search(text) and not _AUTOMAGIC.match(text)


def _missing(document: DocumentView) -> dict[str, Name]:
    """By name the first use above every binding, but for those that the same cell binds further down."""
    bound: set[str] = set()
    found: dict[str, Name] = {}
    for event in document.events(Name):
        name = event.name
        if event.action in _BINDS:
            bound.add(name)
            known = found.get(name)
            if known is not None and known.cell == event.cell:
                del found[name]
        elif name not in bound and name not in found and _is_use(event) and name not in _GIVEN and name[0] != "_":
            found[name] = event
    return found


def _is_use(event: Name) -> bool:
    """Whether the name is needed when its cell runs."""
    return event.action == "use" or (event.action == "call" and bool(event.via) and not event.idle)


def _hidden(document: DocumentView) -> bool:
    """Whether names may be bound that the text doesn't show."""
    return (
        any(event.name == "*" for event in document.events(Name))
        or any(magic.name in _BINDERS for _, magic in document.magics())
        or any(call.call.startswith(_OPAQUE) for call in document.events(Call))
    )
