"""``paydown fix`` as a user starts it."""

from __future__ import annotations

import os
from pathlib import Path

from documents import CLEAN, DEBT, code, markdown, notebook, paydown, write


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
