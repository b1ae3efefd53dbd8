"""A cell, a notebook or a script is one long piece without functions.

Nothing in it can be tested, called again or moved into a pipeline; each change has to be read against all of it, and names
from line 10 are still alive at line 200.

```python good
import pandas as pd

def load(path):
    return pd.read_csv(path).dropna()

frame = load("customers.csv")
```

A cell of more than 60 code lines is a finding unless it is mostly one function or class, and so is a notebook of more than
300 code lines without a function, or a script with more than 150 code lines outside functions and classes.

**How to pay it off.** Put each step into a function with a name and parameters, and call them in order; in a notebook, start
a new cell where the subject changes.

Blank lines, comments, imports, and the lines of long texts, constants and tables don't count.

**When to accept it.** For a flat list of declarations. The numbers are settings: `[tool.paydown.monolithic-cell]` `lines`,
`notebook-lines`, `script-lines`.

*Sculley et al., 2015, section 5: ML-system anti-patterns (prototype smell).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.facts import Facts, nodes_of
from paydown.flow.events import Name
from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.span import Span
from paydown.view import CellView, DocumentView, statements

rule = Rule(
    __name__,
    "HTD545",
    severity=INFORMATION,
    principal=20,
    message="{lines} code lines {where}: nothing of it can be tested or called again",
    in_tests=False,
    options={"lines": 60, "notebook-lines": 300, "script-lines": 150},
)
_MAKERS = frozenset({"frozenset", "set", "tuple", "list", "dict", "OrderedDict", "MappingProxyType", "Counter"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@rule.check
def long_cell(cell: CellView) -> Iterator[Draft]:
    """A notebook's cell, or a whole script."""
    notebook = cell.document.kind == "notebook"
    limit = cell.configuration.option(rule, "lines" if notebook else "script-lines")
    if cell.text.count("\n") < limit or cell.facts.language != "python":
        return
    if not notebook and len(cell.document.cells) > 1:
        return
    lines = _code_lines(cell.facts)
    if len(lines) <= limit:
        return
    lines -= _told_apart(cell.facts)
    inside = sum(_length(node, lines) for node in cell.facts.tree.body if isinstance(node, _DEFINITIONS))
    if notebook and len(lines) > limit and inside * 2 < len(lines):
        yield rule.at(_top(cell.text, cell.id), lines=len(lines), where="in one cell")
    elif not notebook and len(lines) - inside > limit:
        yield rule.at(_top(cell.text, cell.id), lines=len(lines) - inside, where="outside functions and classes")


def _code_lines(facts: Facts) -> set[int]:
    """The lines that hold code: neither blank, nor a comment, nor a docstring."""
    found = {number for number, line in enumerate(facts.lines, 1) if line.strip() and not line.lstrip().startswith("#")}
    for node in statements(facts.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def _kept(facts: Facts) -> int:
    """The number of lines of a cell that count."""
    return len(_code_lines(facts) - _told_apart(facts))


def _told_apart(facts: Facts) -> set[int]:
    """The lines that no function would hold: of long texts, tables, and declarations of a workflow."""
    found: set[int] = set()
    for node in nodes_of(facts.tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and (node.end_lineno or 0) > node.lineno:
            found.update(range(node.lineno + 1, (node.end_lineno or 0) + 1))
    for statement in facts.tree.body:
        if _is_table(statement):
            found.update(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return found


def _is_table(statement: ast.stmt) -> bool:
    """Whether a statement only declares: a table, a constant, an import, a workflow's tasks."""
    match statement:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=value):
            if (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Name)
                and value.func.id in _MAKERS
                and value.args
            ):
                value = value.args[0]
            return isinstance(value, (ast.Dict, ast.List, ast.Set, ast.Tuple, ast.Constant))
        case ast.With(items=[ast.withitem(context_expr=ast.Call(func=ast.Name(id="DAG") | ast.Attribute(attr="DAG")))]):
            return True
    return False


def _length(node: ast.stmt, lines: set[int]) -> int:
    """The code lines of a definition, its decorators included."""
    start = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    return sum(1 for line in range(start, (node.end_lineno or node.lineno) + 1) if line in lines)


@rule.check
def long_notebook(document: DocumentView) -> Iterator[Draft]:
    """A notebook without a single function."""
    if document.kind != "notebook":
        return
    lines, limit = document.code_lines(), document.configuration.option(rule, "notebook-lines")
    if sum(lines.values()) <= limit or any(event.action == "define" for event in document.events(Name)):
        return
    total = sum(document.told(cell, _kept) for cell in lines)
    if total <= limit:
        return
    first = next(cell for cell in document.order.values() if cell.kind == "code" and cell.text.strip())
    yield rule.at(Place(first.id, "", Span(0, 0, 0, 0)), lines=total, where="in the notebook and no function")


def _top(text: str, cell: str) -> Place:
    lines = text.split("\n")
    number = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return Place(cell, "", Span(number, 0, number, len(lines[number])))
