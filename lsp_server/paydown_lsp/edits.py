"""Edits on request: computed in a thread from one version of a document, given out only while that version stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcException

from paydown import fixes
from paydown.document import Document
from paydown.engine import Analysis, Engine
from paydown.rule import Finding
from paydown.span import Edit
from paydown_lsp.convert import text_edits, workspace_edit
from paydown_lsp.identity import meant
from paydown_lsp.session import Live, Session, current


class Edits(NamedTuple):
    """Edits by cell, and what goes into new files, by path."""

    cells: Mapping[str, Sequence[Edit]]
    files: Mapping[str, str] = {}


Compute = Callable[[Live, Document, Analysis], Edits | None]


class Refused(JsonRpcException):  # it says what became of a request
    """No edit can be made here; the message says why."""

    CODE = int(types.LSPErrorCodes.RequestFailed)


REASON = "reason"
"""Stands in a comment for the words of the user until they write them."""
_TRIES = 3


async def computed(state: Session, uri: str, compute: Compute) -> types.WorkspaceEdit | None:
    """What ``compute`` says about the document that ``uri`` means; ``None`` when there is nothing to do any more.

    When somebody types meanwhile it's computed again; after a few times the client is told that the content changes.
    """
    loop = asyncio.get_running_loop()
    for _ in range(_TRIES):
        live = await current(state, uri)
        if live is None or live.document is None or live.analysis is None:
            return None
        document, analysis = live.document, live.analysis
        try:
            edits = await loop.run_in_executor(state.worker, compute, live, document, analysis)
        except fixes.Stale:
            return None
        except fixes.Unfixable as reason:
            raise Refused(f"this can't be changed safely: {reason}") from None
        if edits is None or not edits.cells:
            return None
        if state.live.get(live.open.uri) is live and live.open.document() is document:
            return workspace_edit(edits.cells, edits.files, document, live.open, state.client)
    raise JsonRpcContentModified("the text keeps changing")


def asked(said: Mapping[str, Any], *, creates: bool) -> Compute:
    """How to compute the edits that ``said`` names: of one fix (of one that makes files, if the client ``creates`` such),
    of an acceptance, or of many fixes."""
    if said.get("accept"):
        reason = str(said.get("reason") or REASON)
        return lambda live, document, analysis: _accept(document, _found(analysis, said), reason)
    if said.get("key"):
        key = str(said["key"])
        return lambda live, document, analysis: _fix(document, _found(analysis, said), key, creates=creates)
    return lambda live, document, analysis: _fix_all(live, document, str(said.get("name") or ""), said.get("only"))


def _found(analysis: Analysis, said: Mapping[str, Any]) -> Finding | None:
    notebook = analysis.document.kind == "notebook"
    wanted, code = str(said.get("fingerprint")), str(said.get("code") or "")
    return meant(analysis.all, str(said.get("uri")), wanted, code, notebook=notebook)


def _fix(document: Document, finding: Finding | None, key: str, *, creates: bool) -> Edits | None:
    if finding is None or all(offer.key != key or offer.command for offer in finding.fixes):
        return None
    files: dict[str, str] | None = {} if creates else None
    return Edits(fixes.edits(document, finding, key, files=files), files or {})


def _accept(document: Document, finding: Finding | None, reason: str) -> Edits | None:
    return None if finding is None else Edits(fixes.accept(document, finding, reason))


def _fix_all(live: Live, document: Document, name: str, only: str | None) -> Edits:
    """All safe fixes of the rule ``name`` or of all rules; of their edits those in the cell ``only``, or all.

    An editor that fixes on save asks for each cell, and what one cell gets may need what another gets: so they are all
    computed together, and remembered for the next cell. It takes an engine of its own, as this runs beside the analysis
    of the next key press.
    """
    if live.fixed is None or live.fixed[:2] != (document, name):
        engine = Engine(live.root.configuration, live.root.project)
        live.fixed = document, name, fixes.fix_all(document, engine, names={name} if name else None)
    return Edits(
        {
            cell: text_edits(document.by_id[cell].text, text)
            for cell, text in live.fixed[2].items()
            if only in (None, "", cell)
        }
    )
