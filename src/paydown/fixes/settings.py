"""Named constants in the place where a document keeps its settings, and imports beside its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from itertools import count

from paydown.fixes.bindings import assigned, code_cells, imported_as, is_constant, is_shadowed, is_taken
from paydown.fixes.expressions import replace_expression
from paydown.fixes.places import added, before_use, spot_for_import, spot_for_setting
from paydown.fixes.target import CellEdit, CellEdits, Target, Unfixable
from paydown.span import Span

_SEED_NAME = re.compile(r"(?:(?:global|random|rng|np)_)?seed|random_state", re.IGNORECASE)
_SEED_USED = re.compile(
    r"(?:random_state|seed)\s*=\s*(\d+)\b|\b(?:seed|manual_seed|set_seed|seed_everything|default_rng|RandomState)"
    r"\(\s*(\d+)\s*[,)]",
    re.IGNORECASE,
)
_USUAL_SEED = "42"


_OTHERS = re.compile(
    r"(?:OLD)?PWD|PATH|HOME|USER(?:NAME)?|LOGNAME|SHELL|LANG(?:UAGE)?|TERM|TMP(?:DIR)?|TEMP|TZ|DISPLAY|EDITOR|VISUAL|PAGER"
    r"|MAIL|HOST(?:NAME|TYPE)?|OS(?:TYPE)?|COLUMNS|LINES|EMAIL|BROWSER|MODE|(?:HTTPS?|NO|FTP)_PROXY|VIRTUAL_ENV"
    r"|(?:PYTHON|LD_|DYLD_|GIT_|SSH_|XDG_|LC_|CONDA|JUPYTER|JPY_|MPL|HF_|AWS_|AZURE_|GOOGLE_|DOCKER_|SPARK_|JAVA_)\w*"
)
"""Variables that mean something to others, so that one of this name may well be set."""


def setting(
    target: Target, hint: str, value: str | Callable[[str], str], *, imports: Iterable[str] = ()
) -> tuple[str, list[CellEdit]]:
    """The name of a constant that holds ``value`` (or what ``value`` makes of the name), and the edits that add it.

    A constant of that name and value that is bound above is used as it is; ``hint`` gets a number when it is taken.
    ``imports`` are the modules that the value needs.
    """
    for number in count(1):
        name = hint if number == 1 else f"{hint}_{number}"
        text = value if isinstance(value, str) else value(name)
        if target.promised.get(name) == text or _is_bound_above(target, name, text):
            return name, []
        if not is_taken(target, name):
            break
    spot = spot_for_setting(target)
    found: list[CellEdit] = []
    for module in imports:
        local, edits = ensure_import(spot.target(target), module)
        if local != module:
            raise Unfixable(f"`{module}` is called `{local}` here")
        found += edits
    first = f"setting {spot.where}" not in target.promised
    spaced = first and not spot.above and (bool(spot.follows) or f"import {spot.where}" in target.promised)
    target.promised.update({name: text, f"setting {spot.where}": ""})
    return name, [*found, *added(target, spot, f"{name} = {text}", spaced=spaced)]


def seed(target: Target) -> tuple[str, list[CellEdit]]:
    """The name of the document's seed, and the edits that add it where it has none: with the value of the seeds that
    stand in its calls."""
    for cell in code_cells(target.document):
        known = cell.text.lower()
        for statement in before_use(target, cell) if "seed" in known or "random_state" in known else ():
            name, value = assigned(statement)
            if not _SEED_NAME.fullmatch(name) or not isinstance(value, ast.Constant) or type(value.value) is not int:
                continue
            if is_constant(target.document, name, value) and not is_shadowed(target, name):
                return name, []
    used = (match for cell in code_cells(target.document) for match in _SEED_USED.finditer(cell.text))
    first = next(used, None)
    return setting(target, "SEED", str(int(first[1] or first[2])) if first else _USUAL_SEED)


def ensure_import(target: Target, module: str, member: str = "", *, alias: str = "") -> tuple[str, list[CellEdit]]:
    """The name under which ``module``, or its ``member``, can be used at the target, and the edits that import it."""
    path = f"{module}.{member}" if member else module
    for cell in code_cells(target.document, module.partition(".")[0]):
        for statement in before_use(target, cell):
            for name in _names_of(statement, path):
                if imported_as(target.document, name) == {path} and not is_shadowed(target, name):
                    return name, []
    name = alias or member or module
    if imported_as(target.document, name) - {path} or is_shadowed(target, name):
        raise Unfixable(f"`{name}` means something else here")
    suffix = f" as {alias}" if alias else ""
    line = f"from {module} import {member}{suffix}" if member else f"import {module}{suffix}"
    if line in target.promised:
        return name, []
    spot = spot_for_import(target)
    target.promised.update({line: "", f"import {spot.where}": ""})
    return name, list(added(target, spot, line, spaced=spot.follows != "import"))


def environment(target: Target, span: Span, variable: str) -> CellEdits:
    """Read the literal at ``span`` from the environment, with what it is now as the default: as a constant among the
    settings. What is a constant's value already, or no plain literal, is read where it stands. A variable that other
    programs know is called ``PROJECT_…``."""
    node = target.node(span, ast.expr)
    convert = _conversion(node)
    old = target.segment(span)
    owner = target.innermost(span, ast.stmt)
    bound, value = assigned(owner)
    variable = bound.upper() if value is node else variable
    variable = f"PROJECT_{variable}" if _OTHERS.fullmatch(variable) else variable
    if convert is not None and value is not node:
        read = f'os.environ.get("{{}}", {old.replace("{", "{{").replace("}", "}}")})'
        name, constant = setting(target, variable, (f"{convert}({read})" if convert else read).format, imports=["os"])
        yield from constant
        yield from replace_expression(target, span, name)
        return
    name, imported = ensure_import(target, "os")
    yield from imported
    text = f'{name}.environ.get("{variable}", {old})'
    yield from replace_expression(target, span, f"{convert}({text})" if convert else text)


def _conversion(node: ast.expr) -> str | None:
    """What turns the environment's text into a value like the literal; ``None`` for an expression that is text."""
    if isinstance(node, ast.Constant) and type(node.value) in (str, int, float):
        return "" if isinstance(node.value, str) else type(node.value).__name__
    if isinstance(node, (ast.Constant, ast.UnaryOp, ast.List, ast.Tuple, ast.Dict, ast.Set)):
        raise Unfixable("the environment holds only text")
    return None


def _is_bound_above(target: Target, name: str, text: str) -> bool:
    wanted = ast.dump(ast.parse(text, mode="eval").body)
    for cell in code_cells(target.document, name):
        for statement in before_use(target, cell):
            bound, value = assigned(statement)
            if bound == name and value is not None and ast.dump(value) == wanted:
                return is_constant(target.document, name, value) and not is_shadowed(target, name)
    return False


def _names_of(statement: ast.stmt, path: str) -> list[str]:
    """The names under which a statement imports ``path``."""
    if isinstance(statement, ast.Import):
        return [one.asname or one.name for one in statement.names if one.name == path]
    if isinstance(statement, ast.ImportFrom) and not statement.level:
        return [one.asname or one.name for one in statement.names if f"{statement.module}.{one.name}" == path]
    return []
