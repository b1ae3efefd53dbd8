"""What can be done about findings: the light bulb's entries, and the edits behind them.

An entry is only a title and what it takes to compute its edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from paydown.document import Document
from paydown.rule import Finding, FixOffer

if TYPE_CHECKING:
    from paydown.engine import Analysis

Json = dict[str, Any]

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.paydown"
NOTEBOOK_FIX_ALL = "notebook.source.fixAll.paydown"
PIN = "paydown.pin"  # run by this server
TERMINAL = "paydown.terminal"  # run by a client that names it in `initializationOptions.commands`: a shell command


class Entry(NamedTuple):
    """An entry of the light bulb. ``data`` says which edit it makes, ``command`` names what it runs instead."""

    title: str
    kind: str
    data: Json
    findings: tuple[Finding, ...] = ()
    preferred: bool = False
    command: tuple[str, list[Any]] | None = None


def entries(
    analysis: Analysis,
    document: Document,
    uri: str,
    *,
    diagnostics: Iterable[Any],
    only: Sequence[str] | None,
    is_near: Callable[[Finding], bool],
    runs: frozenset[str],
) -> list[Entry]:
    """What can be done about the findings of ``diagnostics`` in the text at ``uri``, as far as ``only`` asks for it."""
    everything = analysis.all
    found = matched(everything, diagnostics, is_near)
    made: list[Entry] = []
    if _asked_for(QUICK_FIX, only):
        made += quick_fixes(uri, found, everything, document.kind, runs)
    cell = uri if uri in document.by_id else ""
    if _asked_for(FIX_ALL, only):
        here = [one for one in everything if one.cell == cell or not cell]
        made += _fix_all(FIX_ALL, f"Fix all safe debt in this {'cell' if cell else document.kind}", uri, here, cell)
    if only and _asked_for(NOTEBOOK_FIX_ALL, only):
        made += _fix_all(NOTEBOOK_FIX_ALL, f"Fix all safe debt in this {document.kind}", uri, everything, "")
    return made


def matched(
    findings: Iterable[Finding], diagnostics: Iterable[Any], is_near: Callable[[Finding], bool]
) -> list[Finding]:
    """The findings that an editor asks about: those of its diagnostics, by code and fingerprint, as their places are
    stale right after an edit; without diagnostics of ours, those near the place it names."""
    wanted = {
        (one.code, one.data.get("fingerprint"))
        for one in diagnostics
        if isinstance(one.data, dict) and one.data.get("fingerprint")
    }
    if wanted:
        return [finding for finding in findings if (finding.code, finding.fingerprint) in wanted]
    return [finding for finding in findings if is_near(finding)]


def _asked_for(kind: str, only: Sequence[str] | None) -> bool:
    return not only or any(kind == one or kind.startswith(f"{one}.") or not one for one in only)


def _fix_all(kind: str, title: str, uri: str, findings: Iterable[Finding], cell: str) -> list[Entry]:
    fixable = tuple(one for one in findings if any(map(_is_safe_edit, one.fixes)))
    return [Entry(title, kind, {"uri": uri, "name": None, "only": cell}, fixable)] if fixable else []


def quick_fixes(
    uri: str, found: Sequence[Finding], everything: Sequence[Finding], kind: str, runs: frozenset[str]
) -> Iterator[Entry]:
    """The quick fixes of ``found``: each of its fixes, then all of a rule, then accepting it."""
    for finding in found:
        for offer in finding.fixes:
            entry = _fix(uri, finding, offer, runs)
            if entry is not None:
                yield entry
    for name in dict.fromkeys(finding.name for finding in found):
        fixable = [one for one in everything if one.name == name and any(map(_is_safe_edit, one.fixes))]
        if len(fixable) > 1:
            several = tuple(finding for finding in found if finding.name == name)
            yield Entry(f"Fix all `{name}` in this {kind}", QUICK_FIX, {"uri": uri, "name": name}, several)
    for finding in found:
        data = {"uri": uri, "fingerprint": finding.fingerprint, "code": finding.code, "accept": True}
        yield Entry(f"Accept this debt: `{finding.name}`", QUICK_FIX, data, (finding,))


def _fix(uri: str, finding: Finding, offer: FixOffer, runs: frozenset[str]) -> Entry | None:
    """The entry of one fix; none for a command that neither this server nor the client runs."""
    if not offer.command:
        data = {"uri": uri, "fingerprint": finding.fingerprint, "code": finding.code, "key": offer.key}
        return Entry(offer.title, QUICK_FIX, data, (finding,), preferred=offer.safe)
    name, _, rest = offer.command.partition(" ")
    if name == "pin":
        return Entry(offer.title, QUICK_FIX, {}, (finding,), command=(PIN, [{"uri": uri, "reference": rest}]))
    if TERMINAL in runs:
        return Entry(
            offer.title, QUICK_FIX, {}, (finding,), command=(TERMINAL, [{"uri": uri, "command": offer.command}])
        )
    return None


def _is_safe_edit(offer: FixOffer) -> bool:
    return offer.safe and not offer.command
