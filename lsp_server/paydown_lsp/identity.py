"""Which finding a client means. An engine's fingerprint tells the findings of one cell apart; a client knows texts, and
the text of a script has several cells."""

from __future__ import annotations

from collections.abc import Iterable

from paydown.document import Document
from paydown.rule import Finding


def fingerprint(document: Document, finding: Finding) -> str:
    """The fingerprint that tells a finding apart in its text."""
    if document.kind == "notebook" or len(document.cells) == 1:
        return finding.fingerprint
    return f"{finding.fingerprint}@{finding.cell}"


def meant(findings: Iterable[Finding], uri: str, wanted: str, code: str = "", *, notebook: bool) -> Finding | None:
    """The finding that a client calls ``wanted`` in the text at ``uri``; in a script perhaps in another cell by now."""
    bare, _, cell = wanted.partition("@")
    alike = [one for one in findings if one.fingerprint == bare and code in ("", one.code)]
    home = uri if notebook else cell
    return next((one for one in alike if one.cell == home), alike[0] if alike and not notebook else None)
