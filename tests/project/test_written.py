"""What the neighbours of a document write is derived data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paydown.project import Project
from paydown.project.written import written_in


@pytest.mark.parametrize(
    ("text", "exact", "ends"),
    [
        ('frame.to_csv("out/a.csv", index=False)', {"out/a.csv"}, set()),
        ("frame.to_parquet(\n    'a.parquet',\n)", {"a.parquet"}, set()),
        ('frame.to_csv(OUT / "a.csv")', set(), {"a.csv"}),
        ('frame.to_csv(os.path.join(OUT, "x/a.csv"))', set(), {"x/a.csv"}),
        ('frame.to_csv(f"{OUT}/a.csv")', set(), {"a.csv"}),
        ('frame.to_csv(f"{OUT}/part_{n}.csv")', set(), set()),
        ('np.save("a.npy", x)', {"a.npy"}, set()),
        ('with open("a.json", "w") as file:', {"a.json"}, set()),
        ('with open(OUT / "a.json", mode="w") as file:', set(), {"a.json"}),
        ('with open("a.json") as file:', set(), set()),
        ('urlretrieve("https://example.org/b.csv", "a.csv")', {"a.csv"}, set()),
        ('frame.write.mode("overwrite").parquet("lake/a.parquet")', {"lake/a.parquet"}, set()),
        ('frame = spark.read.parquet("lake/a.parquet")', set(), set()),
        ('frame.to_csv(path)\nother = pd.read_csv("b.csv")', set(), set()),
        ('OUT = ROOT / "a.csv"\nframe.to_csv(OUT)', set(), {"a.csv"}),
        ('joblib.dump(rows, FILE)\nFILE: str = "a.pkl"', {"a.pkl"}, set()),
        ('path = "in.csv"\nread(path)\npath = "out.csv"\nframe.to_csv(path)', set(), set()),
        (json.dumps({"source": ['OUT = "a.csv"\n', "frame.to_csv(OUT)\n"]}), {"a.csv"}, set()),
        (json.dumps({"source": ["frame.to_csv('a.csv')\n", "pd.read_csv('b.csv')"]}), {"a.csv"}, set()),
        (json.dumps({"source": ['frame.to_csv("a.csv")\n', 'pd.read_csv("b.csv")']}), {"a.csv"}, set()),
    ],
)
def test_literals_beside_calls_that_write(text: str, exact: set[str], ends: set[str]) -> None:
    assert written_in(text.encode()) == (exact, ends)


def _project(folder: Path, **documents: str) -> Project:
    (folder / ".git").mkdir()
    for name, text in documents.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return Project.at(str(folder))


def test_a_neighbour_writes_it(tmp_path: Path) -> None:
    project = _project(
        tmp_path,
        src__prepare='rows.to_csv("data/rows.csv")\ntest.to_csv(OUT / "test.csv")\nn.to_csv(OUT / "names_of_all.csv")',
        src__train="",
        other__train="",
    )
    here, there = str(tmp_path / "src/train.py"), str(tmp_path / "other/train.py")
    assert project.written("data/rows.csv", here)
    assert project.written("../data/rows.csv", there)  # as seen from the root, where scripts are started
    assert project.written("names_of_all.csv", there)
    assert project.written("~/data/names_of_all.csv", there)
    assert not project.written("rows.csv", here)
    assert not project.written("elsewhere/rows.csv", here)
    assert not project.written("data/test.csv", here)  # many files bear the name
    assert not project.written("data/rows.csv", str(tmp_path / "src/prepare.py"))  # the document itself
    assert not project.written("data/rows.csv", "")


def test_it_is_looked_at_again(tmp_path: Path) -> None:
    project = _project(tmp_path, prepare="", train="")
    here = str(tmp_path / "train.py")
    assert not project.written("rows.csv", here)
    (tmp_path / "prepare.py").write_text('rows.to_csv("rows.csv")')
    assert project.refresh()
    assert project.written("rows.csv", here)


def test_of_very_many_documents_only_those_beside_it(tmp_path: Path) -> None:
    project = _project(
        tmp_path, a__train="", a__prepare='rows.to_csv("rows.csv")', b__prepare='rows.to_csv("x/all.csv")'
    )
    for number in range(200):
        (tmp_path / "b" / f"{number}.py").touch()
    here = str(tmp_path / "a/train.py")
    assert project.written("rows.csv", here)
    assert not project.written("x/all.csv", here)
