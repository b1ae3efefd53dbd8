"""A function or class is defined, and nothing uses it.

It is read, kept in step with the rest and moved along, for nothing; and it makes the reader believe that the result depends
on it. What it was for is in version control.

```python bad
import pandas as pd

def old_features(frame):  # debt: nothing in this notebook uses the function `old_features`: remove it
    return frame[["a", "b"]] ** 2

def features(frame):
    return frame[["a", "b"]]
# %%
features(pd.read_csv("a.csv")).mean()
```
```python fixed
import pandas as pd


def features(frame):
    return frame[["a", "b"]]
# %%
features(pd.read_csv("a.csv")).mean()
```

```python good
import pandas as pd

def features(frame):
    return frame[["a", "b"]]

features(pd.read_csv("a.csv")).mean()
```

**How to pay it off.** Remove it. What other notebooks use as well belongs into a module that they import.

**When to accept it.** In a lesson that shows a function without calling it.

Left out: what has a decorator, what the last cell defines for whoever reads on, a cell that holds nothing but one or two
definitions (lessons show them so), exercises, classes derived from another of the notebook (alternatives), names that stand in a
text, a magic or the Markdown, notebooks that hold mostly definitions or are exported as modules, and everything in a notebook
with a cell that doesn't parse. Other files may import from a script, so of scripts it looks only at functions inside functions,
and at those that do their work (training, splitting, writing) at the top level, outside of a package, when nothing in their folder or above imports them.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, remove_statement
from paydown.flow.events import Call, Fit, Name, Save, Split, Write
from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.span import Span
from paydown.view import CellView, DocumentView

rule = Rule(
    __name__,
    "HTD513",
    severity=INFORMATION,
    principal=2,
    message="nothing in {document} uses the {kind} `{name}`: remove it",
    unnecessary=True,
)
_OPAQUE = ("builtins.globals", "builtins.locals", "builtins.vars", "builtins.eval", "builtins.exec")
_CALLED_BY_OTHERS = re.compile(
    r"__\w+__|_+|test_?\w*|setup\w*|teardown\w*|main|init|run|score|(?:lambda_)?handler|(?:model|predict|input|output|transform|save)_fn"
)
_EXERCISE = re.compile(r"exercise|assignment|homework|solution|template", re.IGNORECASE)
_TO_FILL = re.compile(r"your (?:code|solution|answer)|fill (?:in|this|me)|# *(?:todo|implement)", re.IGNORECASE)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_EXPORTED = re.compile(r"^[ \t]*#[ \t]*\|?[ \t]*(?:default_exp|exporti?s?|hide_export)\b", re.MULTILINE)
_NESTED = re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)


@rule.check
def unused(document: DocumentView) -> Iterator[Draft]:
    """Definitions of the top level that nothing uses."""
    defined: dict[str, Name] = {}
    for event in document.events(Name):
        if event.action == "define" or (event.action == "bind" and event.value.kind == "function"):
            defined.setdefault(event.name, event)
    if not defined:
        return
    used = {event.name for event in document.events(Name) if event.action in ("use", "call", "update")}
    found = [event for name, event in defined.items() if name not in used]
    found = [event for event in found if not event.branch and not _CALLED_BY_OTHERS.fullmatch(event.name)]
    if not found or (len(found) > 2 and len(found) * 2 > len(defined)) or document.broken():
        return
    if any(call.call.startswith(_OPAQUE) for call in document.events(Call)):
        return
    if (document.kind == "script" and not _is_program(document)) or _EXERCISE.search(document.path.rpartition("/")[2]):
        return
    code = [cell for cell in document.cells if cell.kind == "code" and cell.text.strip()]
    if any("#" in cell.text and _EXPORTED.search(cell.text) for cell in code):
        return
    told = "\n".join(_COMMENT.sub("", cell.text) if cell.kind == "code" else cell.text for cell in document.cells)
    if any(_TO_FILL.search(cell.text) for cell in code):
        return
    for event in found:
        definition = _definition(document, event)
        if (
            definition is None
            or _is_alternative(definition, defined)
            or len(re.findall(rf"\b{re.escape(event.name)}\b", told)) > 1
        ):
            continue
        if document.kind == "notebook" and (event.cell == code[-1].id or _is_shown(document, event.cell, found)):
            continue
        span = document.facts(event.cell).span(definition)
        line = document.facts(event.cell).text_lines[span.line]
        column = line.find(event.name, span.column)
        place = Place(event.cell, "", Span(span.line, column, span.line, column + len(event.name)))
        kind = "class" if isinstance(definition, ast.ClassDef) else "function"
        yield rule.at(place, document=f"this {document.kind}", kind=kind, name=event.name)


def _is_program(document: DocumentView) -> bool:
    """Whether a script works as soon as it's run, so that nobody imports it."""
    works = (
        not event.function and not event.via and not event.idle
        for kind in (Fit, Split, Save, Write)
        for event in document.events(kind)
    )  # fmt: skip
    if any(cell.text.startswith("# Databricks notebook") for cell in document.cells[:1]):
        return False  # others may `%run` it
    if not any(works):
        return False
    project = document.project
    return project is None or not (project.exists("__init__.py", document.path) or project.imports(document.path))


def _definition(document: DocumentView, event: Name) -> ast.stmt | None:
    """The statement that defines it, if it can be removed without further thought."""
    line = document.place_of(event).span.line + 1
    for node in document.facts(event.cell).tree.body:
        if node.lineno == line:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                return node if not node.decorator_list and not _is_stub(node) else None
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and len(node.targets) == 1:
                return node
    return None


def _is_shown(document: DocumentView, cell: str, found: list[Name]) -> bool:
    """Whether a cell holds nothing but one or two definitions that nothing uses: something to be read."""
    body = document.facts(cell).tree.body
    rest = [node for node in body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    return len(rest) <= 2 and sum(event.cell == cell for event in found) == len(rest)


def _is_alternative(node: ast.stmt, defined: dict[str, Name]) -> bool:
    """Whether a class is one of several that a class of the document stands for."""
    return isinstance(node, ast.ClassDef) and any(
        isinstance(base, ast.Name) and base.id in defined for base in node.bases
    )


def _is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether somebody else is to fill it, or registers it by its making."""
    if isinstance(node, ast.ClassDef) and node.keywords:
        return True
    return all(
        isinstance(one, (ast.Pass, ast.Raise)) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in node.body
    )


@rule.check_where(" def ", "\tdef ")
def nested(cell: CellView) -> Iterator[Draft]:
    """Functions in functions that nothing in the cell names."""
    text = cell.text
    names = {name for name in _NESTED.findall(text) if text.count(name) == 1}
    if not names or "locals()" in text or "eval(" in text or "exec(" in text:
        return
    for function in cell.statements():
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or function.decorator_list:
            continue
        for node in function.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in names:
                if node.decorator_list or _is_stub(node) or _CALLED_BY_OTHERS.fullmatch(node.name):
                    continue
                span = cell.facts.span(node)
                column = cell.facts.text_lines[span.line].find(node.name, span.column)
                yield rule.at(
                    cell.place(Span(span.line, column, span.line, column + len(node.name))),
                    document=f"`{function.name}`",
                    kind="function",
                    name=node.name,
                )


@rule.fix("Remove `{name}`", safe=False)
def remove(target: Target) -> CellEdits:
    """Take the definition out."""
    for node in target.facts.tree.body:
        span = target.facts.span(node)
        if isinstance(node, ast.Assign) and span.line <= target.span.line <= span.end_line:
            yield from remove_statement(target, span)
            return
    yield from remove_statement(target, target.span)
