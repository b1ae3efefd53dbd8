"""The command behind a fix of data without a version: pin it in ``paydown.lock``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types

from paydown.project import Project, lock
from paydown_lsp import session, settings

if TYPE_CHECKING:
    from paydown_lsp.app import Server


class Wanted(NamedTuple):
    """A reference to pin."""

    scheme: str
    location: str


async def pin(server: Server, uri: str, reference: str) -> dict[str, Any]:
    """Pin ``reference`` as the document at ``uri`` means it, or all that it reads; tell the user what became of it.

    The file is hashed in a thread, and what is on the web is only downloaded here because the user has asked for it.
    """
    state = server.session
    live = await session.current(state, uri)
    if live is None or live.analysis is None or live.root.project is None:
        _tell(server, "Save the document first: data is pinned beside it.", good=False)
        return {"pinned": [], "refused": []}
    known = [Wanted(one.scheme, one.location) for one in live.analysis.references]
    asked = [one for one in known if reference in ("", one.location)] or [_spelt(reference)]
    beside, project = live.open.path, live.root.project
    try:
        done = await asyncio.get_running_loop().run_in_executor(None, _pinned, project, asked, beside)
    except (lock.LockError, OSError) as error:
        _tell(server, f"{lock.NAME} was not written: {error}", good=False)
        return {"pinned": [], "refused": [str(error)]}
    pinned, refused = done
    _tell(server, _summary(pinned, refused), good=not refused)
    settings.files_changed(server, [])
    session.take_turn(state)
    return {"pinned": pinned, "refused": refused}


def _pinned(project: Project, asked: Iterable[Wanted], beside: str) -> tuple[list[str], list[str]]:
    from paydown.project.pinning import pin as hash_and_write

    # A project of its own: the other one answers at key presses meanwhile.
    done = hash_and_write(Project.at(project.root, project.declared), [(one, beside) for one in asked], urls=True)
    return [*done.written, *done.same], [f"{location}: {why}" for location, why in done.refused]


def _spelt(reference: str) -> Wanted:
    return Wanted(reference.partition("://")[0] if lock.is_address(reference) else "local", reference)


def _summary(pinned: list[str], refused: list[str]) -> str:
    parts = [f"Pinned in {lock.NAME}: {', '.join(pinned)}."] if pinned else []
    return " ".join([*parts, *(f"Not pinned: {one}." for one in refused)]) or "This data has a version already."


def _tell(server: Server, message: str, *, good: bool) -> None:
    kind = types.MessageType.Info if good else types.MessageType.Warning
    server.window_show_message(types.ShowMessageParams(kind, message))
