"""Which checks look at what: those of a set of rules, by their subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paydown.document import Document
from paydown.flow.events import Event
from paydown.rule import Check, Rule
from paydown.view import CellView, DocumentView

_NAMES = re.compile(r"\w+")


class _Letters(dict[int, str]):
    """For ``str.translate``: a blank for all that no name has in it."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        found = self[code] = letter if letter.isalnum() or letter == "_" else " "
        return found


_ONLY_NAMES = _Letters()


class Plan:
    """The checks of a set of rules, by what they look at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.events: dict[type, list[tuple[Rule, Check]]] = {}
        self.cells: list[tuple[Rule, Check, tuple[str, ...]]] = []  # with the words that a cell must mention
        self.documents: list[tuple[Rule, Check]] = []
        for rule in rules:
            for check in rule.checks:
                subject = check.subject
                if subject is DocumentView:
                    self.documents.append((rule, check))
                elif subject is CellView:
                    self.cells.append((rule, check, check.mentions))
                else:
                    assert issubclass(subject, Event)
                    self.events.setdefault(subject, []).append((rule, check))
        said = {word for _, _, words in self.cells for word in words}
        self.words = tuple((word, max(_NAMES.findall(word), key=len, default="")) for word in said)

    def narrowed(self, document: Document) -> list[tuple[Rule, Check, tuple[str, ...]]]:
        """``cells`` for the cells of one document: without the words, and so the checks, that none of them mentions."""
        text = "\n".join([cell.text for cell in document.cells if cell.kind == "code"]).lower()
        vocabulary = " ".join(set(text.translate(_ONLY_NAMES).split()))  # code repeats itself: a quarter of the text
        met = {word for word, name in self.words if name in vocabulary and (name == word or word in text)}
        found = []
        for rule, check, words in self.cells:
            left = tuple([word for word in words if word in met])
            if left or not words:
                found.append((rule, check, left))
        return found
