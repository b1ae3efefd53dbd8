"""A comment admits that something is not as it should be.

It was written down because it hurt; the pain stays and the note ages. Such notes are the debts that are known best and
planned least.

```python bad
frame = load()
# TODO: handle customers without a contract  # debt: admitted debt: "TODO: handle customers without a contract"
frame = frame.dropna()
```

```python good
frame = load()
# Customers without a contract have no churn date, so they can't be labelled.
frame = frame.dropna()
```

**How to pay it off.** Do it, or move it to where work is planned and say in the comment what holds today.

**When to accept it.** When the note has an issue that is being worked on.

Notes are `TODO`, `FIXME`, `HACK` and `XXX`, in comments and in Markdown, and in comments phrases such as "quick and dirty" and
"clean this up". What an exercise leaves to the student, or a template to its user, is none.

*Sculley et al., 2015, section 5: ML-system anti-patterns (prototype smell).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.facts import Facts
from paydown.rule import HINT, Draft, Place, Rule
from paydown.span import Span, split_lines
from paydown.view import DocumentView

rule = Rule(__name__, "HTD544", severity=HINT, principal=15, message='admitted debt: "{note}"')

_NOTE = re.compile(
    r"(?<!/)\b(?:TODO|FIXME|HACK)\b(?!\s*(?:\d|$|/\s*[A-Z]|,? (?:and|or) [A-Z]{3}|[Cc]omments?\b|[Mm]arkers?\b))|^\W*XXX\b(?!\s*$)|\bXXX:|\b(?:[Tt]odo|[Ff]ixme)\s*:|"
    r"(?i:\btemporary (?:fix|hack|solution|workaround)\b|\b(?:dirty|ugly|nasty) (?:hack|fix|trick|workaround)\b)"
)
_IN_CODE = re.compile(
    r"(?i:\bquick(?:\s|-)and(?:\s|-)dirty\b|\bthis is (?:a )?hack(?:y|ish)?\b|\bneeds (?:to be )?(?:refactor|clean)\w*|"
    r"\bclean (?:this|it) up\b|\b(?:as a|ugly|this is a) work-?around\b|\bhard-?coded for now\b|"
    r"^#*\s*(?:disabled?|skip)\w*\b[^.]{0,40}\bfor now\b)"
)
_WORDS = (
    "todo",
    "fixme",
    "hack",
    "xxx",
    "dirty",
    "temporary",
    "workaround",
    "work-around",
    "clean",
    "refactor",
    "for now",
    "trick",
)
_LESSONS = re.compile(
    r"(?:^|[_\-. ])(?:exercises?|homeworks?|assignments?|templates?|starter|skeleton|scaffold)(?:[_\-. ]|$)"
)
# How the texts of a lesson speak to the student.
_ASKED = re.compile(
    r"\bcode (?:block|cell) below\b|\bExercise\b|\*\*Answer:?\s*\*\*|^#+ *(?:Implementation:|Question \d|Your [Tt]urn)|"
    r"you (?:will|'ll) need to implement",
    re.MULTILINE,
)
_EXERCISE = re.compile(
    r"your (?:code|solution|answer|turn)|exercise|student|assignment|homework|\bTODO ?\d|implement (?:this|the|your)|"
    r"\breplace\b.{0,40}\b(?:with (?:the|another|your)|your)\b|fill in|"
    r"write (?:the|your|a) (?:code|function)|\(developer\)|\{TODO\b|TODO\(developer",
    re.IGNORECASE,
)


def _is_exercise(document: DocumentView) -> bool:
    """Whether what is to be done is left to a student, or to whoever copies a template."""
    folder, _, name = document.path.lower().rpartition("/")
    if _EXERCISE.search(name) or any(map(_LESSONS.search, (*folder.split("/"), name))):
        return True
    return any(cell.kind == "markdown" and _ASKED.search(cell.text) for cell in document.cells)


@rule.check
def comments(document: DocumentView) -> Iterator[Draft]:
    """Comments of code."""
    found: list[Draft] = []
    for cell in document.cells:
        if cell.kind == "code" and "#" in cell.text and any(map(cell.text.lower().__contains__, _WORDS)):
            for span, note in document.told(cell.id, _notes):
                found.append(rule.at(Place(cell.id, "", span), note=note))
    if found and not _is_exercise(document):
        yield from found


def _notes(facts: Facts) -> tuple[tuple[Span, str], ...]:
    """The comments of a cell that admit something."""
    notes = tuple(
        (comment.span, _short(comment.text.lstrip("#")))
        for comment in facts.comments
        if (_NOTE.search(comment.text) or _IN_CODE.search(comment.text)) and not _EXERCISE.search(comment.text)
    )
    if notes and any("swagger-codegen" in line or "openapi-generator" in line for line in facts.lines):
        return ()  # what the generator of a client could not know
    return notes


@rule.check
def markdown(document: DocumentView) -> Iterator[Draft]:
    """Lines of Markdown."""
    found: list[Draft] = []
    for cell in document.cells:
        if cell.kind != "markdown" or not any(map(cell.text.lower().__contains__, _WORDS)):
            continue
        if not _NOTE.search(cell.text) or _EXERCISE.search(cell.text):
            continue
        for number, line in enumerate(split_lines(cell.text)):
            if _NOTE.search(line):
                found.append(rule.at(Place(cell.id, "", Span(number, 0, number, len(line))), note=_short(line)))
    if found and not _is_exercise(document):
        yield from found


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 80 else text[:79] + "…"
