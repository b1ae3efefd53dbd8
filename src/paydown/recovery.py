"""The statements that parse, of a text that does not."""

from __future__ import annotations

import ast
from typing import NamedTuple

from paydown.ipython import Masked, Statement, blanked, unknown
from paydown.span import Span


class Problem(NamedTuple):
    """Why a stretch of a text does not parse."""

    message: str
    span: Span


def compiled(text: str) -> tuple[ast.Module | None, Exception | None]:
    """The tree of ``text``, or why there is none."""
    try:
        return compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True), None
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError) as error:
        return None, error


def recovered(masked: Masked, error: Exception | None) -> tuple[ast.Module, str, tuple[Problem, ...]]:
    """The tree, the source it was made from, and the problems."""
    source = masked.source
    problems: list[Problem] = []
    pieces: list[str] = []
    done = 0
    blocks: list[list[Statement]] = []
    for statement in masked.statements:
        if blocks and (
            statement.width > 0 or source.startswith(("else", "elif", "except", "finally"), statement.start)
        ):
            blocks[-1].append(statement)
        else:
            blocks.append([statement])
    for block in blocks:
        start, end = block[0].start, block[-1].end
        _, why = compiled(source[start:end])
        if why is None:
            continue
        problems.append(
            Problem(str(getattr(why, "msg", why)), Span(block[0].line, block[0].column, block[-1].end_line, 0))
        )
        pieces += (source[done:start], unknown(source[start:end]))
        done = end
    pieces.append(source[done:])
    source = "".join(pieces)
    tree, _ = compiled(source)
    if tree is None:
        return ast.Module([], []), blanked(source), (*problems, Problem(str(error), Span(0, 0, 0, 0)))
    return tree, source, tuple(problems)
