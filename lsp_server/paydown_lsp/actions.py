"""What can be done about findings: the light bulb's entries, and the edits behind them.

An entry is only a title and what it takes to compute its edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from paydown.document import Document
from paydown.rule import Finding, FixOffer
from paydown_lsp.identity import fingerprint, meant

if TYPE_CHECKING:
    from paydown.engine import Analysis

Json = dict[str, Any]

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.paydown"
NOTEBOOK_FIX_ALL = "notebook.source.fixAll.paydown"
WHOLE = (FIX_ALL, NOTEBOOK_FIX_ALL)
PIN = "paydown.pin"  # run by this server
# Run by a client that names them in `initializationOptions.commands`:
ACCEPT = "paydown.accept"  # asks for the reason, with (uri, fingerprint)
TERMINAL = "paydown.terminal"  # types a shell command, with {uri, command}


class Entry(NamedTuple):
    """An entry of the light bulb. ``data`` says which edit it makes, ``command`` names what it runs instead."""

    title: str
    kind: str
    data: Json
    findings: tuple[Finding, ...] = ()
    preferred: bool = False
    command: tuple[str, list[Any]] | None = None


def matched(
    analysis: Analysis, uri: str, diagnostics: Iterable[Any], is_near: Callable[[Finding], bool]
) -> list[Finding]:
    """The findings that an editor asks about: those of its diagnostics, by code and fingerprint, as their places are
    stale right after an edit; without diagnostics of ours, those near the place it names."""
    ours = [one for one in diagnostics if isinstance(one.data, dict) and one.data.get("fingerprint")]
    if not ours:
        return [finding for finding in analysis.all if is_near(finding)]
    notebook = analysis.document.kind == "notebook"
    found = (
        meant(analysis.all, uri, str(one.data["fingerprint"]), str(one.code or ""), notebook=notebook) for one in ours
    )
    return list(dict.fromkeys(finding for finding in found if finding is not None))


def asked_for(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a client that wants ``only`` such kinds wants ``kind``."""
    return not only or any(kind == one or kind.startswith(f"{one}.") or not one for one in only)


def quick_fixes(
    analysis: Analysis, uri: str, found: Sequence[Finding], runs: frozenset[str], *, creates: bool
) -> Iterator[Entry]:
    """The quick fixes of ``found``: each of its fixes, then all of a rule, then accepting it. Fixes that make files are
    left out unless the client ``creates`` them."""
    document, everything = analysis.document, analysis.all
    for finding in found:
        for offer in finding.fixes:
            if offer.creates and not creates:
                continue
            entry = _fix(document, uri, finding, offer, runs)
            if entry is not None:
                yield entry
    for name in dict.fromkeys(finding.name for finding in found):
        fixable = [one for one in everything if one.name == name and any(map(_is_safe_edit, one.fixes))]
        if len(fixable) > 1:
            several = tuple(finding for finding in found if finding.name == name)
            yield Entry(f"Fix all `{name}` in this {document.kind}", QUICK_FIX, {"uri": uri, "name": name}, several)
    for finding in found:
        named, title = _named(document, uri, finding), f"Accept this debt: `{finding.name}`"
        if ACCEPT in runs:
            yield Entry(title, QUICK_FIX, {}, (finding,), command=(ACCEPT, [uri, named["fingerprint"]]))
        else:
            yield Entry(title, QUICK_FIX, {**named, "accept": True}, (finding,))


def _named(document: Document, uri: str, finding: Finding) -> Json:
    return {"uri": uri, "fingerprint": fingerprint(document, finding), "code": finding.code}


def _fix(document: Document, uri: str, finding: Finding, offer: FixOffer, runs: frozenset[str]) -> Entry | None:
    """The entry of one fix; none for a command that neither this server nor the client runs."""
    if not offer.command:
        data = {**_named(document, uri, finding), "key": offer.key}
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
