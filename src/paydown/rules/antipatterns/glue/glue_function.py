"""Most of a function's statements only carry data from one library's type to another's.

Glue code holds on to the types, names and shapes of the packages on both of its sides: an update of either breaks it, and what the
function is for drowns in it.

```python bad
import numpy as np
import pandas as pd
from neighbours import density

def crowding(frame, width):  # debt: 5 of the 7 statements of `crowding` only convert, rename or reshape: settle on one type, and convert at its edges
    longitude = frame["longitude"].values
    latitude = frame["latitude"].values
    pairs = np.vstack([longitude, latitude])
    points = np.transpose(pairs)
    found = density(points, width)
    result = pd.DataFrame(found)
    return result.clip(0, 1)
```

```python good
import pandas as pd
from neighbours import density

def crowding(frame, width):
    return density(frame[["longitude", "latitude"]].to_numpy(), width)
```

**How to pay it off.** Choose one type for the inside of the code and convert once, where data comes in or goes out; look for the option or
method of the library that takes what you have (`output="pandas"`, `to_numpy()` of several columns); wrap a package behind an
interface of your own when several functions convert for it.

**When to accept it.** When the function is that interface: an adapter for one package.

At least 5 statements, and 60 % of them, have to convert, rename, reshape, put columns or arrays together, or pass values on: at least
four, and two in five of all, do more than pass on, and two go to another library's type. Left out are the methods that a library asks for (`fit`,
`transform`, `forward`, `__getitem__` …), methods of classes that follow another class, and nested functions.

*Sculley et al., 2015, section 5: ML-system anti-patterns (glue code).*
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from paydown.facts import nodes_of
from paydown.rule import INFORMATION, Draft, Rule
from paydown.span import Span
from paydown.view import CellView, statements

rule = Rule(
    __name__,
    "HTD504",
    severity=INFORMATION,
    principal=30,
    message="{glue} of the {total} statements of `{function}` only convert, rename or reshape: "
    "settle on one type, and convert at its edges",
    in_tests=False,
)
# To another library's type …
_ACROSS = frozenset(
    ["to_numpy", "numpy", "tolist", "to_list", "toPandas", "to_pandas", "to_dict", "to_dicts", "to_records",
     "as_matrix", "toarray", "todense", "to_frame", "to_arrow", "to_torch", "asDict", "array", "asarray",
     "asanyarray", "DataFrame", "Series", "GeoDataFrame", "tensor", "as_tensor", "from_numpy", "Tensor",
     "FloatTensor", "LongTensor", "IntTensor", "DoubleTensor", "constant", "convert_to_tensor", "DMatrix", "Pool",
     "csr_matrix", "csc_matrix", "coo_matrix", "fromarray", "img_to_array", "array_to_img", "from_pandas",
     "from_dict", "from_records", "createDataFrame", "to_tensor", "from_tensor_slices", "from_arrays",
     "to_pydatetime"]
)  # fmt: skip
# … to other names or shapes, or together.
_WITHIN = frozenset(
    ["astype", "reshape", "ravel", "flatten", "squeeze", "unsqueeze", "transpose", "permute", "swapaxes", "moveaxis",
     "view", "expand_dims", "rename", "reset_index", "set_index", "set_axis", "contiguous", "add_prefix",
     "add_suffix", "withColumnRenamed", "cast", "atleast_2d", "atleast_1d", "ascontiguousarray", "detach", "cpu",
     "float", "long", "double", "vstack", "hstack", "column_stack", "stack", "concatenate", "concat", "cat", "item",
     "copy"]
)  # fmt: skip
_ADAPTERS = frozenset(
    ["fit", "transform", "fit_transform", "inverse_transform", "forward", "predict", "predict_proba", "predict_fn",
     "input_fn", "output_fn", "__getitem__", "__init__", "__call__", "__iter__", "call", "collate", "collate_fn",
     "collate_batch"]
)  # fmt: skip
# Without one of these no function goes across.
_SIGNS = (
    ".values", "array(", "frame(", "series(", "tensor(", "numpy(", "list(", "_dict(", "matrix(", "fromarray", "pandas(",
)  # fmt: skip
_SHARE, _CONVERTS, _LEAST = 0.6, 0.4, 5
_ORDER = ["pass", "within", "across"]


@rule.check_where("def ")
def glue(cell: CellView) -> Iterator[Draft]:
    """Functions most of whose statements convert."""
    if not cell.mentions(*_SIGNS):
        return
    for function in _functions(cell.facts.tree.body):
        if function.name in _ADAPTERS or len(function.body) < 4:
            continue
        body = [one for one in statements(function) if _counts(one)]
        if len(body) < _LEAST:
            continue
        kinds = [_kind(one) for one in body]
        across, within, passed = kinds.count("across"), kinds.count("within"), kinds.count("pass")
        if (
            across >= 2
            and across + within >= max(4, passed, _CONVERTS * len(body))
            and across + within + passed >= max(_SHARE * len(body), _LEAST)
        ):
            span = cell.facts.span(function)
            yield rule.at(
                cell.place(Span(span.line, span.column, span.line, span.column + 4 + len(function.name))),
                glue=across + within + passed,
                total=len(body),
                function=function.name,
            )


def _functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """The functions of a cell, and the methods of classes that follow no library's."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.bases:
            yield from _functions(node.body)


def _counts(node: ast.stmt) -> bool:
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) and not isinstance(
        node, (ast.Import, ast.ImportFrom, ast.Pass)
    )


def _kind(node: ast.stmt) -> str:
    """What a statement does: "across" to another library's type, "within" one, "pass"; nothing if anything else."""
    match node:
        case ast.Assign(targets=[ast.Attribute(attr="columns" | "index")]):
            return "within"
        case ast.Assign(targets=[ast.Subscript(value=holder)], value=value):
            found = _chain(value)
            same = any(
                isinstance(part, ast.Name) and isinstance(holder, ast.Name) and part.id == holder.id
                for part in nodes_of(value)
            )
            return found if found in ("across", "within") and same else ""
        case ast.Assign(value=ast.Constant() | ast.List(elts=[]) | ast.Dict(keys=[])) | ast.Return(value=None):
            return ""
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) | ast.Return(value=ast.expr() as value):
            return _chain(value)
        case ast.Expr(value=ast.Call(keywords=words) as value) if any(word.arg == "inplace" for word in words):
            return _chain(value)
    return ""


def _chain(node: ast.expr) -> str:
    """What an expression does: "across", "within", "pass"; nothing if it does anything else."""
    match node:
        case ast.Name() | ast.Constant():
            return "pass"
        case ast.Attribute(value=inner, attr=attr):
            return _more(_chain(inner), "across" if attr == "values" else "within" if attr == "T" else "pass")
        case ast.Subscript(value=inner, slice=index):
            if any(isinstance(part, (ast.Compare, ast.Call)) for part in nodes_of(index)):
                return ""
            return _chain(inner)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
            return _most(parts)
        case ast.ListComp(elt=part, generators=[ast.comprehension(ifs=[])]):
            return _chain(part)
        case ast.Call(func=func, args=args, keywords=words):
            name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
            does = "across" if name in _ACROSS else "within" if name in _WITHIN else ""
            given = [*args, *(word.value for word in words)]
            if name[:1].isupper() and all(word.arg != "data" for word in words) and not args:
                return ""  # made of nothing
            if does == "across" and args and not any(isinstance(part, ast.Name) for part in nodes_of(args[0])):
                return ""  # made of literals
            below = _chain(func.value) if isinstance(func, ast.Attribute) else "pass"
            return _more(_more(below, does), _most(given))
    return ""


def _more(one: str, other: str) -> str:
    """What goes further."""
    return max(one, other, key=_ORDER.index) if one and other else ""


def _most(parts: Iterable[ast.expr | None]) -> str:
    """What goes furthest of several expressions; nothing if one of them does anything else."""
    found = "pass"
    for part in parts:
        found = _more(found, _chain(part)) if part is not None else ""
    return found
