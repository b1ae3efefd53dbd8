"""A name carries a version or a mood instead of a meaning.

`df2` and `model_new` say in which order things were tried, not what they hold. Both stay alive, a later line reads the
wrong one without an error, and nobody can tell which of them the result was made with.

```python bad
import pandas as pd

orders = pd.read_csv("orders.csv")
orders2 = orders.drop(columns=["comment"])  # debt: `orders2` is another version of `orders`, and its name doesn't say which: name it for what it holds
orders3 = orders2.dropna()
print(orders3["price"].mean())
```

```python good
import pandas as pd

orders = pd.read_csv("orders.csv")
priced_orders = orders.drop(columns=["comment"]).dropna()
print(priced_orders["price"].mean())
```

**How to pay it off.** Name each for what it holds (`priced_orders`), or make the change in one chain, so that only one name
is left. What was the old way is in version control.

**When to accept it.** For a few lines of a first try.

One finding per family of names, at its first. A name counts when it is made from the name without the suffix, in the same
scope, by a method, a choice of rows and columns, a copy, or a function that gives data or a model. Left out: a second thing
of its own (`model2 = SVC()`), arithmetic (`x2 = x ** 2`), a number that tells how much is chosen (`PC3 = PC[:, :3]`), parts of one thing (`x1` beside `x2`), names of one letter, axes of
plots, layers of a network, and copies that a function makes in order to leave what it was given as it is.

*Sculley et al., 2015, section 5: ML-system anti-patterns (prototype smell).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.flow.events import Name
from paydown.rule import HINT, Draft, Rule
from paydown.view import CellView, DocumentView, statements

rule = Rule(
    __name__,
    "HTD546",
    severity=HINT,
    principal=5,
    message="`{name}` is another version of `{stem}`, and its name doesn't say which: name it for what it holds",
)
_MOOD = "new|newer|newest|old|older|final|copy|backup|bak|latest"
_SUFFIX = re.compile(rf"(?P<stem>[^\W\d]\w*?)(?:_?v?(?<!\d)[0-4]|_v\d\d?|_(?:{_MOOD})(?:_?v?\d)?)", re.IGNORECASE)
_INSIDE = re.compile(rf"^[ \t]+[^\W\d]\w*(?:[0-4]|_v\d\d?|_(?:{_MOOD})\d?)[ \t]*=(?!=)", re.MULTILINE | re.IGNORECASE)
_LAST = frozenset("1234wWrRtTdDlLyYpPkK567890")  # what such a name may end in: the cheapest question
_DATA = frozenset(["frame", "estimator", "transformer", "search", "list", "dict"])
_OTHERS = frozenset(["ax", "axes", "axs", "fig", "plt", "gs", "conv", "layer", "self", "cls"])
_COPIES = frozenset(["copy", "deepcopy", "clone", "list", "dict", "sorted"])


@rule.check
def versioned(document: DocumentView) -> Iterator[Draft]:
    """Names of the top level that are made from the same name without a suffix."""
    bound: dict[str, Name] = {}
    found: dict[str, list[Name]] = {}
    for event in document.events(Name):
        name = event.name
        if event.action == "bind" and name[-1] in _LAST and name not in bound and not event.value.known:
            stem = stem_of(name)
            if stem in bound:
                found.setdefault(stem, []).append(event)
        if event.action in ("bind", "import", "define", "loop"):
            bound.setdefault(name, event)
    for stem, events in found.items():
        if bound[stem].action != "bind" or bound[stem].value.known:
            continue
        made = [event for event in events if _is_made_from(document, event, stem)]
        if made and not _are_parts([event.name for event in made]):
            related = [(event, "and another") for event in made[1:]]
            yield rule.at(made[0], related=related, name=made[0].name, stem=stem)


@rule.check_where("def ")
def inside(cell: CellView) -> Iterator[Draft]:
    """The same among the names of a function."""
    if not _INSIDE.search(cell.text):
        return
    told: set[str] = set()
    for function in cell.statements():
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        bound = {node.arg for node in nodes_of(function.args) if isinstance(node, ast.arg)}
        families: dict[str, list[ast.Assign]] = {}
        for statement in own_statements(function):
            if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
                continue
            target = statement.targets[0]
            if not isinstance(target, ast.Name):
                bound |= {node.id for node in nodes_of(target) if isinstance(node, ast.Name)}
                continue
            stem = stem_of(target.id)
            is_new = stem in bound and target.id not in bound and stem not in told
            if (
                is_new
                and not _is_copy(statement.value)
                and not _counts(statement.value, target.id)
                and _is_version(statement.value, stem, certain=False)
            ):
                families.setdefault(stem, []).append(statement)
            bound.add(target.id)
        for stem, made in families.items():
            names = [ast.unparse(one.targets[0]) for one in made]
            if not _are_parts(names):
                told.add(stem)
                related = [(cell.place(one.targets[0]), "and another") for one in made[1:]]
                yield rule.at(cell.place(made[0].targets[0]), related=related, name=names[0], stem=stem)


def stem_of(name: str) -> str:
    """The name without its version, or empty."""
    match = _SUFFIX.fullmatch(name)
    stem = match["stem"] if match else ""
    return "" if stem in _OTHERS or (len(stem) < 2 and stem != "X") else stem


def own_statements(function: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a function, without those of the functions and classes in it."""
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        for node in getattr(function, name, ()):
            if isinstance(node, ast.stmt):
                yield node
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from own_statements(node)


def _are_parts(names: list[str]) -> bool:
    """Whether names are numbered from the first on and all made of the same: parts or alternatives, not versions."""
    return len(names) > 1 and names[0].endswith(("0", "1"))


def _is_made_from(document: DocumentView, event: Name, stem: str) -> bool:
    """Whether the statement that binds a name makes it from ``stem``."""
    line = document.place_of(event).span.line + 1
    facts = document.facts(event.cell)
    if facts.text_lines[line - 1].lstrip().startswith("%"):
        return False
    for statement in statements(facts.tree):
        if statement.lineno == line and isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id == event.name:
                return not _counts(statement.value, event.name) and _is_version(
                    statement.value, stem, certain=event.value.kind in _DATA
                )
    return False


def _counts(value: ast.expr, name: str) -> bool:
    """Whether the number in a name tells how much is chosen, or of what: ``PC3 = PC[:, :3]``, ``part_2 = all[:size_2]``."""
    number = re.search(r"\d+$", name)
    if number is None or not isinstance(value, ast.Subscript):
        return False
    return any(
        (isinstance(node, ast.Constant) and str(node.value) == number[0])
        or (isinstance(node, ast.Name) and node.id.endswith(number[0]))
        for node in nodes_of(value.slice)
    )


def _is_copy(value: ast.expr) -> bool:
    """Whether it is the thing itself or a copy: in a function a way to leave what was passed as it is."""
    called = value.func if isinstance(value, ast.Call) else value
    return isinstance(called, ast.Name) or (isinstance(called, ast.Attribute) and called.attr in _COPIES)


def _is_version(value: ast.expr, stem: str, *, certain: bool) -> bool:
    """Whether an expression is a changed ``stem``: itself, a copy, a chain of methods or a choice of rows and columns;
    if it is ``certain`` that it gives data or a model, also what a function makes of it."""
    match value:
        case ast.Call(func=ast.Attribute(value=receiver, attr=attr), args=arguments):
            if _is_version(receiver, stem, certain=certain) and attr != "pop":
                return True
            made = attr in _COPIES or (certain and not attr[0].isupper())
            return made and bool(arguments) and _is_version(arguments[0], stem, certain=certain)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]):
            return (name in _COPIES or (certain and name[0].islower())) and _is_version(first, stem, certain=certain)
        case ast.Subscript(value=holder, slice=ast.Constant() | ast.UnaryOp()):
            return False
        case ast.Subscript(value=holder):
            return _is_version(holder, stem, certain=certain)
        case ast.Attribute(value=holder, attr="loc" | "iloc" | "str" | "cat" | "dt" | "na"):
            return _is_version(holder, stem, certain=certain)
        case ast.Name(id=name):
            return name == stem
    return False
