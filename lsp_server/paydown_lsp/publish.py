"""Which diagnostics an editor has to be told, and which it knows already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paydown.document import Document
from paydown.rule import Finding
from paydown_lsp.convert import Client, diagnostic, syntax_diagnostic
from paydown_lsp.texts import Open, OpenScript

if TYPE_CHECKING:
    from paydown.engine import Analysis

Json = dict[str, Any]
Message = tuple[str, Json]
Findings = tuple[Finding, ...]

PUBLISH = "textDocument/publishDiagnostics"
ANALYSED = "paydown/analysed"


@dataclass(slots=True)
class Told:
    """The findings that an editor shows, by cell, and their sums. Cells without findings are left out."""

    cells: dict[str, Findings] = field(default_factory=dict)
    principal: int = 0
    count: int = 0
    wide: set[str] = field(default_factory=set)  # cells whose text was not ASCII when last sent

    def learn(self, cell: str, findings: Findings) -> None:
        """The editor now shows ``findings`` in ``cell``."""
        before = self.cells.pop(cell, ())
        if findings:
            self.cells[cell] = findings
        self.count += len(findings) - len(before)
        self.principal += sum(finding.principal for finding in findings) - sum(finding.principal for finding in before)


def outdated(told: Told, found: Mapping[str, Findings]) -> list[str]:
    """The cells that now have other findings than the editor shows; ``told`` learns them.

    The engine gives unaffected cells the same objects as before, so at a key press this compares identities only.
    """
    shown = told.cells
    cells = [
        cell for cell, findings in found.items() if (known := shown.get(cell)) is not findings and known != findings
    ]
    cells += [cell for cell in shown if cell not in found]
    for cell in cells:
        told.learn(cell, found.get(cell, ()))
    return cells


def moved(told: Told, document: Document, touched: Iterable[str]) -> list[str]:
    """The cells whose findings name places in ``touched`` cells with wide characters: their columns in UTF-16 may have
    changed even where those in code points haven't."""
    wide = {cell for cell in touched if cell in told.wide}
    for cell in touched:
        if cell in document.by_id and not document.by_id[cell].text.isascii():
            wide.add(cell)
            told.wide.add(cell)
        else:
            told.wide.discard(cell)
    if not wide:
        return []
    return [
        cell
        for cell, findings in told.cells.items()
        if any(related.cell in wide for finding in findings for related in finding.related)
    ]


def diagnostics(shown: Open, analysis: Analysis, uri: str, client: Client) -> list[Json]:
    """The diagnostics of the text at ``uri``: a cell, or a script of several cells."""
    document, found = analysis.document, analysis.findings
    cells: Iterable[str] = (cell.id for cell in document.cells) if isinstance(shown, OpenScript) else (uri,)
    made = [diagnostic(finding, document, shown, client) for cell in cells for finding in found.get(cell, ())]
    if client.syntax and analysis.errors:
        made += (
            syntax_diagnostic(document.by_id[cell], problem.span, problem.message, client)
            for cell, problem in analysis.errors
            if shown.uri_of(cell) == uri
        )
    return made


def publication(shown: Open, analysis: Analysis, uri: str, client: Client) -> Message:
    """The notification that tells an editor the diagnostics of the text at ``uri``."""
    items = diagnostics(shown, analysis, uri, client)
    return PUBLISH, {"uri": uri, "version": shown.version_of(uri), "diagnostics": items}


def analysed(shown: Open, told: Told) -> Message:
    """The notification that sums a document up."""
    return ANALYSED, {"uri": shown.uri, "version": shown.version, "principal": told.principal, "count": told.count}


def closed(uris: Iterable[str]) -> Iterator[Message]:
    """Take the diagnostics of texts back that are gone."""
    return ((PUBLISH, {"uri": uri, "diagnostics": []}) for uri in uris)
