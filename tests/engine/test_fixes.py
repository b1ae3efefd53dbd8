"""What each function of the fixes' tool-box makes of a text."""

from __future__ import annotations

from typing import Literal

import pytest
from targets import by_cell, target, text, texts

from paydown.document import Cell, Document
from paydown.fixes import (
    Stale,
    Unfixable,
    accept,
    ensure_import,
    environment,
    keep_branch,
    remove_comment_lines,
    remove_keyword,
    remove_statement,
    replace_expression,
    seed,
    set_keyword,
    setting,
    wrap,
)
from paydown.span import apply

CALLS = [
    ("«f()»", "f(k=S)"),
    ("«f( )»", "f(k=S )"),
    ("«f(a)»", "f(a, k=S)"),
    ("«f»(a)", "f(a, k=S)"),
    ("x.«fit»(a)", "x.fit(a, k=S)"),
    ("«x.fit»(a)(b)", "x.fit(a, k=S)(b)"),
    ("«f(a, b,)»", "f(a, b, k=S,)"),
    ("«f(a=1, k=None, b=2)»", "f(a=1, k=S, b=2)"),
    ("«f(k=(None))»", "f(k=(S))"),
    ("«f(x for x in y)»", "f((x for x in y), k=S)"),
    ("«f((x for x in y))»", "f((x for x in y), k=S)"),
    ("«f(a, *b)»", "f(a, *b, k=S)"),
    ("«f(a, **b)»", "f(a, k=S, **b)"),
    ("«f(a ** b, **c)»", "f(a ** b, k=S, **c)"),
    ("«f(g(**a), lambda x, **y: x)»", "f(g(**a), lambda x, **y: x, k=S)"),
    ("«f(\n    a,\n    b,  # why\n)»", "f(\n    a,\n    b,  # why\n    k=S,\n)"),
    ("«f(\n    a,\n    b  # why\n)»", "f(\n    a,\n    b,  # why\n    k=S\n)"),
    ("«f(\n\ta,\n\tb)»", "f(\n\ta,\n\tb,\n\tk=S)"),
    ("«f(a,\n  b)»", "f(a,\n  b,\n  k=S)"),
    ("«f(a,\n  b, c)»", "f(a,\n  b, c, k=S)"),
    ("«f(\n    a,\n    **b,\n)»", "f(\n    a,\n    k=S,\n    **b,\n)"),
    ("«f(# none\n)»", "f(k=S  # none\n)"),
    ("«f(\n  '''a\nb'''\n)»", "f(\n  '''a\nb''',\n  k=S\n)"),
    ("«f(\r\n    a,\r\n)»\r\n", "f(\r\n    a,\r\n    k=S,\r\n)\r\n"),
    ("«f(')', \"(\", a)»", "f(')', \"(\", a, k=S)"),
    ("𝒳 = «f('𝒳😀')»", "𝒳 = f('𝒳😀', k=S)"),
    ("%time «f(a)»", "%time f(a, k=S)"),
    ("if x:\n    %time y = «f(a)»", "if x:\n    %time y = f(a, k=S)"),
    ("f((«g(a)»))", "f((g(a, k=S)))"),
    ("x = («f(a)»", None),
]


@pytest.mark.parametrize(("before", "after"), CALLS)
def test_set_keyword(before: str, after: str | None) -> None:
    at = target(before)
    if after is None:
        with pytest.raises(Stale):
            text(at, set_keyword(at, at.span, "k", "S"))
        return
    assert text(at, set_keyword(at, at.span, "k", "S")) == after


REMOVED = [
    ("«f(k=1)»", "f()"),
    ("«f(k=1,)»", "f()"),
    ("«f(a, k=1)»", "f(a)"),
    ("«f(a, k=g(1, [2]),)»", "f(a,)"),
    ("«f(k=1, b=2)»", "f(b=2)"),
    ("«f(a, k=1, b=2)»", "f(a, b=2)"),
    ("«f(\n    a,\n    k=1,  # why\n    b=2,\n)»", "f(\n    a,\n    b=2,\n)"),
    ("«f(\n    a,\n    k=(1,\n       2))»", "f(\n    a)"),
    ("«f(a,  # why\n  k=1)»", "f(a,  # why\n  )"),
]


@pytest.mark.parametrize(("before", "after"), REMOVED)
def test_remove_keyword(before: str, after: str) -> None:
    at = target(before)
    assert text(at, remove_keyword(at, at.span, "k")) == after


def test_a_keyword_that_is_gone_is_stale() -> None:
    at = target("«f(a)»")
    with pytest.raises(Stale):
        text(at, remove_keyword(at, at.span, "k"))


EXPRESSIONS = [
    ("x = «a».b", "c + d", "x = (c + d).b"),
    ("x = «a» + b", "c + d", "x = c + d + b"),
    ("x = b - «a»", "c + d", "x = b - (c + d)"),
    ("x = not «a»", "c == d", "x = not c == d"),
    ("if(«a»):pass", "b", "if(b):pass"),
    ("x = 1 if«(a, b)»else 2", "c", "x = 1 if(c)else 2"),
    ("x = 1 if«[a]»else 2", "c", "x = 1 if(c)else 2"),
    ("f(«a»)", "x for x in y", "f(x for x in y)"),
    ("f(«a», b)", "x for x in y", "f((x for x in y), b)"),
    ("x = «a»", "b\n+ c", "x = (b\n+ c)"),
    ("x = «a»", "yield", "x = yield"),
    ("«a»", "b := 1", "(b := 1)"),
    ("%time x = «0.5» * 𝒳", "𝒴", "%time x = 𝒴 * 𝒳"),
]


@pytest.mark.parametrize(("before", "new", "after"), EXPRESSIONS)
def test_replace_expression(before: str, new: str, after: str) -> None:
    at = target(before)
    assert text(at, replace_expression(at, at.span, new)) == after


@pytest.mark.parametrize(
    ("before", "template", "after"),
    [
        ("for x in «os.listdir(p)»: pass", "sorted({})", "for x in sorted(os.listdir(p)): pass"),
        ("list«(x for x in y)»", "sorted({})", "list(sorted((x for x in y)))"),
        ("x = «a + b»", "{} * 2", "x = (a + b) * 2"),
        ("x = «a if b else c».d", "f({})", None),
        ("x = («a if b else c»).d", "f({}, key=str)", "x = (f(a if b else c, key=str)).d"),
    ],
)
def test_wrap(before: str, template: str, after: str | None) -> None:
    at = target(before)
    if after is None:
        with pytest.raises(Stale):
            text(at, wrap(at, at.span, template))
        return
    assert text(at, wrap(at, at.span, template)) == after


@pytest.mark.parametrize(("before", "new"), [("«a» = 1", "b + 1"), ("del «a»", "b"), ("x = «a»", "b +")])
def test_what_is_no_place_for_an_expression_stays(before: str, new: str) -> None:
    at = target(before)
    with pytest.raises(Unfixable):
        text(at, replace_expression(at, at.span, new))


STATEMENTS = [
    ("a = 0\n«b = 1»  # why\nc", "a = 0\nc"),
    ("a = 0\n«b = 1»", "a = 0"),
    ("«b = 1»", ""),
    ("«b = 1»\n", ""),
    ("a = 1; «b = 2»; c = 3", "a = 1; c = 3"),
    ("«a = 1»; b = 2", "b = 2"),
    ("a = 1; «b = 2»;", "a = 1;"),
    ("a = 1; \\\n  «b = 2»\nc", "a = 1\nc"),
    ("if x: «a = 1»; b = 2", "if x: b = 2"),
    ("if x: «a = 1»", "if x: pass"),
    ("if x:\n    «a = 1»  # why\ny", "if x:\n    pass  # why\ny"),
    ("if x:\n    «a = 1»\n    # note\n    b\ny", "if x:\n    # note\n    b\ny"),
    ("try:\n    a\nfinally:\n    «b»", "try:\n    a\nfinally:\n    pass"),
    ("@d\n@ e(1)\ndef «f»():\n    pass\nx = 1", "x = 1"),
    ("def f():\n    return 1\n    «a = 1\n    b = 2»\n", "def f():\n    return 1\n"),
    ("x = 1\n«%time y = read()»\nz", "x = 1\nz"),
    ("if a:\n    %time «x = read()»\n    y", "if a:\n    y"),
    ("!ls\n«x = 1»", "!ls"),
    ("if a:\n    «x = !ls»", "if a:\n    pass"),
    ("a\r\n«b = 1»\r\nc", "a\r\nc"),
    ("x: int = «f(1)»\ny", "y"),
    ("«f(1)»\ny", "y"),
]


@pytest.mark.parametrize(("before", "after"), STATEMENTS)
def test_remove_statement(before: str, after: str) -> None:
    at = target(before)
    assert text(at, remove_statement(at, at.span)) == after


SHOWN = [
    ("df.head()\n«x = 1»", "df.head();"),
    ("df.head();\n«x = 1»\n", "df.head();\n"),
    ("df.head(); «x = 1»  # why", "df.head();  # why"),
    ("print(1)\n«x = 1»", "print(1)"),
    ("%matplotlib inline\n«x = 1»", "%matplotlib inline"),
    ("%time f()\n«x = 1»", "%time f();"),
    ("df.head()\n«x = 1»\ny = 2", "df.head()\ny = 2"),
    ("x = 3\n«x = 1»", "x = 3"),
]


@pytest.mark.parametrize(("before", "after"), SHOWN)
def test_what_was_not_shown_is_not_shown(before: str, after: str) -> None:
    at = target(before)
    assert text(at, remove_statement(at, at.span)) == after


def test_a_script_shows_nothing() -> None:
    at = target("df.head()\n«x = 1»\n", script=True)
    assert text(at, remove_statement(at, at.span)) == "df.head()\n"


@pytest.mark.parametrize(
    "before",
    [
        "def f():\n    return\n    «yield»",
        "def f():\n    return x\n    «x = 1»",
        "def f():\n    def g():\n        return x\n    return g\n    «import x»",
        "def f():\n    return\n    «global x»",
        "%who_ls\n«x = 1»",
        "a, b = «f(1)», g()",
        "a = b = «f(1)»",
        "a += «f(1)»",
        "a.b = «f(1)»",
        "x = f(«1»)",
        "f(1).g(«2»)",
        "for x in «f()»:\n    y",
    ],
)
def test_what_a_function_is_stays(before: str) -> None:
    at = target(before)
    with pytest.raises(Unfixable):
        text(at, remove_statement(at, at.span))


BRANCHES: list[tuple[str, Literal["body", "orelse"], str]] = [
    ("if «False»:\n    a()\n    # tail\n# out\nc()\n", "orelse", "# out\nc()\n"),
    (
        "if «True»:  # why\n    a()\n\n    b()\nelse:\n    c()\n    # tail\n# out\nd()",
        "body",
        "# why\na()\n\nb()\n# out\nd()",
    ),
    ("if «True»:  # noqa: PLR\n    x = 1\n", "body", "x = 1\n"),
    (
        "if «True»:\n  s = '''x\n    y\n  z'''\n  b(1,\n 2,\n     3)\n",
        "body",
        "s = '''x\n    y\n  z'''\nb(1,\n 2,\n   3);\n",
    ),
    ("if «True»:\n  s = 'x\\\n    y'\n", "body", "s = 'x\\\n    y'\n"),
    ("if «0»:\n    a\n# about\nelse:  # e\n    b = 1\n", "orelse", "# about\n# e\nb = 1\n"),
    ("if «0»: a()\nelse: b = 1; c = 2  # n", "orelse", "b = 1; c = 2  # n"),
    ("if «1»: a = 1\nelse: b()\nc", "body", "a = 1\nc"),
    ("if «0»:\n    a\nelif x:\n    b\nelse:\n    c", "orelse", "if x:\n    b\nelse:\n    c"),
    ("if x:\n    a\nelif «0»:\n    b\n    # tail\nelse:\n    d", "orelse", "if x:\n    a\nelse:\n    d"),
    ("if x:\n    a\nelif «0»:\n    b\nelif y:\n    c", "orelse", "if x:\n    a\nelif y:\n    c"),
    ("if x:\n    a\nelif «0»:\n    b\n", "orelse", "if x:\n    a\n"),
    ("if x:\n    a\nelif (\n  «1»):  # c\n    b\nelse:\n    d", "body", "if x:\n    a\nelse:  # c\n    b"),
    ("def f():\n    if «0»:\n        a\n", "orelse", "def f():\n    pass\n"),
    ("def f():\n\tif «1»:\n\t\ta\n\telse:\n\t\tb\n", "body", "def f():\n\ta\n"),
    ("«while 0:\n    a\nelse:\n    b = 1»\n", "orelse", "b = 1\n"),
    ("for x in y:\n    if «1»:\n        !ls {x}\n        a = !ls\n", "body", "for x in y:\n    !ls {x}\n    a = !ls\n"),
    ("for x in y:\n    if «0»:\n        !ls {x}\n        a = !ls -l\n", "orelse", "for x in y:\n    pass\n"),
    ("df\nif «0»:\n    a\n", "orelse", "df;\n"),
    ("if «1»:\r\n    a = '''\r\n  b'''\r\nc\r\n", "body", "a = '''\r\n  b'''\r\nc\r\n"),
    ("if «1»:\n    @d\n    # note\n    def f(): pass\n", "body", "@d\n# note\ndef f(): pass\n"),
    ("if «1»:\n    if x:\n        a\n    else:\n        b\nelse:\n    c\n", "body", "if x:\n    a\nelse:\n    b\n"),
]


@pytest.mark.parametrize(("before", "living", "after"), BRANCHES)
def test_keep_branch(before: str, living: Literal["body", "orelse"], after: str) -> None:
    at = target(before)
    assert text(at, keep_branch(at, at.span, living)) == after


@pytest.mark.parametrize(
    ("before", "living"),
    [
        ("def f(x):\n    if «0»:\n        y = 1\n    return y", "orelse"),
        ("def f(x):\n    if «0»:\n        yield\n", "orelse"),
        ("while «1»:\n    a\n", "body"),
        ("if «1»:\n    %who_ls\n", "body"),
    ],
)
def test_a_branch_that_means_more_stays(before: str, living: Literal["body", "orelse"]) -> None:
    at = target(before)
    with pytest.raises(Unfixable):
        text(at, keep_branch(at, at.span, living))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n«# b()\n# c()»\nd", "a\nd"),
        ("a\n«# b()\n\n# c()»\n\nd", "a\n\nd"),
        ("x = 1  «# y = 2»\nz", "x = 1\nz"),
        ("x = 1\n\n«# b()»", "x = 1\n"),
        ("«# b()»", ""),
        ("x = [\n    1,\n    «# 2,»\n]", "x = [\n    1,\n]"),
        ("a\n«'''\nfoo()\n'''»\nb", "a\nb"),
        ("def f():\n    «'x()'»\n", "def f():\n    pass\n"),
        ("%%time\n«# b()»\nx", "%%time\nx"),
    ],
)
def test_remove_comment_lines(before: str, after: str) -> None:
    at = target(before)
    assert text(at, remove_comment_lines(at, at.span)) == after


IMPORTS = "import os\nimport sys"
SETTINGS = [
    # below the imports of the first cell that has some
    (["x = 1", IMPORTS, "import re", "y = «42»"], ["x = 1", IMPORTS + "\n\nS = 42", "import re", "y = S"]),
    ([IMPORTS + "\nx = 1", "y = «42»"], [IMPORTS + "\n\nS = 42\n\nx = 1", "y = S"]),
    ([IMPORTS + "\n\n\nf()", "y = «42»"], [IMPORTS + "\n\nS = 42\n\n\nf()", "y = S"]),
    ([IMPORTS + "\n\nT = 1\nx", "y = «42»"], [IMPORTS + "\n\nT = 1\nS = 42\nx", "y = S"]),
    (["import a\nw('x')\nimport b\nx", "y = «42»"], ["import a\nw('x')\nimport b\n\nS = 42\n\nx", "y = S"]),
    (["try:\n    import a\nexcept E:\n    a = 0", "«42»"], ["try:\n    import a\nexcept E:\n    a = 0\n\nS = 42", "S"]),
    (["!pip install a\nimport a", "y = «42»"], ["!pip install a\nimport a\n\nS = 42", "y = S"]),
    # not where names don't stay
    (
        ["%%timeit\nimport a", "%%bash\nimport x", "y = «42»"],
        ["%%timeit\nimport a", "%%bash\nimport x", "S = 42\ny = S"],
    ),
    # in the same cell
    (["import a\ny = «42»"], ["import a\n\nS = 42\n\ny = S"]),
    (["y = «42»\nimport a"], ["S = 42\ny = S\nimport a"]),
    (["import a; y = «42»"], ["S = 42\nimport a; y = S"]),
    (["x = 1\n\n# split\ny = «42»"], ["S = 42\nx = 1\n\n# split\ny = S"]),
    (["# split\ny = «42»"], ["S = 42\n# split\ny = S"]),
    (["%%time\n# split\ny = «42»"], ["%%time\nS = 42\n# split\ny = S"]),
    (["%matplotlib inline\ny = «42»"], ["%matplotlib inline\nS = 42\ny = S"]),
    (["T = 1\ny = «42»"], ["T = 1\nS = 42\ny = S"]),
    (["import a\r\ny = «42»\r\n"], ["import a\r\n\r\nS = 42\r\n\r\ny = S\r\n"]),
    (["def f():\n    return «42»"], ["S = 42\n\n\ndef f():\n    return S"]),
    (["%time y = «42»"], ["S = 42\n%time y = S"]),
    # what is there already
    (["S = 42", "y = «42»"], ["S = 42", "y = S"]),
    (["S = 0x2a", "y = «42»"], ["S = 0x2a", "y = S"]),
    (["S: int = 42", "y = «42»"], ["S: int = 42", "y = S"]),
    (["S = 42", "S = 42", "y = «42»"], ["S = 42", "S = 42", "y = S"]),
    (["y = «42»\nS = 42"], ["S_2 = 42\ny = S_2\nS = 42"]),
    (["S = 42\nS += 1", "y = «42»"], ["S = 42\nS += 1", "S_2 = 42\ny = S_2"]),
    (["S = 41", "y = «42»"], ["S = 41", "S_2 = 42\ny = S_2"]),
    (["S = 41\nS_2 = 42", "y = «42»"], ["S = 41\nS_2 = 42", "y = S_2"]),
    (["if x:\n    S = 42", "y = «42»"], ["if x:\n    S = 42", "S_2 = 42\ny = S_2"]),
    (["S = 42", "def f(S):\n    return «42»"], ["S = 42", "S_2 = 42\n\n\ndef f(S):\n    return S_2"]),
    (["S = 42", "y = [«42» for S in z]"], ["S = 42", "S_2 = 42\ny = [S_2 for S in z]"]),
    (
        ["S = 42\ndef f():\n    global S\n    S = 1", "«42»"],
        ["S = 42\ndef f():\n    global S\n    S = 1", "S_2 = 42\nS_2"],
    ),
    (["%%capture S\nx", "y = «42»"], ["%%capture S\nx", "S_2 = 42\ny = S_2"]),
    (["S = !ls", "y = «42»"], ["S = !ls", "S_2 = 42\ny = S_2"]),
    (["S = (", "y = «42»"], ["S = (", "S_2 = 42\ny = S_2"]),
    (["# S, 'S'\nf('S')", "y = «42»"], ["# S, 'S'\nf('S')", "S = 42\ny = S"]),
]


@pytest.mark.parametrize(("before", "after"), SETTINGS)
def test_setting(before: list[str], after: list[str]) -> None:
    at = target(before[-1], *before[:-1])
    name, constant = setting(at, "S", "42")
    assert texts(at, [*constant, *replace_expression(at, at.span, name)]) == after


@pytest.mark.parametrize(
    ("first", "after"),
    [
        ("alpha = 1", "alpha = 1\nS = 42"),
        ("alpha = 1  # a\n", "alpha = 1  # a\nS = 42\n"),
        ("alpha = 1\nalpha", "alpha = 1\nS = 42\nalpha"),
        ("# Parameters\n", "# Parameters\nS = 42\n"),
        ("", "S = 42"),
    ],
)
def test_a_setting_goes_to_the_parameters(first: str, after: str) -> None:
    at = target("y = «42»", first, IMPORTS, tags=["parameters"])
    assert texts(at, setting(at, "S", "42")[1]) == [after, IMPORTS, "y = 42"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#!/usr/bin/env python\n# Licence\ny = «42»\n", "#!/usr/bin/env python\n# Licence\nS = 42\ny = 42\n"),
        ('"""Doc."""\ny = «42»\n', '"""Doc."""\n\nS = 42\n\ny = 42\n'),
        (
            '"""Doc."""\nfrom __future__ import annotations\n\ny = «42»\n',
            '"""Doc."""\nfrom __future__ import annotations\n\nS = 42\n\ny = 42\n',
        ),
    ],
)
def test_a_setting_of_a_script(before: str, after: str) -> None:
    at = target(before, script=True)
    assert text(at, setting(at, "S", "42")[1]) == after


def test_a_setting_of_a_cell_of_a_script_stays_below_its_marker() -> None:
    at = target("# %% two\n# why\ny = «42»\n", "# %% one\nx = 1\n", script=True)
    assert text(at, setting(at, "S", "42")[1]) == "# %% two\nS = 42\n# why\ny = 42\n"


def test_several_settings_of_one_fix_stand_together_and_differ() -> None:
    at = target("y = «f(1, 2, 1)»", "import a\nx")
    made = [setting(at, "N", "1"), setting(at, "N", "2"), setting(at, "N", "1")]
    assert [name for name, _ in made] == ["N", "N_2", "N"]
    assert texts(at, [edit for _, edits in made for edit in edits])[0] == "import a\n\nN = 1\nN_2 = 2\n\nx"


@pytest.mark.parametrize(
    ("before", "name", "value"),
    [
        (("RANDOM_STATE = 7",), "RANDOM_STATE", None),
        (("seed = 7\nSEED = 8",), "seed", None),
        (("f(random_state=11)",), "SEED", "11"),
        (("np.random.seed(5)",), "SEED", "5"),
        (("SEED = 1\nSEED = 2",), "SEED_2", "1"),
        (("seed = f()",), "SEED", "42"),
        (("state = 3",), "SEED", "42"),
        ((), "SEED", "42"),
    ],
)
def test_seed(before: tuple[str, ...], name: str, value: str | None) -> None:
    at = target("y = «f()»", *before)
    found, edits = seed(at)
    assert found == name
    assert (f"{name} = {value}" in "\n".join(texts(at, edits))) == (value is not None)
    assert bool(edits) == (value is not None)


@pytest.mark.parametrize(
    ("before", "name", "line"),
    [
        (("import numpy as np",), "np", None),
        (("import numpy",), "numpy", None),
        (("import pandas",), "np", "import numpy as np"),
        (("import numpy as np\nnp = 1",), "", None),
        (("np = 1",), "", None),
        (("try:\n    import numpy as np\nexcept E: pass",), "np", "import numpy as np"),
    ],
)
def test_ensure_import(before: tuple[str, ...], name: str, line: str | None) -> None:
    at = target("y = «f()»", *before)
    if not name:
        with pytest.raises(Unfixable):
            ensure_import(at, "numpy", alias="np")
        return
    found, edits = ensure_import(at, "numpy", alias="np")
    assert found == name
    assert texts(at, edits)[:-1] == [before[0] + (f"\n{line}" if line else "")]


def test_ensure_import_of_a_member() -> None:
    at = target("y = «f()»", "from sklearn.pipeline import Pipeline")
    assert ensure_import(at, "sklearn.pipeline", "Pipeline") == ("Pipeline", [])
    name, edits = ensure_import(at, "sklearn.pipeline", "make_pipeline")
    assert name == "make_pipeline"
    assert texts(at, edits)[0].endswith("\nfrom sklearn.pipeline import make_pipeline")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            ("import a\nx", "r(«'/home/a'»)"),
            ["import a\nimport os\n\nD = os.environ.get(\"D\", '/home/a')\n\nx", "r(D)"],
        ),
        (("import os\nx", "r(«4»)"), ['import os\n\nD = int(os.environ.get("D", 4))\n\nx', "r(D)"]),
        (("r(«'{a}'»)",), ["import os\n\nD = os.environ.get(\"D\", '{a}')\nr(D)"]),
        (("r(«f'/home/{a}'»)",), ["import os\n\nr(os.environ.get(\"D\", f'/home/{a}'))"]),
        (("data = «'/home/a'»",), ["import os\n\ndata = os.environ.get(\"DATA\", '/home/a')"]),
        (("path = «'a'»",), ["import os\n\npath = os.environ.get(\"PROJECT_PATH\", 'a')"]),
        (("D = 3", "r(«'a'»)"), ["D = 3", "import os\n\nD_2 = os.environ.get(\"D_2\", 'a')\nr(D_2)"]),
        (("import os\nD = os.environ.get('D', 'a')", "r(«'a'»)"), ["import os\nD = os.environ.get('D', 'a')", "r(D)"]),
        (("os = 3", "r(«'a'»)"), None),
        (("r(«[1]»)",), None),
        (("r(«True»)",), None),
    ],
)
def test_environment(before: tuple[str, ...], after: list[str] | None) -> None:
    at = target(before[-1], *before[:-1])
    if after is None:
        with pytest.raises(Unfixable):
            texts(at, environment(at, at.span, "D"))
        return
    assert texts(at, environment(at, at.span, "D")) == after


ACCEPTED = [
    ("a = «s > .5»\nb", "a = s > .5  # paydown: accept[some-debt] why\nb"),
    ("a = «s > .5»  # note\nb", "a = s > .5  # note  # paydown: accept[some-debt] why\nb"),
    ("a = «.5»  #@param {x}\nb", "# paydown: accept[some-debt] why\na = .5  #@param {x}\nb"),
    ("a = «.5»  # paydown: accept[other] old\nb", "a = .5  # paydown: accept[other, some-debt] old; why\nb"),
    ("# paydown: accept[other] why\na = «.5»\nb", "# paydown: accept[other, some-debt] why\na = .5\nb"),
    (
        "b = 1  # paydown: accept[other] why\na = «.5»",
        "b = 1  # paydown: accept[other] why\na = .5  # paydown: accept[some-debt] why",
    ),
    ("if x:\n    a = «'''s\n x'''»", "if x:\n    # paydown: accept[some-debt] why\n    a = '''s\n x'''"),
    ("f('''s\n «x»\n''')", "# paydown: accept[some-debt] why\nf('''s\n x\n''')"),
    ("a = «s > \\\n 5»", "# paydown: accept[some-debt] why\na = s > \\\n 5"),
    ("if x:\n    «!pip install y»", "if x:\n    # paydown: accept[some-debt] why\n    !pip install y"),
    ("«%%bash\nls»", "%%bash\n# paydown: accept[some-debt] why\nls"),
    ("«%%sql\nselect 1»", "%%sql\n-- paydown: accept[some-debt] why\nselect 1"),
    ("«%%html\n<p>»", None),
    ("«%%time»\nx", None),
    ("«# a()\n# b()»\r\nx", "# a()  # paydown: accept[some-debt] why\n# b()\r\nx"),
    ("a = «1»  # paydown: accept[some-debt] known", None),
    ("f(\n  «a»,\n  b)", "f(\n  a,  # paydown: accept[some-debt] why\n  b)"),
    ("𝒳 = «'😀'»\r\ny", "𝒳 = '😀'  # paydown: accept[some-debt] why\r\ny"),
]


@pytest.mark.parametrize(("before", "after"), ACCEPTED)
def test_accept(before: str, after: str | None) -> None:
    at = target(before)
    if after is None:
        with pytest.raises(Unfixable):
            accept(at.document, at.finding, "why")
        return
    (edits,) = accept(at.document, at.finding, "why").values()
    assert apply(at.text, edits) == after


def test_accept_in_markdown() -> None:
    at = target("# T\n«TODO»: x <!-- paydown: accept[a] b -->\n«".removesuffix("«"))
    document = Document("/x.ipynb", (Cell("c0", "# T\nTODO: x  \n", "markdown"),))
    (edits,) = accept(document, at.finding, "not\n now --> ever").values()
    once = apply(document.cells[0].text, edits)
    assert once == "# T\nTODO: x <!-- paydown: accept[some-debt] not now -> ever -->  \n"
    again = Document("/x.ipynb", (Cell("c0", once, "markdown"),))
    with pytest.raises(Unfixable):
        accept(again, at.finding, "")
    (edits,) = accept(again, at.finding._replace(name="other"), "").values()
    assert "accept[some-debt, other] not now -> ever -->" in apply(once, edits)


def test_a_cell_that_is_gone_is_stale() -> None:
    at = target("«f()»").elsewhere("nowhere", target("«f()»").span)
    with pytest.raises(Stale):
        by_cell(set_keyword(at, at.span, "k", "S"))
