"""What clients ask: diagnostics, hovers, code actions, commands, and paydown's own requests."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams, JsonRpcMethodNotFound

from paydown.rule import all_rules, rule_named
from paydown_lsp import actions, convert, edits, pinning, session, words
from paydown_lsp.app import server, state
from paydown_lsp.publish import diagnostics
from paydown_lsp.wire import Json


async def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """A client that wants it asks for the diagnostics of a text."""
    if not state.pull:
        raise JsonRpcMethodNotFound("diagnostics are sent as they come")
    uri = params.text_document.uri
    live = await session.current(state, uri)
    items: list[Json] = []
    if live is not None and live.analysis is not None:
        items = diagnostics(live.open, live.analysis, uri, state.client)
    name = hashlib.blake2b(json.dumps(items).encode(), digest_size=8).hexdigest()
    if name == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=name)
    return types.RelatedFullDocumentDiagnosticReport(
        [server.protocol._converter.structure(item, types.Diagnostic) for item in items], result_id=name
    )


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hover(params: types.HoverParams) -> types.Hover | None:
    """What is known of the place under the pointer: its findings, and the story of the value."""
    live = await session.current(state, params.text_document.uri)
    cell = live.open.cell_at(params.text_document.uri, params.position.line) if live else None
    if live is None or live.analysis is None or cell is None:
        return None
    spot = convert.spot_in(cell, params.position, state.client.encoding)
    here = [found for found in live.analysis.findings.get(cell.id, ()) if found.span.touches(spot)]
    story = live.analysis.story(cell.id, spot.line, spot.column)
    client = state.client
    text = words.hover(
        ((found, rule_named(found.name)) for found in here),
        story,
        markdown=client.markdown,
        messages=not client.shows_messages,
        opens=words.EXPLAIN in client.runs,
    )
    return convert.hover_result(text, here, cell, client) if text else None


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(
        [types.CodeActionKind.QuickFix, actions.FIX_ALL, actions.NOTEBOOK_FIX_ALL], resolve_provider=True
    ),
)
async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done about the findings at a place. Edits are computed when one is chosen, if the client can wait."""
    uri, context = params.text_document.uri, params.context
    live = await session.current(state, uri)
    if live is None or live.analysis is None or live.document is None:
        return []
    near = convert.nearness(live.open, live.document, uri, params.range, state.client.encoding)
    made: list[types.CodeAction] = []
    if actions.asked_for(actions.QUICK_FIX, context.only):
        found = actions.matched(live.analysis, uri, context.diagnostics, near)
        entries = actions.quick_fixes(live.analysis, uri, found, state.client.runs, creates=state.client.creates)
        made = [convert.code_action(entry, context.diagnostics) for entry in entries]
    if not state.client.lazy_edits:
        made = [action for action in made if await _would_do(action)]
    return made + [action for kind in actions.WHOLE if context.only for action in await _whole(uri, kind, context.only)]


async def _whole(uri: str, kind: str, only: Sequence[str]) -> list[types.CodeAction]:
    """The action that makes all safe fixes, as asked for on save: of a cell, or of the whole notebook or script."""
    if not actions.asked_for(kind, only):
        return []
    within = uri if kind == actions.FIX_ALL and uri in state.notebook_of else None
    edit = await edits.computed(state, uri, _asked({"only": within}))
    return [types.CodeAction("Make all safe fixes", kind, edit=edit)] if edit else []


@server.feature(types.CODE_ACTION_RESOLVE)
async def resolve(action: types.CodeAction) -> types.CodeAction:
    """The edit of an action that was chosen; an empty one when the finding is gone meanwhile."""
    try:
        await _complete(action)
    except edits.Refused as reason:
        server.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"{action.title}: {reason}"))
    action.edit = action.edit or types.WorkspaceEdit(changes={})
    return action


async def _complete(action: types.CodeAction) -> None:
    if isinstance(action.data, dict):
        action.edit = await edits.computed(state, str(action.data.get("uri", "")), _asked(action.data))


async def _would_do(action: types.CodeAction) -> bool:
    """Fill in the edit of an action, if it has one; whether it does something."""
    with contextlib.suppress(edits.Refused):
        await _complete(action)
    return action.edit is not None or action.command is not None


@server.feature("paydown/fix")
async def fix(said: Json) -> types.WorkspaceEdit | None:
    """The edit of one fix."""
    return await _edit(said, {"key": _text(said, "key")})


@server.feature("paydown/fixAll")
async def fix_all(said: Json) -> types.WorkspaceEdit:
    """The edits of all safe fixes, or of those of one rule."""
    return await _edit(said, {"name": said.get("name")}) or types.WorkspaceEdit(changes={})


@server.feature("paydown/accept")
async def accept(said: Json) -> types.WorkspaceEdit | None:
    """The edit that accepts a finding for a reason."""
    return await _edit(said, {"accept": True, "reason": _text(said, "reason")})


@server.feature("paydown/explain")
def explain(said: Json) -> Json:
    """A rule's page."""
    try:
        return convert.page(rule_named(_text(said, "name")))
    except KeyError:
        raise JsonRpcInvalidParams(f"there is no rule called {said['name']!r}") from None


@server.feature("paydown/rules")
def rules(_said: Json | None) -> list[Json]:
    """All rules."""
    return [convert.rule_line(rule) for rule in all_rules().values()]


async def _edit(said: Json, asked: Json) -> types.WorkspaceEdit | None:
    uri = said.get("textDocument", {}).get("uri")
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("`textDocument.uri` is missing")
    fingerprint = {} if "name" in asked else {"fingerprint": _text(said, "fingerprint")}
    return await edits.computed(state, uri, _asked({"uri": uri, **fingerprint, **asked}))


def _asked(said: Json) -> edits.Compute:
    return edits.asked(said, creates=state.client.creates)


def _text(said: Any, key: str) -> str:
    if not isinstance(said, dict) or not isinstance(said.get(key), str):
        raise JsonRpcInvalidParams(f"`{key}` is missing")
    return str(said[key])


@server.command(actions.PIN)
async def pin(*arguments: Any) -> Json:
    """Pin data in ``paydown.lock``: ``{uri, reference}``; without a reference all data that the document reads."""
    said = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    return await pinning.pin(server, _text(said, "uri"), str(said.get("reference") or ""))
