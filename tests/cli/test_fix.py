"""``paydown fix`` as a user starts it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from documents import CLEAN, DEBT, code, markdown, notebook, paydown, write

from paydown.commands import fix
from paydown.document import Unreadable, read


def test_a_notebook_is_fixed_and_every_other_byte_stays(tmp_path: Path) -> None:
    image = {"output_type": "display_data", "data": {"image/png": "QUJD"}, "metadata": {}}
    text = notebook(
        markdown("# Über"), code(DEBT, outputs=[image]), code("x = 1  # ünï"), extra={"kept": [1.50, "\\u00e9"]}
    )
    write(tmp_path, {"n.ipynb": text.replace("\n", "\r\n")})
    (tmp_path / "n.ipynb").chmod(0o640)
    done = paydown("fix", "n.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "n.ipynb: unseeded-randomness" in done.stdout
    assert "Paid off 1 finding in 1 document (2 min)." in done.stdout
    after = (tmp_path / "n.ipynb").read_bytes().decode()
    assert (tmp_path / "n.ipynb").stat().st_mode & 0o777 == 0o640
    assert after != text
    before_lines, after_lines = text.splitlines(), after.split("\r\n")
    assert [line for line in before_lines if "train_test_split([" not in line and line not in after_lines] == []
    assert "\n" not in after.replace("\r\n", "")
    assert paydown("check", cwd=tmp_path).returncode == 0
    assert paydown("fix", "n.ipynb", cwd=tmp_path).stdout == "Nothing to fix.\n"
    assert (tmp_path / "n.ipynb").read_bytes().decode() == after
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.ipynb"]


def test_a_difference_is_shown_and_nothing_written(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": DEBT, "n.ipynb": notebook(markdown("#"), code(DEBT)), "clean.py": CLEAN})
    done = paydown("fix", "--diff", cwd=tmp_path)
    assert done.returncode == 1
    assert "--- a.py\n+++ a.py\n" in done.stdout
    assert "--- n.ipynb (cell 2)\n" in done.stdout
    assert "clean.py" not in done.stdout
    assert "-train, test = train_test_split([1, 2, 3])\n" in done.stdout
    assert "Would pay off 2 findings in 2 documents" in done.stderr
    assert (tmp_path / "a.py").read_text() == DEBT
    assert paydown("fix", "--diff", "clean.py", cwd=tmp_path).returncode == 0


def test_only_what_was_selected(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": DEBT})
    assert paydown("fix", "--select", "HTD3", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == DEBT
    assert paydown("fix", "--ignore", "HTD811", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == DEBT
    assert paydown("fix", "--select", "HTD811", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() != DEBT


def test_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    done = paydown("fix", "-", cwd=tmp_path, stdin=DEBT.encode())
    assert done.returncode == 0
    assert "random_state" in done.stdout
    broken = paydown("fix", "-", "--stdin-filename", "x.ipynb", cwd=tmp_path, stdin=b"{ broken")
    assert broken.returncode == 2
    assert broken.stdout == "{ broken"


def test_what_must_not_be_written_is_not(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    write(tmp_path, {"outside/theirs.py": DEBT, "inside/mine.py": DEBT})
    os.symlink(outside / "theirs.py", inside / "link.py")
    done = paydown("fix", ".", cwd=inside)
    assert done.returncode == 1
    assert "link.py: is a link to" in done.stderr
    assert (outside / "theirs.py").read_text() == DEBT
    assert (inside / "mine.py").read_text() != DEBT
    assert paydown("fix", "link.py", cwd=inside).returncode == 0
    assert (outside / "theirs.py").read_text() != DEBT
    assert (inside / "link.py").is_symlink()


def test_a_file_that_cannot_be_read_costs_the_others_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": "{", "b.py": DEBT})
    done = paydown("fix", cwd=tmp_path)
    assert done.returncode == 1
    assert "a.ipynb: JSON ends early" in done.stderr
    assert "random_state" in (tmp_path / "b.py").read_text()


SQL = 'query = """\n  SELECT a\n  FROM sales\n  WHERE a\n  AND b\n  ORDER BY a\n"""\n'


def test_sql_moves_to_files_when_suggestions_are_wanted(tmp_path: Path) -> None:
    other = SQL.replace("AND b", "AND c")
    write(tmp_path, {"in/n.ipynb": notebook(code(SQL)), "in/o.ipynb": notebook(code(other)), "in/sales.sql": "theirs"})
    before = {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()}
    chosen = ("--select", "embedded-sql")
    assert paydown("fix", *chosen, cwd=tmp_path).stdout == "Nothing to fix; 2 remain.\n"
    done = paydown("fix", "--suggested", "--diff", *chosen, cwd=tmp_path)
    assert done.returncode == 1
    for name in ("in/sales_2.sql", "in/sales_3.sql"):
        assert f"--- /dev/null\n+++ {name}\n@@ -0,0 +1,6 @@\n+\n+  SELECT a\n" in done.stdout
    assert {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()} == before
    done = paydown("fix", "--suggested", *chosen, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "in/n.ipynb: embedded-sql → in/sales_2.sql\n" in done.stdout
    assert (tmp_path / "in/sales.sql").read_text() == "theirs"
    assert (tmp_path / "in/sales_3.sql").read_text() == other[11:-4]
    assert (tmp_path / "in/sales_2.sql").stat().st_mode == (tmp_path / "in/sales.sql").stat().st_mode
    assert len(list((tmp_path / "in").iterdir())) == 5
    assert paydown("check", *chosen, cwd=tmp_path).returncode == 0


def test_no_file_is_made_for_standard_input(tmp_path: Path) -> None:
    done = paydown("fix", "-", "--suggested", "--select", "embedded-sql", cwd=tmp_path, stdin=SQL.encode())
    assert done.stdout == SQL
    assert not list(tmp_path.iterdir())


def test_where_a_document_can_not_be_written_its_files_go_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.py": SQL})
    path = (tmp_path / "a.py").as_posix()
    new = (tmp_path / "sales.sql").as_posix()
    result = fix.Fixed(read(path, SQL.encode()), SQL.encode(), b"x = 1\n", {}, [], [], {new: "SELECT"})

    def full(path: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(fix, "replace_file", full)
        with pytest.raises(Unreadable, match="No space left"):
            fix._written(path, result, explicit=True)
    assert [one.name for one in tmp_path.iterdir()] == ["a.py"]
    (tmp_path / "sales.sql").write_text("theirs")
    with pytest.raises(Unreadable, match="can't be written"):
        fix._written(path, result, explicit=True)
    assert (tmp_path / "a.py").read_text() == SQL
    assert (tmp_path / "sales.sql").read_text() == "theirs"
    assert len(list(tmp_path.iterdir())) == 2
