"""A debugger's stop, a print or a slow mode from a hunt for a bug is still in the code.

A `breakpoint()` halts whoever runs it next, a scheduled run for ever; prints such as "here" fill logs and tell nobody anything;
anomaly detection, eager functions and `CUDA_LAUNCH_BLOCKING` make each step of a training slow.

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

```python bad
import torch

torch.autograd.set_detect_anomaly(True)  # debt: `set_detect_anomaly(True)` is left over from debugging: remove it
loss.backward()
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
from paydown.span import Span
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD543",
    severity=INFORMATION,
    principal=1,
    message="`{what}` is left over from debugging: remove it",
)
_FROM = frozenset({"builtins", "icecream", "IPython.core.debugger"})  # what is imported by its name
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
# Modes that look at each step of a training; they are switched on by a first argument of true, or by being called.
_MODES = frozenset(
    [
        "torch.autograd.set_detect_anomaly",
        "torch.autograd.detect_anomaly",
        "torch.autograd.anomaly_mode.set_detect_anomaly",
        "tensorflow.config.run_functions_eagerly",
        "tensorflow.config.experimental_run_functions_eagerly",
        "tensorflow.debugging.enable_check_numerics",
        "tensorflow.debugging.set_log_device_placement",
    ]
)
_EAGER = frozenset({"run_functions_eagerly", "experimental_run_functions_eagerly"})
_SWITCHES = {"lightning.Trainer": ("fast_dev_run", "overfit_batches", "detect_anomaly"), "compile": ("run_eagerly",)}
_JAX = frozenset({"jax_debug_nans", "jax_disable_jit", "jax_debug_infs"})
_PRINTED = re.compile(
    r"(?:(?:i am |i'm |am |got |in )?here\W*\d*|debug(?:ging)?\W*\d*|x{3,}\d*|asdf\w*|foo\d*|bar\d*|wtf\W*|blah\W*|"
    r"reached\W*\d*|[!?]{2,}\d*)",
    re.IGNORECASE,
)


_BLOCKING = re.compile(
    r"^\s*(?:%(?:set_)?env\s+(?P<magic>)|(?:os\.)?(?:environ|putenv)[^#\n]*?)[\"']?(?P<what>CUDA_LAUNCH_BLOCKING)[\"']?\]?\s*[=,:\s]\s*[\"']?1\b"
)
_SHEET = 5  # magics of a cell that shows what magics there are


@rule.check
def stops(cell: CellView) -> Iterator[Draft]:
    """Calls of a debugger, and prints that say only that they were reached."""
    found = [event for event in cell.events(Call) if event.call in _STOPS or event.call == "builtins.print"]
    if not found or _teaches(cell):
        return
    for event in found:
        if event.call in _STOPS:
            module, _, name = event.call.rpartition(".")
            yield rule.at(event, what=f"{name}()" if module in _FROM else f"{event.call}()")
        elif len(event.arguments) == 1 and not event.keywords:
            text = event.arguments[0].constant
            if isinstance(text, str) and "named" not in event.arguments[0].marks and _PRINTED.fullmatch(text.strip()):
                yield rule.at(event, what=f'print("{text.strip()}")')


@rule.check_where("anomaly", "eager", "check_numerics", "device_placement", "fast_dev_run", "overfit_batches", "jax")
def modes(event: Call, cell: CellView) -> Iterator[Draft]:
    """Slow modes that were switched on to find a bug."""
    last = event.call.rpartition(".")[2]
    first = event.arguments[0] if event.arguments else None
    if event.call in _MODES:
        if (first is None or first.constant is True) and event.keyword("mode") is None and not _teaches(cell):
            plain = last not in ("detect_anomaly", *_EAGER)  # eager functions may do what a traced one does not
            yield rule.at(event, fixes=None if plain else (), what=f"{last}({'True' if first is not None else ''})")
        return
    if event.call == "jax.config.update" and len(event.arguments) == 2:
        if first is not None and first.text in _JAX and event.arguments[1].constant is True:
            yield rule.at(event, what=f'jax.config.update("{first.text}", True)')
        return
    for name in _SWITCHES.get(event.call) or _SWITCHES.get(last, ()):
        value = event.keyword(name)
        # A share of the batches to overfit may be 1.0 or a count; what has a name is a setting.
        if value is not None and value.known and value.constant and not value.marks & {"named", "setting"}:
            yield rule.at(event, fixes=(), what=f"{name}={value.constant}")


@rule.check_where("cuda_launch_blocking")
def blocking(cell: CellView) -> Iterator[Draft]:
    """`CUDA_LAUNCH_BLOCKING=1`, in the environment of the run."""
    if _teaches(cell):
        return
    for number, line in enumerate(cell.text.split("\n")):
        if match := _BLOCKING.search(line):
            place = Span(number, match.start("what"), number, match.end("what"))
            yield rule.at(cell.place(place), fixes=(), what="CUDA_LAUNCH_BLOCKING=1")
            return


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
    elif target.fact("what") == "ic()" and len(call.args) == 1:
        yield from replace_expression(target, target.span, target.segment(target.facts.span(call.args[0])))
    else:
        raise Unfixable("its value is used")
