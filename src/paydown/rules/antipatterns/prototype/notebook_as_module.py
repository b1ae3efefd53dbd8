"""A notebook is used as a module, or a script is a notebook's raw export.

`%run other.ipynb` runs all of it, plots and training included, and pours every name into this one: nobody sees which come
from where, and a cell added there changes results here. A raw export carries cells' numbers and IPython's calls that no
plain Python can run, and goes stale the day the notebook changes.

```python bad
%run prepare.ipynb  # debt: `%run prepare.ipynb` runs a notebook for its names: move what is shared into a module and import it
frame = cleaned(raw)
```

```python bad script name=train.py
# In[1]:
import pandas as pd

# In[2]:
get_ipython().system("pip install xgboost")  # debt: this script is a raw export of a notebook, and plain Python has no `get_ipython()`: make it functions that can be imported
```

```python good
from prepare import cleaned

frame = cleaned(raw)
```

**How to pay it off.** Move the functions that both need into a `.py` module and import it in each.

**When to accept it.** For a notebook whose work is to run others in order. Databricks' `%run ./setup`, which names no file,
is left out, and so is an export of nothing but definitions: that is a module. One finding per document; a warning where plain
Python stops, as IPython is called, and else an information.

*Sculley et al., 2015, section 5: ML-system anti-patterns (prototype smell).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import Facts
from paydown.rule import INFORMATION, WARNING, Draft, Place, Rule
from paydown.span import Span
from paydown.view import CellView, DocumentView

rule = Rule(
    __name__,
    "HTD541",
    severity=WARNING,
    principal=60,
    message="`{what}` runs a notebook for its names: move what is shared into a module and import it",
)
_EXPORT = "this script is a raw export of a notebook (`{what}`): make it functions that can be imported"
_STOPS = "this script is a raw export of a notebook, and plain Python has no `get_ipython()`: make it functions that can be imported"
_MARKER = re.compile(r"^# In\[[ \d]*\]:?[ \t]*$", re.MULTILINE)
_CALLED = re.compile(r"^(?:[\w ,]+=[ \t]*)?get_ipython\(\)\.\w+\(", re.MULTILINE)
_HAS_IPYTHON = re.compile(r"import[^\n]*\bget_ipython\b")  # then it was written for both
_DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_RUN = re.compile(r"(?:-\w+[ \t]+)*(['\"]?)([^'\"]+?\.ipynb)\1(?:[ \t].*)?")
_IMPORTERS = re.compile(r"^(?:import|from)[ \t]+(import_ipynb|nbimporter|ipynb\.fs\.\w+(?:\.\w+)*)\b", re.MULTILINE)

_MODULES = ("import_ipynb", "nbimporter", "ipynb.fs")


@rule.check
def raw_export(document: DocumentView) -> Iterator[Draft]:
    """A script with the marks that nbconvert leaves."""
    if document.kind != "script":
        return
    cells = [cell for cell in document.cells if cell.kind == "code"]
    marked = [(cell, mark) for cell in cells if (mark := _MARKER.search(cell.text)) is not None]
    calling = [(cell, call) for cell in cells if (call := _CALLED.search(cell.text)) is not None]
    if calling and not any(_HAS_IPYTHON.search(cell.text) for cell in cells):
        cell, call = calling[0]
        line = cell.text.count("\n", 0, call.start())
        yield rule.at(Place(cell.id, "", Span(line, 0, line, call.end() - call.start() - 1)), message=_STOPS)
    elif marked and not all(document.told(cell.id, _only_defines) for cell in cells):
        cell, mark = marked[0]
        code = _first_code(cell.text, mark.start())
        yield rule.at(Place(cell.id, "", code), message=_EXPORT, severity=INFORMATION, what=mark[0].strip())


def _only_defines(facts: Facts) -> bool:
    """Whether the code does nothing when it is imported: definitions, texts, constants."""
    return all(
        isinstance(statement, _DEFINING)
        or (isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)) and isinstance(statement.value, ast.Constant))
        for statement in facts.tree.body
    )


def _first_code(text: str, start: int) -> Span:
    """The first line of code from a mark on."""
    number = text.count("\n", 0, start)
    lines = text.split("\n")
    code = next((at for at in range(number, len(lines)) if lines[at].strip() and lines[at].lstrip()[0] != "#"), number)
    return Span(code, 0, code, len(lines[code]))


@rule.check
def run(document: DocumentView) -> Iterator[Draft]:
    """`%run` of a notebook."""
    found = [
        (Place(cell, "", magic.span), match[2])
        for cell, magic in document.magics()
        if magic.kind == "line" and magic.name == "run" and (match := _RUN.fullmatch(magic.argument))
    ]
    if found:
        (first, name), *others = found
        yield rule.at(
            first, what=f"%run {name}", related=[(place, f"so does `%run {other}`") for place, other in others]
        )


@rule.check_where("import_ipynb", "nbimporter", "ipynb.fs")
def imported(cell: CellView) -> Iterator[Draft]:
    """The importers that make notebooks modules."""
    match = _IMPORTERS.search(cell.text)
    if match is not None and any(module.startswith(_MODULES) for module in cell.facts.imports.values()):
        line = cell.text.count("\n", 0, match.start())
        yield rule.at(cell.place(Span(line, 0, line, match.end() - match.start())), what=match[0])
