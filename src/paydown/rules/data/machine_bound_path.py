"""A path leads to one machine, or to one person's files.

On any other machine the code stops at this line. Who wants to run it edits it, and with each edit another version of the
file goes round.

```python bad
import pandas as pd

frame = pd.read_csv("/home/ana/data/train.csv")  # debt: `/home/ana/data/train.csv` exists on one machine only: read it from the environment, or make it relative
```
```python fixed
import pandas as pd
import os

TRAIN_PATH = os.environ.get("TRAIN_PATH", "/home/ana/data/train.csv")

frame = pd.read_csv(TRAIN_PATH)
```
```python good
import os

import pandas as pd

DATA = os.environ.get("DATA", "/home/ana/data")
frame = pd.read_csv(f"{DATA}/train.csv")
other = pd.read_csv("data/other.csv")
```

How to pay it off: a path relative to the project, or a constant that the environment can set.

When to accept it: a script that runs on one machine on purpose.

It looks at home folders, drive letters, personal cloud drives, mounts and network shares in the code's text. The fixed
folders of Kaggle and SageMaker, `/tmp`, a tool's own dot-file, defaults of `os.getenv` and of command-line options, and
paths inside containers (`mount_path=`) are left out, and so are texts that are only shown.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (unstable data dependencies).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from paydown.facts import children_of
from paydown.fixes import CellEdits, Target, environment
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.data.references import shown
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD303",
    severity=WARNING,
    principal=5,
    message="`{shown}` {where}: read it from the environment, or make it relative",
    in_tests=False,
)

_HINT = re.compile(
    r"/home/|/Users/|[\"'][A-Za-z]:[\\/]|/content/g?drive/|/mnt/|[\"']~[/\\]|/media/|/scratch/|/gpfs/|/nfs/|[\"']\\\\\\\\"
    r"|/raid|/lustre|/afs/|/ssd|/hdd"
)
_MACHINE = re.compile(
    r"(?:file:///?)?(?:"
    r"/home/(?!(?:jovyan|site|coder|vscode|airflow|sagemaker-user|ec2-user/SageMaker|jupyter|runner|app|spark|model-server|user|ubuntu|azureuser/cloudfiles)\b)[\w.@ -]+/"
    r"|/Users/(?!Shared/)[\w.@ -]+/|[A-Za-z]:(?:\\(?![nrtbdsw]\b)|/(?!/))(?!Program Files|Windows\b|NVIDIA\b|ProgramData\b)[\w. -]+|/media/\w+/\w|/(?:scratch|gpfs|nfs|lustre|afs)/\w+/\w"
    r"|/(?:raid|ssd|hdd)\d*/\w|/Workspace/Users/[\w.-]+@[\w.-]+/"
    r"|(?:/dbfs|dbfs:)?/mnt/(?!azureml\b|batch\b|disks/persist\b|data/?$|input|output|models?/?$)[\w-]+"
    r"|~[/\\](?!\.)[\w. -]+|\\\\[\w.-]+\\[\w$-]+)"
)
_HOME = re.compile(
    r"/home/(?!(?:jovyan|coder|vscode|jupyter|runner|app|spark|user|ubuntu|ec2-user)$)[\w.-]+$|/Users/(?!Shared$)[\w.-]+$"
)
_FOLDERS = frozenset({"join", "Path", "chdir", "append", "insert", "listdir", "glob", "walk"})
_DRIVE = re.compile(r"/content/g?drive/(?:My ?Drive|Shared ?drives|Othercomputers)\b", re.IGNORECASE)
_SHOWN = re.compile(
    r"print|display|log|debug|info|warn|error|markdown|html|title|startswith|endswith|replace|sub$|match|search|compile$|split$|Exception$|Error$|exit$|system$|run$|Popen$|check_call|check_output|help|describe"
)
_OPTIONS = re.compile(r"getenv|environ|add_argument|option|argument|DEFINE_|Field|Input|widgets")
_CONTAINER = re.compile(
    r"mount|container|docker|image|help|description|volume|command|args$|title|text|label|remote|uri", re.IGNORECASE
)


@rule.check_where(
    "/home/",
    "/users/",
    "drive/",
    "/mnt/",
    "~",
    "/media/",
    "/scratch/",
    "/gpfs/",
    "/nfs/",
    ":\\",
    ":/",
    "\\\\",
    "/raid",
    "/lustre",
    "/afs/",
    "/ssd",
    "/hdd",
)
def bound(cell: CellView) -> Iterator[Draft]:
    """Literals that are such paths."""
    if not _HINT.search(cell.text):
        return
    found: dict[str, list[tuple[ast.expr, str]]] = {}
    for node, text in _paths(cell.facts.tree):
        found.setdefault(text, []).append((node, text))
    for path, ((first, _), *others) in found.items():
        place = cell.place(first)
        drive = _DRIVE.match(path) is not None
        yield rule.at(
            place,
            shown=shown(path),
            where=_where(path, drive),
            related=[(cell.place(node), "here too") for node, _ in others],
            variable=_variable(path),
            fixes=None if _is_plain(cell, first) else (),
        )


def _where(path: str, drive: bool) -> str:
    if drive:
        return "is in one person's Google Drive"
    if path.startswith("~"):
        return "is in the home folder of whoever runs this"
    return "is in one person's folder" if path.startswith("/Workspace") else "exists on one machine only"


def _paths(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """The literals of a cell that hold such a path and are used as one."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        match node:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Call():
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                called = ast.unparse(node.func) if name in ("get", "getenv", "setdefault") else name
                if _SHOWN.search(name) or _OPTIONS.search(called):
                    continue
                if name in _FOLDERS:  # a home folder, to go on from
                    for one in node.args:
                        if isinstance(one, ast.Constant) and isinstance(one.value, str) and _HOME.match(one.value):
                            yield one, one.value
                stack += reversed(
                    [
                        node.func,
                        *node.args,
                        *(one.value for one in node.keywords if not _CONTAINER.search(one.arg or "")),
                    ]
                )
                continue
            case ast.Compare() | ast.Raise():
                continue
            case ast.Assign(targets=[ast.Name(id=name)]) if _CONTAINER.search(name):
                continue
            case ast.Dict():
                kept = [
                    value for key, value in zip(node.keys, node.values, strict=True)
                    if not (isinstance(key, ast.Constant) and _CONTAINER.search(str(key.value)))
                ]  # fmt: skip
                stack += reversed(kept)
                continue
            case ast.JoinedStr():
                first = node.values[0] if node.values else None
                if isinstance(first, ast.Constant) and _is_bound(str(first.value)):
                    yield node, str(first.value)
                continue
            case ast.Constant(value=str(text)):
                if _is_bound(text):
                    yield node, text
                continue
        stack += children_of(node)[::-1]


def _is_bound(text: str) -> bool:
    if "\n" in text or len(text) > 300 or "<" in text or "path/to" in text:
        return False
    if _DRIVE.match(text):
        return True
    match = _MACHINE.match(text)
    return match is not None and not re.search(r"/\.[a-z]|[*?]{2}| {2}", text[: match.end() + 2])


def _variable(path: str) -> str:
    """The name of the setting: of a file or of a folder."""
    pure = PurePosixPath(path.replace("\\", "/"))
    words = re.findall(r"[A-Za-z0-9]+", pure.stem)
    name = "_".join(words).upper() or "DATA"
    if name[0].isdigit():
        name = f"DATA_{name}"
    return (
        f"{name}_PATH" if pure.suffix else name if name.endswith(("DIR", "FOLDER", "PATH", "ROOT")) else f"{name}_DIR"
    )


def _is_plain(cell: CellView, node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


@rule.fix("Read it from the environment, with this path as the default", safe=True)
def from_environment(target: Target) -> CellEdits:
    """A constant that the environment can set."""
    yield from environment(target, target.span, target.fact("variable"))
