"""No pause for the garbage collector while somebody types.

What is alive after start-up is frozen: it's never looked at again. From then on cycles are collected only while the
server has nothing to do. Syntax trees and values hold no cycles, so what piles up meanwhile is little.
"""

from __future__ import annotations

import asyncio
import gc

_QUIET = 1.5  # seconds without a message
_OFTEN = 16  # analyses after which a collection is worth it
_THOROUGH = 40  # collections after which what was frozen is looked at again
_CEILING = 700_000  # allocations beyond frees at which the collector runs all the same


class Housekeeping:
    """Collects garbage in quiet moments. Call ``busy`` at each analysis."""

    def __init__(self) -> None:
        self._analyses = 0
        self._collections = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    def start(self) -> None:
        """From now on garbage is collected in quiet moments only."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(_CEILING, 20, 100)

    def busy(self) -> None:
        """Something was analysed."""
        self._analyses += 1
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        if self._timer is None and self._analyses >= _OFTEN:
            self._timer = loop.call_later(_QUIET, self._tidy)

    def _tidy(self) -> None:
        loop = asyncio.get_running_loop()
        waited = loop.time() - self._last
        if waited < _QUIET:
            self._timer = loop.call_later(_QUIET - waited + 0.01, self._tidy)
            return
        self._timer = None
        self._analyses = 0
        self._collections += 1
        if self._collections % _THOROUGH == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
