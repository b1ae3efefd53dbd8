"""What a text says: IPython's syntax, comments, names, and places that stay true."""

from __future__ import annotations

import ast
import io
import keyword
import symtable
import sys
import time
import tokenize
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paydown.facts import Facts, parse
from paydown.span import split_lines

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")

STDLIB = sorted(Path(ast.__file__).parent.glob("*.py"))[::4]


def code(facts: Facts) -> str:
    return ast.unparse(facts.tree)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("%matplotlib inline\nx = 1", "_\nx = 1"),
        ("x = !ls *.csv\ny = 1", "x = _\ny = 1"),
        ("a, b = !ls", "a, b = _"),
        ("d['k'] = %env HOME", "d['k'] = _"),
        ("!pip install -q \\\n   pandas \\\n   numpy\nx = 1", "_\nx = 1"),
        ("if a:\n    !wget -q http://x/y.csv\n    %matplotlib inline\n    b = 1", "if a:\n    _\n    _\n    b = 1"),
        ("x = 1\n  !echo indented", "x = 1\n_"),
        ("pd.read_csv?", "_"),
        ("pd??  # why", "_"),
        ("?pd.read_csv\nx = 1", "_\nx = 1"),
        ("%time df = read()", "df = read()"),
        ("%time for x in y: f(x)", "for x in y:\n    f(x)"),
        ("%timeit -n 3 -r2 f(x)", "f(x)"),
        ("for x in y:\n    %time f(x)", "for x in y:\n    _\n    f(x)"),
        ("%timeit", "_"),
        ("%time !ls", "_"),
        ("pip install x\nx = 1", "_\nx = 1"),
        ("cd data", "_"),
        ("ls -l", "ls - l"),
        ("x = 5 %2\ny = (5\n%2)", "x = 5 % 2\ny = 5 % 2"),
        ('s = """\n!no\n%no\n"""\n%cd x', "s = '\\n!no\\n%no\\n'\n_"),
        ("!echo \"don't\nx = 1", "_\nx = 1"),
        ("df = await load()\nreturn df", "df = await load()\nreturn df"),
        ("%%time\n%%capture out\nx = 1\n!ls", "x = 1\n_"),
        ("# first\n\n%%timeit -n 3\nsum(y)", "sum(y)"),
        ("%%bash -s\nfor f in *; do echo $f; done", ""),
        (">>> for x in y:\n...     f(x)\n...\n>>> z = 1", "for x in y:\n    f(x)\nz = 1"),
        ("In [1]: x = 1\n   ...: y = x", "x = 1\ny = x"),
        ("print 'x=%3.2f' % x", "_\n'x=%3.2f' % x"),
    ],
)
def test_ipython_syntax_is_masked_and_the_rest_is_python(text: str, python: str) -> None:
    assert code(parse(text)) == python


@pytest.mark.parametrize(
    ("text", "magic"),
    [
        ("%matplotlib inline", ("line", "matplotlib", "inline", "", (0, 0, 0, 18))),
        ("files = !ls \\\n  *.csv", ("shell", "", "ls *.csv", "files", (0, 0, 1, 7))),
        ("é = %env HOME", ("line", "env", "HOME", "é", (0, 0, 0, 13))),
        ("np.mean??  # look", ("help", "", "np.mean", "", (0, 0, 0, 9))),
        ("?np.mean", ("help", "", "np.mean", "", (0, 0, 0, 8))),
        ("x = 1\npip install -q x", ("line", "pip", "install -q x", "", (1, 0, 1, 16))),
        ("get_ipython().run_line_magic('run', 'a.py')", ("line", "run", "a.py", "", (0, 0, 0, 43))),
        ("y = get_ipython().getoutput('ls')", ("shell", "", "ls", "y", (0, 4, 0, 33))),
        ("get_ipython().magic('%matplotlib inline')", ("line", "matplotlib", "inline", "", (0, 0, 0, 41))),
        ("# MAGIC %run ./setup $a=1", ("line", "run", "./setup $a=1", "", (0, 0, 0, 25))),
        ("/f a b\nx = 1", ("line", "autocall", "/f a b", "", (0, 0, 0, 6))),
        ("%sql SELECT a\nFROM b", ("cell", "sql", "SELECT a", "", (0, 0, 0, 13))),
        ("# hello\n%%capture out\nx", ("cell", "capture", "out", "out", (1, 0, 1, 13))),
    ],
)
def test_magics_are_told(text: str, magic: tuple[object, ...]) -> None:
    (found,) = parse(text).magics
    assert (found.kind, found.name, found.argument, found.target, tuple(found.span)) == magic
    assert parse(text).errors == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("%%bash\necho", "bash"),
        ("%%writefile a.py\nx", "text"),
        ("%%R -o out\nx", "r"),
        ("%%unknown\nx", "unknown"),
        ("SELECT a\nFROM b", "sql"),
        ("%%time\nx", "python"),
        ("%sql SELECT a\nFROM b", "sql"),
        ("%sql SELECT a\nx = 1", "python"),
        ("%md # Title\nwhat it's about", "markdown"),
    ],
)
def test_the_language_of_a_cell(text: str, language: str) -> None:
    facts = parse(text)
    assert facts.language == language
    assert language == "python" or not facts.tree.body


def test_a_cell_magic_keeps_its_body() -> None:
    facts = parse("%%writefile train.py\nimport os\n\nx = 1\n")
    assert facts.magics[0].body == "import os\n\nx = 1\n"
    assert facts.comments == ()


def test_comments_are_where_they_stand() -> None:
    facts = parse('x = "# no"  # 𝓎es\n  # alone\ns = """\n# no\n"""\n!echo # no\nf"{x}" # é')
    assert [(one.text, tuple(one.span), one.alone) for one in facts.comments] == [
        ("# 𝓎es", (0, 12, 0, 17), False),
        ("# alone", (1, 2, 1, 9), True),
        ("# é", (6, 7, 6, 10), False),
    ]


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.name)
def test_comments_are_those_of_the_tokenizer(path: Path) -> None:
    text = path.read_text("utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    expected = [(one.string, one.start[0] - 1, one.start[1]) for one in tokens if one.type == tokenize.COMMENT]
    assert [(one.text, one.span.line, one.span.column) for one in parse(text).comments] == expected


def symbols(table: symtable.SymbolTable) -> set[str]:
    """The module's names that a scope or one inside it reads."""
    used = {
        one.get_name()
        for one in table.get_symbols()
        if one.is_referenced() and (table.get_type() == "module" or (one.is_global() and not one.is_local()))
    }
    return used.union(*(symbols(child) for child in table.get_children()))


def declared_global(table: symtable.SymbolTable) -> set[str]:
    """The names that functions bind for the module."""
    own = {one.get_name() for one in table.get_symbols() if one.is_declared_global() and one.is_assigned()}
    return own.union(*(declared_global(child) for child in table.get_children()))


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.name)
def test_names_are_those_of_the_compiler(path: Path) -> None:
    text = path.read_text("utf-8")
    table = symtable.symtable(text, path.name, "exec")
    bound = {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}
    nodes = list(ast.walk(ast.parse(text)))
    handlers = {one.name for one in nodes if isinstance(one, ast.ExceptHandler) and one.name}
    deleted = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Del)}
    # From Python 3.12 on the compiler counts a comprehension's names to the scope around it.
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp)
    inlined = {
        name.id
        for node in nodes
        if isinstance(node, comprehensions) and sys.version_info >= (3, 12)
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
    }
    augmented = {
        node.target.id for node in nodes if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    vague = handlers | deleted
    facts = parse(text)
    assert bound - vague - inlined <= facts.bound <= bound | declared_global(table)
    vague |= augmented | inlined | {"__class__"}
    assert facts.used - vague == symbols(table) - vague


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_type_parameters_are_nobody_elses() -> None:
    facts = parse(
        "type Row[T] = dict[str, T | Other]\n"
        "def first[T: Base](rows: list[T]) -> T:\n    return cast(T, rows[0])\n"
        "class Box[T](Generic[T]):\n    held: T\n    def take(self) -> T: ...\n"
    )
    assert facts.bound == {"Row", "first", "Box"}
    assert facts.used == {"dict", "str", "Other", "Base", "list", "cast", "Generic"}


def test_imports() -> None:
    facts = parse(
        "import pandas as pd, os.path\nfrom sklearn.model_selection import train_test_split as split\n"
        "from . import a\nfrom ..b import c\nfrom math import *\n"
    )
    assert facts.imports == {
        "pd": "pandas",
        "os": "os",
        "split": "sklearn.model_selection.train_test_split",
        "a": ".a",
        "c": "..b.c",
    }
    assert facts.star_imports == ("math",)


def test_scopes() -> None:
    facts = parse(
        "def f(a, b=c):\n    global g\n    g = a + d\n    e = 1\n    return e\n"
        "z = [y for y in w if (v := y)]\ntry:\n    pass\nexcept E as err:\n    print(err)\nx += 1\n"
        "class K:\n    m = n\n    def h(self): return m\n!echo $p {q}\n"
    )
    assert facts.bound == {"f", "g", "z", "v", "x", "K"}
    assert facts.used == {"c", "d", "w", "E", "print", "x", "n", "m", "p", "q"}  # a method does not see `m`


BROKEN = [
    "y = foo(",
    "df.",
    "x = = 1",
    "a b",
    "for q in",
    "print 'a', b",
    "s = 'abc",
    "if x",
    "mdl.fit(a b)",
    "x ?! y",
]
SOUND = [
    "x = 1",
    "y = f(\n    a,\n    b=2,\n)",
    "def g(a):\n    return a",
    "if a:\n    b\nelse:\n    c",
    "import os",
    "f'{x}'",
]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(BROKEN + SOUND), st.sampled_from(["\n", "\r\n"])), max_size=6))
def test_what_parses_is_kept_beside_what_does_not(parts: list[tuple[str, str]]) -> None:
    end = parts[0][1] if parts else "\n"
    facts = parse(end.join(part.replace("\n", end) for part, _ in parts))
    kept = [ast.unparse(statement) for statement in facts.tree.body]
    for part, _ in parts:
        if part in SOUND:
            assert kept.count(ast.unparse(ast.parse(part))) >= sum(part == other for other, _ in parts)
    assert bool(facts.errors) == any(part in BROKEN for part, _ in parts)


@pytest.mark.parametrize(
    ("text", "python", "problems"),
    [
        ("x = 1\ny = foo(\nz = 3", "x = 1\ny = _\nz = 3", ["'(' was never closed"]),
        ("m = F(\n  a=1,\n  b=2\n\nz = m", "m = _\nz = m", ["'(' was never closed"]),
        ("def f():\n    x = \n    return x", "def f():\n    x = _\n    return x", ["invalid syntax"]),
        ("for i in x:\n    print i\n    a = 1", "for i in x:\n    _\n    i\n    a = 1", ["Python 2 syntax"]),
        ("try:\n    a\nexcept E, e:\n    b", "try:\n    a\nexcept E:\n    b", ["Python 2 syntax"]),
        ("if x <> 1: print `x`, 07L", "if x != 1:\n    _\n    (x, 7)", ["Python 2 syntax"]),
        ("def f(a, (b, c)): pass", "def f(a, b, c):\n    pass", ["Python 2 syntax"]),
        ("net.cuda(async=True)", "net.cuda(_sync=True)", ["syntax of Python before 3.7"]),
        ("def f(a):", "def f(a):\n    _", ["expected an indented block"]),
        ("for x in  # c\n  f(x)\ny = 1", "if _:\n    f(x)\ny = 1", ["expected ':'"]),
        ("def f(:\n  y = 1\nz = 2", "def _():\n    y = 1\nz = 2", ["invalid syntax"]),
        ("else:\n  x\nz = 2", "if _:\n    x\nz = 2", ["invalid syntax"]),
        ("    x = 1\n    return x\ny = 2", "x = 1\nreturn x\ny = 2", []),
        ("x = 1\n  y = 2\nz = 3", "x = 1\ny = 2\nz = 3", ["unexpected indent"]),
        ("def f():\n\tx = 1\n        return x", "def f():\n    x = 1\n    return x", ["inconsistent use of tabs"]),
        ("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b", "_\nx = 1\n_\nx = 2\n_", ["merge-conflict marker"] * 3),
        ("import a\\nb = a", "_", ["line breaks written as `\\n`"]),
        ("wget http://x\nx = 1", "_\nx = 1", ["shell command without `!`"]),
        ("x =\u00a01\nprint(“hi”)", "x = 1\nprint('hi')", ["invalid non-printable", "invalid character"]),
        ("x = 1\0\ny = 2", "x = 1\ny = 2", ["source code"]),
        ("x = <FILL IN>", "x = _", ["placeholder to fill in"]),
    ],
)
def test_recovery(text: str, python: str, problems: list[str]) -> None:
    facts = parse(text)
    assert code(facts) == python
    assert len(facts.errors) == len(problems)
    assert all(error.message.startswith(problem) for error, problem in zip(facts.errors, problems, strict=True))
    assert facts.tokens_bound >= {name for name in facts.bound if facts.errors and name not in "abcfi"}


@pytest.mark.parametrize(
    ("text", "bound", "used"),
    [
        ("def first[T](xs: list[T]) -> T: return xs[0]\nx = 1", {"first", "x"}, {"list"}),
        ("type Row[T] = dict[str, T]", {"Row"}, {"dict", "str"}),
        ('print(f"{d["a"]} {f"{f"{1+1}"}"}", x)', set(), {"print", "x"}),
        ("try:\n    a\nexcept A, B:\n    c", set(), {"a", "A", "c"}),
        ('t = t"{name}"', {"t"}, {"name"}),
    ],
)
def test_syntax_of_newer_pythons_is_no_error(text: str, bound: set[str], used: set[str]) -> None:
    facts = parse(text)
    assert facts.errors == ()
    assert facts.bound == bound
    assert facts.used >= used


ODD = [
    ")",
    "\\",
    "\f",
    "\t",
    " ",
    "    ",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\ud83d",
    "\ufeff",
    "\u00a0",
    '"""',
    "'",
    "(",
    "]",
    "}",
    ":",
    "#",
]
WORDS = [
    "if",
    "x",
    "=",
    "1",
    "try:",
    "else:",
    "@d",
    "match x:",
    " case 1:",
    "lambda",
    "f'{x",
    "async ",
    "await x",
    "return",
]
MAGIC = [
    "%time x = 1",
    "!ls",
    "%%time",
    "%%bash",
    "x?",
    "y = !ls",
    "cd a",
    "é = 'ü'; b = é",
    "𝓍 = y  # 😀",
    "class A:",
    ">>> ",
]
FRAGMENTS = st.sampled_from(ODD + WORDS + MAGIC + BROKEN + SOUND)


def positioned(facts: Facts) -> list[ast.Name]:
    """Names with true places: those in f-strings have none before Python 3.12."""
    inside = {id(name) for node in ast.walk(facts.tree) if isinstance(node, ast.JoinedStr) for name in ast.walk(node)}
    return [one for one in ast.walk(facts.tree) if isinstance(one, ast.Name) and id(one) not in inside]


@settings(max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS, max_size=14).map("".join) | st.text(max_size=60))
@example("if x:\n\ty\n        z\n    a")
@example("𝓍 = 1\r  !ls\rx = 2")
def test_any_text_is_parsed_and_every_place_is_true(text: str) -> None:
    facts = parse(text)
    lines = split_lines(text)
    spans = [
        *(one.span for one in facts.comments),
        *(one.span for one in facts.magics),
        *(one.span for one in facts.errors),
    ]
    spans += [facts.span(node) for node in ast.walk(facts.tree) if isinstance(node, (ast.stmt, ast.expr))]
    for span in spans:
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        assert 0 <= span.column <= len(lines[span.line])
        assert span.end_column <= len(lines[span.end_line])
    for name in positioned(facts):
        if name.id in {"_", "_sync"}:
            continue
        span = facts.span(name)
        assert unicodedata.normalize("NFKC", lines[span.line][span.column : span.end_column]) == name.id
    for comment in facts.comments:
        assert lines[comment.span.line][comment.span.column : comment.span.end_column] == comment.text
    assert isinstance(facts.bound | facts.used | facts.tokens_bound, frozenset)
    assert not any(keyword.iskeyword(name) for name in facts.bound)


def test_a_text_that_parses_has_no_errors_and_pythons_own_tree() -> None:
    for path in STDLIB[:12]:
        text = path.read_text("utf-8")
        facts = parse(text)
        assert facts.errors == ()
        assert ast.dump(facts.tree) == ast.dump(ast.parse(text))


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("x = " + "(" * 5000 + "1" + ")" * 5000 + "\ny = 2", {"x", "y"}),
        ("x = " + "+".join(["a"] * 20000) + "\ny = 2", {"x", "y"}),
        ("x = df" + ".fillna(0)" * 3000 + "\ny = 2", {"x", "y"}),
        ("x = [" + ",".join(["1"] * 400_000) + "]\ny = 2", {"x", "y"}),
        ("x = " + "-" * 3000 + "1\ny = 2", {"x", "y"}),
        ("".join(" " * i + "if a:\n" for i in range(120)) + " " * 120 + "pass\ny = 2", {"y"}),
        ("if a: b\n" + "elif a: b\n" * 1000 + "y = 2", {"y"}),
        ("foo(\n" * 3000 + "y = 2", {"y"}),
        ("y = 2\n" + "a b\n" * 3000, {"y"}),
        ("y = 2\n" + '"' * 200_001, {"y"}),
        ("y = 2\nx = !" + " " * 100_000, {"x", "y"}),
        ("y = 2\n" + "((a, (b), " * 5000 + ":", {"y"}),
        ("y = 2\n" + "`" * 100_001, {"y"}),
    ],
)
def test_hostile_texts_are_parsed_within_bounds(text: str, bound: set[str]) -> None:
    start = time.process_time()
    facts = parse(text)
    assert time.process_time() - start < 6
    assert facts.bound == bound
    depth = 0
    level: list[ast.AST] = [facts.tree]
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    assert depth < 700
