"""Settings: those of projects, those of the client on top; and the files whose changes matter."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from paydown.configuration import Problem
from paydown.project.files import joined
from paydown_lsp import roots, session
from paydown_lsp.convert import problem_diagnostic
from paydown_lsp.publish import PUBLISH, closed
from paydown_lsp.roots import Root
from paydown_lsp.uris import uri_of

if TYPE_CHECKING:
    from paydown_lsp.app import Server

logger = logging.getLogger(__name__)

SECTION = "paydown"
WATCHED = (
    "**/pyproject.toml",
    "**/paydown.lock",
    "**/*.dvc",
    "**/dvc.yaml",
    "**/dvc.lock",
    "**/.git/index",
    "**/{conf,config,configs}/**/*.{yaml,yml}",
)
_PATIENCE = 2.0  # seconds for the client to say its settings; then those of the projects alone hold


async def ask(server: Server) -> None:
    """Ask the client for its settings, one answer per folder, and apply them."""
    state = server.session
    if not state.client.configuration:
        return apply(server, state.settings)
    scopes = [*state.folders, ""]
    items = [types.ConfigurationItem(uri_of(folder) if folder else None, SECTION) for folder in scopes]
    try:
        request = server.workspace_configuration_async(types.ConfigurationParams(items))
        answers = await asyncio.wait_for(request, _PATIENCE)
    except Exception as error:
        logger.warning("the client did not tell its settings: %s", error or type(error).__name__)
        return apply(server, state.settings)
    said = dict(zip(scopes, answers or [], strict=False))
    return apply(server, {scope: one for scope, one in said.items() if isinstance(one, dict)})


def told(said: Any) -> dict[str, Any]:
    """The settings in a notification or in ``initializationOptions``, for all folders."""
    section = said.get(SECTION, said) if isinstance(said, dict) else None
    return {"": section} if isinstance(section, dict) else {}


def apply(server: Server, settings: Mapping[str, Any]) -> None:
    """Let settings hold, at once: what they change is analysed again."""
    state = server.session
    state.settings = dict(settings)
    session.reconfigure(state)
    report(server)
    prefer(server, pull=wants_pull(settings))
    state.ready.set()


def wants_pull(settings: Mapping[str, Any]) -> bool:
    """Whether the client would rather ask for diagnostics than be told."""
    return any(isinstance(one, dict) and one.get("diagnostics") == "pull" for one in settings.values())


def files_changed(server: Server, paths: Iterable[str]) -> None:
    """Files that settings or versions of data come from may have changed."""
    state = server.session
    named = any(path.endswith((f"/{roots.FILE}", ".toml")) for path in paths)
    if named or any(root.is_outdated() for root in state.roots.values()):
        session.reconfigure(state)
    for root in state.roots.values():
        if root.project is not None and root.project.refresh():
            session.everything_due(state, root)
    report(server)


def report(server: Server) -> None:
    """Say what in the settings makes no sense, once: in the file itself, or as a message for the client's own."""
    state = server.session
    for root in state.roots.values():
        if root.problems == root.reported:
            continue
        by_uri: dict[str, list[dict[str, Any]]] = {_uri(root, problem): [] for problem in root.reported if problem.file}
        for problem in root.problems:
            if problem.file:
                by_uri.setdefault(_uri(root, problem), []).append(problem_diagnostic(problem))
            if not problem.file and problem not in root.reported:
                server.window_show_message(
                    types.ShowMessageParams(types.MessageType.Warning, f"paydown's settings: {problem.message}")
                )
            server.say(str(problem), types.MessageType.Warning)
        root.reported = root.problems
        if not state.pull:
            state.send((PUBLISH, {"uri": uri, "diagnostics": found}) for uri, found in by_uri.items())


def _uri(root: Root, problem: Problem) -> str:
    return uri_of(joined(root.file.root, problem.file))


# ------------------------------------------------------------------------------ what the client is asked


def watch(server: Server) -> None:
    """Ask the client to tell when files change that matter."""
    watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
    _register(server, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)


def pull_options() -> types.DiagnosticOptions:
    """How diagnostics are given to a client that asks for them."""
    return types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=SECTION)


def prefer(server: Server, *, pull: bool) -> None:
    """Give diagnostics when asked for (``pull``) or as they come: never both."""
    state = server.session
    if pull == state.pull or (pull and not state.client.registers_pull) or state.pulls_for_good:
        return
    state.pull = pull
    if pull:
        _register(server, types.TEXT_DOCUMENT_DIAGNOSTIC, pull_options())
        state.send(closed(uri for live in state.live.values() for uri in live.open.uris()))
    else:
        _unregister(server, types.TEXT_DOCUMENT_DIAGNOSTIC)
        for live in state.live.values():
            session.due(state, live, live.open.uris())


def ask_to_pull(server: Server) -> None:
    """Findings have changed in texts that nobody edited: a client that pulls should pull again."""
    if server.session.client.refresh:
        server.workspace_diagnostic_refresh(None)


def _register(server: Server, method: str, options: Any) -> None:
    registration = types.Registration(f"{SECTION}/{method}", method, options)
    server.client_register_capability(types.RegistrationParams([registration]))


def _unregister(server: Server, method: str) -> None:
    gone = types.Unregistration(f"{SECTION}/{method}", method)
    server.client_unregister_capability(types.UnregistrationParams([gone]))
