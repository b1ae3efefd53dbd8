"""Fixes: how rules write them, and how they are applied.

A rule's fix takes a ``Target`` and yields ``(cell id, Edit)``, mostly by means of the functions below, which change
what they say and leave every other character, comment, magic and line end as it was. They raise ``Unfixable`` where the
code has a form that they can't change without risk.
"""

from paydown.fixes.acceptance import accept
from paydown.fixes.applying import edits, fix_all
from paydown.fixes.branches import keep_branch
from paydown.fixes.calls import remove_keyword, set_keyword
from paydown.fixes.expressions import replace_expression, wrap
from paydown.fixes.files import move_to_file
from paydown.fixes.settings import ensure_import, environment, seed, setting
from paydown.fixes.statements import insert_above, insert_below, remove_comment_lines, remove_statement
from paydown.fixes.target import CellEdit, CellEdits, NewFile, Stale, Target, Unfixable

__all__ = [
    "CellEdit",
    "CellEdits",
    "NewFile",
    "Stale",
    "Target",
    "Unfixable",
    "accept",
    "edits",
    "ensure_import",
    "environment",
    "fix_all",
    "insert_above",
    "insert_below",
    "keep_branch",
    "move_to_file",
    "remove_comment_lines",
    "remove_keyword",
    "remove_statement",
    "replace_expression",
    "seed",
    "set_keyword",
    "setting",
    "wrap",
]
