"""The server and its state, before it knows any method."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from paydown import __version__
from paydown_lsp import settings
from paydown_lsp.memory import Housekeeping
from paydown_lsp.progress import show_long_work
from paydown_lsp.session import Session
from paydown_lsp.wire import Json, Wire, converter

logger = logging.getLogger(__name__)


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
