"""Whether the lines of a comment, or of a bare string, hold code rather than prose."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from keyword import kwlist, softkwlist
from typing import NamedTuple

from paydown.recovery import compiled

MOST_LINES = 400  # of one comment, looked at in one go
_TRIES = 10  # lines that a statement begun in a comment may go on for, unless its block is indented
_LONGEST = 60  # lines of a call

_TWO_WORDS = re.compile(r"[ \t]*([^\W\d]\w*)[ \t]+([^\W\d]\w*)")
_KEYWORDS = frozenset([*kwlist, *softkwlist])
_PYTHON = re.compile(r"\w[\w.\]]*\(|\bprint \(|=|\bimport\b|:\s*$|^\s*(?:del|assert|raise)\s", re.MULTILINE)
_SIGNS = ("(", "=", ":", "import", "del", "assert", "raise")  # one of them stands in what the pattern finds
_LICENCES = ("copyright", "license", "licence")
_BARE_CALL = re.compile(r"^[A-Za-z_][\w.]*(?:\[[^]]*\])?\(")
_DIRECTIVE = re.compile(
    r"^#(?:\s*(?:%%|@(?:param|title|markdown|hidden|run|test)\b|MAGIC\b|COMMAND\b|DBTITLE\b|In\s?\[|Out\s?\[|type:|noqa|"
    r"fmt:|isort:|pylint:|pragma|mypy:|paydown:|sphinx_\w+ =|"
    r"-\*-|!|%|>|\[(?!\.\.\.)|TODO|FIXME|HACK|XXX|NOTE|region|endregion|jupyter|---)|!)",
    re.IGNORECASE,
)
_PROSE = re.compile(r"copyright|licen[cs]e|https?://|e\.g\.|i\.e\.|usage|example|syntax|->|=>|…|\.\.\.", re.IGNORECASE)
_HEAD = re.compile(r"\s*(?:@|(?:async|def|class|if|for|while|with|try|match)\b)")  # of a block, or a decorator
_CLAUSE = re.compile(r"\s*(?:(?:elif|else|except|finally)\b|[)\]}])")  # goes on at the same margin
_OLD_PRINT = re.compile(r"#+\s*print\s+[\w\"'%]")
_RULE = re.compile(r"#[#=*~-]{3,}|# ?[=*~-]{4,}")
_LEAVES = re.compile(r"(?:pass|break|continue|return|raise)\b")
_SENTENCE = re.compile(r"^\s*[A-Z]?[a-z]+ \.")  # "Use .format(…)" happens to be Python
INVITES = re.compile(
    r"\bun-?comment|\bremove the #|\bplay(?:ing)? (?:with|around)\b", re.IGNORECASE
)  # the reader is asked to switch the code on
# Words that offer code to the reader: "alternatively", "if you need …", "quick example", "to stop it:".
_PYTHON_ONLY = re.compile(r"=|^(?:el)?if\b.*:$|^(?:else|try|except|finally|for|while|def|class)\b.*:$")
_OFFERS = re.compile(
    r"\b(?:you|yours?|you'd|alternativ\w*|optional\w*|instead|examples?|as follows|following|another (?:way|option)|"
    r"same as|equivalent|deprecated|how to|would (?:be|look)|(?:we|one|it|this) (?:could|might|may)|"
    r"(?:option|variant|approach|method|solution|version) ?(?:\d|[a-c]\b)|"
    # … or say why it must stay off.
    r"warning|caution|because|otherwise|requires|(?:do|wo|does|did|ca|is)(?:n['’]?t| not)\b|cannot|will not|too (?:slow|long|big|large|many|much)|"
    r"takes? (?:too|a|very|hours?|minutes?|long|about|around|~?\d)|out of memory|breaks|crash\w*|pseudo-?code|ground truth)\b|"
    r"^or\b|^tip\b|^usage\b|\be\.g\.|^\.\.\.|^if\b|^```|^\S+(?: [^\s=]+){2,}:$|\bfor \w+,? use\b|\bwill (?:return|compute)\b",
    re.IGNORECASE | re.MULTILINE,
)
_TIDIES = ("delete", "cleanup", "clean_up", "terminate", "teardown", "shutdown")
# What a value looks like when it is printed: an example of output, not code.
_PRINTED = frozenset(
    {"array", "tensor", "DataFrame", "Series", "Index", "dict_keys", "dict_values", "dict_items", "defaultdict",
     "odict_keys", "odict_values", "odict_items", "OrderedDict", "Counter", "Timestamp", "datetime", "Timedelta", "namedtuple", "range", "torch.Size", "TensorShape",
     "deque", "Interval", "Row", "Decimal", "Parameter", "Linear", "Sequential", "Conv2d", "ReLU", "O", "P", "E", "f", "g"}
)  # fmt: skip
# Functions as formulas write them.
_MATHS = frozenset(
    ["ln", "log", "log2", "log10", "exp", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "softmax", "relu", "argmax", "argmin",
     "mean", "var", "cov", "norm", "dot", "prod", "sign", "prob", "loss", "count", "sum", "max", "min", "abs"]
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


@lru_cache(maxsize=2048)
def blocks(lines: tuple[str, ...]) -> tuple[Block, ...]:
    """The stretches of ``lines`` (a comment's, with their ``#``; empty ones in between) that hold code."""
    return tuple(_blocks(lines))


def _blocks(lines: tuple[str, ...]) -> Iterator[Block]:
    text = "\n".join(lines)
    if not any(map(text.__contains__, _SIGNS)) or not _PYTHON.search(text):
        return
    lower = text.lower()
    if any(map(lower.__contains__, _LICENCES)) or INVITES.search(text):
        return
    bare = [_bare(line) for line in lines]
    start, end, floor = -1, -1, 0
    gathered: list[ast.stmt] = []
    for first, last, more in _parsed(bare):
        if gathered and _belongs(lines[end + 1 : first], more):
            end = last
            gathered += more
        elif not all(map(_is_word, more)):
            if gathered and not _is_told(lines, floor, start, end) and does_something(gathered, bare[start : end + 1]):
                yield _block(bare, start, end)
            floor = end + 1
            start, end, gathered = first, last, list(more)
    if gathered and not _is_told(lines, floor, start, end) and does_something(gathered, bare[start : end + 1]):
        yield _block(bare, start, end)


def _is_told(lines: Sequence[str], floor: int, start: int, end: int) -> bool:
    """Whether lines are offered to the reader, or are a title between two rules."""
    around = lines[start - 1 : start], lines[end + 1 : end + 2]
    if is_offered(lines[floor:start]) or (start == end and start > floor and _is_in_sentence(lines, start)):
        return True
    titled = start == end and all(one and _RULE.fullmatch(one[0]) for one in around)
    return titled and "." not in lines[start].partition("(")[0]


_NO_END = re.compile(r"[^\W\d_][*`]*,?$")
_GOES_ON = re.compile(r"# ?(?![A-Z\d_])\w+ ?[^\s=(]")


def _is_in_sentence(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a call that a sentence names: the words above it go on below."""
    if at + 1 >= len(lines) or not _BARE_CALL.match(_bare(lines[at])) or not lines[at].rstrip().endswith(")"):
        return False
    above, below = lines[at - 1].rstrip(), lines[at + 1]
    words = len(above.split()) > 3 and _NO_END.search(above) is not None and parsed(_bare(above)) is None
    return words and _GOES_ON.match(below) is not None and parsed(_bare(below)) is None


def _block(bare: list[str], start: int, end: int) -> Block:
    """Lines of code; words at their end that they don't have are the title of what follows."""
    while end > start and re.fullmatch(r"#? ?[A-Za-z]\w*", bare[end]) and not _LEAVES.match(bare[end]):
        word = bare[end].strip("# ")
        if any(re.search(rf"\b{word}\b", line) for line in bare[start:end]):
            break
        end -= 1
        while not bare[end].strip():
            end -= 1
    return Block(start, end, head_of(bare, start))


def _belongs(between: Sequence[str], more: list[ast.stmt]) -> bool:
    """Whether code after a line of prose, or after none, goes on with what stands above."""
    prose = [line for line in between if line.strip("# ") and not _OLD_PRINT.match(line)]
    if not prose:
        return not between or not all(map(_is_word, more))
    return len(prose) == 1 and not all(map(_is_word, more)) and not is_offered(between)


def _is_word(statement: ast.stmt) -> bool:
    """Whether a statement may as well be a word of prose, a heading, or a value that was printed."""
    match statement:
        case ast.Expr(value=ast.Call(func=called)):
            return _dotted(called) in _PRINTED
        case ast.Expr(value=ast.Await() | ast.Yield()):
            return False
        case ast.Expr():
            return True
        case ast.AnnAssign(value=None):
            return True
    return False


def is_offered(above: Sequence[str]) -> bool:
    """Whether the prose right above offers the code to the reader: an alternative, an example, what else can be done."""
    prose: list[str] = []
    if len(above) > 1 and not above[-1].strip("# "):
        above = above[:-1]
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


def head_of(lines: list[str], start: int) -> str:
    """The first line of code, as messages show it."""
    code = (line.strip() for line in lines[start:] if line.strip() and not line.lstrip().startswith("#"))
    text = next(code, lines[start].strip())
    return text if len(text) <= 60 else text[:59] + "…"


def _parsed(lines: list[str]) -> Iterator[tuple[int, int, list[ast.stmt]]]:
    """The stretches of lines that parse, with their statements; each as long as it may be."""
    whole = parsed("\n".join(lines))
    if whole is not None:
        shown = [number for number, line in enumerate(lines) if line.strip()]
        code = next((one for one in whole if not _is_word(one)), None)
        if code is not None:
            end = min(whole[-1].end_lineno or 1, shown[-1] + 1)  # the head of a block was given a `pass`
            while end < len(lines) and lines[end].strip():
                end += 1
            yield (shown[0] if code is whole[0] else _first_line(code)), end - 1, whole[whole.index(code) :]
        return
    number = 0
    while number < len(lines):
        if not lines[number].strip() or _is_prose([lines[number]]):
            number += 1
            continue
        for length in _lengths(lines, number):
            found = parsed("\n".join(lines[number : number + length]))
            if found:
                yield number, number + length - 1, found
                number += length
                break
        else:
            number += 1


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)]) - 1


def _lengths(lines: list[str], number: int) -> Iterator[int]:
    """How many lines a statement that starts at a line may have: its whole block, or as few as parse."""
    margin, end = _indent(lines[number]), number + 1
    head = _HEAD.match(lines[number]) is not None and (":" in lines[number] or _is_open(lines[number]))
    if head:
        decorated = lines[number].lstrip().startswith("@")
        for following in range(number + 1, len(lines)):
            line = lines[following]
            if line.strip() and _indent(line) <= margin:
                if _indent(line) < margin or not (_CLAUSE.match(line) or decorated):
                    break
                decorated = decorated and line.lstrip().startswith("@")
            if line.strip():
                end = following + 1
        yield end - number
    opened = _is_open(lines[number])
    tries = _TRIES if head or opened else 1
    for length in range(1, min(tries, len(lines) - number) + 1):
        more = lines[number + length] if number + length < len(lines) else ""
        if length > 1 or not head or not more.strip() or _indent(more) <= margin:
            yield length
    if opened and not head:
        yield from _closed(lines, number)


def _closed(lines: list[str], number: int) -> Iterator[int]:
    """How many lines a long call has: up to where its brackets are closed."""
    open_still = 0
    for length, line in enumerate(lines[number : number + _LONGEST], 1):
        open_still += _opened(line)
        if open_still <= 0:
            if length > _TRIES:
                yield length
            return


def _is_open(line: str) -> bool:
    """Whether a statement that begins on a line may go on below, other than as a block."""
    return _opened(line) > 0 or line.endswith("\\") or '"""' in line or "'''" in line or line.lstrip().startswith("@")


def _opened(line: str) -> int:
    """How many more brackets a line opens than it closes."""
    return sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else 0


@lru_cache(maxsize=512)
def _tree(text: str) -> tuple[ast.stmt, ...] | None:
    tree, _ = compiled(text)
    return tuple(tree.body) if tree is not None else None


def _is_prose(lines: list[str]) -> bool:
    """Whether a line begins with two words neither of which is a keyword: the cheapest sign that nothing parses."""
    for line in lines:
        words = _TWO_WORDS.match(line)
        if words and words[1] not in _KEYWORDS and words[2] not in _KEYWORDS:
            return not any(mark in one for one in lines for mark in ("'''", '"""', "\\"))  # no text of many lines
    return False


def parsed(text: str) -> list[ast.stmt] | None:
    """The statements of a text that may be indented as a whole or end with the head of a block; else ``None``."""
    written = text.split("\n")
    lines = [line for line in written if line.strip()]
    if not lines or (not _PYTHON.search(text) and len(lines) == 1):
        return None
    if _is_prose(lines):
        return None
    margin = min(_indent(line) for line in lines)
    text = "\n".join(line[margin:] for line in written).rstrip()
    if lines[-1].rstrip().endswith(":"):
        text += "\n" + " " * (_indent(lines[-1]) - margin + 1) + "pass"
    found = _tree(text)
    return list(found) if found is not None else None


def does_something(statements: list[ast.stmt], lines: list[str]) -> bool:
    """Whether statements found in a comment are code that someone switched off."""
    strong = sum(_is_strong(statement, lines) for statement in statements)
    if not strong or any(line.strip() in {"...", "[...]", "…"} for line in lines) or all(map(_tidies, statements)):
        return False
    aside = lines[0].partition("  #")[2] or lines[0].partition(" # ")[2]
    if _OFFERS.search(aside.strip()):
        return False
    if len(statements) == 1 and len(lines) == 1:
        return not (_PROSE.search(lines[0]) or _SENTENCE.match(lines[0]))
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
        or not name.isascii()
        or name in _PRINTED
        or name in ("help", "dir")
        or name.rpartition(".")[2] in _PRINTED
        or not any(_spells_call(line) for line in lines)
    ):
        return False
    if isinstance(call.func, ast.Name):
        # `fit()` by itself names a function; `f(x, y)` is a formula; `Dataset(rows)` tells what something is.
        return bool(call.args or call.keywords) and len(name) > 2 and not _is_signature(call) and not _is_kind(call)
    return not _is_signature(call) or not (call.args or call.keywords)


def _is_kind(call: ast.Call) -> bool:
    """``Dataset(rows)``, ``Conv2d(3, 64)``."""
    given = (
        isinstance(one, ast.Name) or (isinstance(one, ast.Constant) and one.value != str(one.value))
        for one in call.args
    )
    return isinstance(call.func, ast.Name) and call.func.id[0].isupper() and not call.keywords and all(given)


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
        case ast.Constant(value=str()):
            return "constant"
    return ""


def _spells_call(line: str) -> bool:
    """Whether a line has a call written as code has it: no blank before the bracket."""
    return re.search(r"[\w\])]\(", line) is not None


def _computes(value: ast.expr, targets: list[ast.expr], lines: list[str]) -> bool:
    """Whether an assignment does more than name a literal or write a formula down."""
    match value:
        case ast.Call():
            name = _dotted(value.func)
            return (
                name != ""
                and name.isascii()  # elsewhere a bracket behind a word is prose: `名前 = フォルダ名(B1)`
                and any(_spells_call(line) for line in lines)
                and not _is_formula(value, targets)
            )
        case ast.Subscript(value=ast.Attribute(attr="shape")) if _is_letter(targets):
            return False
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


def _is_letter(targets: list[ast.expr]) -> bool:
    """``N``, how the sizes of things are told."""
    return all(isinstance(target, ast.Name) and len(target.id) == 1 and target.id.isupper() for target in targets)


def _is_formula(call: ast.Call, targets: list[ast.expr]) -> bool:
    """``y = f(x)``, ``N = len(rows)``, ``idf = ln(n / df)``, ``lift = P(A & B) / P(A)``."""
    if isinstance(call.func, ast.Name) and call.func.id in ("P", "E", "O"):
        return True
    if _is_letter(targets) and isinstance(call.func, ast.Name) and call.func.id in ("len", "int", "max", "min"):
        return True
    if isinstance(call.func, ast.Name) and call.func.id in _MATHS:
        called = {_dotted(one.func) for one in ast.walk(call) if isinstance(one, ast.Call)}
        return called <= _MATHS and all(isinstance(target, ast.Name) for target in targets)
    short = isinstance(call.func, ast.Name) and len(call.func.id) <= 2
    return short and all(isinstance(target, ast.Name) and len(target.id) <= 2 for target in targets)
