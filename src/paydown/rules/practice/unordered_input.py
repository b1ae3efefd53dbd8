"""Files are taken in the order the file system lists them.

That order differs between machines, and after a copy: the same seed then gives another split, and class 0 is another class.

```python bad
import os

classes = {}
for number, name in enumerate(os.listdir("train")):  # debt: `os.listdir` lists in no fixed order, and it decides the order of the data: wrap it in `sorted`
    classes[name] = number
```
```python fixed
import os

classes = {}
for number, name in enumerate(sorted(os.listdir("train"))):
    classes[name] = number
```

```python good
import os
from pathlib import Path

images = [load(path) for path in sorted(Path("train").glob("*.png"))]
for name in os.listdir("tmp"):
    os.remove(name)
count = len(os.listdir("train"))
```

**How to pay it off.** Put `sorted(...)` around the listing (the fix does that).

**When to accept it.** When nothing depends on the order: each file is handled by itself.

Counted are listings whose files are read, numbered or gathered for a table or a data set where they are listed. Left out: what
is sorted afterwards, made a dict or a set, counted, searched or deleted, and lists of names that are handled one by one.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (reproducibility debt).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdits, Target, wrap
from paydown.rule import WARNING, Draft, Rule
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD816",
    severity=WARNING,
    principal=1,
    message="`{call}` lists in no fixed order, and it decides the order of the data: wrap it in `sorted`",
)
_LISTS = frozenset({"listdir", "iterdir", "glob", "iglob", "rglob"})
_SETTINGS = (".json", ".yaml", ".yml", ".toml", ".ini", ".py", ".ipynb")  # what is said or done about data, seldom data
_PASSING = frozenset({"enumerate", "list", "tqdm", "tqdm_notebook", "tuple", "zip", "trange", "track"})
_JOINS = re.compile(r"\.(?:concat|vstack|hstack|stack)\(|\b\w+ *\+= *[\[(]")
_NUMBERS = re.compile(r"\w\[[^\]]+\] *=(?!=)")
# What stands in a loop that reads data, rather than names of files to be handled one by one.
_READS = re.compile(
    r"\b(?:im)?read\w*\(|\bload\w*\(|\bopen\(|\bparse\(|\b(?:cv2|np|numpy|pd|librosa|torch|Image|io)\.\w+|\bprocess\w*\(|"
    r"\bextract\w*\(|\bfeatur\w*\("
)
_ALONE = re.compile(r"\b(?:remove|unlink|rmtree|rename|move|rmdir|touch|chmod|mkdir)\(")


@rule.check_where("listdir(", "iterdir(", "glob(")
def unsorted(cell: CellView) -> Iterator[Draft]:
    """Listings whose elements are gathered."""
    for node in cell.nodes():
        match node:
            case ast.For(iter=iterated) | ast.AsyncFor(iter=iterated):
                listing = _listing(iterated)
                if listing is None:
                    continue
                body = "\n".join(ast.unparse(one) for one in node.body)
                numbered = ast.unparse(iterated).startswith("enumerate(") and _NUMBERS.search(body)
                gathered = _gathered(body)
                gathers = (gathered or _JOINS.search(body)) and (_READS.search(body) or _feeds(cell, gathered))
                if (gathers or numbered) and not _ALONE.search(body) and not _sorted_later(cell, gathered):
                    yield rule.at(cell.place(listing), call=_spelled(listing))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.ListComp(generators=[generator, *_], elt=element)):
                listing = _listing(generator.iter)
                if listing is None or isinstance(element, ast.Name):
                    continue
                reads = isinstance(element, ast.Call) and re.search(r"read|load|open|imread", ast.unparse(element.func))
                if reads and not _is_sorted(cell, name):
                    yield rule.at(cell.place(listing), call=_spelled(listing))
            case _:
                continue


def _listing(node: ast.expr) -> ast.Call | None:
    """The listing that is iterated, perhaps through ``enumerate`` and the like."""
    while isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _LISTS:
            pattern = node.args[-1] if node.args else None
            settings = isinstance(pattern, ast.Constant) and str(pattern.value).endswith(_SETTINGS)
            return None if settings else node
        if name not in _PASSING or not node.args:
            return None
        node = node.args[0]
    return None


def _spelled(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=attr, value=ast.Name(id=name)):
            return f"{name}.{attr}"
        case ast.Attribute(attr=attr):
            return f".{attr}"
    return ast.unparse(node.func)


_GATHERED = re.compile(r"((?:self\.)?\w+)(?:\[['\"]\w+['\"]\])?\.(?:append|extend)\(")


_ABOUT = re.compile(r"(?:times|durations|counts|sizes|errors|failed|failures|missing|skipped|warnings)$", re.IGNORECASE)


def _gathered(body: str) -> list[str]:
    """The lists that a loop fills; not those that it makes anew for each file, keeps by a key of its own, or that tell of
    the files, as their times do."""
    return [
        name
        for name in _GATHERED.findall(body)
        if not _ABOUT.search(name)
        and not re.search(rf"^\s*{re.escape(name)}(?:: [^=\n]+)? = (?!{re.escape(name)}\.)", body, re.MULTILINE)
    ]


def _feeds(cell: CellView, gathered: list[str]) -> bool:
    """Whether the names of files that are gathered make a table, a data set or its parts."""
    names = "|".join(map(re.escape, gathered))
    made = r"(?:array|DataFrame|Series|\w*Dataset|from_tensor_slices|train_test_split|stack|concat|shuffle|fit\w*)"
    parts = rf"= *(?:\w+\[[^\]\n]*\], *)*(?:{names})\[[^\]\n]*:"
    return bool(names) and re.search(rf"\b{made}\(\W*(?:{names})\b|{parts}", cell.text) is not None


def _sorted_later(cell: CellView, gathered: list[str]) -> bool:
    return bool(gathered) and all(_is_sorted(cell, name) for name in gathered)


def _is_sorted(cell: CellView, name: str) -> bool:
    ordered = rf"\b{name}\.sort\(|\b(?:sorted|dict|set|argsort|Counter|max|min)\({name}\b|\b{name}\.sort_values|sort_index|assert len\({name}\) *== *1"
    return re.search(ordered, cell.text) is not None


@rule.fix("Put `sorted` around it", safe=True)
def put_in_order(target: Target) -> CellEdits:
    """Sort the listing."""
    yield from wrap(target, target.span, "sorted({})")
