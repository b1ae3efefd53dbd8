"""A long SQL query, or one with a join, stands in a string.

No formatter, linter or planner sees it, nobody can run it alone, and a renamed column is found out only when the notebook
runs. The query decides which rows the model learns from, yet it changes without a review of its own.

```python bad
orders = pd.read_sql('''  # debt: `SELECT … FROM orders` is 5 lines of SQL in a string, where no tool checks it: move it to a `.sql` file
    SELECT customer, sum(amount) AS total
    FROM orders
    WHERE paid
    GROUP BY customer
    ORDER BY total
''', connection)
```

```python fixed
from pathlib import Path

orders = pd.read_sql(Path("orders.sql").read_text(), connection)
```

```python good
count = pd.read_sql("SELECT count(*) FROM orders", connection)
```

**How to pay it off.** Keep the query in a `.sql` file beside the code and read it, or make it a view of the database. The
fix moves a plain string, as it is, into a file that is called after the variable or the table (in `queries/` or `sql/`,
where there is such a folder), and never writes over one.

**When to accept it.** In a lesson on SQL. Queries of fewer than five lines without a join are left out, and `%%sql` cells.

*Sculley et al., 2015, section 5: ML-system anti-patterns (multiple-language smell).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.fixes import CellEdit, NewFile, Target, move_to_file
from paydown.fixes.bindings import assigned
from paydown.rule import HINT, Draft, Rule
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD532",
    severity=HINT,
    principal=10,
    message="`{query}` is {size} of SQL in a string, where no tool checks it: move it to a `.sql` file",
    in_tests=False,
)
_MANY = 5  # lines; what is shorter reads well where it stands
_MANY_COLUMNS = 8  # lines of a table's declaration, where each column takes one
_DECLARES = re.compile(
    r"\s*CREATE\s+(?:\w+\s+){0,2}TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[^\s(]+\s*\((?!\s*SELECT)", re.IGNORECASE
)
_CATALOG = re.compile(r"\b(?:information_schema|sqlite_master|sqlite_schema|pg_catalog)\b", re.IGNORECASE)  # not data
_HINT = re.compile(r"\b(?:select|insert|update|delete|create|merge|with)\b", re.IGNORECASE)
_QUERY = re.compile(
    r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*"
    r"(?:SELECT\b.+?\bFROM\b|WITH\s+\w+\s+AS\s*\(|INSERT\s+(?:OVERWRITE|INTO)\b|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\b"
    r"|MERGE\s+INTO\b|CREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s+)?(?:TABLE|VIEW|MODEL|FUNCTION|PROCEDURE)\b)",
    re.IGNORECASE | re.DOTALL,
)
_TABLE = re.compile(
    r"\b(FROM|INTO|OVERWRITE|TABLE|VIEW|MODEL|FUNCTION|PROCEDURE|UPDATE)\s+(?:(?:IF\s+NOT\s+EXISTS|TABLE)\s+)?([\w.`{}\[\]%-]+)",
    re.IGNORECASE,
)
_MARKERS = ("# %%", "#%%", "# Databricks notebook", "# In[")
_FOLDERS = ("queries", "sql")
_TELLS_NOTHING = re.compile(
    r"(?:(?:the_?|my_?)?(?:sql|query|queries|q|stmt|statement|cmd|command|text|string|df|data|frame|result|results|res"
    r"|rows|cursor|x|_)_?(?:sql|query|str|string|text|df)?\d*)?",
    re.IGNORECASE,
)
_AFFIX = re.compile(r"^(?:sql|query|q)_|_(?:sql|query|stmt|statement)$", re.IGNORECASE)
_PART = re.compile(r"\b(?:EXTRACT|SUBSTRING|TRIM)\s*\([^()]*\)", re.IGNORECASE)  # `EXTRACT(HOUR FROM seen)`
_REMARK = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_PART_OF_A_DATE = re.compile(r"\bEXTRACT\s*\(\s*\w+\s+FROM\b", re.IGNORECASE)
_JOIN = re.compile(r"\bJOIN\b.+\b(?:ON|USING)\b", re.IGNORECASE | re.DOTALL)


@rule.check_where("select", "insert", "update", "delete", "create", "merge", "with")
def embedded(cell: CellView) -> Iterator[Draft]:
    """Strings that are a query."""
    if not cell.mentions('"""', "'''", "join"):
        return
    if not _HINT.search(cell.text):
        return
    shown = {id(node.value) for node in cell.statements() if isinstance(node, ast.Expr)}
    parts: set[int] = set()
    filled: set[int] = set()  # what is put together with other text, or filled in
    for node in cell.nodes():
        if isinstance(node, ast.JoinedStr):
            parts.update(id(part) for part in node.values)
        elif isinstance(node, ast.Attribute):
            filled.add(id(node.value))
        elif isinstance(node, ast.BinOp):
            filled |= {id(node.left), id(node.right)}
        if isinstance(node, ast.Dict) and any(
            isinstance(key, ast.Constant) and key.value == "title" for key in node.keys
        ):
            parts.update(map(id, node.values))  # the text of a page or a dashboard
        if not isinstance(node, (ast.Constant, ast.JoinedStr)) or id(node) in shown or id(node) in parts:
            continue
        text = _text(node)
        lines = sum(1 for line in text.splitlines() if line.strip())
        if len(text) < 30 or not _is_query(text) or (lines < _MANY and not _JOIN.search(text)):
            continue
        if _CATALOG.search(text) or (lines < _MANY_COLUMNS and _DECLARES.match(text)):
            continue
        size = f"{lines} lines" if lines > 1 else "a line"
        is_plain = isinstance(node, ast.Constant) and id(node) not in filled and "\r" not in text
        moves = is_plain and _has_a_folder(cell)
        yield rule.at(cell.place(node), query=_named(text), size=size, fixes=None if moves else ())


@rule.fix("Move the query to a `.sql` file", safe=False, creates=True)
def move(target: Target) -> Iterator[CellEdit | NewFile]:
    """Called after what it is bound to, or else after its table."""
    query = target.node(target.span, ast.Constant)
    entries = (
        (key, value)
        for one in target.nodes(target.span, ast.Dict)
        for key, value in zip(one.keys, one.values, strict=True)
    )
    names = [str(key.value) for key, value in entries if value is query and isinstance(key, ast.Constant)]
    names.append(assigned(target.innermost(target.span, ast.stmt))[0])
    told = [short for name in names if not _TELLS_NOTHING.fullmatch(short := _AFFIX.sub("", name))]
    name = next(iter(told), "") or _table(query.value) or "query"
    yield from move_to_file(target, target.span, name, ".sql", folders=_FOLDERS)


def _has_a_folder(cell: CellView) -> bool:
    """Whether code in the cell can surely name a file beside its document: the cells of a script may run anywhere."""
    document = cell.document
    if (
        document.kind == "script"
        and (cell.cell.index or cell.text.startswith(_MARKERS))
        and "__file__" not in cell.text
    ):
        return False
    return document.path != "" and not document.colab


def _is_query(text: str) -> bool:
    """Whether it begins like one; prose has a capital letter only at first."""
    match = _QUERY.match(text)
    verb = next(iter(re.findall(r"[A-Za-z]+", _REMARK.sub("", match[0]))), "") if match else ""
    return verb.isupper() or verb.islower()


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """What a string says, ``{}`` for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return node.value if isinstance(node.value, str) else ""


def _code(text: str) -> str:
    """The query without remarks, and without the ``FROM`` of what names no table."""
    return _PART_OF_A_DATE.sub("EXTRACT(", _REMARK.sub("", text))


def _named(text: str) -> str:
    """The query in short: its verb and its first table."""
    code = _code(text)
    verb = next(iter(re.findall(r"[A-Za-z]+", code))).upper()
    match = _TABLE.search(_PART.sub("", code))
    if match is None:
        return f"{verb} …"
    word, table = match[1].upper(), match[2].replace("`", "")
    return f"{verb} {table}" if word == verb else f"{verb} … {word} {table}"


def _table(text: object) -> str:
    """The name of its first table, without the schema's."""
    match = _TABLE.search(_code(text)) if isinstance(text, str) else None
    return match[2].rpartition(".")[2] if match else ""
