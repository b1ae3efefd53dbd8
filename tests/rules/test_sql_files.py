"""SQL that moves to a file: what it is called, what is never overwritten, where it stays. Pages show the edits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from paydown.configuration import Configuration
from paydown.document import Cell, Document, from_script
from paydown.engine import Engine
from paydown.fixes import Unfixable, edits, fix_all
from paydown.settings import configured
from paydown.span import apply

QUERY = "\n  SELECT a, 'é\\n'\n\tFROM sales\n  WHERE a\n\n  AND b  \n  ORDER BY a"
CODE = f"query = '''{QUERY}'''\n"
CONFIGURATION, _ = configured(Configuration(), {"select": ["embedded-sql"]})


def notebook(folder: Path, *texts: str, **more: bool) -> Document:
    cells = tuple(Cell(f"c{n}", text, index=n) for n, text in enumerate(texts))
    return Document((folder / "n.ipynb").as_posix(), cells, **more)  # type: ignore[arg-type]


def offers(document: Document) -> list[list[str]]:
    return [[one.key for one in finding.fixes] for finding in Engine(CONFIGURATION).analyse(document).all]


def moved(document: Document) -> tuple[list[str], dict[str, str]]:
    """The cells and the new files, by their names, after the fix of the only finding."""
    (finding,) = Engine(CONFIGURATION).analyse(document).all
    files: dict[str, str] = {}
    made = edits(document, finding, "move", files=files)
    texts = [apply(cell.text, made.get(cell.id, ())) for cell in document.cells]
    folder = document.path.rpartition("/")[0] + "/"
    return texts, {name.removeprefix(folder): text for name, text in files.items()}


def test_what_is_read_is_what_stood_there(tmp_path: Path) -> None:
    (text,), files = moved(notebook(tmp_path, CODE))
    (name,) = files
    assert name == "sales.sql"
    (tmp_path / name).write_text(files[name], encoding="utf-8", newline="")
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", f"{text}\nprint(ascii(query))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        check=True,
    )
    names: dict[str, str] = {}
    exec(CODE, names)
    assert done.stdout == ascii(names["query"]) + "\n"


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "sales.sql").write_text("-- theirs")
    (tmp_path / "sales_2.sql").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sales_3.sql").mkdir()
    (text,), files = moved(notebook(tmp_path, CODE))
    assert list(files) == ["sales_4.sql"]
    assert 'Path("sales_4.sql")' in text


def test_a_file_that_holds_this_very_text_is_read(tmp_path: Path) -> None:
    _, files = moved(notebook(tmp_path, CODE))
    (tmp_path / "sales.sql").write_bytes(files["sales.sql"].encode())
    (text,), files = moved(notebook(tmp_path, CODE))
    assert 'Path("sales.sql")' in text
    assert files == {}
    (tmp_path / "sales.sql").write_bytes((files.get("sales.sql", "") + QUERY + "\n").encode())
    assert list(moved(notebook(tmp_path, CODE))[1]) == ["sales_2.sql"]


@pytest.mark.parametrize("folder", ["queries", "sql"])
def test_a_folder_of_queries_takes_it(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir()
    (text,), files = moved(notebook(tmp_path, CODE))
    assert list(files) == [f"{folder}/sales.sql"]
    assert f'Path("{folder}/sales.sql").read_text(' in text
    (text,), _ = moved(from_script((tmp_path / "a.py").as_posix(), CODE))
    assert f'Path(__file__).parent.joinpath("{folder}/sales.sql").read_text(' in text


def test_it_stays_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "queries").symlink_to(tmp_path / "elsewhere")
    strange = CODE.replace("sales", "`../../etc/pass wd`")
    assert list(moved(notebook(tmp_path / "here", strange))[1]) == ["query.sql"]
    _, files = moved(notebook(tmp_path / "here", CODE.replace("sales", "x" * 300)))
    assert all(len(name) < 80 for name in files)


def test_several_in_one_document(tmp_path: Path) -> None:
    other = CODE.replace("WHERE a", "WHERE c")
    document = notebook(tmp_path, CODE, other, CODE)
    files: dict[str, str] = {}
    texts = fix_all(document, Engine(CONFIGURATION), safe_only=False, files=files)
    assert [Path(path).name for path in files] == ["sales.sql", "sales_2.sql"]
    assert 'Path("sales_2.sql")' in texts["c1"]
    assert 'Path("sales.sql")' in texts["c2"]
    assert fix_all(document, Engine(CONFIGURATION), safe_only=False) == {}, "nowhere to put it"
    assert fix_all(document, Engine(CONFIGURATION), files={}) == {}, "it is no safe fix"


@pytest.mark.parametrize(
    "text",
    [
        CODE.replace("a'''", "a'''.format(a=1)"),
        CODE.replace("a'''", "a''' % a"),
        CODE.replace("a'''", "a''' + more"),
        CODE.replace("= ''", "= f''"),
        CODE.replace("WHERE a", "WHERE a\\r"),
    ],
)
def test_what_is_filled_in_stays(text: str, tmp_path: Path) -> None:
    assert offers(notebook(tmp_path, text)) == [[]]


def test_where_there_is_no_folder_it_stays(tmp_path: Path) -> None:
    assert offers(Document("", (Cell("c0", CODE),))) == [[]]
    assert offers(notebook(tmp_path, CODE, colab=True)) == [[]]
    assert offers(notebook(tmp_path, CODE)) == [["move"]]


@pytest.mark.parametrize("other", ["%cd ..", "import os\nos.chdir('..')", "from fastapi import Path"])
def test_where_it_would_not_be_found_it_stays(other: str, tmp_path: Path) -> None:
    with pytest.raises(Unfixable):
        moved(notebook(tmp_path, other, CODE))


def test_a_script_of_cells_says_where_it_lies_only_if_it_does_already(tmp_path: Path) -> None:
    path = (tmp_path / "a.py").as_posix()
    assert offers(from_script(path, f"# %%\nx = 1\n# %%\n{CODE}# %%\n")) == [[]]
    assert offers(from_script(path, f"# %%\n{CODE}# %%\nx = 1\n")) == [[]]
    with pytest.raises(Unfixable):
        moved(from_script(path, f"{CODE}# %%\nx = 1\n"))
    texts, _ = moved(from_script(path, f"# %%\nx = 1\n# %%\nhere = __file__\n{CODE}"))
    assert 'Path(__file__).with_name("sales.sql")' in texts[1]


def test_comments_between_the_parts_of_a_string_are_not_lost(tmp_path: Path) -> None:
    parts = 'query = (\n    "SELECT a.x, b.y FROM a "  # ours\n    "JOIN b ON a.id = b.id"\n)\n'
    with pytest.raises(Unfixable):
        moved(notebook(tmp_path, parts))


def test_line_ends_of_the_cell_stay(tmp_path: Path) -> None:
    (text,), files = moved(notebook(tmp_path, "x = 1\n" + CODE.replace("\\n", "").replace("\n", "\r\n") + "y = 2\r\n"))
    assert text.endswith('read_text(encoding="utf-8")\r\ny = 2\r\n')
    assert "\r" not in "".join(files.values())
