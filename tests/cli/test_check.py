"""``paydown check`` as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from documents import CLEAN, DEBT, code, markdown, notebook, paydown, torture, write


def checked(*arguments: str | Path, cwd: Path, stdin: bytes | None = None) -> dict[str, Any]:
    done = paydown("check", "--output-format", "json", *arguments, cwd=cwd, stdin=stdin)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_the_exit_code_tells_whether_there_is_debt(tmp_path: Path) -> None:
    write(tmp_path, {"clean.py": CLEAN, "debt.py": DEBT})
    assert paydown("check", "clean.py", cwd=tmp_path).returncode == 0
    assert paydown("check", "debt.py", cwd=tmp_path).returncode == 1
    assert paydown("check", "--exit-zero", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["check", "missing.py"], "no such file or folder: `missing.py`"),
        (["check", "--select", "unseeded-randomnes"], "did you mean `unseeded-randomness`"),
        (["check", "--ignore", "E501"], "another tool's code"),
        (["check", "--severity", "HTD8"], "RULE=SEVERITY"),
        (["check", "--severity", "HTD8=loud"], "warning, information, hint"),
        (["check", "--config", "nowhere.toml"], "no such settings file"),
        (["check", "--jobs", "many"], "no number of processes"),
        (["check", "--output-format", "xml"], "invalid choice"),
        (["check", "--output-file", "no/such/folder/x"], "can't write"),
        (["explain", "unseeded-randomnes"], "did you mean `unseeded-randomness`"),
        (["verify"], "`paydown pin` writes one"),
        (["pin", "--largest", "much"], "no size"),
        ([], "COMMAND"),
    ],
)
def test_wrong_use_is_said_in_a_line_and_exits_with_2(arguments: list[str], word: str, tmp_path: Path) -> None:
    done = paydown(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_json_holds_places_as_people_count_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"n.ipynb": notebook(markdown("# Split"), code(DEBT, id="split")), "s.py": "# %% one\n\n# %% two\n" + DEBT},
    )
    report = checked(cwd=tmp_path)
    assert list(report) == ["version", "documents", "principal", "findings", "errors"]
    assert (report["documents"], report["principal"], report["errors"]) == (2, 4, [])
    first, second = report["findings"]
    assert first.pop("message").startswith("`train_test_split`")
    assert first == {
        "code": "HTD811",
        "name": "unseeded-randomness",
        "severity": "warning",
        "path": "n.ipynb",
        "cell": {"index": 1, "id": "split"},
        "line": 2,
        "column": 15,
        "end_line": 2,
        "end_column": first["end_column"],
        "principal": 2,
        "fix": {"title": first["fix"]["title"], "safe": True},
        "related": [],
    }
    assert (second["path"], second["cell"], second["line"], second["column"]) == ("s.py", None, 5, 15)


def test_the_torture_folder(tmp_path: Path) -> None:
    """A clear line about each that can't be read, everything found in the others, and nobody is held up."""
    files = torture()
    write(tmp_path, files)
    report = checked("--no-progress", cwd=tmp_path)
    assert report["documents"] == len(files)
    found = {finding["path"] for finding in report["findings"] if finding["name"] == "unseeded-randomness"}
    assert found == {
        "astral.py",
        "bom.ipynb",
        "bom.py",
        "carriage_returns.py",
        "crlf.ipynb",
        "nbformat_1.ipynb",
        "nbformat_2.ipynb",
        "nbformat_3.ipynb",
        "nbformat_99.ipynb",
        "outputs_25MB.ipynb",
        "utf16.ipynb",
        " blanks and ünï#%20?/a b'\"&.ipynb",
    }
    said = {error["path"]: error["message"] for error in report["errors"]}
    expected = {
        "empty.ipynb": "empty",
        "truncated.ipynb": "ends early at line",
        "page.ipynb": "HTML",
        "conflict.ipynb": "merge-conflict markers at line 3",
        "list.ipynb": "a list",
        "null.ipynb": "null",
        "object.ipynb": "no `cells`",
        "deep.ipynb": "nested too deeply",
        "r.ipynb": "r is not analysed, only Python is",
        "python2.py": "line 2",
        "brackets_5000.py": "line 1",
        "nul.py": "line 1",
    }
    assert {path: word for path, word in expected.items() if word not in said.get(path, "")} == {}
    assert all("\n" not in message and len(message) < 200 for message in said.values())
    assert not any("internal error" in message or "failed here" in message for message in said.values())
    astral = next(finding for finding in report["findings"] if finding["path"] == "astral.py")
    assert (astral["line"], astral["column"]) == (2, len("s = '😀'; a, b = ") + 1)


def test_a_notebook_of_fifty_megabytes(tmp_path: Path) -> None:
    image = {"output_type": "display_data", "data": {"image/png": "A" * 5_000_000}, "metadata": {}}
    write(tmp_path, {"huge.ipynb": notebook(code(DEBT, outputs=[image] * 10))})
    assert (tmp_path / "huge.ipynb").stat().st_size > 50_000_000
    report = checked(cwd=tmp_path)
    assert [finding["line"] for finding in report["findings"]] == [2]
    assert report["errors"] == []


def test_errors_alone_are_not_clean_but_a_cell_that_does_not_parse_is_only_a_note(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "broken/x.ipynb": "{",
            "partly/x.py": "print 'a'\n" + CLEAN,
            "other/x.ipynb": notebook(code("x <- 1"), language="R"),
        },
    )
    broken = paydown("check", "broken", cwd=tmp_path)
    assert broken.returncode == 1
    assert "No debt found in the 0 of 1 document that could be analysed; 1 error." in broken.stdout
    partly = paydown("check", "partly", cwd=tmp_path)
    assert partly.returncode == 0
    assert "note: line 1: can't be parsed" in partly.stdout
    other = paydown("check", "other", cwd=tmp_path)
    assert other.returncode == 0
    assert "r is not analysed" in other.stdout


def test_standard_input(tmp_path: Path) -> None:
    report = checked("-", cwd=tmp_path, stdin=DEBT.encode())
    assert [finding["path"] for finding in report["findings"]] == ["stdin.py"]
    named = checked("-", "--stdin-filename", "sub/n.ipynb", cwd=tmp_path, stdin=notebook(code(DEBT)).encode())
    assert [(finding["path"], finding["cell"]["index"]) for finding in named["findings"]] == [("sub/n.ipynb", 0)]
    guessed = checked("-", cwd=tmp_path, stdin=notebook(code(DEBT)).encode())
    assert guessed["findings"][0]["path"] == "stdin.ipynb"
    assert checked("-", "--stdin-filename", "test_x.py", cwd=tmp_path, stdin=DEBT.encode())["findings"] == []


def test_what_a_folder_holds(tmp_path: Path) -> None:
    kept = {"b.py", "a.ipynb", "sub/c.py", "sub/deep er/d.py", "environment/e.py", "venv/not_really.py", "odd.py/in.py"}
    passed = {
        ".hidden.py",
        ".ipynb_checkpoints/a-checkpoint.ipynb",
        "node_modules/x.py",
        "lib/site-packages/x.py",
        "vendor/x.py",
        "third_party/x.py",
        "model_pb2.py",
        "env/x.py",
        "notes.txt",
        "build/x.py",
    }
    write(tmp_path, dict.fromkeys(kept | passed, DEBT) | {"a.ipynb": notebook(code(DEBT)), "env/pyvenv.cfg": ""})
    os.symlink(tmp_path, tmp_path / "sub" / "loop")
    os.symlink("nowhere.py", tmp_path / "dangling.py")
    os.symlink("b.py", tmp_path / "alias.py")
    report = checked(cwd=tmp_path)
    found = [finding["path"] for finding in report["findings"]]
    assert found == [
        "a.ipynb",
        "alias.py",
        "b.py",
        "environment/e.py",
        "odd.py/in.py",
        "sub/c.py",
        "sub/deep er/d.py",
        "venv/not_really.py",
    ]
    explicit = checked("vendor/x.py", ".hidden.py", ".hidden.py", cwd=tmp_path)
    assert [finding["path"] for finding in explicit["findings"]] == ["vendor/x.py", ".hidden.py"]
    assert checked("dangling.py", cwd=tmp_path)["errors"] == [{"path": "dangling.py", "message": "not a regular file"}]


def test_what_git_ignores_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "/ignored/\n*.gen.py\n", "kept.py": DEBT, "x.gen.py": DEBT, "ignored/x.py": DEBT})
    write(tmp_path, {"inner/.gitignore": "secret.py\n", "inner/secret.py": DEBT, "inner/open.py": DEBT})
    for folder in (tmp_path, tmp_path / "inner"):
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    write(tmp_path, {"tracked.gen.py": DEBT})
    subprocess.run(["git", "add", "-f", "tracked.gen.py"], cwd=tmp_path, check=True)
    assert [finding["path"] for finding in checked(cwd=tmp_path)["findings"]] == [
        "inner/open.py",
        "kept.py",
        "tracked.gen.py",
    ]
    assert [finding["path"] for finding in checked("ignored/x.py", cwd=tmp_path)["findings"]] == ["ignored/x.py"]


def test_settings_hold_from_the_nearest_pyproject(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": '[tool.paydown]\nexclude = ["left/out"]\n[tool.paydown.severity]\nHTD8 = "hint"\n',
            "a.py": DEBT,
            "left/out/b.py": DEBT,
            "own/pyproject.toml": '[tool.paydown]\nignore = ["unseeded-randomness"]\n',
            "own/c.py": DEBT,
            "silent/pyproject.toml": "[tool.black]\n",
            "silent/d.py": DEBT,
            "legacy.toml": 'ignore = ["HTD8"]\n',
        },
    )
    found = [(finding["path"], finding["severity"]) for finding in checked(cwd=tmp_path)["findings"]]
    assert found == [("a.py", "hint"), ("silent/d.py", "hint")]
    louder = checked("--severity", "unseeded-randomness=information", "a.py", cwd=tmp_path)["findings"]
    assert [finding["severity"] for finding in louder] == ["information"]
    assert checked("--config", "legacy.toml", cwd=tmp_path)["findings"] == []
    assert checked("--ignore", "HTD811", "a.py", cwd=tmp_path)["findings"] == []
    assert checked("--select", "HTD3", "a.py", cwd=tmp_path)["findings"] == []
    assert checked("--exclude", "*.py", cwd=tmp_path)["documents"] == 0


def test_settings_that_make_no_sense_are_located(tmp_path: Path) -> None:
    write(tmp_path, {"sub/pyproject.toml": '[tool.paydown]\nignore = ["unseeded-randomnes"]\n', "sub/a.py": CLEAN})
    done = paydown("check", cwd=tmp_path)
    assert done.returncode == 1
    assert (
        "sub/pyproject.toml: line 2: unknown rule `unseeded-randomnes`; did you mean `unseeded-randomness`?"
        in done.stdout
    )


def test_accepted_debt_is_counted_and_no_finding(tmp_path: Path) -> None:
    accepted = DEBT.replace("3])", "3])  # paydown: accept[unseeded-randomness] a demonstration")
    write(tmp_path, {"a.py": accepted})
    done = paydown("check", cwd=tmp_path)
    assert done.returncode == 0
    assert "1 accepted" in done.stdout


def test_colours_only_where_they_are_seen(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": DEBT})
    assert "\x1b[" not in paydown("check", cwd=tmp_path).stdout
    assert "\x1b[" in paydown("check", cwd=tmp_path, FORCE_COLOR="1").stdout
    assert "\x1b[" not in paydown("check", cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_the_terminal_is_never_told_what_to_do(tmp_path: Path) -> None:
    hostile = "x\x1b]0;owned\x07\u202e.py"
    write(tmp_path, {hostile: DEBT.replace("1, 2, 3", "'\x1b[31m'")})
    done = paydown("check", "--show-source", cwd=tmp_path)
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "\\x1b" in done.stdout


def test_carets_stand_under_what_is_meant(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"b.py": "from sklearn.model_selection import train_test_split\n漢字 = 'é'; a, b = train_test_split([1])\n"},
    )
    lines = paydown("check", "--show-source", "b.py", cwd=tmp_path).stdout.splitlines()
    number = next(index for index, line in enumerate(lines) if "漢字" in line)
    columns = lines[number + 1].index("^") - lines[number].index("train_test_split")
    assert columns == 2  # two wide letters before it


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.py": DEBT for number in range(20)})
    command = f"{sys.executable} -m paydown check --show-source | head -1"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, check=True)
    assert b"Traceback" not in done.stderr


def test_rules_and_explain(tmp_path: Path) -> None:
    listed = json.loads(paydown("rules", "--output-format", "json", cwd=tmp_path).stdout)
    one = next(rule for rule in listed if rule["name"] == "unseeded-randomness")
    assert (one["code"], one["section"], one["principal"], one["inTests"]) == ("HTD811", "8", 2, False)
    assert [rule["code"] for rule in listed] == sorted(rule["code"] for rule in listed)
    by_name = paydown("explain", "unseeded-randomness", cwd=tmp_path).stdout
    assert by_name == paydown("explain", "htd811", cwd=tmp_path).stdout
    assert by_name.startswith("# unseeded-randomness (HTD811)\n")
    shown = paydown("rules", cwd=tmp_path).stdout
    assert all(rule["name"] in shown for rule in listed)


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("text", "a.py\n"),
        ("json", '{\n  "version"'),
        ("sarif", '{\n  "$schema"'),
        ("github", "::warning file=a.py,line=2,"),
        ("html", "<!DOCTYPE html>\n"),
        ("markdown", "## Hidden technical debt: 2 min\n"),
    ],
)
def test_every_format_goes_to_standard_output_or_a_file(name: str, beginning: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": DEBT})
    shown = paydown("check", "a.py", "--output-format", name, cwd=tmp_path)
    written = paydown("check", "a.py", "--output-format", name, "--output-file", "report", cwd=tmp_path)
    assert shown.returncode == written.returncode == 1
    assert written.stdout == ""
    assert shown.stdout == (tmp_path / "report").read_text(encoding="utf-8")
    assert shown.stdout.startswith(beginning)
    assert shown.stdout.endswith("\n")


def test_a_page_is_the_same_in_any_locale(tmp_path: Path) -> None:
    write(tmp_path, {"ü.py": DEBT})
    done = paydown("check", "--output-format", "json", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["findings"][0]["path"] == "ü.py"
    assert "\\xfc.py" in paydown("check", cwd=tmp_path, PYTHONIOENCODING="ascii").stdout
