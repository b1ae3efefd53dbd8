"""The language server: one short function per method of the protocol. Text → document → engine → convert → send.

It holds nothing but open texts and the memory of its engines (``session``). Texts are kept in sync from plain JSON
(``wire``, ``texts``); what knows both the protocol's types and paydown's is in ``convert``.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcInvalidParams, JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer

from paydown import __version__
from paydown.rule import all_rules, rule_named
from paydown_lsp import actions, convert, edits, pinning, saved, session, settings
from paydown_lsp.memory import Housekeeping
from paydown_lsp.progress import show_long_work
from paydown_lsp.publish import diagnostics
from paydown_lsp.run import run
from paydown_lsp.session import Session
from paydown_lsp.texts import PYTHON, OpenNotebook, OpenScript
from paydown_lsp.uris import path_of
from paydown_lsp.wire import Json, Wire, converter

logger = logging.getLogger(__name__)

_CELL_SCHEME = "vscode-notebook-cell:"


class Server(LanguageServer):
    """pygls' server, with our state."""

    protocol: Wire

    def __init__(self) -> None:
        notebooks = types.NotebookDocumentFilterWithNotebook(
            # All cells, whatever their language: else places in the array would differ from the editor's.
            types.NotebookDocumentFilterNotebookType(notebook_type="jupyter-notebook")
        )
        super().__init__(
            "paydown",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            types.NotebookDocumentSyncOptions([notebooks], save=True),
            protocol_cls=Wire,
            converter_factory=converter,
        )
        self.seen_client = False  # the client's process was there, so it may be missed
        self.housekeeping = Housekeeping()
        self.session = Session(
            self.protocol.send,
            self.say,
            on_analysed=self.housekeeping.busy,
            on_long_work=lambda: show_long_work(self),
            on_unasked_news=lambda: settings.ask_to_pull(self),
        )

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """A line in the client's log."""
        self.window_log_message(types.LogMessageParams(kind, message))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors go to the log; a message that pops up would help nobody. Those of requests are answered and logged."""
        if source is not FeatureRequestError:
            logger.error("%s", error)


server = Server()
state = server.session


def synchronises(method: str) -> Callable[[Callable[[Json], None]], Callable[[Json], None]]:
    """Register a function that keeps texts in sync; it takes the JSON of the parameters."""

    def register(function: Callable[[Json], None]) -> Callable[[Json], None]:
        server.protocol.shortcuts[method] = function
        return function

    return register


# ------------------------------------------------------------------------------------------- lifecycle


@server.feature(types.INITIALIZE)
def initialize(params: types.InitializeParams) -> None:
    """The client says who it is and what it can do."""
    encoding = server.workspace.position_encoding
    state.client = convert.Client.of(params, str(getattr(encoding, "value", encoding)))
    state.settings = settings.told(params.initialization_options)
    folders = [folder.uri for folder in params.workspace_folders or ()]
    if not folders and params.root_uri:
        folders = [params.root_uri]
    state.folders = [path for uri in folders if (path := path_of(uri))]
    if state.client.pulls and settings.wants_pull(state.settings):
        state.pull = state.pulls_for_good = True
        server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, settings.pull_options())(pull)


@server.feature(types.INITIALIZED)
async def initialized(_params: types.InitializedParams) -> None:
    """The client is ready to be asked."""
    if state.client.watches:
        settings.watch(server)
    if not state.pulls_for_good:  # not before: what is known at the beginning is promised to the client
        server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC)(pull)
    await settings.ask(server)
    session.take_turn(state)


@server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
async def configuration_changed(params: types.DidChangeConfigurationParams) -> None:
    """The client's settings have changed."""
    if state.client.configuration:
        await settings.ask(server)
    else:
        settings.apply(server, settings.told(params.settings) or state.settings)
    session.take_turn(state)


@server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
async def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders of the workspace came or went."""
    gone = {path_of(folder.uri) for folder in params.event.removed}
    came = [path for folder in params.event.added if (path := path_of(folder.uri))]
    state.folders = [*(folder for folder in state.folders if folder not in gone), *came]
    await settings.ask(server)
    session.take_turn(state)


@server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
    """Files on disk have changed that settings or versions of data come from."""
    settings.files_changed(server, [path_of(change.uri) for change in params.changes])


# ---------------------------------------------------------------------------------------- open texts


@synchronises(types.TEXT_DOCUMENT_DID_OPEN)
def text_opened(said: Json) -> None:
    """A script was opened. Cells come with their notebook; a client may open them as texts besides."""
    item = said["textDocument"]
    uri: str = item["uri"]
    if uri in state.notebook_of or (state.client.notebooks and uri.startswith(_CELL_SCHEME)):
        return
    if item.get("languageId") in PYTHON:
        live = session.hold(state, OpenScript.of(item))
        settings.report(server)
        session.due(state, live, [uri])


@synchronises(types.TEXT_DOCUMENT_DID_CHANGE)
def text_changed(said: Json) -> None:
    """Somebody types in a script."""
    identifier = said["textDocument"]
    live = state.live.get(identifier["uri"])
    if live is not None and isinstance(live.open, OpenScript):
        live.open.change(identifier, said["contentChanges"], state.client.encoding)
        session.due(state, live, [live.open.uri])


@synchronises(types.TEXT_DOCUMENT_DID_CLOSE)
def text_closed(said: Json) -> None:
    """A script was closed."""
    live = state.live.get(said["textDocument"]["uri"])
    if live is not None and isinstance(live.open, OpenScript):
        session.release(state, live)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def text_saved(params: types.DidSaveTextDocumentParams) -> None:
    """A script was saved; clients that watch no files tell of changed settings at the latest here."""
    settings.files_changed(server, [path_of(params.text_document.uri)])


@synchronises(types.NOTEBOOK_DOCUMENT_DID_OPEN)
def notebook_opened(said: Json) -> None:
    """A notebook was opened, with the texts of its cells."""
    notebook = OpenNotebook.of(said["notebookDocument"], said["cellTextDocuments"])
    live = session.hold(state, notebook)
    settings.report(server)
    session.due(state, live, notebook.index)
    saved.look(state, live)


@synchronises(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
def notebook_changed(said: Json) -> None:
    """Somebody types in a notebook, or runs, adds, moves or removes cells."""
    identifier = said["notebookDocument"]
    live = state.live.get(identifier["uri"])
    if live is not None and isinstance(live.open, OpenNotebook):
        before = live.open.index
        touched = live.open.change(identifier.get("version"), said["change"], state.client.encoding)
        if live.open.index is not before:
            session.rearranged(state, live, before)
        session.due(state, live, touched)


@synchronises(types.NOTEBOOK_DOCUMENT_DID_SAVE)
def notebook_saved(said: Json) -> None:
    """A notebook was saved: the file says what editors don't."""
    live = state.live.get(said["notebookDocument"]["uri"])
    if live is not None:
        saved.look(state, live)
        settings.files_changed(server, [])


@synchronises(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
def notebook_closed(said: Json) -> None:
    """A notebook was closed."""
    live = state.live.get(said["notebookDocument"]["uri"])
    if live is not None and isinstance(live.open, OpenNotebook):
        session.release(state, live)


# ------------------------------------------------------------------------------------------ questions


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
    text = convert.hover(((found, rule_named(found.name)) for found in here), story, state.client)
    return convert.hover_result(text, here, cell, state.client) if text else None


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
        entries = actions.quick_fixes(live.analysis, uri, found, state.client.runs)
        made = [convert.code_action(entry, context.diagnostics) for entry in entries]
    if not state.client.lazy_edits:
        made = [await resolve(action) for action in made]
    return made + [action for kind in actions.WHOLE if context.only for action in await _whole(uri, kind, context.only)]


async def _whole(uri: str, kind: str, only: Sequence[str]) -> list[types.CodeAction]:
    """The action that makes all safe fixes, as asked for on save: of a cell, or of the whole notebook or script."""
    if not actions.asked_for(kind, only):
        return []
    within = uri if kind == actions.FIX_ALL and uri in state.notebook_of else None
    edit = await edits.computed(state, uri, edits.asked({"only": within}))
    return [types.CodeAction("Make all safe fixes", kind, edit=edit)] if edit else []


@server.feature(types.CODE_ACTION_RESOLVE)
async def resolve(action: types.CodeAction) -> types.CodeAction:
    """The edit of an action; none when the finding is gone meanwhile."""
    if isinstance(action.data, dict) and action.edit is None:
        uri = str(action.data.get("uri", ""))
        action.edit = await edits.computed(state, uri, edits.asked(action.data)) or types.WorkspaceEdit(changes={})
    return action


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
    return await edits.computed(state, uri, edits.asked({"uri": uri, **fingerprint, **asked}))


def _text(said: Any, key: str) -> str:
    if not isinstance(said, dict) or not isinstance(said.get(key), str):
        raise JsonRpcInvalidParams(f"`{key}` is missing")
    return str(said[key])


@server.command(actions.PIN)
async def pin(*arguments: Any) -> Json:
    """Pin data in ``paydown.lock``: ``{uri, reference}``; without a reference all data that the document reads."""
    said = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    return await pinning.pin(server, _text(said, "uri"), str(said.get("reference") or ""))


def main(arguments: list[str] | None = None) -> int:
    """Serve over stdin and stdout; returns the exit code."""
    return run(server, arguments)
