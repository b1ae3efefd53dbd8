"""Applying fixes: one that was asked for, or all of a document until none is left that does nothing but good."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from paydown.document import Document
from paydown.facts import parse
from paydown.fingerprint import digest
from paydown.fixes.bindings import bindings
from paydown.fixes.target import NewFile, Stale, Target, Unfixable, facts_of
from paydown.rule import Finding, rule_named
from paydown.span import Edit, Span, apply, line_starts, split_lines

log = logging.getLogger(__name__)
_ROUNDS = 50


class Analysed(Protocol):
    """What an analysis found."""

    @property
    def findings(self) -> Mapping[str, tuple[Finding, ...]]: ...


class Analyses(Protocol):
    """What analyses documents: the engine."""

    def analyse(self, document: Document, /) -> Analysed: ...


def edits(
    document: Document, finding: Finding, key: str, *, files: MutableMapping[str, str] | None = None
) -> dict[str, list[Edit]]:
    """The edits, by cell id, of the fix ``key`` of a finding. What it puts into new files is added to ``files``, by path;
    without them no fix is made that needs one.

    Raises ``Stale`` when the document no longer holds what was found, ``Unfixable`` when the fix can't be made here.
    """
    cell = document.by_id.get(finding.cell)
    lines = split_lines(cell.text) if cell else []
    if finding.fingerprint and finding.fingerprint.partition(".")[0] != digest(finding.code, lines, finding.span):
        raise Stale("the code has changed")
    try:
        made = _made(document, finding, key, files)
    finally:
        _forget()
    if files is not None:
        files.update(made.files)
    return made.edits


def fix_all(
    document: Document,
    engine: Analyses,
    *,
    names: Collection[str] | None = None,
    safe_only: bool = True,
    files: MutableMapping[str, str] | None = None,
) -> dict[str, str]:
    """The new texts, by cell id, after every fix (of the rules ``names``) that takes its finding away and brings none.

    Only safe fixes are made unless told otherwise. What goes into new files is added to ``files``, by path; without them
    no fix is made that needs one. The engine is left knowing the document as it was.
    """
    fixed, made = document, None if files is None else dict(files)
    try:
        for _ in range(_ROUNDS):
            analysis = engine.analyse(fixed)
            chosen = _chosen(fixed, analysis, names, safe_only=safe_only, creating=made is not None)
            state = _settled(engine, _State(fixed, (), _counted(analysis), made), chosen)
            if state.document is fixed:
                break
            fixed, made = state.document, state.files
    finally:
        _forget()
        engine.analyse(document)
    if files is not None and made is not None:
        files.update(made)
    return {cell.id: cell.text for cell in fixed.cells if cell.text != document.by_id[cell.id].text}


def _forget() -> None:
    facts_of.cache_clear()
    bindings.cache_clear()


class _Change(NamedTuple):
    """Edits of a cell, and its text before them."""

    cell: str
    before: str
    edits: tuple[Edit, ...]


class _Counts(NamedTuple):
    """How many findings a document has of each rule, and how many places they speak of."""

    findings: Counter[str]
    places: Counter[str]

    def improves(self, before: _Counts, fixed: Counter[str], left: Counter[str]) -> bool:
        """Whether no rule has more findings than before (but for those that fixes leave), nor finds more places: several
        findings of a document may be told as one. Those of ``fixed`` are gone, or one place of each is."""
        return all(
            (self.findings[name] <= before.findings[name] + left[name] or self.places[name] <= before.places[name])
            and (not fixed[name] or self.places[name] <= before.places[name] - fixed[name])
            for name in self.findings.keys() | fixed.keys()
        )


class _State(NamedTuple):
    """A document on its way: what has changed since its findings were found, what it has of them, and the new files it
    takes by now (``None``: it may take none)."""

    document: Document
    changes: tuple[_Change, ...]
    counts: _Counts
    files: dict[str, str] | None


class _Made(NamedTuple):
    """What a fix does: edits by cell, and the texts of new files by path."""

    edits: dict[str, list[Edit]]
    files: dict[str, str]


def _chosen(
    document: Document, analysis: Analysed, names: Collection[str] | None, *, safe_only: bool, creating: bool
) -> list[tuple[Finding, str]]:
    """The findings to fix, in the order of the document, with the keys of their fixes."""
    chosen: list[tuple[Finding, str]] = []
    for cell in document.cells:
        for finding in analysis.findings.get(cell.id, ()):
            if names is not None and finding.name not in names:
                continue
            offers = [
                one
                for one in finding.fixes
                if not one.command and (one.safe or not safe_only) and (creating or not one.creates)
            ]
            chosen += [(finding, one.key) for one in offers[:1]]
    return chosen


def _settled(engine: Analyses, state: _State, chosen: Sequence[tuple[Finding, str]]) -> _State:
    """The state after all of ``chosen`` that may stay: all at once if that is well, else one half after the other."""
    document, changes, files = state.document, list(state.changes), state.files
    fixed, left = Counter[str](), Counter[str]()
    for finding, key in chosen:
        moved = _moved(finding, changes)
        made = _tried(document, moved, key, files) if moved else None
        if made:
            news = [_Change(cell, document.by_id[cell].text, tuple(found)) for cell, found in made.edits.items()]
            changes += news
            document = _changed(document, news)
            files = None if files is None else files | made.files
            fixed[finding.name] += 1
            left[rule_named(finding.name).fixes[key].leaves] += 1
    if not fixed:
        return state
    counts = _counted(engine.analyse(document))
    if counts.improves(state.counts, fixed, left):
        return _State(document, tuple(changes), counts, files)
    if len(chosen) == 1:
        return state
    half = len(chosen) // 2
    return _settled(engine, _settled(engine, state, chosen[:half]), chosen[half:])


def _tried(document: Document, finding: Finding, key: str, files: Mapping[str, str] | None) -> _Made | None:
    try:
        return _made(document, finding, key, files)
    except Unfixable:
        return None
    except Exception:
        log.exception("the fix `%s` of the rule %s failed and is left out here", key, finding.name)
        return None


def _made(document: Document, finding: Finding, key: str, files: Mapping[str, str] | None) -> _Made:
    """What a fix does, where ``files`` are about to be made already; ``None`` where there can't be any."""
    fix = rule_named(finding.name).fixes[key]
    if fix.creates and files is None:
        raise Unfixable("no file can be made here")
    found: dict[str, list[Edit]] = {}
    new: dict[str, str] = {}
    try:
        for one in fix.apply(Target(document, finding, files or {})) if fix.apply else ():
            if isinstance(one, NewFile):
                new[one.path] = one.text
                continue
            cell, edit = one
            if edit not in found.setdefault(cell, []):
                found[cell].append(edit)
        for cell, made in found.items():
            _check(document.by_id[cell].text, made)
    except (RecursionError, IndexError, ValueError) as problem:
        raise Unfixable("the code can't be changed without risk") from problem
    if not found:
        raise Unfixable("there is nothing to change")
    return _Made(found, new)


def _check(text: str, made: Sequence[Edit]) -> None:
    """Raise ``Unfixable`` when a cell would parse less well, or be of another language, than before."""
    before, after = facts_of(text), parse(apply(text, made))
    if len(after.errors) > len(before.errors) or after.language != before.language:
        raise Unfixable("the code would no longer parse")


def _changed(document: Document, changes: Sequence[_Change]) -> Document:
    texts = {change.cell: apply(change.before, change.edits) for change in changes}
    cells = (replace(cell, text=texts[cell.id]) if cell.id in texts else cell for cell in document.cells)
    return replace(document, cells=tuple(cells))


def _moved(finding: Finding, changes: Sequence[_Change]) -> Finding | None:
    """A finding where it stands after changes; ``None`` when they touch it."""
    for change in changes:
        if finding.cell == change.cell:
            span = moved(finding.span, change.before, change.edits)
            if span is None:
                return None
            finding = finding._replace(span=span)
        related = []
        for place in finding.related:
            where = moved(place.span, change.before, change.edits) if place.cell == change.cell else place.span
            if where is None:
                return None
            related.append(place._replace(span=where))
        finding = finding._replace(related=tuple(related))
    return finding


def moved(span: Span, text: str, made: Sequence[Edit]) -> Span | None:
    """Where a span of ``text`` is after edits; ``None`` when one of them reaches into it."""
    starts = line_starts(text)
    start, end = starts[span.line] + span.column, starts[span.end_line] + span.end_column
    shift = 0
    for edit in made:
        first = starts[edit.span.line] + edit.span.column
        last = starts[edit.span.end_line] + edit.span.end_column if edit.span.end_line < len(starts) else len(text)
        if last <= start:
            shift += len(edit.text) - (last - first)
        elif first < end:
            return None
    after = line_starts(apply(text, made))
    return Span(*_place(after, start + shift), *_place(after, end + shift))


def _place(starts: list[int], offset: int) -> tuple[int, int]:
    line = next(line for line in range(len(starts) - 1, -1, -1) if starts[line] <= offset)
    return line, offset - starts[line]


def _counted(analysis: Analysed) -> _Counts:
    everything = [finding for found in analysis.findings.values() for finding in found]
    places = Counter[str]()
    for finding in everything:
        places[finding.name] += 1 + len(finding.related)
    return _Counts(Counter(finding.name for finding in everything), places)
