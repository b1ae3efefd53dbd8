"""A debugger's stop or a print from a hunt for a bug is still in the code.

A `breakpoint()` halts whoever runs it next, a scheduled run for ever; prints such as "here" fill logs and tell nobody anything.

```python bad
def clean(frame):
    breakpoint()  # debt: `breakpoint()` is left over from debugging: remove it
    return frame.dropna()
```
```python fixed
def clean(frame):
    return frame.dropna()
```

```python good
import logging

def clean(frame):
    logging.getLogger(__name__).info("%d rows before cleaning", len(frame))
    return frame.dropna()
```

**How to pay it off.** Remove it; what is worth knowing at each run belongs into a log with a level.

**When to accept it.** In a notebook about debugging; one whose file name says so is left out.

*Sculley et al., 2015, section 5: ML-system anti-patterns (prototype smell).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import Magic
from paydown.fixes import CellEdits, Target, Unfixable, remove_statement, replace_expression
from paydown.fixes.calls import call_at
from paydown.flow.events import Call
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD543",
    severity=INFORMATION,
    principal=1,
    message="`{what}` is left over from debugging: remove it",
)
_STOPS = frozenset(
    [
        "builtins.breakpoint",
        "pdb.set_trace",
        "ipdb.set_trace",
        "pudb.set_trace",
        "IPython.core.debugger.set_trace",
        "IPython.embed",
        "code.interact",
        "icecream.ic",
        "pdb.post_mortem",
        "pdb.pm",
        "celery.contrib.rdb.set_trace",
        "remote_pdb.set_trace",
    ]
)
_PRINTED = re.compile(
    r"(?:(?:i am |i'm |am |got |in )?here\W*\d*|debug(?:ging)?\W*\d*|x{3,}\d*|asdf\w*|foo\d*|bar\d*|wtf\W*|blah\W*|"
    r"reached\W*\d*|[!?]{2,}\d*)",
    re.IGNORECASE,
)


_SHEET = 5  # magics of a cell that shows what magics there are


@rule.check
def stops(event: Call, cell: CellView) -> Iterator[Draft]:
    """Calls of a debugger, and prints that say only that they were reached."""
    call = event.call
    if call not in _STOPS and call != "builtins.print":
        return
    if _teaches(cell):
        return
    if call in _STOPS:
        yield rule.at(event, what=call.removeprefix("builtins.") + "()")
    elif len(event.arguments) == 1 and not event.keywords:
        text = event.arguments[0].constant
        if isinstance(text, str) and "named" not in event.arguments[0].marks and _PRINTED.fullmatch(text.strip()):
            yield rule.at(event, what=f'print("{text.strip()}")')


@rule.check_where("%debug", "%pdb")
def magics(cell: CellView) -> Iterator[Draft]:
    """`%debug`, `%pdb on`."""
    if _teaches(cell) or len(cell.facts.magics) > _SHEET:
        return
    for magic in cell.facts.magics:
        if _debugs(magic):
            yield rule.at(cell.place(magic.span), fixes=(), what=f"%{magic.name} {magic.argument}".strip())


def _teaches(cell: CellView) -> bool:
    """Whether the notebook is about debugging."""
    name = cell.document.path.rpartition("/")[2].lower()
    return "debug" in name or "pdb" in name


def _debugs(magic: Magic) -> bool:
    return (magic.name == "debug" and magic.kind == "line") or (
        magic.name == "pdb" and magic.argument.strip() in ("on", "1", "")
    )


@rule.fix("Remove it", safe=True)
def remove(target: Target) -> CellEdits:
    """Take the statement out; what an `ic(…)` is given is still computed."""
    call = call_at(target, target.span)
    plain = all(isinstance(one, (ast.Constant, ast.Name)) for one in call.args)
    if plain and isinstance(target.innermost(target.span, ast.stmt), ast.Expr):
        yield from remove_statement(target, target.span)
    elif target.fact("what") == "icecream.ic()" and len(call.args) == 1:
        yield from replace_expression(target, target.span, target.segment(target.facts.span(call.args[0])))
    else:
        raise Unfixable("its value is used")
