"""Running the server over stdin and stdout until the client goes."""

from __future__ import annotations

import argparse
import asyncio
import linecache
import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from paydown import __version__
from paydown_lsp.session import take_turn
from paydown_lsp.wire import Frames, feed, outlet_to

if TYPE_CHECKING:
    from paydown_lsp.app import Server

_PATIENCE = 3.0  # seconds until documents are analysed without knowing the client's settings
_LAST_WORDS = 2.0  # seconds to get written what is still to be read by the client
_HEARTBEAT = 2.0


def run(server: Server, arguments: list[str] | None = None) -> int:
    """Serve; the exit code is 0 after a proper goodbye, else 1."""
    parser = argparse.ArgumentParser(prog="paydown-lsp", description="The language server of paydown, over stdio.")
    parser.add_argument("--version", action="version", version=f"paydown {__version__}")
    parser.add_argument("--log-level", default=os.environ.get("PAYDOWN_LOG", "WARNING").upper(), help="of stderr")
    options, _ = parser.parse_known_args(arguments)  # editors add --stdio, --clientProcessId
    logging.basicConfig(stream=sys.stderr, level=options.log_level, format="%(levelname)s %(name)s: %(message)s")
    if options.log_level != "DEBUG":
        logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it logs tracebacks of what clients do wrong
    # The real stdout is the protocol's alone: whatever prints goes to the log.
    stdin, stdout = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    # attrs keeps the source of each method it makes, 2 MB for the protocol's types, in case of a traceback.
    linecache.clearcache()
    try:
        return asyncio.run(_serve(server, stdin, stdout))
    except KeyboardInterrupt:
        return 130


async def _serve(server: Server, stdin: int, stdout: int) -> int:
    loop = asyncio.get_running_loop()
    finished: asyncio.Future[int] = loop.create_future()

    def finish(code: int) -> None:
        if not finished.done():
            finished.set_result(code)

    state, protocol = server.session, server.protocol
    outlet = await outlet_to(stdout)
    protocol.set_writer(outlet)
    protocol.exit = finish
    server.housekeeping.start()
    ended = lambda: finish(0 if protocol.is_shut_down else 1)  # noqa: E731
    await feed(Frames(protocol.receive, lambda: take_turn(state), ended), stdin)
    loop.call_later(_PATIENCE, state.ready.set)
    parent = loop.create_task(_watch_parent(server, finish))
    code = await finished
    parent.cancel()
    await outlet.flushed(_LAST_WORDS)
    state.worker.shutdown(wait=False, cancel_futures=True)
    logging.shutdown()
    # A thread that is in the middle of an analysis, or of reading stdin, would keep the process alive.
    os._exit(code)


async def _watch_parent(server: Server, finish: Callable[[int], None]) -> None:
    """Go when the client's process has gone without a word, even if somebody else holds the pipe open."""
    if os.name != "posix":  # there the end of stdin must do: signal 0 would end the process it asks about
        return
    while True:
        await asyncio.sleep(_HEARTBEAT)
        client = server.process_id
        if client is None:
            continue
        if not _is_alive(client):
            if server.seen_client:  # else its number is that of another container
                finish(1)
            return
        server.seen_client = True


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True
