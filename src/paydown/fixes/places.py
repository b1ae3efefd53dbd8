"""Where a document keeps its settings and imports, and so where a fix adds to them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from paydown.document import Cell
from paydown.fixes.bindings import code_cells, is_isolated
from paydown.fixes.statements import apart, is_magic, statement_span
from paydown.fixes.target import CellEdit, Stale, Target, Unfixable, facts_of
from paydown.span import Span

_BETWEEN_IMPORTS = 3
_HEADER = re.compile(
    r"#!|#.*coding[:=]|#\s*%%|# COMMAND -|# Databricks|#\s*In ?\[|#\s*<\w+cell>|# (?:MAGIC|DBTITLE)|# ---"
)
_DEFINES = re.compile(r"(?:async[ \t]+def|def|class)\b|@")
_READ_FROM_ENVIRONMENT = re.compile(r"(?:int|float)?\(?os\.environ\.get\(")


class Spot(NamedTuple):
    """A place for a new line in a cell: below ``line``, or above it when ``above``. ``follows`` says what stands on the
    line above the place, where that matters: ``import`` or ``docstring``."""

    cell: Cell
    line: int
    above: bool
    follows: str = ""

    @property
    def where(self) -> str:
        """The place as a key."""
        return f"{self.cell.id}:{self.line}:{self.above}"

    def target(self, target: Target) -> Target:
        """The target moved to this place."""
        there = target.elsewhere(self.cell.id, Span(self.line, 0, self.line, 0))
        column = 0 if self.above else there.line_end(self.line)
        return target.elsewhere(self.cell.id, Span(self.line, column, self.line, column))


def spot_for_setting(target: Target) -> Spot:
    """Where a constant that the target uses belongs: into the cell of parameters, below the imports, or to the top."""
    use = _use_cell(target)
    for cell in code_cells(target.document):
        if "parameters" in cell.tags and cell.index < use.index and not is_isolated(cell):
            return _end_of_parameters(target.elsewhere(cell.id, Span(0, 0, 0, 0)))
    return _below_imports(target, settings=True)


def spot_for_import(target: Target) -> Spot:
    """Where an import that the target uses belongs."""
    return _below_imports(target, settings=False)


def added(target: Target, spot: Spot, line: str, *, spaced: bool = False) -> Iterator[CellEdit]:
    """The edits that put a line at a spot; ``spaced`` sets it off from what stands around it."""
    there = spot.target(target)
    end = there.newline
    if spot.above:
        apart_from_below = end * 2 if _DEFINES.match(there.lines[spot.line]) else end if spaced else ""
        yield there.insert(spot.line, 0, line + end + apart_from_below)
        return
    if not there.text:
        yield there.insert(0, 0, line)
        return
    yield there.insert(spot.line, there.line_end(spot.line), (end * 2 if spaced else end) + line)
    below = spot.line + 1
    if spaced and below < len(there.lines) and there.lines[below].strip():
        yield there.insert(below, 0, end)


def before_use(target: Target, cell: Cell) -> list[ast.stmt]:
    """The top-level statements of a cell that have run when the target's place is reached."""
    body = facts_of(cell.text).tree.body
    if cell.id != target.cell.id:
        return body if cell.index < target.cell.index else []
    return [one for one in body if target.span_of(one)[2:] <= target.span[:2]]


def _use_cell(target: Target) -> Cell:
    if is_isolated(target.cell):
        raise Unfixable("the cell's names are not the notebook's")
    return target.cell


def _below_imports(target: Target, *, settings: bool) -> Spot:
    use = _use_cell(target)
    for cell in code_cells(target.document, "import"):
        if cell.index < use.index and not is_isolated(cell):
            there = target.elsewhere(cell.id, Span(0, 0, 0, 0))
            last = _last_of_head(there, there.tree.body, settings=settings, lead=False)
            spot = _below(there, last, len(there.tree.body)) if last is not None else None
            if spot:
                return spot
    body = before_use(target, use)
    last = _last_of_head(target, body, settings=settings, lead=True)
    spot = _below(target, last, len(body)) if last is not None else None
    return spot or _top(target)


def _last_of_head(target: Target, body: list[ast.stmt], *, settings: bool, lead: bool) -> int | None:
    """The index of the last statement of a cell's first imports, and of the settings below them; of a cell without
    imports, if ``lead``, of what has to stay on top."""
    last: int | None = None
    gap = 0
    for index, statement in enumerate(body):
        if _is_import(statement):
            last, gap = index, 0
        elif last is not None and not is_magic(target, statement):
            gap += 1
            if gap > _BETWEEN_IMPORTS or not isinstance(statement, (ast.Expr, ast.Assign, ast.AugAssign)):
                break
    if last is None and lead:
        stays = [_is_docstring(one, index) or is_magic(target, one) for index, one in enumerate(body)]
        last = next((index for index, one in enumerate([*stays, False]) if not one)) - 1
        last = None if last < 0 and not (settings and body and _is_setting(target, body[0])) else last
    if last is None:
        return None
    while settings and last + 1 < len(body) and _is_setting(target, body[last + 1]):
        last += 1
    return last


def _below(target: Target, last: int, limit: int) -> Spot | None:
    """The spot below the statement ``last``, unless others that share its line have yet to run."""
    body = target.tree.body
    follows = "import" if _is_import(body[last]) else "docstring" if _is_docstring(body[last], last) else ""
    while last + 1 < len(body) and not apart(target, body[last], body[last + 1]):
        last += 1
    if last >= limit:
        return None
    return Spot(target.cell, target.span_of(body[last]).end_line, above=False, follows=follows)


def _top(target: Target) -> Spot:
    """Above the first statement of the target's cell and the comments that belong to it."""
    if not target.tree.body:
        raise Stale("the cell is empty")
    lines = target.lines
    alone = {one.span.line for one in target.facts.comments if one.alone}
    first = statement_span(target, target.tree.body[0]).line
    line = first
    while line and line - 1 in alone:
        line -= 1
    if line == 0 and target.document.kind == "script" and target.cell.index == 0:
        return Spot(target.cell, first, above=True)  # a licence, say
    header = (number for number in range(first - 1, line - 1, -1) if _HEADER.match(lines[number].lstrip()))
    line = next((number + 1 for number in header), line)
    return Spot(target.cell, line, above=True)


def _end_of_parameters(target: Target) -> Spot:
    body = target.tree.body
    if not body:
        lines = target.lines
        last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
        return Spot(target.cell, last, above=False)
    if isinstance(body[-1], ast.Expr):
        above = statement_span(target, body[-1]).line
        if len(body) == 1 or apart(target, body[-2], body[-1]):
            return Spot(target.cell, above, above=True)
    return Spot(target.cell, target.span_of(body[-1]).end_line, above=False)


def _is_import(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Try):
        return all(isinstance(one, (ast.Import, ast.ImportFrom)) for one in statement.body)
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def _is_docstring(statement: ast.stmt, index: int) -> bool:
    return (
        index == 0
        and isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _is_setting(target: Target, statement: ast.stmt) -> bool:
    """Whether a statement binds a name in capitals to a literal or to what the environment says."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    name = statement.targets[0]
    if not isinstance(name, ast.Name) or not name.id.isupper():
        return False
    plain = (ast.Constant, ast.UnaryOp, ast.USub, ast.Tuple, ast.List, ast.Load)
    return all(isinstance(node, plain) for node in ast.walk(statement.value)) or bool(
        _READ_FROM_ENVIRONMENT.match(target.segment(target.span_of(statement.value)))
    )
