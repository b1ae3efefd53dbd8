"""A branch can never run, because its condition always has the same value.

Dead branches are read, tested and refactored like living ones; worse, one wrong flip of an old flag brings code to life
that has not run for years. Knight Capital lost 465 million dollars in 45 minutes to such a path (Sculley et al., 2015).

```python bad
import pandas as pd

frame = pd.DataFrame({"age": [31, 45]})
if False:  # debt: `False` is always false: the 1 line below never runs, delete it
    frame = frame.dropna()
print(frame)
```
```python fixed
import pandas as pd

frame = pd.DataFrame({"age": [31, 45]})
print(frame)
```

```python bad
USE_OLD_FEATURES = False
# %%
frame = load()
if USE_OLD_FEATURES:  # debt: `USE_OLD_FEATURES` is always `False`: the 2 lines below never run, delete them
    frame = frame.join(old)
    frame = frame.dropna()
else:
    frame = frame.join(new)
```
```python fixed
USE_OLD_FEATURES = False
# %%
frame = load()
frame = frame.join(new)
```

```python good
DELETE_BUCKET = False  # set to True to clean up
if DELETE_BUCKET:
    bucket.delete()
```

**How to pay it off.** Delete the branch (and its flag); version control remembers it. If both ways are wanted, make the flag
a parameter.

**When to accept it.** While an experiment is going on and the flag flips every day.

A flag is one that is bound once, to a literal, in the whole document; it is one finding, at the first branch it rules out. Left out: switches that are configuration (in a
cell tagged `parameters` or with `#@param`, described in a comment beside them, guarding clean-up, saving, downloads, devices,
debugging, plots, modes or what the problem is like), `TYPE_CHECKING` and the like, `while True`, and a `raise` put in front of a placeholder. Flags
are information, literal conditions are warnings.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Stale, Target, keep_branch
from paydown.flow.events import Branch, Name
from paydown.rule import INFORMATION, WARNING, Draft, Rule, Severity
from paydown.rules.antipatterns.dead.commented_code import parsed
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD511",
    severity=WARNING,
    principal=2,
    message="`{test}` is always {truth}: the {what} never {run}, delete {them}",
)

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
# Words of switches that people do flip between runs: clean-up, modes, devices, what is saved or shown.
_SWITCHES = frozenset(
    [
        "delete",
        "clean",
        "cleanup",
        "remove",
        "teardown",
        "destroy",
        "debug",
        "verbose",
        "log",
        "logging",
        "colab",
        "kaggle",
        "local",
        "remote",
        "direct",
        "gpu",
        "cuda",
        "tpu",
        "cpu",
        "device",
        "parallel",
        "save",
        "load",
        "store",
        "write",
        "export",
        "plot",
        "plots",
        "show",
        "display",
        "draw",
        "visualize",
        "visualise",
        "download",
        "upload",
        "fetch",
        "install",
        "deploy",
        "run",
        "rerun",
        "force",
        "overwrite",
        "reset",
        "dry",
        "interactive",
        "submit",
        "submission",
        "mode",
        "publish",
        "stream",
        "enable",
        "enabled",
        "disable",
        "skip",
        "test",
        "testing",
        "dev",
        "develop",
        "production",
        "prod",
        "train",
        "training",
        "retrain",
        "predict",
        "evaluate",
        "resume",
        "restore",
        "grant",
        "wait",
        "push",
        "notify",
        "send",
        "is",
        "has",
        "have",
        "sandbox",
        "demo",
        "interactive",
        "cache",
        "cached",
        "profile",
        "tune",
        "tuning",
        "optimize",
        "optimise",
        "search",
        "create",
        "build",
        "once",
        "spot",
        "wandb",
        "mlflow",
        "track",
        "tensorboard",
    ]
)


@rule.check
def dead(document: DocumentView) -> Iterator[Draft]:
    """Conditions that are literals, or flags bound once to one."""
    found = document.events(Branch)
    if not found:
        return
    bound = Counter(event.name for event in document.events(Name) if event.action not in ("use", "call"))
    flags: dict[str, list[Branch]] = {}
    for event in found:
        if event.raises:
            continue
        if not event.flag:
            yield _draft(event, str(event.test.constant), str(event.truth).lower())
        elif event.test.name != "NoneType" and bound[event.flag] == 1 and not event.test.marks & {"setting"}:
            flags.setdefault(event.flag, []).append(event)
    for flag, (first, *others) in flags.items():
        if not _is_switch(document, flag):
            related = [(event, f"`{flag}` rules a branch out here, too") for event in others]
            yield _draft(first, flag, f"`{first.test.constant}`", related, INFORMATION)


def _draft(
    event: Branch,
    test: str,
    truth: str,
    related: list[tuple[Branch, str]] | None = None,
    severity: Severity | None = None,
) -> Draft:
    lines = event.lines
    where = "below" if event.dead == "body" else "of its other branch"
    many = lines != 1
    return rule.at(
        event,
        related=related or (),
        severity=severity,
        test=test,
        truth=truth,
        what=f"{lines} line{'s' if many else ''} {where}",
        run="run" if many else "runs",
        them="them" if many else "it",
        living="orelse" if event.dead == "body" else "body",
    )


def _is_switch(document: DocumentView, flag: str) -> bool:
    words = {word.lower() for word in _WORDS.findall(flag)}
    if words & _SWITCHES:
        return True
    binding = re.compile(rf"^([ \t]*#[^\n]*\n)?[ \t]*{flag}\b[^\n=]*=(?!=)[^\n]*", re.MULTILINE)
    for cell in document.cells:
        if flag not in cell.text:
            continue
        if cell.kind != "code":
            if re.search(rf"\b{flag}\b", cell.text):
                return True  # the text around tells the reader about it
            continue
        line = binding.search(cell.text)
        if line is None:
            continue
        above = line[1] or ""
        explained = "#" in line[0][len(above) :] or (above and parsed(above.strip().lstrip("# ")) is None)
        if "parameters" in cell.tags or explained:
            return True
    return False


@rule.fix("Delete the branch that never runs", safe=True)
def delete(target: Target) -> CellEdits:
    """Keep what does run."""
    for node in nodes_of(target.facts.tree):
        if isinstance(node, (ast.If, ast.While)) and target.facts.span(node.test) == target.span:
            yield from keep_branch(target, target.span, target.finding.fact("living"))
            return
    raise Stale("the condition has changed")
