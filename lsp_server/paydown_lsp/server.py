"""The language server: one short function per method of the protocol. Text → document → engine → convert → send.

It holds nothing but open texts and the memory of its engines (``session``). Texts are kept in sync from plain JSON
(``wire``, ``texts``); what knows both the protocol's types and paydown's is in ``convert``; ``questions`` answers.
"""

from __future__ import annotations

from lsprotocol import types

from paydown_lsp import convert, saved, session, settings
from paydown_lsp.app import server, state, synchronises
from paydown_lsp.cells import PYTHON
from paydown_lsp.questions import pull
from paydown_lsp.run import run
from paydown_lsp.texts import OpenNotebook, OpenScript
from paydown_lsp.uris import path_of
from paydown_lsp.wire import Json

_CELL_SCHEME = "vscode-notebook-cell:"


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


def main(arguments: list[str] | None = None) -> int:
    """Serve over stdin and stdout; returns the exit code."""
    return run(server, arguments)
