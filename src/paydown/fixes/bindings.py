"""Which names a document binds, and what a new or an existing one would mean where a fix uses it."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from paydown.document import Cell, Document
from paydown.fixes.statements import bound_by
from paydown.fixes.target import Target, facts_of, walk_own

_ISOLATED = frozenset({"timeit", "memit", "mprun", "lprun", "python", "python3", "pypy"})
_INNER = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def code_cells(document: Document, word: str = "") -> Iterator[Cell]:
    """The code cells in which ``word`` stands."""
    for cell in document.cells:
        if cell.kind == "code" and word in cell.text:
            yield cell


def is_isolated(cell: Cell) -> bool:
    """Whether a cell's names are not the notebook's: it is of another language, or runs elsewhere."""
    facts = facts_of(cell.text)
    return facts.language != "python" or any(magic.kind == "cell" and magic.name in _ISOLATED for magic in facts.magics)


def is_taken(target: Target, name: str) -> bool:
    """Whether a new constant of this name could meet another use of the name."""
    if name in target.promised or keyword.iskeyword(name) or hasattr(builtins, name):
        return True
    return any(_mentions(cell, name) for cell in code_cells(target.document, name))


def is_shadowed(target: Target, name: str) -> bool:
    """Whether a function, class or comprehension around the target binds the name for itself."""
    scopes = target.nodes(target.span, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *_INNER)
    return any(name in _own_names(scope) for scope in scopes)


def is_constant(document: Document, name: str, value: ast.expr) -> bool:
    """Whether all the document ever does to a name is to bind it, at the top level, to this value."""
    wanted = ast.dump(value)
    same = times = 0
    for cell in code_cells(document, name):
        times += bindings(cell.text)[name]
        for statement in facts_of(cell.text).tree.body:
            bound, held = assigned(statement)
            same += bound == name and held is not None and ast.dump(held) == wanted
    return same == times


def assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """The name and the value of an assignment to one name."""
    name: ast.expr | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        name = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        name = statement.target
    return (name.id, getattr(statement, "value", None)) if isinstance(name, ast.Name) else ("", None)


def imported_as(document: Document, name: str) -> set[str]:
    """The dotted paths that the document imports under a name; ``""`` stands for any other binding of it."""
    found: set[str] = set()
    for cell in code_cells(document, name):
        facts = facts_of(cell.text)
        path = facts.imports.get(name)
        found |= {path} if path else set()
        imports = sum(
            (alias.asname or alias.name.partition(".")[0]) == name
            for node in walk_own(facts.tree.body)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        )
        if bindings(cell.text)[name] > imports:
            found.add("")
    return found


def _mentions(cell: Cell, name: str) -> bool:
    facts = facts_of(cell.text)
    if facts.language != "python":
        return False
    word = re.compile(rf"\b{re.escape(name)}\b")
    if not word.search(cell.text):
        return False
    if facts.errors or any(word.search(f"{magic.target} {magic.name} {magic.argument}") for magic in facts.magics):
        return True
    return any(name in _words(node) for node in ast.walk(facts.tree))


def _words(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return tuple(node.names)
    return tuple(bound_by((node,)))


def _own_names(scope: ast.AST) -> set[str]:
    names = {node.arg for node in ast.walk(scope) if isinstance(node, ast.arg)}
    body = getattr(scope, "body", None)
    return names | bound_by(walk_own(body if isinstance(body, list) else ast.iter_child_nodes(scope)))


@lru_cache(maxsize=1024)
def bindings(text: str) -> Counter[str]:
    """How often a cell binds each name of the module; twice at least where a function may rebind it."""
    facts = facts_of(text)
    found = Counter(name for node in walk_own(facts.tree.body) for name in bound_by((node,)))
    found.update(magic.target for magic in facts.magics if magic.kind == "cell" and magic.target)
    found.update(facts.tokens_bound)
    for node in ast.walk(facts.tree):
        if isinstance(node, ast.Global):
            found.update(node.names * 2)
    return found
