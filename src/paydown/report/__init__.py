"""Reports: audits of documents as text, JSON, SARIF, GitHub commands, HTML and Markdown. Each takes a ``Report``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from paydown.audit import Audit, Entry, Trouble
from paydown.ledger import SectionTotal, totals


class Report(NamedTuple):
    """All that a run has to say. ``troubles`` are those that belong to no document, such as settings."""

    audits: tuple[Audit, ...]
    troubles: tuple[Trouble, ...] = ()

    def entries(self) -> Iterator[tuple[Audit, Entry]]:
        """Every finding with its document, in order."""
        for audit in self.audits:
            for entry in audit.entries:
                yield audit, entry

    @property
    def principal(self) -> int:
        """The minutes to pay everything off."""
        return sum(audit.principal for audit in self.audits)

    @property
    def all_troubles(self) -> tuple[Trouble, ...]:
        """What could not be looked at, the settings' problems first."""
        return (*self.troubles, *(trouble for audit in self.audits for trouble in audit.troubles))

    @property
    def sections(self) -> tuple[SectionTotal, ...]:
        """The totals by section of the paper."""
        return totals(entry.finding for _, entry in self.entries())

    @property
    def failed(self) -> bool:
        """Whether there is a finding, or a document that could not be analysed."""
        return any(audit.entries for audit in self.audits) or any(trouble.fatal for trouble in self.all_troubles)


FORMATS = ("text", "json", "sarif", "github", "html", "markdown")
