"""What a finding is known by across edits of other lines."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from paydown.span import Span


def digest(code: str, lines: Sequence[str], span: Span) -> str:
    """A rule's code and the lines that are flagged, as a few characters."""
    text = "\n".join(line.strip() for line in lines[span.line : span.end_line + 1])
    return blake2b(f"{code}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
