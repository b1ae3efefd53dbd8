"""The code names one machine's device, address or number of workers.

It then fails, or crawls, on the next machine; and whoever moves it has to read it all to find out what to change.

```python bad
import torch

device = torch.device("cuda:1")  # debt: `cuda:1` is one machine's device: choose it from what is there, or from the environment
```
```python fixed
import torch
import os

DEVICE = os.environ.get("DEVICE", "cuda:1")

device = torch.device(DEVICE)
```

```python good
import os

import torch

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
workers = int(os.environ.get("WORKERS", "4"))
forest = RandomForestClassifier(n_jobs=-1)
```

**How to pay it off.** Ask the machine what it has (`torch.cuda.is_available()`, `n_jobs=-1`), or read the value from the
environment with this one as the default (the fix does that).

**When to accept it.** When the machine is part of what the code is for: a benchmark, the set-up of one cluster.

Counted are numbered GPUs (`cuda:1`, `.cuda(1)`, `set_device(1)`, `pipeline(…, device=0)`), `CUDA_VISIBLE_DEVICES`, addresses of
machines (numbers, private networks, EC2's and RDS's names), and numbers of workers that are literals in a call or in a dict of
parameters. Left out: the first GPU where the code asks whether it is there, threads that only wait (`ThreadPoolExecutor`), one worker,
all workers, defaults of a command line, localhost, the port that a service listens on, test code.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (process management debt).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import children_of
from paydown.fixes import CellEdits, Target, environment
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD822",
    severity=INFORMATION,
    principal=5,
    message="`{shown}` is one machine's {what}: {cure}, or from the environment",
    in_tests=False,
)

_WORKERS = frozenset(
    ["n_jobs", "num_workers", "n_workers", "nthread", "num_threads", "thread_count", "workers", "num_proc",
     "dataloader_num_workers", "n_threads", "num_processes"]
)  # fmt: skip
_THREADS = re.compile(r"Thread|ingest|boto3|transfer", re.IGNORECASE)
_POOLS = frozenset({"Pool", "ProcessPoolExecutor", "set_num_threads", "set_num_interop_threads"})
_CLUSTER = frozenset({"spark_version", "node_type_id", "driver_node_type_id", "data_security_mode", "autoscale"})
_PIPELINES = frozenset({"pipeline", "hf_pipeline", "HuggingFacePipeline", "from_model_id"})
_DEVICE = re.compile(r"(?:cuda|gpu|mps|xpu):\d\d?|/(?:device:)?(?:GPU|gpu):\d\d?")
_ADDRESS = re.compile(
    r"(?:\w+://)?(?:10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+"
    r"|ec2-\d+-\d+-\d+-\d+\.[\w.-]*amazonaws\.com|[\w-]+\.[\w-]+\.[\w-]+\.rds\.amazonaws\.com"
    r"|(?<=://)(?!127\.|0\.0\.0\.0|169\.254\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
    r"|(?<=://)[\w-]+(?:\.[\w-]+)*\.(?:internal|local|lan|corp|intra|intranet)(?=[:/]|$))(?::\d+)?(?:/(?!\d\d?$)\S*)?"
)
# Whose address a record tells of, not where a service is.
_VISITOR = re.compile(
    r"(?:client|user|customer|source|src|dst|destination|remote)_(?:ip|addr)(?:_?addr(?:ess)?)?|ip_?addr(?:ess)?",
    re.IGNORECASE,
)
_QUICK = re.compile(
    r"(?:cuda|gpu|GPU|mps|xpu):\d|CUDA_VISIBLE_DEVICES|\d\.\d+\.\d+\.\d|amazonaws\.com|\.(?:internal|local|lan|corp|intra)\b|"
    r"(?:jobs|workers|threads?|count|num_proc|processes)[\"']?\]? *[=:]|(?:\.cuda|set_device|Pool|Executor|_threads)\(\d|device *= *\d"
)
_VISIBLE = "CUDA_VISIBLE_DEVICES"
_TELLING = frozenset(
    [ast.Expr, ast.IfExp, ast.Call, ast.Compare, ast.Dict, ast.Assign, ast.keyword, ast.Constant]
)  # the kinds of nodes that are looked at themselves


@rule.check_where(
    "cuda", "gpu:", "mps:", "xpu:", "device", "10.", "172.", "192.", "://", "jobs", "worker", "thread", "num_proc",
    "processes", "pool(", "executor(", "amazonaws",
)  # fmt: skip
def wired(cell: CellView) -> Iterator[Draft]:
    """Devices, addresses and numbers of workers; the same one again in the cell is the same finding."""
    if not _QUICK.search(cell.text):
        return
    found: dict[tuple[str, str], list[tuple[ast.expr, str]]] = {}
    asked = cell.mentions(
        "is_available", "device_count", "list_physical_devices", "gpu_available", "list_logical_devices"
    )
    telling = [one for one in cell.facts.tree.body if _QUICK.search(_own_text(cell, one))]
    for node, what, shown, variable in (one for statement in telling for one in _resources(statement)):
        if asked and what == "device" and shown.endswith((":0", "=0", "(0)")):
            continue
        found.setdefault((what, shown), []).append((node, variable))
    for (what, shown), ((first, variable), *others) in found.items():
        yield rule.at(
            cell.place(first),
            related=[(cell.place(node), "here too") for node, _ in others],
            shown=shown,
            what=what,
            cure="pass `-1` for all"
            if variable == "N_JOBS"
            else "choose it from what is there"
            if what != "address"
            else "read it from a setting",
            variable=variable,
        )


def _own_text(cell: CellView, statement: ast.stmt) -> str:
    """The lines of a statement, with its decorators."""
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    return "\n".join(cell.facts.lines[first - 1 : statement.end_lineno])


def _resources(tree: ast.AST) -> Iterator[tuple[ast.expr, str, str, str]]:
    """Each literal that names a resource: its node, what it names, how it is shown, the variable for it."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if type(node) not in _TELLING:
            stack += children_of(node)[::-1]
            continue
        match node:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.IfExp() if "available" in ast.unparse(node.test) or "count" in ast.unparse(node.test):
                for branch in (node.body, node.orelse):
                    if isinstance(branch, ast.Constant) and _is_other_device(branch.value):
                        stack.append(branch)
                continue
            case ast.Call(func=ast.Attribute(attr="getenv" | "add_argument") | ast.Name(id="getenv" | "print")):
                continue
            case ast.Call(func=ast.Attribute(attr="get"), args=[_, _, *_]):
                continue  # a setting with its default
            case ast.Call(args=[ast.Constant(value=str(first)), *_]) if first.startswith("-"):
                continue  # an option of a command line, whatever the parser is called
            case ast.Compare():
                continue
            case ast.Call(
                func=ast.Attribute(attr="cuda" | "set_device" as function),
                args=[ast.Constant(value=int(number)) as value, *_],
            ) if not isinstance(value.value, bool):
                yield value, "device", f"{function}({number})", "DEVICE"
            case ast.Call(
                func=ast.Name(id=function) | ast.Attribute(attr=function),
                args=[ast.Constant(value=int(number)) as value, *_],
            ) if (
                function in _POOLS
                and number > 1
                and not _THREADS.search(ast.unparse(node.func).removesuffix("_threads"))
            ):
                yield value, "number of workers", f"{function}({number})", "WORKERS"
            case ast.Call(func=ast.Name(id=function) | ast.Attribute(attr=function)) if function in _PIPELINES:
                for keyword in node.keywords:
                    match keyword:
                        case ast.keyword(arg="device", value=ast.Constant(value=int(number)) as value) if number >= 0:
                            yield value, "device", f"device={number}", "DEVICE"
            case ast.Dict():
                names = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                for key, item in zip(node.keys, node.values, strict=True) if not names & _CLUSTER else ():
                    match key, item:
                        case ast.Constant(value=str(name)), ast.Constant(value=int(number)) if (
                            name in _WORKERS and number > 1
                        ):
                            yield item, "number of workers", f"{name}={number}", name.upper()
                stack += [
                    item
                    for key, item in reversed([*zip(node.keys, node.values, strict=True)])
                    if not (isinstance(key, ast.Constant) and _VISITOR.fullmatch(str(key.value)))
                ]
                continue
            case ast.keyword(arg=str(name), value=ast.Constant(value=str())) if _VISITOR.fullmatch(name):
                continue
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value=str(name)))],
                value=ast.Constant(value=int(number)) as value,
            ) if name in _WORKERS and number > 1:
                yield value, "number of workers", f"{name}={number}", name.upper()
                continue
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value="CUDA_VISIBLE_DEVICES"))],
                value=ast.Constant(value=str(text)) as value,
            ):
                if text.strip() not in ("", "-1"):
                    yield value, "device", f"{_VISIBLE}={text}", _VISIBLE
                continue
            case ast.keyword(arg=str(name), value=ast.Constant(value=int(number)) as value) if name in _WORKERS:
                if number > 1 and not isinstance(value.value, bool):
                    yield value, "number of workers", f"{name}={number}", name.upper()
                continue
            case ast.Constant(value=str(text)):
                if _DEVICE.fullmatch(text):
                    yield node, "device", text, "DEVICE"
                elif _ADDRESS.fullmatch(text):
                    yield node, "address", text, "SERVICE_URL" if "://" in text else "HOST"
                continue
        stack += children_of(node)[::-1]


def _is_other_device(value: object) -> bool:
    return isinstance(value, str) and _DEVICE.fullmatch(value) is not None and not value.endswith(":0")


@rule.fix("Read it from the environment, with this value as the default", safe=True)
def from_environment(target: Target) -> CellEdits:
    """A constant that the environment can set, wherever the literal stands."""
    for place in (target, *target.related):
        yield from environment(place, place.span, target.fact("variable"))
