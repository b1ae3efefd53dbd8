"""A progress bar on standard error, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(total: int, unit: str, *, shown: bool = True, scale: bool = False) -> Iterator[Callable[[int], object]]:
    """A bar for ``total`` steps; gives the function that advances it. Nothing is drawn unless a terminal is there."""
    if not shown or not sys.stderr.isatty():
        yield lambda steps: None
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # its thread would not survive a fork
    with tqdm(
        total=total or None,
        unit="B" if scale else f" {unit}s",
        unit_scale=scale,
        unit_divisor=1024,
        file=sys.stderr,
        leave=False,
        dynamic_ncols=True,
        delay=0.5,
    ) as drawn:
        yield drawn.update
