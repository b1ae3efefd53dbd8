"""Accepting debt: a comment at the finding that says so, and why."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.accepting import Acceptance, acceptances, markdown_acceptances
from paydown.document import Document
from paydown.facts import Facts, parse
from paydown.fixes.target import CellEdit, Target, Unfixable
from paydown.rule import Finding
from paydown.span import Edit, apply
from paydown.statements import statements

_COMMENTS = {"sql": "--", "javascript": "//", "typescript": "//", "scala": "//", "rust": "//", "go": "//", "c": "//"}
_NO_COMMENTS = frozenset({"html", "svg", "latex", "markdown", "batch", "css"})


def accept(document: Document, finding: Finding, reason: str) -> dict[str, list[Edit]]:
    """The edit that accepts a finding, by cell id: a comment at the end of its first line, above the statement where
    that line can't carry one, or one name more in the comment that is there.

    Raises ``Unfixable`` when the finding is accepted already or no comment can be put there.
    """
    target = Target(document, finding)
    reason = " ".join(reason.split())
    marks = _marks(target.cell.kind, target.facts)
    if any(mark.covers(finding) for mark in marks):
        raise Unfixable("it is accepted already")
    for cell, edit in _candidates(target, marks, reason):
        if _accepts(target, edit):
            return {cell: [edit]}
    raise Unfixable("there is no place for a comment here")


def _candidates(target: Target, marks: tuple[Acceptance, ...], reason: str) -> Iterator[CellEdit]:
    """The comments that might do, the best first."""
    line, name = target.span.line, target.finding.name
    for mark in marks:
        if mark.span.line in (line, line - 1):
            yield target.edit(mark.span, _merged(target, mark, reason))
    end = len(target.lines[line].rstrip())
    if target.cell.kind != "code":
        yield target.insert(line, end, f" <!-- paydown: accept[{name}] {reason.replace('-->', '->')}".rstrip() + " -->")
    elif target.facts.language != "python":
        if target.facts.language not in _NO_COMMENTS:
            sign = _COMMENTS.get(target.facts.language, "#")
            comment = f"{sign} paydown: accept[{name}] {reason}".rstrip()
            header = target.facts.magics[0].span.line
            yield target.insert(header, target.line_end(header), target.newline + comment)
    else:
        comment = f"# paydown: accept[{name}] {reason}".rstrip()
        if "#@" not in target.lines[line]:  # Colab reads these to the end of the line
            yield target.insert(line, end, f"  {comment}" if end else comment)
        around = next((one for one in statements(target.facts.source) if one.line <= line <= one.end_line), None)
        above = around.line if around else line
        if not any(magic.kind == "cell" and magic.span.line >= above for magic in target.facts.magics):
            yield target.insert(above, 0, target.indentation(above) + comment + target.newline)


def _accepts(target: Target, edit: Edit) -> bool:
    """Whether the finding is covered after an edit that changes nothing else."""
    after = parse(apply(target.text, [edit]))
    before = target.facts
    finding = target.finding
    if edit.span.line <= finding.span.line and edit.text.endswith(("\n", "\r")):
        finding = finding._replace(span=finding.span.below(1))
    if target.cell.kind == "code" and not _same_code(before, after):
        return False
    return any(mark.covers(finding) for mark in _marks(target.cell.kind, after))


def _same_code(before: Facts, after: Facts) -> bool:
    return (
        ast.dump(before.tree) == ast.dump(after.tree)
        and [magic[:4] for magic in before.magics] == [magic[:4] for magic in after.magics]
        and len(before.errors) == len(after.errors)
    )


def _marks(kind: str, facts: Facts) -> tuple[Acceptance, ...]:
    return acceptances(facts) if kind == "code" else markdown_acceptances(facts.text)


def _merged(target: Target, mark: Acceptance, reason: str) -> str:
    """The comment with one name more, and one reason more if it is another."""
    old = target.segment(mark.span)
    head, _, _ = old.partition("[")
    names = ", ".join((*mark.names, target.finding.name))
    reasons = "; ".join(dict.fromkeys(one for one in (mark.reason, reason) if one))
    if target.cell.kind != "code":
        return f"{head}[{names}] {reasons.replace('-->', '->')}".rstrip() + " -->"
    return f"{head}[{names}] {reasons}".rstrip()
