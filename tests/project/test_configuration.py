"""The settings: what they say, and what is said about those that make no sense."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydown.configuration import Configuration, selects
from paydown.globs import matches
from paydown.libraries import Libraries
from paydown.project.settings import load
from paydown.rule import HINT, INFORMATION, WARNING, Rule, rule_named
from paydown.settings import configured, from_toml, merged

SEEDS = rule_named("unseeded-randomness")


def _rule(code: str, module: str, **more: Any) -> Rule:
    return Rule(f"paydown.rules.{module}", code, severity=WARNING, principal=1, message="", **more)


BRANCH = _rule("HTD511", "antipatterns.dead.dead_branch")
LONG = _rule("HTD545", "antipatterns.prototype.monolithic_cell", options={"lines": 60}, in_tests=False)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("all", (True, True)),
        ("HTD", (True, True)),
        ("htd5", (True, False)),
        ("HTD511", (True, False)),
        ("HTD51", (True, False)),
        ("dead-branch", (True, False)),
        ("5", (True, False)),
        ("8", (False, True)),
        ("ML-system anti-patterns", (True, False)),
        ("ml-system-anti-patterns", (True, False)),
        ("antipatterns", (True, False)),
        ("dead", (True, False)),
        ("practice", (False, True)),
        ("HTD3", (False, False)),
        ("paydown", (False, False)),
        ("", (False, False)),
    ],
)
def test_what_a_selector_covers(selector: str, expected: tuple[bool, bool]) -> None:
    assert (selects(selector, BRANCH), selects(selector, SEEDS)) == expected


@pytest.mark.parametrize(
    ("table", "enabled"),
    [
        ({}, True),
        ({"select": ["HTD8"]}, False),
        ({"select": ["dead"]}, True),
        ({"select": ["HTD8"], "extend-select": ["dead-branch"]}, True),
        ({"extend-select": ["HTD8"]}, True),
        ({"ignore": ["5"]}, False),
        ({"select": ["dead-branch"], "ignore": ["HTD5"]}, True),
        ({"select": ["HTD5"], "ignore": ["dead-branch"]}, False),
        ({"select": ["HTD511"], "ignore": ["dead-branch"]}, False),
        ({"ignore": ["all"], "select": ["HTD5"]}, True),
        ({"ignore": "HTD3, HTD8"}, True),
    ],
)
def test_the_narrower_selector_decides(table: dict[str, Any], enabled: bool) -> None:
    assert configured(Configuration(), table)[0].enabled(BRANCH) is enabled


def test_files_and_test_code() -> None:
    table = {"per-file-ignores": {"legacy/**": ["HTD5"], "*_old.py": ["all"]}, "exclude": ["data", "**/x?.py"]}
    configuration, problems = configured(Configuration(root="/repo"), table)
    assert problems == ()
    assert not configuration.enabled(BRANCH, "/repo/legacy/deep/a.py")
    assert configuration.enabled(SEEDS, "/repo/legacy/deep/a.py")
    assert not configuration.enabled(SEEDS, "/repo/x/y_old.py")
    assert configuration.enabled(LONG, "/repo/train.py")
    for path in ("/repo/test_train.py", "/repo/tests/train_test.py", "/repo/conftest.py", "/repo/a/tests/load/data.py"):
        assert not configuration.enabled(LONG, path)
        assert configuration.enabled(BRANCH, path)
    for path in ("/repo/test_train.ipynb", "/repo/tests/train.ipynb", "/repo/mytests/train.py"):
        assert configuration.enabled(LONG, path)
    assert configured(Configuration(root="/tests/repo"), {})[0].enabled(LONG, "/tests/repo/train.py")
    assert [configuration.excludes(f"/repo/{path}") for path in ("data/a.py", "s/x1.py", "s/x.py", "database.py")] == [
        True,
        True,
        False,
        False,
    ]
    assert configuration.rules("/repo/a.py") is configuration.rules("/repo/b.py")


def test_severities_and_numbers() -> None:
    table = {"severity": {"HTD5": "hint", "dead-branch": "information"}, "monolithic-cell": {"lines": 80}}
    configuration = configured(Configuration(), table)[0]
    assert configuration.severity(BRANCH) is INFORMATION
    assert configuration.severity(LONG) is HINT
    assert configuration.severity(SEEDS) is WARNING
    assert configuration.severity(SEEDS, HINT) is HINT
    assert configuration.severity(BRANCH, HINT) is INFORMATION
    assert Configuration().option(LONG, "lines") == 60
    assert Configuration(options=(("monolithic-cell", (("lines", 80),)),)).option(LONG, "lines") == 80


def test_an_editors_settings_come_on_top() -> None:
    project = configured(Configuration(), {"ignore": ["HTD3"], "severity": {"HTD8": "hint"}, "exclude": ["a"]})[0]
    together, problems = merged(
        project,
        {
            "select": ["HTD8"],
            "ignore": ["HTD6"],
            "severity": {"HTD8": "information"},
            "interpreter": ["python"],
            "trace": {},
        },
    )
    assert problems == ()
    assert (together.select, together.ignore, together.exclude) == (("HTD8",), ("HTD3", "HTD6"), ("a",))
    assert together.severity(SEEDS) is INFORMATION
    assert merged(project, {"perFileIgnores": {"x.py": ["HTD8"]}})[0].per_file_ignores == (("x.py", ("HTD8",)),)
    assert merged(project, {})[0] == project
    assert merged(project, {"select": None, "ignore": []})[0] == project


TOML = """
[project]
select = ["not ours"]

[tool.paydown]
select = [
  "HTD8",
  "unseeded-randomnes",  # here
]
ignores = ["x"]
exclude = [1.5]

[tool.paydown.severity]
HTD8 = "off"
"practise" = "hint"

[tool.paydown.per-file-ignores]
"legacy/**" = ["E501"]

[tool.paydown.unseeded-randomness]
lines = 3

[tool.paydown.data]
"a.csv" = { producr = "x.py" }
"""


def test_problems_are_located_and_kind() -> None:
    configuration, problems = from_toml(Configuration(), TOML, "pyproject.toml")
    assert [str(problem) for problem in sorted(problems, key=lambda problem: problem.line)] == [
        "pyproject.toml:8: unknown rule `unseeded-randomnes`; did you mean `unseeded-randomness`?",
        "pyproject.toml:10: unknown setting `ignores`; did you mean `ignore`?",
        "pyproject.toml:11: `exclude` should hold strings only, not `1.5`",
        "pyproject.toml:14: severity `off` of `HTD8` should be one of warning, information, hint; "
        "to switch a rule off, put it under `ignore`",
        "pyproject.toml:15: unknown rule `practise`; did you mean `practice`?",
        "pyproject.toml:18: `E501` is another tool's code; paydown's begin with HTD",
        "pyproject.toml:21: `unseeded-randomness` has no option `lines`; it has none",
        "pyproject.toml:24: unknown key `producr` of data `a.csv`; did you mean `producer`?",
    ]
    assert configuration.enabled(SEEDS)
    assert not configuration.enabled(BRANCH)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.paydown\n", "pyproject.toml:1: no valid TOML"),
        ("[tool]\npaydown = 3\n", "should be a table"),
        ("[tool.paydown]\nselect = 3\n", "pyproject.toml:2: `select` should be a list of strings"),
        ("[tool.paydown]\nseverity = 'hint'\n", "pyproject.toml:2: `severity` should be a table, not a string"),
        ("[tool.paydown]\nunseeded-randomness = 3\n", "pyproject.toml:2: `unseeded-randomness` should be a table"),
        ("[tool.paydown.nonsense]\nx = 1\n", "pyproject.toml:1: unknown setting `nonsense`"),
        ("x = " + "[" * 100_000, "pyproject.toml"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_broken_settings_say_so_and_change_nothing(text: str | bytes, said: str) -> None:
    configuration, problems = from_toml(Configuration(), text, "pyproject.toml")
    assert said in str(problems[0])
    assert configuration == Configuration()


def test_nothing_is_read_from_other_tools() -> None:
    assert from_toml(Configuration(), "[tool.ruff]\nselect = ['E']\n[project]\nname = 'x'\n", "pyproject.toml") == (
        Configuration(),
        (),
    )


def test_a_configuration_is_a_value() -> None:
    table = {
        "libraries": {"call": [{"role": "read", "tags": ["text"], "random": "seed", "names": ["acme.io.load"]}]},
        "data": {"a.csv": "b.py"},
    }
    one, two = (configured(Configuration(root="/r"), table)[0] for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert one.libraries == table["libraries"]
    copy = pickle.loads(pickle.dumps(one))
    assert copy == one
    assert copy.enabled(SEEDS)
    assert one != Configuration()


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("legacy/**", "legacy/a/b.py", True),
        ("legacy/*", "legacy/a.py", True),
        ("legacy/*.py", "legacy/a/b.py", False),
        ("*.py", "a/b.py", True),
        ("legacy", "x/legacy/z.py", True),
        ("legacy/", "legacy/z.py", True),
        ("/a.py", "a.py", True),
        ("/r/a.py", "a.py", True),
        ("**/a.py", "a.py", True),
        ("**/a.py", "x/y/a.py", True),
        ("a/**/b.py", "a/b.py", True),
        ("*.{py,ipynb}", "b.ipynb", True),
        ("[ab].py", "a.py", True),
        ("[!ab].py", "a.py", False),
        ("./a/b.py", "a/b.py", True),
        ("a.py", "ba.py", False),
        ("a.py", "axpy", False),
        ("(", "(", True),
    ],
)
def test_globs(pattern: str, path: str, expected: bool) -> None:
    rooted = pattern if not pattern.startswith("/a") else "/r" + pattern
    assert matches(rooted, f"/r/{path}", "/r") is expected


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_glob_is_a_glob(pattern: str, path: str) -> None:
    assert matches(pattern, path) in (True, False)


LOAD = {"role": "read", "returns": "frame", "location": "path"}


@pytest.mark.parametrize(
    "said",
    [
        '[tool.paydown.libraries."acme.io.load"]\n',
        "[tool.paydown.libraries.acme.io.load]\n",
        '[[tool.paydown.libraries.call]]\nnames = ["acme.io.load"]\n',
        '[[tool.paydown.libraries.acme.call]]\nnames = "acme.io.load"\n',
    ],
)
def test_what_a_library_does_is_said_in_any_of_toml_s_forms(said: str) -> None:
    text = said + "".join(f'{key} = "{value}"\n' for key, value in LOAD.items())
    configuration, problems = from_toml(Configuration(), text, "pyproject.toml")
    assert not problems
    assert configuration.libraries == {"call": [{**LOAD, "names": ["acme.io.load"]}]}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ('[tool.paydown.libraries."acme.load"]\nrole = "raed"\n', (2, "unknown role `raed`", "did you mean `read`?")),
        ('[tool.paydown.libraries."acme.load"]\nrole = "read"\nlocatoin = "x"\n', (3, "unknown key", "`location`?")),
        ('[tool.paydown.libraries."acme.load"]\nrole = "read"\nposition = "1"\n', (3, "`position`", "whole number")),
        ('[[tool.paydown.libraries.acme.call]]\nrole = "read"\n', (1, "names", "")),
        ("[tool.paydown.libraries]\nacme = 1\n", (2, "`acme`", "table")),
        ("[tool.paydown.libraries.alias]\nacme = 1\n", (2, "alias `acme`", "dotted name")),
    ],
)
def test_what_makes_no_sense_of_a_library_is_said_with_its_line(said: str, problem: tuple[int, str, str]) -> None:
    configuration, problems = from_toml(Configuration(), said, "pyproject.toml")
    line, start, end = problem
    assert [one.line for one in problems] == [line]
    assert start in problems[0].message
    assert end in problems[0].message
    assert configuration.libraries == {}


def test_library_files_say_what_the_settings_do_not(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.paydown]\nextend-libraries = ["acme.toml", "none.toml"]\n'
        '[tool.paydown.libraries."acme.load"]\nrole = "write"\n'
    )
    (tmp_path / "acme.toml").write_text(
        '[[call]]\nnames = ["acme.load", "acme.all"]\nrole = "read"\n[[call]]\nnames = ["acme.x"]\nrole = "reed"\n'
        '[alias]\n"acme.pd" = "pandas"\n'
    )
    configuration, problems = load(tmp_path.as_posix())
    assert [(one.file, one.line, one.message.partition(";")[0]) for one in problems] == [
        ("acme.toml", 6, "unknown role `reed` of the call `acme.x`"),
        ("pyproject.toml", 2, "the library file `none.toml` can't be read"),
    ]
    libraries = Libraries(configuration.libraries)
    roles = [effect.role for name in ("acme.load", "acme.all") if (effect := libraries.effect(name)) is not None]
    assert roles == ["write", "read"]
    assert libraries.canonical("acme.pd.read_csv") == "pandas.read_csv"
    assert Libraries({"alias": {"acme": "acme.io", "acme.io": "acme"}}).canonical("acme.load") == "acme.io.load"
