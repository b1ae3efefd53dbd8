"""A progress bar in the editor while analysis takes long."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import count
from typing import TYPE_CHECKING

from lsprotocol import types

from paydown_lsp.uris import name_of

if TYPE_CHECKING:
    from paydown_lsp.app import Server

_LONG = 0.5  # seconds after which work is worth a word
_STEP = 0.2
_numbers = count(1)
_shown: set[asyncio.Task[None]] = set()


def show_long_work(server: Server) -> None:
    """Much has to be analysed: show it, if it still has after a while."""
    if server.session.client.progress and not _shown:
        task = asyncio.get_running_loop().create_task(_show(server))
        _shown.add(task)
        task.add_done_callback(_shown.discard)


async def _show(server: Server) -> None:
    await asyncio.sleep(_LONG)
    most = _left(server)
    if not most:
        return
    token = f"paydown-{next(_numbers)}"
    with contextlib.suppress(Exception):  # a client that wants no bar after all
        await asyncio.wait_for(
            server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token)), 2
        )
        bar = types.WorkDoneProgressBegin("paydown", message=_message(server), percentage=0)
        server.progress(types.ProgressParams(token, bar))
        while left := _left(server):
            await asyncio.sleep(_STEP)
            most = max(most, left)
            step = types.WorkDoneProgressReport(message=_message(server), percentage=100 * (most - left) // most)
            server.progress(types.ProgressParams(token, step))
        server.progress(types.ProgressParams(token, types.WorkDoneProgressEnd()))


def _left(server: Server) -> int:
    """How many documents wait for analysis or have it."""
    return len(server.session.pending) + (server.session.busy is not None)


def _message(server: Server) -> str:
    waiting = list(server.session.pending)
    if not waiting:
        return "analysing"
    return f"analysing {name_of(waiting[0])}" if len(waiting) == 1 else f"{len(waiting)} documents to go"
