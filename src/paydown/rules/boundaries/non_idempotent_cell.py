"""A cell changes what an earlier cell made, so that running it twice gives something else than running it once.

Whether the notebook's results are right then depends on how often each cell was run, which nobody can see. Another day, *Run
All* gives other numbers than those on the screen.

```python bad
# %%
import pandas as pd
frame = pd.read_csv("houses.csv")
rows = []
# %%
frame = frame.drop(columns=["id"])  # debt: run twice, this cell fails as `frame` is changed already (`.drop(…)`): bind the result to a new name
# %%
frame["price"] = frame["price"] / 1000  # debt: run twice, this cell changes `frame` twice (`/`): bind the result to a new name
# %%
rows.append(len(frame))  # debt: run twice, this cell adds to `rows` twice (`.append(…)`): start `rows` in this cell
```
```python good
# %%
import pandas as pd
houses = pd.read_csv("houses.csv")
# %%
frame = houses.drop(columns=["id"])
frame["thousands"] = frame["price"] / 1000
# %%
rows = []
rows.append(len(frame))
```

How to pay it off: bind the result to a new name (or column), or put the change into the cell that makes the value.

When to accept it: a cell that is meant to be run again and again, such as another round of training.

Left out: changes that give the same when made twice (`dropna`, `fillna`, `sort_values`, `astype`, `to_datetime`, `rename`,
`clip`, `replace`, a filter, a choice of columns, `get_dummies` without `columns`), changes under a condition, training, names
that the cell binds anew (or fits anew), columns that it sets first, and calls of which it is not known. What fails when it
is run twice is told at the level of information: nobody overlooks that.

*Sculley et al., 2015, section 2: Complex models erode boundaries (entanglement).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Target, Unfixable
from paydown.fixes.bindings import code_cells
from paydown.fixes.statements import bound_by
from paydown.fixes.target import facts_of, walk_own
from paydown.flow.events import Store
from paydown.rule import INFORMATION, WARNING, Draft, Rule
from paydown.rules.boundaries.scene import Scene, fitted, made_anew, taken_out
from paydown.rules.boundaries.updates import AGAIN, FAILS, GROWS, updates
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD201",
    severity=WARNING,
    principal=5,
    message="run twice, this cell changes `{name}` twice (`{how}`): bind the result to a new name",
)

_MESSAGES = {
    AGAIN: rule.message,
    FAILS: "run twice, this cell fails as `{name}` is changed already (`{how}`): bind the result to a new name",
    GROWS: "run twice, this cell adds to `{name}` twice (`{how}`): start `{name}` in this cell",
}
_JOINED = "run twice, this cell adds to `{name}` twice (`{how}`): bind the result to a new name"
_CHANGES = (
    "drop(",
    "pop(",
    "append(",
    "extend(",
    "insert(",
    "remove(",
    "popitem(",
    "popleft(",
    "appendleft(",
    "_index(",
    "del ",
)
_FIXED = frozenset({"symbol", "function", "class"})


@rule.check
def changed(cell: CellView) -> Iterator[Draft]:
    """The first change of each name that an earlier cell bound."""
    flow = cell.flow
    if not flow.reads or cell.document.kind != "notebook":
        return
    read = {name: value.kind for name, value in flow.reads.items() if value is not None and value.kind not in _FIXED}
    if not read or not (flow.writes.keys() & read.keys() or cell.events(Store) or cell.mentions(*_CHANGES)):
        return
    body = cell.facts.tree.body
    incoming = frozenset(read)
    lists = frozenset(name for name, kind in read.items() if kind == "list")
    scene = Scene(partial(_dotted, cell), frozenset(), lists, {})
    changed_here = frozenset(update.name for update in updates(body, incoming, scene))
    names = changed_here - _bound_anew(body, changed_here) if changed_here else changed_here
    if not names:
        return
    own = list(walk_own(body))
    scene = scene._replace(from_itself=_from(own, names), made=made_anew(own), fitted=fitted(own), taken=taken_out(own))
    done: set[str] = set()
    for update in updates(body, names, scene):
        if update.name not in done:
            done.add(update.name)
            message = _JOINED if update.kind == GROWS and update.rebinds else _MESSAGES[update.kind]
            yield rule.at(
                cell.place(update.node), name=update.name, how=update.how, message=message,
                severity=INFORMATION if update.kind == FAILS else None,
                fixes=["new-name"] if update.rebinds and isinstance(update.node, ast.Assign) else [],
            )  # fmt: skip


def _dotted(cell: CellView, name: str) -> str:
    """The dotted name that a name stands for, imported here or above."""
    value = cell.flow.writes.get(name) or cell.flow.reads.get(name)
    return value.name if value is not None and value.kind == "symbol" else name


def _bound_anew(body: list[ast.stmt], names: frozenset[str]) -> set[str]:
    """Those of the names that the cell binds to something that is not made of their own old value."""
    found: set[str] = set()
    for node in walk_own(body):
        if isinstance(node, ast.Assign):
            bound: set[str] = set()
            for target in node.targets:
                bound |= {target.id} if isinstance(target, ast.Name) else bound_by(nodes_of(target))
            bound &= names
            if not bound <= found:
                found |= bound - {part.id for part in nodes_of(node.value) if isinstance(part, ast.Name)}
        elif isinstance(node, (ast.For, ast.comprehension)):
            found |= bound_by(nodes_of(node.target))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            found |= bound_by(nodes_of(node.optional_vars))
    return found


def _from(nodes: list[ast.AST], names: frozenset[str]) -> frozenset[str]:
    """The names that the cell makes of the ones it changes: a mean that is taken anew each time."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Assign) and any(_uses(node.value, name) for name in names):
            plain = (target for target in node.targets if not isinstance(target, (ast.Subscript, ast.Attribute)))
            found |= bound_by(part for target in plain for part in nodes_of(target))
    return frozenset(found - names)


_WORDS = {
    ".drop(…)": "reduced", ".merge(…)": "merged", ".join(…)": "joined", "concat(…)": "joined", "get_dummies(…)": "encoded",
    ".transform(…)": "transformed", ".values": "array", ".to_numpy(…)": "array", ".toarray(…)": "array", "/": "scaled",
    "*": "scaled", ".set_index(…)": "indexed", ".reset_index(…)": "flat", ".map({…})": "coded", ".T": "transposed",
}  # fmt: skip


@rule.fix("Bind the result to a new name", safe=False)
def new_name(target: Target) -> CellEdits:
    """Bind it to a new name, and use that from here on."""
    old = target.fact("name")
    word = _WORDS.get(target.fact("how"), "changed")
    new = f"{old}_{word}"
    if any(new in cell.text for cell in code_cells(target.document, new)):
        raise Unfixable(f"`{new}` is taken")
    statement = target.node(target.span, ast.Assign)
    yield target.edit(target.facts.span(statement.targets[0]), new)
    for cell in code_cells(target.document, old):
        if cell.index < target.cell.index:
            if any(isinstance(node, ast.FunctionDef) and _uses(node, old) for node in facts_of(cell.text).tree.body):
                raise Unfixable(f"a function above uses `{old}`")
            continue
        facts = facts_of(cell.text)
        if facts.errors or any(old in f"{magic.target} {magic.argument}" for magic in facts.magics):
            raise Unfixable(f"`{old}` is used where it can't be renamed")
        there = target.elsewhere(cell.id, target.span)
        for node in nodes_of(facts.tree):
            if isinstance(node, ast.arg) and node.arg == old:
                raise Unfixable(f"a function has a parameter `{old}`")
            if isinstance(node, ast.Name) and node.id == old:
                place = facts.span(node)
                if cell.id != target.cell.id or place[:2] > target.span[2:]:
                    if isinstance(node.ctx, ast.Store) and not _is_update(facts.tree, node):
                        raise Unfixable(f"`{old}` is bound anew below")
                    yield there.edit(place, new)


def _uses(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in nodes_of(node))


def _is_update(tree: ast.Module, name: ast.Name) -> bool:
    """Whether a name is bound to something made of its old value."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Assign) and name in node.targets:
            return _uses(node.value, name.id)
        if isinstance(node, ast.AugAssign) and node.target is name:
            return True
    return False
