"""What the files of open notebooks say that editors don't: counts of runs, and which cells ended in an error."""

from __future__ import annotations

import asyncio
import logging

from paydown.document import Document, Unreadable, read
from paydown.project.files import contents, stamp
from paydown_lsp.cells import saved_cells
from paydown_lsp.session import Live, Session, due, take_turn
from paydown_lsp.texts import OpenNotebook

logger = logging.getLogger(__name__)

_AT_ONCE = 1 << 20  # bytes that are read and parsed in a few milliseconds
_MOST = 64 << 20


def look(session: Session, live: Live) -> None:
    """Read the file of a notebook: at once if it's small, else in a thread and before long."""
    path = live.open.path
    size = _size(path) if path else 0
    if not 0 < size <= _MOST:
        return
    if size <= _AT_ONCE:
        _learn(session, live, _read(path))
        return
    done = asyncio.get_running_loop().run_in_executor(session.worker, _read, path)
    done.add_done_callback(lambda said: _learn_late(session, live, said))


def _learn(session: Session, live: Live, file: Document | None) -> bool:
    if file is None or not isinstance(live.open, OpenNotebook):
        return False
    news = live.open.learn(saved_cells(live.open.cells, file), file.language)
    if news:
        due(session, live)
    return news


def _learn_late(session: Session, live: Live, said: asyncio.Future[Document | None]) -> None:
    if said.cancelled() or session.live.get(live.open.uri) is not live:
        return
    if _learn(session, live, said.result()):
        take_turn(session)


def _size(path: str) -> int:
    status = stamp(path)
    return status[1] if status else 0


def _read(path: str) -> Document | None:
    data = contents(path, _MOST)
    try:
        return read(path, data) if data is not None else None
    except Unreadable as problem:
        logger.info("%s: %s", path, problem.message)
    except Exception:
        logger.exception("%s can't be read", path)
    return None
