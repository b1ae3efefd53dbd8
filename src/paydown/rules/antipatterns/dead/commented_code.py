"""Whether the lines of a comment, or of a bare string, hold code rather than prose."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MOST_LINES = 80  # of one comment, looked at
_TRIES = 10  # lines that a statement begun in a comment may go on for

_PYTHON = re.compile(r"\w[\w.\]]*\(|=|\bimport\b|:\s*$|^\s*(?:del|assert|raise)\s", re.MULTILINE)
_SIGNS = ("(", "=", ":", "import", "del", "assert", "raise")  # one of them stands in what the pattern finds
_LICENCES = ("copyright", "license", "licence")
_BARE_CALL = re.compile(r"^[A-Za-z_][\w.]*(?:\[[^]]*\])?\(")
_DIRECTIVE = re.compile(
    r"^#(?:\s*(?:%%|@|MAGIC\b|COMMAND\b|DBTITLE\b|In\s?\[|Out\s?\[|type:|noqa|fmt:|isort:|pylint:|pragma|mypy:|paydown:|"
    r"-\*-|!|%|>|\[(?!\.\.\.)|TODO|FIXME|HACK|XXX|NOTE|region|endregion|jupyter|---)|!)",
    re.IGNORECASE,
)
_PROSE = re.compile(r"copyright|licen[cs]e|https?://|e\.g\.|i\.e\.|usage|example|syntax|->|=>|…|\.\.\.", re.IGNORECASE)
_SENTENCE = re.compile(r"^\s*[A-Z]?[a-z]+ \.")  # "Use .format(…)" happens to be Python
INVITES = re.compile(r"\bun-?comment|\bremove the #", re.IGNORECASE)  # the reader is asked to switch the code on
# Words that offer code to the reader: "alternatively", "if you need …", "quick example", "to stop it:".
_PYTHON_ONLY = re.compile(r"=|^(?:el)?if\b.*:$|^(?:else|try|except|finally|for|while|def|class)\b.*:$")
_OFFERS = re.compile(
    r"\b(?:you|yours?|you'd|alternativ\w*|optional\w*|instead|examples?|as follows|following|another (?:way|option)|"
    r"same as|equivalent|deprecated)\b|^or\b|^\.\.\.|^if\b|^```|^\w+(?: [\w'-]+){2,}:$|\bfor \w+,? use\b|\bwill (?:return|compute)\b",
    re.IGNORECASE | re.MULTILINE,
)
_TIDIES = ("delete", "cleanup", "clean_up", "terminate", "teardown", "shutdown")
# What a value looks like when it is printed: an example of output, not code.
_PRINTED = frozenset(
    {"array", "tensor", "DataFrame", "Series", "Index", "dict_keys", "dict_values", "dict_items", "defaultdict",
     "OrderedDict", "Counter", "Timestamp", "datetime", "Timedelta", "namedtuple", "range", "torch.Size", "TensorShape",
     "deque", "Interval", "Row", "Decimal", "Parameter", "Linear", "Sequential", "Conv2d", "ReLU", "O", "P", "E", "f", "g"}
)  # fmt: skip
_MODULES = frozenset(sys.stdlib_module_names) | {
    "numpy", "pandas", "sklearn", "torch", "tensorflow", "keras", "matplotlib", "seaborn", "scipy", "xgboost",
    "lightgbm", "catboost", "plotly", "cv2", "PIL", "requests", "mlflow", "wandb", "transformers", "datasets", "polars",
    "dask", "pyspark", "nltk", "spacy", "statsmodels", "shap", "optuna", "tqdm", "yaml", "joblib", "jax", "boto3",
}  # fmt: skip


class Block(NamedTuple):
    """Lines of a comment that hold code: the first and last of them (of the group), and the first statement's text."""

    first: int
    last: int
    head: str


def blocks(lines: list[str]) -> Iterator[Block]:
    """The stretches of ``lines`` (a comment's, with their ``#``) that hold code."""
    text = "\n".join(lines[:MOST_LINES])
    if not any(map(text.__contains__, _SIGNS)) or not _PYTHON.search(text):
        return
    lower = text.lower()
    if any(map(lower.__contains__, _LICENCES)) or INVITES.search(text):
        return
    bare = [_bare(line) for line in lines[:MOST_LINES]]
    pieces = [piece for piece in _parsed(bare) if piece[2]]
    if not pieces:
        return
    start, end, body = pieces[0]
    gathered, floor = list(body), 0
    for first, last, more in pieces[1:]:
        if first - end <= 2:  # prose of one line in between belongs to the code
            end = last
            gathered += more
            continue
        if not _is_offered(lines[floor:start]) and does_something(gathered, bare[start : end + 1]):
            yield Block(start, end, _head(bare, start))
        floor, start, end, gathered = end + 1, first, last, list(more)
    if not _is_offered(lines[floor:start]) and does_something(gathered, bare[start : end + 1]):
        yield Block(start, end, _head(bare, start))


def _is_offered(above: list[str]) -> bool:
    """Whether the prose right above offers the code to the reader: an alternative, an example, what else can be done."""
    prose: list[str] = []
    for line in reversed(above[-3:]):
        words = line.strip("# ")
        if not words:
            break
        prose.insert(0, words)
    return bool(prose) and not _PYTHON_ONLY.search(prose[-1]) and _OFFERS.search("\n".join(prose)) is not None


def _bare(line: str) -> str:
    """A comment's line without its ``#``; what directs a tool counts as blank."""
    if _DIRECTIVE.match(line):
        return ""
    rest = line.lstrip("#")
    return rest.removeprefix(" ").rstrip()


def _head(lines: list[str], start: int) -> str:
    code = (line.strip() for line in lines[start:] if line.strip() and not line.lstrip().startswith("#"))
    text = next(code, lines[start].strip())
    return text if len(text) <= 60 else text[:59] + "…"


def _parsed(lines: list[str]) -> Iterator[tuple[int, int, list[ast.stmt]]]:
    """The stretches of lines that parse, with their statements; each as long as it may be."""
    whole = parsed("\n".join(lines))
    if whole is not None:
        stripped = [number for number, line in enumerate(lines) if line.strip()]
        if stripped:
            yield stripped[0], stripped[-1], whole
        return
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        for length in range(1, min(_TRIES, len(lines) - number) + 1):
            found = parsed("\n".join(lines[number : number + length]))
            if found is not None:
                if length == 1 and number + 1 < len(lines) and _indent(lines[number + 1]) > _indent(lines[number]):
                    continue
                yield number, number + length - 1, found
                number += length
                break
        else:
            number += 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else 0


@lru_cache(maxsize=512)
def _tree(text: str) -> tuple[ast.stmt, ...] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return tuple(ast.parse(text).body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def parsed(text: str) -> list[ast.stmt] | None:
    """The statements of a text that may be indented as a whole or end with the head of a block; else ``None``."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines or (not _PYTHON.search(text) and len(lines) == 1):
        return None
    margin = min(_indent(line) for line in lines)
    text = "\n".join(line[margin:] for line in lines)
    if lines[-1].rstrip().endswith(":"):
        text += "\n" + " " * (_indent(lines[-1]) - margin + 1) + "pass"
    found = _tree(text)
    return list(found) if found is not None else None


def does_something(statements: list[ast.stmt], lines: list[str]) -> bool:
    """Whether statements found in a comment are code that someone switched off."""
    strong = sum(_is_strong(statement, lines) for statement in statements)
    if not strong or any(line.strip() in {"...", "[...]", "…"} for line in lines) or all(map(_tidies, statements)):
        return False
    if len(statements) == 1 and len(lines) == 1:
        aside = lines[0].partition("  #")[2] or lines[0].partition(" # ")[2]
        return not (_PROSE.search(lines[0]) or _SENTENCE.match(lines[0]) or _OFFERS.search(aside.strip()))
    # Of several statements most must be of code's kinds: words and numbers by themselves are prose or tables.
    odd = sum(1 for one in statements if isinstance(one, ast.Expr) and not isinstance(one.value, (ast.Call, ast.Await)))
    odd += sum(1 for one in statements if isinstance(one, ast.AnnAssign) and one.value is None)
    return odd * 2 <= len(statements)


def _tidies(statement: ast.stmt) -> bool:
    """``endpoint.delete()``: a tutorial leaves it to the reader to run it at the end."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and _dotted(statement.value.func).rpartition(".")[2].startswith(_TIDIES)
    )


def _is_strong(statement: ast.stmt, lines: list[str]) -> bool:
    match statement:
        case ast.Import(names=names):
            return any(name.asname or "." in name.name or name.name in _MODULES for name in names)
        case ast.ImportFrom(module=module):
            return module is not None
        case ast.Expr(value=ast.Await(value=ast.Call() as call)) | ast.Expr(value=ast.Call() as call):
            return _is_call(call, lines)
        case ast.Assign(targets=targets, value=value):
            plain = all(isinstance(one, (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple)) for one in targets)
            return plain and _computes(value, targets, lines)
        case ast.AugAssign(target=ast.Subscript() | ast.Attribute()):
            return True
        case ast.AugAssign(value=value):
            return not isinstance(value, ast.Name)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.For(iter=iterated):
            return isinstance(iterated, (ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Tuple))
        case ast.If(test=test) | ast.While(test=test):
            return isinstance(test, (ast.Compare, ast.Call)) or (isinstance(test, ast.UnaryOp) and len(lines) > 1)
        case ast.With(items=items):
            return any(isinstance(item.context_expr, ast.Call) for item in items)
        case ast.Try() | ast.Raise(exc=ast.Call()):
            return True
        case ast.Return(value=value):
            return isinstance(value, ast.Call) and any(_spells_call(line) for line in lines)
        case ast.Delete(targets=targets):
            return (len(targets) > 0 and not isinstance(targets[0], ast.Name)) or len(lines) > 1
    return False


def _is_call(call: ast.Call, lines: list[str]) -> bool:
    name = _dotted(call.func)
    if (
        not name
        or name in _PRINTED
        or name.rpartition(".")[2] in _PRINTED
        or not any(_spells_call(line) for line in lines)
    ):
        return False
    if isinstance(call.func, ast.Name):
        # `fit()` by itself names a function; `f(x, y)` is a formula.
        return bool(call.args or call.keywords) and len(name) > 2 and not _is_signature(call)
    return not _is_signature(call) or not (call.args or call.keywords)


def _is_signature(call: ast.Call) -> bool:
    """``fit(X, y)``: how something is called, told to the reader, rather than a call."""
    plain = all(isinstance(argument, ast.Name) and len(argument.id) <= 2 for argument in call.args)
    return plain and bool(call.args) and not call.keywords and isinstance(call.func, ast.Name)


def _dotted(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{_dotted(value)}.{attr}"
        case ast.Call(func=func):
            return _dotted(func)
        case ast.Subscript(value=value):
            return _dotted(value)
        case ast.Constant():
            return "constant"
    return ""


def _spells_call(line: str) -> bool:
    """Whether a line has a call written as code has it: no blank before the bracket."""
    return re.search(r"[\w\])]\(", line) is not None


def _computes(value: ast.expr, targets: list[ast.expr], lines: list[str]) -> bool:
    """Whether an assignment does more than name a literal or write a formula down."""
    match value:
        case ast.Call():
            return (
                _dotted(value.func) != ""
                and any(_spells_call(line) for line in lines)
                and not _is_formula(value, targets)
            )
        case ast.Subscript(value=inner, slice=index):
            return not isinstance(index, ast.Name) and isinstance(
                inner, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
            )
        case ast.ListComp() | ast.DictComp() | ast.SetComp() | ast.Lambda():
            return True
        case ast.BinOp(left=left, right=right):
            return isinstance(targets[0], ast.Subscript) or any(
                isinstance(side, (ast.Call, ast.Subscript)) and _computes(side, targets, lines)
                for side in (left, right)
            )
        case ast.Compare():
            return isinstance(targets[0], ast.Subscript)
    return isinstance(targets[0], ast.Subscript) and not isinstance(value, ast.Constant)


def _is_formula(call: ast.Call, targets: list[ast.expr]) -> bool:
    """``y = f(x)``."""
    short = isinstance(call.func, ast.Name) and len(call.func.id) <= 2
    return short and all(isinstance(target, ast.Name) and len(target.id) <= 2 for target in targets)
