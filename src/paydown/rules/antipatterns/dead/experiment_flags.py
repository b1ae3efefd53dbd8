"""A function steers its experiments by many flags.

Four switches make sixteen programs of which one or two are ever run. Nobody tests the others, every change has to think of
them all, and the one that is switched on by mistake fails in a way that nobody has seen (Sculley et al., 2015).

```python bad
def features(frame, use_log=False, add_ratios=True, drop_rare=False, with_dates=True):  # debt: `features` has 4 flags that each open a code path (`use_log`, `add_ratios`, `drop_rare`, `with_dates`): 16 variants, of which most never run
    if use_log:
        frame = frame.apply(log)
    if add_ratios:
        frame["ratio"] = frame["a"] / frame["b"]
    if drop_rare:
        frame = frame[frame["count"] > 5]
    if with_dates:
        frame["month"] = frame["date"].dt.month
    return frame
```

```python good
def features(frame, steps=(add_ratios, add_dates)):
    for step in steps:
        frame = step(frame)
    return frame
```

**How to pay it off.** Delete the paths that lost; make what is left functions of their own that the caller puts together.

**When to accept it.** While a comparison is running, or in a library's public function whose options are documented and tested.

A flag is a parameter that is a truth value (by its default or annotation) or is compared with texts, or a setting of that
name (`args.use_ratios`), that a branch of the function asks for. Left out: what only shows, saves, logs, checks or returns more
(`verbose`, `plot`, `save`, `return_…`), options that the docstring tells of (but for `use_…`, `add_…` and the like), and branches that do no more than put an option into a list or refuse it. One mode that is compared
with texts in five or more places of a cell or script (`if model_type == "gpt2"`) counts as well.

*Sculley et al., 2015, section 5: ML-system anti-patterns (dead experimental codepaths).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.scores import words
from paydown.span import Span
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD516",
    severity=INFORMATION,
    principal=60,
    message="`{name}` has {count} flags that each open a code path ({flags}): {variants} variants, of which most never run",
    in_tests=False,
)
_MODE = "`{name}` is compared with texts in {count} places ({texts}): make each variant a function or class of its own"
_FLAGS, _PLACES = 4, 5
_ASKS = re.compile(r"if[ (]+(?:not )?(?:\w+\.)?\w+\)? ?(?:[:)]|and |or |==|!=|in |is |else )")
_SWITCH = re.compile(r"if[ (][^\n]*(?:==|!=| in )[^\n]*['\"]")
_SWITCHED = re.compile(r"(?:use|with|create|without|enable|disable|add|apply|include|exclude|drop|freeze|normalize)_")
_DOCUMENTED = re.compile(r"^[ \t]*(?::param )?[`*]*(\w+)[`*]*(?:[ \t]*\([^\n)]*\))?[ \t]*:", re.MULTILINE)
_SIDE = frozenset(
    ["verbose", "debug", "view", "hide", "update", "exist", "skip", "plot", "plots", "show", "display", "draw", "print", "save",  "logging", "progress", "return", "returns",
     "inplace", "copy", "check", "validate", "strict", "silent", "quiet", "warn", "overwrite", "force", "dry", "cache", "download",
     "store", "write", "export", "legend", "title", "grid", "colorbar", "labels", "report", "summary", "profile", "pbar", "is", "has",
     "annotate", "annot", "ax", "color", "colors", "legend", "xlabel", "ylabel", "resume", "cuda", "gpu", "tpu", "cpu", "device", "parallel", "distributed"]
)  # fmt: skip
_MODES = frozenset(
    ["mode", "type", "kind", "method", "version", "strategy", "model", "dataset", "arch", "architecture", "backend", "phase", "stage",
     "task", "loss", "optimizer", "algorithm", "algo", "variant", "experiment", "approach", "scheme", "policy", "classifier", "net"]
)  # fmt: skip


@rule.check_where("def ")
def flags(cell: CellView) -> Iterator[Draft]:
    """Functions that branch by four of their flags."""
    if len(_ASKS.findall(cell.text)) < _FLAGS - 1:  # one condition may ask for two
        return
    for function in cell.statements():
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        asked = _parameters(function)
        found = dict.fromkeys(_asked(function, asked))
        names = sorted(found, key=lambda name: list(asked).index(name) if name in asked else len(asked))
        if len(names) >= _FLAGS:
            listed = ", ".join(f"`{name}`" for name in names[:4]) + (
                f" and {len(names) - 4} more" if len(names) > 4 else ""
            )
            span = cell.facts.span(function)
            column = cell.facts.text_lines[span.line].find(function.name, span.column)
            place = cell.place(Span(span.line, column, span.line, column + len(function.name)))
            yield rule.at(place, name=function.name, count=len(names), flags=listed, variants=2 ** len(names))


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, str]:
    """The parameters that may be flags: ``truth`` values and texts; of those that the docstring tells of, switches only."""
    documented = set(_DOCUMENTED.findall(ast.get_docstring(function) or ""))
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    found: dict[str, str] = {}
    for one, default in [
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]:
        if words(one.arg) & _SIDE or (one.arg in documented and not _SWITCHED.match(one.arg)):
            continue
        told = type(default.value).__name__ if isinstance(default, ast.Constant) else ""
        if told == "bool" or (isinstance(one.annotation, ast.Name) and one.annotation.id == "bool"):
            found[one.arg] = "bool"
        elif told in ("str", "NoneType") or (not told and default is None and words(one.arg) & _MODES):
            found[one.arg] = "str"
    return found


def _asked(function: ast.AST, asked: dict[str, str]) -> Iterator[str]:
    """The flags that a condition of the function asks for."""
    for node in nodes_of(function):
        if not isinstance(node, (ast.If, ast.IfExp)) or _is_minor(node):
            continue
        tests = [node.test]
        while tests:
            test = tests.pop()
            match test:
                case ast.BoolOp(values=values):
                    tests += values
                case ast.UnaryOp(op=ast.Not(), operand=operand):
                    tests.append(operand)
                case ast.Name(id=name) if asked.get(name) == "bool":
                    yield name
                case ast.Attribute(value=ast.Name(), attr=name) if _SWITCHED.match(name) and not words(name) & _SIDE:
                    yield ast.unparse(test)
                case ast.Compare(left=ast.Name(id=name), ops=[_], comparators=[other]) if name in asked:
                    if _is_text(other) or (isinstance(other, ast.Constant) and isinstance(other.value, bool)):
                        yield name


def _is_minor(node: ast.If | ast.IfExp) -> bool:
    """Whether all that happens is that something is put into a list (options that are handed on), or refused."""
    return isinstance(node, ast.If) and all(map(_is_small, node.body))


def _is_small(statement: ast.stmt) -> bool:
    match statement:
        case ast.Raise() | ast.Expr(value=ast.Call(func=ast.Attribute(attr="append" | "extend" | "add" | "insert"))):
            return True
    return False


def _goes_on(before: ast.If, node: ast.If) -> bool:
    """Whether an ``if`` right below one that returns is the next link of a chain."""
    near = node.lineno - (before.end_lineno or 0) <= 2 and node.col_offset == before.col_offset
    return near and isinstance(before.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return bool(node.elts) and all(map(_is_text, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@rule.check_where("if ")
def modes(cell: CellView) -> Iterator[Draft]:
    """A mode that is asked for in five places."""
    text = cell.text
    if text.count("if ") + text.count("if(") < _PLACES or len(_SWITCH.findall(text)) < _PLACES:
        return
    found: dict[str, list[ast.Compare]] = {}
    last: dict[str, ast.If] = {}
    continued: set[int] = set()
    for node in cell.statements():
        if not isinstance(node, ast.If):
            continue
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            continued.add(id(node.orelse[0]))
        test = node.test
        if id(node) in continued or not isinstance(test, ast.Compare) or not _is_text(test.comparators[0]):
            continue
        if _is_minor(node):
            continue
        if isinstance(test.left, (ast.Name, ast.Attribute)):
            name = ast.unparse(test.left)
            if name.rpartition(".")[2].rpartition("_")[2].lower() in _MODES and not words(name) & _SIDE:
                before = last.get(name)
                last[name] = node
                if before is None or not _goes_on(before, node):
                    found.setdefault(name, []).append(test)
    for name, tests in found.items():
        texts = dict.fromkeys(ast.unparse(one.comparators[0]) for one in tests)
        if len(tests) >= _PLACES and len(texts) > 1:
            first, *others = tests
            yield rule.at(
                cell.place(first),
                related=[(cell.place(one), "and here") for one in others],
                message=_MODE,
                name=name,
                count=len(tests),
                texts=", ".join(list(texts)[:3]),
            )
