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

A condition with `and` or `or` counts where the literal, or the flag, decides it. A flag is one that is bound once, to a literal, in the whole document; it is one finding, at the first branch it rules out. Left out: switches that are configuration (in a
cell tagged `parameters` or with `#@param`, described in a comment beside or above them or in the text, among several constants in capitals, guarding clean-up, saving, downloads, devices,
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
from paydown.fixes import CellEdits, Stale, Target, Unfixable, keep_branch
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

_REMARK = re.compile(r"#[^\n]*")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+[ \t]*=(?!=)")
_NEAR = 6  # so many constants in capitals, not farther than that many lines from a flag, are settings
_SETTING = re.compile(r"[ \t]*[A-Za-z_]\w*[ \t]*=(?!=)")
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
# Words of switches that people do flip between runs: clean-up, modes, devices, what is saved or shown.
_SWITCHES = frozenset(
    ["delete", "clean", "cleanup", "remove", "teardown", "destroy", "debug", "dbg", "verbose", "log", "logging", "colab",
     "kaggle", "local", "remote", "direct", "gpu", "cuda", "tpu", "cpu", "device", "parallel", "save", "load", "store", "write",
     "export", "plot", "plots", "show", "display", "draw", "visualize", "visualise", "download", "upload", "fetch", "install",
     "deploy", "run", "rerun", "force", "overwrite", "reset", "dry", "interactive", "submit", "submission", "mode", "publish",
     "stream", "enable", "enabled", "disable", "skip", "test", "testing", "dev", "develop", "production", "prod", "train",
     "training", "retrain", "predict", "evaluate", "eval", "analyze", "analyse", "validate", "validation", "valid", "check",
     "smoke", "quick", "fast", "sample", "allow", "require", "strict", "fallback", "resume", "restore", "grant", "wait", "push",
     "notify", "send", "is", "has", "have", "sandbox", "demo", "tutor", "cache", "cached", "profile", "tune", "tuning", "optuna",
     "optimize", "optimise", "search", "create", "build", "generate", "once", "spot", "wandb", "mlflow", "track", "tensorboard"]
)  # fmt: skip
_RUN_TOGETHER = (
    "delete",
    "debug",
    "download",
    "upload",
    "generate",
    "load",
    "overwrite",
    "plot",
    "save",
    "show",
    "train",
)
_PLAIN = frozenset(
    ["use", "using", "do", "with", "flag", "apply", "add", "include"]
)  # they say nothing of what is switched


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
            yield _draft(event, _text_of(document, event), str(event.truth).lower())
        elif event.test.name != "NoneType" and bound[event.flag] == 1 and not event.test.marks & {"setting"}:
            flags.setdefault(event.flag, []).append(event)
    for flag, (first, *others) in flags.items():
        if not _is_switch(document, flag):
            places = {document.place_of(first)}  # a function that is called twice has the same branch twice
            related = []
            for event in others:
                place = document.place_of(event)
                if place not in places:
                    places.add(place)
                    related.append((event, f"`{flag}` rules a branch out here, too"))
            yield _draft(first, flag, f"`{first.test.constant}`", related, INFORMATION)


def _text_of(document: DocumentView, event: Branch) -> str:
    """The condition as it is written, or where that is long the literal that decides it."""
    place = document.place_of(event)
    line = document.facts(place.cell).lines[document.line_of(place)]
    text = line[place.span.column : place.span.end_column]
    return text if place.span.line == place.span.end_line and len(text) <= 40 else str(event.test.constant)


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
    """Whether a flag is a setting that the reader is told of, or whose name says that it's flipped between runs."""
    words = {word.lower() for word in _WORDS.findall(flag)}
    if words & _SWITCHES or any(word.startswith(_RUN_TOGETHER) for word in words):
        return True
    subject = words - _PLAIN
    binding = re.compile(rf"^[ \t]*{flag}\b[^\n=]*=(?!=)[^\n]*", re.MULTILINE)
    for cell in document.cells:
        if cell.kind != "code":
            if _speaks_of(cell.text, flag, subject):
                return True
            continue
        if "#" in cell.text and any(_speaks_of(line, flag, subject) for line in _REMARK.findall(cell.text)):
            return True
        line = binding.search(cell.text) if flag in cell.text else None
        if line is not None and ("parameters" in cell.tags or _is_explained(cell.text, line)):
            return True
    return False


def _speaks_of(text: str, flag: str, subject: set[str]) -> bool:
    """Whether a text tells the reader about a flag: by its name, or by all the words of what it switches."""
    if re.search(rf"\b{flag}\b", text):
        return parsed(text.strip().lstrip("# ")) is None  # not code that has been commented out
    return len("".join(subject)) > 2 and all(
        re.search(rf"\b{word}\b", text, re.IGNORECASE)
        or (
            2 < len(word) < 6 and re.search(r"\b" + r"\w*[ -]".join(word) + r"\w*", text, re.IGNORECASE)
        )  # its initials
        for word in subject
    )


def _is_explained(text: str, binding: re.Match[str]) -> bool:
    """Whether a remark stands beside the binding, or heads the assignments that it's one of, or many settings stand there."""
    if "#" in binding[0]:
        return True
    above, below = text[: binding.start()].splitlines()[-_NEAR:], text[binding.start() :].splitlines()[:_NEAR]
    if sum(map(bool, map(_CONSTANT.match, above + below))) >= _NEAR:
        return True
    for line in reversed(text[: binding.start()].splitlines()):
        if line.lstrip().startswith("#"):
            return parsed(line.strip().lstrip("# ")) is None
        if not _SETTING.match(line):
            return False
    return False


@rule.fix("Delete the branch that never runs", safe=True)
def delete(target: Target) -> CellEdits:
    """Keep what does run."""
    for node in nodes_of(target.facts.tree):
        if isinstance(node, (ast.If, ast.While)) and target.facts.span(node.test) == target.span:
            if any(map(_acts, nodes_of(node.test))):
                raise Unfixable("the condition may do something besides")
            yield from keep_branch(target, target.span, target.finding.fact("living"))
            return
    raise Stale("the condition has changed")


def _acts(node: ast.AST) -> bool:
    """Whether a part of a condition may do more than answer."""
    if isinstance(node, ast.Call):
        return not (
            isinstance(node.func, ast.Name) and node.func.id in ("len", "isinstance", "hasattr", "any", "all", "bool")
        )
    return isinstance(node, (ast.NamedExpr, ast.Await))
