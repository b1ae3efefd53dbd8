"""One text that an editor holds open: changes are applied to the JSON as it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from paydown_lsp.positions import Encoding, column, lines_of

Json = dict[str, Any]


@dataclass(slots=True)
class OpenText:
    """A text that is open, and its version."""

    uri: str
    language: str
    version: int
    text: str
    _lines: list[str] | None = None

    @classmethod
    def of(cls, item: Json) -> OpenText:
        """The text of a ``TextDocumentItem``."""
        return cls(item["uri"], item.get("languageId", ""), item.get("version") or 0, item["text"])

    def change(self, events: Iterable[Json], encoding: Encoding) -> None:
        """Apply ``TextDocumentContentChangeEvent``s, one after the other."""
        for event in events:
            span = event.get("range")
            if span is None:
                self._lines = None
                self.text = event["text"]
            else:
                self._replace(span, event["text"], encoding)

    def _replace(self, span: Json, new: str, encoding: Encoding) -> None:
        lines = self._lines
        if lines is None:
            lines = self._lines = lines_of(self.text)
        first, start = _place(lines, span["start"], encoding)
        last, end = max((first, start), _place(lines, span["end"], encoding))
        middle = lines[first][:start] + new + lines[last][end:]
        if first and middle.startswith("\n") and lines[first - 1].endswith("\r"):
            first -= 1  # what were two line ends is now one
            middle = lines[first] + middle
        pieces = lines_of(middle)
        if last + 1 < len(lines):
            pieces.pop()  # empty: the middle ends with the end of its last line
        lines[first : last + 1] = pieces
        self.text = "".join(lines)


def _place(lines: list[str], position: Json, encoding: Encoding) -> tuple[int, int]:
    """Line and column of a position, in code points; behind the text it's the end of the text."""
    line = position["line"]
    if line >= len(lines):
        return len(lines) - 1, len(lines[-1])
    return line, column(lines[line], position["character"], encoding)
