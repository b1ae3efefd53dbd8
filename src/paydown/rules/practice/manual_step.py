"""A step needs a person: an answer typed in, or a placeholder replaced by hand.

Such code can't run unattended, in a schedule or a test, and what the person typed is written down nowhere, so nobody can
repeat the run.

```python bad
project = "<YOUR_PROJECT>"  # debt: `<YOUR_PROJECT>` has to be replaced by hand: read it from a parameter or the environment
```

```python bad
folds = int(input("How many folds? "))  # debt: `input()` waits for a person: make it a parameter, so that it runs unattended
```

```python good
import os

project = os.environ["PROJECT"]
folds = 5
```

**How to pay it off.** Make it a parameter of the notebook or script, with a default; secrets come from the environment.

**When to accept it.** In a template, and in programs that converse. Left out: `getpass`, scripts that ask, and steps that only
prose describes. One finding of each kind per cell.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (process management debt).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.flow.events import Call
from paydown.rule import INFORMATION, Draft, Rule
from paydown.span import Span
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD821",
    severity=INFORMATION,
    principal=15,
    message="`{what}` has to be replaced by hand: read it from a parameter or the environment",
)
_ASKS = "`input()` waits for a person: make it a parameter, so that it runs unattended"
_HINT = re.compile(r"[<\[](?:your|insert|enter|replace)|[\"'/]your[_-]|<[a-z]+_[a-z_]+>[\"']", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"""=[ \t]*(["'])((?:gs://|s3://)?"""
    r"(?:<(?:your|insert|enter|replace)[\w .:-]*>|\[(?:your|insert|enter|replace)[\w .:-]*\]|YOUR[_-][A-Z_-]+|"
    r"<(?-i:[A-Z_]+_(?:ID|NAME|KEY|GROUP|ARN|URL|URI|BUCKET|PATH|ENDPOINT))>))\1",
    re.IGNORECASE,
)
_NOT_HERE = ("#", "if ", "elif ", "assert ", "__")  # a comment, a check, the data of a package


@rule.check_where("input(")
def asked(cell: CellView) -> Iterator[Draft]:
    """The first call of `input` in a notebook's cell, outside loops that converse."""
    if cell.document.kind != "notebook":
        return
    for event in cell.events(Call):
        if event.call == "builtins.input" and not event.loop and not event.function:
            yield rule.at(event, message=_ASKS)
            return


@rule.check_where(
    *("<your", "[your", "<insert", "[insert", "<enter", "[enter", "<replace", "[replace", "your_", "your-"),
    *("_id>", "_name>", "_key>", "_group>", "_arn>", "_url>", "_uri>", "_bucket>", "_path>", "_endpoint>"),
)
def placeholder(cell: CellView) -> Iterator[Draft]:
    """The first text of a cell that is to be replaced."""
    if not _HINT.search(cell.text):
        return
    found = None
    for number, line in enumerate(cell.facts.lines):
        if "=" in line and not line.lstrip().startswith(_NOT_HERE) and "default=" not in line:
            found = _PLACEHOLDER.search(line)
        if found is not None and _is_text(cell, found[2], number + 1) and not _is_checked(cell, found[2]):
            yield rule.at(cell.place(Span(number, found.start(2) - 1, number, found.end(2) + 1)), what=found[2])
            return
        found = None


def _is_text(cell: CellView, what: str, line: int) -> bool:
    """Whether it is a text by itself, not a part of one (an example in a message) and not what is done after an error."""
    found = False
    for node in nodes_of(cell.facts.tree):
        if isinstance(node, ast.ExceptHandler) and node.lineno <= line <= (node.end_lineno or node.lineno):
            return False
        found = found or (isinstance(node, ast.Constant) and node.value == what)
    return found


def _is_checked(cell: CellView, what: str) -> bool:
    """Whether the cell asks if the placeholder still stands, and does without."""
    return re.search(rf"""[!=]=\s*["']{re.escape(what)}["']""", cell.text) is not None
