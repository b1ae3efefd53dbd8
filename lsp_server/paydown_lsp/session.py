"""What the server holds: open texts, an engine per folder, and what editors have been told.

Changes are taken in at once; analysis waits until all messages that have arrived are read, so a burst of keys is
analysed once. Much new text is analysed in a thread, so that messages are read meanwhile. A result for a version that
is no longer current is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

from paydown.document import Document
from paydown_lsp.convert import Client
from paydown_lsp.publish import Message, Told, analysed, closed, moved, outdated, publication
from paydown_lsp.roots import Root, configure, key_of, opened, scope_of
from paydown_lsp.texts import Open, OpenNotebook, OpenScript
from paydown_lsp.uris import name_of

if TYPE_CHECKING:
    from paydown.engine import Analysis

logger = logging.getLogger(__name__)

_ASIDE = 60_000  # characters of new text from which analysis takes long enough (some 50 ms) to go to a thread
_REST = 0.1  # seconds without a key after which document-wide checks that take long are run
_TURN = 0.015  # seconds of analysis after which waiting messages are read first


@dataclass(slots=True)
class Live:
    """An open document, the last analysis of it, and what its editor has been told."""

    open: Open
    root: Root
    analysis: Analysis | None = None
    document: Document | None = None  # what the analysis is of
    told: Told = field(default_factory=Told)
    fixed: tuple[Document, str, dict[str, str]] | None = None  # a version's cells with all fixes (of a rule) made
    settling: asyncio.TimerHandle | None = None  # runs the checks that a key press put off
    touched: dict[str, None] = field(default_factory=dict)  # URIs whose diagnostics are due whatever they are


@dataclass(slots=True)
class Session:
    """The state of the server, and how it speaks: ``send`` takes notifications."""

    send: Callable[[Iterable[Message]], None]
    say: Callable[[str], None]  # a line in the client's log
    on_analysed: Callable[[], None] = lambda: None
    on_long_work: Callable[[], None] = lambda: None
    on_unasked_news: Callable[[], None] = lambda: None  # a client that pulls should pull again
    client: Client = field(default_factory=Client)
    pull: bool = False  # diagnostics are given when asked for
    pulls_for_good: bool = False  # and that was agreed on at the beginning
    ready: asyncio.Event = field(default_factory=asyncio.Event)  # settings are known
    folders: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)  # the client's, by folder
    roots: dict[str, Root] = field(default_factory=dict)
    live: dict[str, Live] = field(default_factory=dict)  # by the URI of the script or notebook
    notebook_of: dict[str, str] = field(default_factory=dict)  # cell URI → notebook URI
    pending: dict[str, Live] = field(default_factory=dict)  # what waits for analysis, the longest waiting first
    busy: asyncio.Future[Any] | None = None
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "paydown"))
    _turn_due: bool = False


# ----------------------------------------------------------------------------------------- documents


def find(session: Session, uri: str) -> Live | None:
    """The open document that a URI means: a script's, a notebook's or a cell's."""
    return session.live.get(session.notebook_of.get(uri, uri))


def hold(session: Session, document: Open) -> Live:
    """Take in a document that was opened."""
    live = Live(document, root_for(session, document))
    session.live[document.uri] = live
    if isinstance(document, OpenNotebook):
        _know_cells(session, document)
    return live


def release(session: Session, live: Live) -> None:
    """A document was closed: forget it, and take its diagnostics back."""
    uri = live.open.uri
    session.live.pop(uri, None)
    session.pending.pop(uri, None)
    uris = list(live.open.uris())
    for cell in uris:
        session.notebook_of.pop(cell, None)
    if not live.open.path:
        session.roots.pop(uri, None)
    elif session.busy is None:
        live.root.engine.forget(live.open.path)
    if not session.pull:
        session.send(closed(uris))


def rearranged(session: Session, live: Live, before: Iterable[str]) -> None:
    """Cells of a notebook came or went: ``before`` are the URIs it had."""
    assert isinstance(live.open, OpenNotebook)
    gone = [uri for uri in before if uri not in live.open.index]
    for uri in gone:
        session.notebook_of.pop(uri, None)
        live.told.learn(uri, ())
    _know_cells(session, live.open)
    if gone and not session.pull:
        session.send(closed(gone))


def _know_cells(session: Session, notebook: OpenNotebook) -> None:
    session.notebook_of.update(dict.fromkeys(notebook.index, notebook.uri))


def root_for(session: Session, document: Open) -> Root:
    """What holds for a document; a text without a file has a root for itself."""
    if not document.path:
        key, folder, scope = document.uri, "", ""
    else:
        folder = document.path.rpartition("/")[0] or "/"
        scope = scope_of(document.path, session.folders)
        key = key_of(folder, scope)
    if key not in session.roots:
        session.roots[key] = opened(folder, scope, settings_for(session, scope))
    return session.roots[key]


def settings_for(session: Session, scope: str) -> Mapping[str, Any]:
    """The client's settings for a folder of the workspace."""
    said: Mapping[str, Any] = session.settings.get(scope, session.settings.get("", {}))
    return said


def reconfigure(session: Session) -> None:
    """Settings or folders may have changed: read them anew, and analyse the documents for which others hold now."""
    for root in session.roots.values():
        if configure(root, settings_for(session, root.scope)):
            everything_due(session, root)
    for live in session.live.values():
        root = root_for(session, live.open)
        if root is not live.root:
            live.root = root
            due(session, live)
    used = {id(live.root) for live in session.live.values()}
    session.roots = {key: root for key, root in session.roots.items() if id(root) in used}


# ------------------------------------------------------------------------------------------ analysis


def due(session: Session, live: Live, touched: Iterable[str] = ()) -> None:
    """``live`` has changed: analyse it soon. The diagnostics of ``touched`` are sent whatever comes out."""
    live.touched.update(dict.fromkeys(touched))
    session.pending[live.open.uri] = live


def everything_due(session: Session, root: Root | None = None) -> None:
    """Something that all documents (of ``root``) depend on has changed."""
    for live in session.live.values():
        if root is None or live.root is root:
            due(session, live)


def take_turn(session: Session) -> None:
    """Analyse what is due, as far as it doesn't keep messages waiting; the rest follows after they are read."""
    if not session.ready.is_set() or session.busy is not None:
        return
    started = perf_counter()
    while session.pending:
        live = next(iter(session.pending.values()))
        if _work_ahead(live) > _ASIDE:
            _analyse_aside(session, live)
            return
        analyse_now(session, live)
        if session.pending and perf_counter() - started > _TURN:
            if not session._turn_due:
                session._turn_due = True
                asyncio.get_running_loop().call_soon(_take_next_turn, session)
                session.on_long_work()
            return


def _take_next_turn(session: Session) -> None:
    session._turn_due = False
    take_turn(session)


def _work_ahead(live: Live) -> int:
    live.open.document()
    return live.open.fresh


def analyse_now(session: Session, live: Live, *, hurried: bool = True) -> None:
    """Analyse one document and tell its editor; in a hurry, what takes long follows when the keys rest."""
    session.pending.pop(live.open.uri, None)
    document = live.open.document()
    live.open.fresh = 0
    try:
        analysis = live.root.engine.analyse(document, hurried=hurried)
    except Exception:
        logger.exception("the analysis of %s failed", live.open.uri)
        return
    _tell(session, live, document, analysis)
    if live.settling is not None:
        live.settling.cancel()
        live.settling = None
    if not analysis.settled:
        live.settling = asyncio.get_running_loop().call_later(_REST, _settle, session, live)


def _settle(session: Session, live: Live) -> None:
    """The keys rest: run what was put off."""
    live.settling = None
    if session.live.get(live.open.uri) is not live or live.open.uri in session.pending:
        return  # it's closed, or somebody types again
    if session.busy is not None:
        live.settling = asyncio.get_running_loop().call_later(_REST, _settle, session, live)
    else:
        analyse_now(session, live, hurried=False)


def _analyse_aside(session: Session, live: Live) -> None:
    del session.pending[live.open.uri]
    document = live.open.document()
    live.open.fresh = 0
    engine = live.root.engine
    loop = asyncio.get_running_loop()
    session.busy = loop.run_in_executor(session.worker, engine.analyse, document)
    session.busy.add_done_callback(lambda done: _analysed_aside(session, live, document, done))
    session.on_long_work()


def _analysed_aside(session: Session, live: Live, document: Document, done: asyncio.Future[Analysis]) -> None:
    session.busy = None
    if done.cancelled():
        return
    if error := done.exception():
        logger.error("the analysis of %s failed", live.open.uri, exc_info=error)
    elif session.live.get(live.open.uri) is not live:
        live.root.engine.forget(document.path)  # it was closed meanwhile
    elif live.open.document() is document:
        _tell(session, live, document, done.result())
    take_turn(session)


def _tell(session: Session, live: Live, document: Document, analysis: Analysis) -> None:
    """Send what an analysis of the current version says that the editor doesn't know yet."""
    skipped = analysis.language_skipped
    if skipped and (live.analysis is None or live.analysis.language_skipped != skipped):
        session.say(f"{name_of(live.open.uri)}: {skipped}")
    live.document, live.analysis, live.fixed = document, analysis, None
    touched, live.touched = live.touched, {}
    changed = outdated(live.told, analysis.findings)
    if isinstance(live.open, OpenScript):
        uris = [live.open.uri] if touched or changed else []
    else:
        uris = list(touched | dict.fromkeys(changed) | dict.fromkeys(moved(live.told, document, touched)))
    shown = live.open
    if session.pull:
        if len(uris) > len(touched):
            session.on_unasked_news()
        messages = []
    else:
        messages = [publication(shown, analysis, uri, session.client) for uri in uris]
    if analysis.settled:
        messages.append(analysed(shown, live.told))
    session.send(messages)
    session.on_analysed()


async def current(session: Session, uri: str) -> Live | None:
    """The document that ``uri`` means, analysed as it now stands."""
    live = find(session, uri)
    while live is not None and (live.open.uri in session.pending or live.analysis is None or not live.analysis.settled):
        if session.busy is not None:
            await asyncio.wait({session.busy})
            await asyncio.sleep(0)  # let its callback run first
        elif not session.ready.is_set():
            await session.ready.wait()
        elif _work_ahead(live) > _ASIDE:
            _analyse_aside(session, live)
        else:
            analyse_now(session, live, hurried=False)
            if live.analysis is None:  # it failed, which the log says
                return None
        live = find(session, uri)
    return live
