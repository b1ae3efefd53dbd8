"""Which arguments of the libraries' calls are hyperparameters, as data: ``settings.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple


class Hyperparameters(NamedTuple):
    """The hyperparameters of a call: their ``defaults`` (``""``: none), and those that may be passed by position,
    after the first ``skip`` arguments; ``record`` when what the call makes is a record of settings."""

    defaults: Mapping[str, Any]
    order: tuple[str, ...] = ()
    skip: int = 0
    record: bool = False

    def at(self, position: int) -> str:
        """The hyperparameter that is passed at a position, or empty."""
        index = position - self.skip
        return self.order[index] if 0 <= index < len(self.order) else ""


@lru_cache(maxsize=1)
def _table() -> dict[str, Hyperparameters]:
    text = resources.files(__package__).joinpath("settings.toml").read_text(encoding="utf-8")
    return {
        name: Hyperparameters(
            entry["defaults"], tuple(entry.get("order", ())), entry.get("skip", 0), entry.get("record", False)
        )
        for entry in tomllib.loads(text)["hyperparameters"]
        for name in entry["names"]
    }


@lru_cache(maxsize=4096)
def hyperparameters(call: str) -> Hyperparameters | None:
    """The hyperparameters of the call of that dotted name, or ``None`` when it is not known to have any."""
    table = _table()
    return table.get(call) or table.get(call.rpartition(".")[0] + ".*")
