"""What a project knows of the versions of its data."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from paydown.configuration import Declared
from paydown.project import Project, git, lock, root_of, yaml
from paydown.project.files import create_file


def run_git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "work space"
    folder.mkdir()
    run_git(folder, "init", "-q")
    write(
        folder,
        {
            "data/kept.csv": "a,b\n1,2\n",
            "data/big.parquet": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "data/étranger.csv": "a\n",
            "weights/net.bin": "0",
            "empty/.gitkeep": "",
            ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
            ".gitignore": "ignored.csv\n",
            "notebooks/a.ipynb": "{}",
        },
    )
    os.symlink(".git/annex/objects/xx/yy/SHA256E-s1--00.csv", folder / "data" / "annexed.csv")
    os.symlink("/nowhere/outside.csv", folder / "data" / "astray.csv")
    os.symlink("kept.csv", folder / "data" / "alias.csv")
    run_git(folder, "add", ".")
    write(folder, {"data/ignored.csv": "a\n", "data/untracked.csv": "a\n"})
    return folder


def test_git_keeps_what_is_tracked_and_nothing_else(repository: Path) -> None:
    project = Project.around(str(repository / "notebooks" / "a.ipynb"))
    beside = f"{repository}/notebooks/a.ipynb"
    assert project.root == str(repository)
    expected = {
        "../data/kept.csv": "git",
        "data/kept.csv": "git",  # as seen from the root
        f"{repository}/data/kept.csv": "git",
        f"file://{repository}/data/kept.csv": "git",
        "../data/étranger.csv": "git",
        "../data/big.parquet": "git-lfs",
        "../weights/net.bin": "git-lfs",
        "../data/annexed.csv": "git-annex",
        "../data/alias.csv": "git",
        "../data/astray.csv": None,
        "../data/ignored.csv": None,
        "../data/untracked.csv": None,
        "../data/missing.csv": None,
        "kept.csv": None,  # a base name alone links nothing
        "../data": "git",
        "../data/*.csv": "git",
        "../data/*.feather": None,
        "../empty": None,
        "/etc/passwd": None,
        "": None,
        ".": None,
        "a\0b": None,
        "//server/share/x.csv": None,
    }
    assert {path: project.version_of(path, beside) for path in expected} == expected


def test_the_index_says_the_same_without_the_git_program(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_git = git.checkout(str(repository))
    for version in ("2", "3", "4"):
        run_git(repository, "update-index", "--index-version", version)
        with monkeypatch.context() as context:
            context.setattr(shutil, "which", lambda name: None)
            assert git.checkout(str(repository)) == with_git
            assert git.unignored(str(repository)) is None
    assert with_git is not None
    assert "data/kept.csv" in with_git.files


def test_no_hook_and_no_monitor_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    script = repository / "monitor.sh"
    script.write_text(f"#!/bin/sh\ntouch '{trap}'\n")
    script.chmod(0o755)
    run_git(repository, "config", "core.fsmonitor", str(script))
    assert Project.at(str(repository)).version_of("data/kept.csv") == "git"
    assert not trap.exists()


def test_the_variables_that_a_hook_sets_do_not_lead_astray(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert Project.at(str(repository)).version_of("data/kept.csv") == "git"


def test_worktrees_and_submodules_have_their_own_index(repository: Path, tmp_path: Path) -> None:
    run_git(repository, "commit", "-qm", "one")
    run_git(repository, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert Project.around(str(tmp_path / "tree")).version_of("data/kept.csv") == "git"
    inner = repository / "modules" / "inner"
    inner.mkdir(parents=True)
    run_git(inner, "init", "-q")
    write(inner, {"x.csv": "a\n", "y.csv": "a\n"})
    run_git(inner, "add", "x.csv")
    project = Project.at(str(repository))
    assert project.version_of("modules/inner/x.csv") == "git"
    assert project.version_of("modules/inner/y.csv") is None


def test_refreshing_sees_what_was_added_and_counts_up_only_then(repository: Path) -> None:
    project = Project.at(str(repository))
    assert project.version_of("data/untracked.csv") is None
    assert not project.refresh()
    assert project.revision == 0
    run_git(repository, "add", "data/untracked.csv")
    assert project.refresh()
    assert project.revision == 1
    assert project.version_of("data/untracked.csv") == "git"
    write(repository, {"data/late.csv.dvc": "outs:\n- path: late.csv\n  md5: 0\n"})
    assert project.version_of("data/late.csv") is None
    run_git(repository, "add", "data/late.csv.dvc")
    assert project.refresh()
    assert project.version_of("data/late.csv") == "dvc"


DVC_YAML = """
vars:
  - folders.yaml:made
  - model: {name: forest}
stages:
  prepare:
    cmd: python prepare.py
    outs:
      - ${made}/train.parquet
      - data/test.parquet: {cache: false}
      - ${not.known}/x.parquet
  models:
    foreach: ${seeds}
    do:
      cmd: python train.py ${item}
      outs: ["models/${model.name}-${item}.pkl"]
  regions:
    foreach: {north: {file: n.csv}, south: {file: s.csv}}
    do:
      wdir: regions
      outs: ["${key}/${item.file}"]
  grid:
    matrix: {size: [1, 2], kind: [a, b]}
    outs: ["grid/${item.kind}${item.size}.csv"]
"""


def test_what_the_documents_around_a_script_import(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "app.py": "import os\n\nfrom model.predict import price\n",
            "model/predict.py": "def price(): ...\n",
            "model/tidy.py": "import numpy\n",
            "model/look.ipynb": '{"cells": [{"source": ["import clean as c\\n", "c.rows()"]}]}',
            "model/clean.py": "",
            "far/away/below/use.py": "import tidy\n",
        },
    )
    project = Project.at(str(tmp_path))
    found = {name: project.imports(str(tmp_path / "model" / f"{name}.py")) for name in ("predict", "tidy", "clean")}
    assert found == {"predict": True, "tidy": False, "clean": True}
    write(tmp_path, {"train.py": "from model import tidy\n"})
    assert project.refresh()
    assert project.imports(str(tmp_path / "model" / "tidy.py"))


def test_dvc_keeps_files_folders_and_the_outputs_of_stages(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".dvc/config": "",
            "data/raw.dvc": "outs:\n- md5: abc.dir\n  path: raw\n",
            "moved.dvc": "wdir: elsewhere\nouts:\n- path: x.csv\n",
            "pipeline/dvc.yaml": DVC_YAML,
            "pipeline/folders.yaml": "made: interim\nother: no\n",
            "pipeline/params.yaml": "seeds: [1, 2]\n",
            "locked/dvc.yaml": "stages:\n  one:\n    wdir: sub\n    outs: ['${who.knows}']\n",
            "locked/dvc.lock": "schema: '2.0'\nstages:\n  one:\n    outs:\n    - path: seen.csv\n      md5: 0\n",
            "broken.dvc": "outs: [",
        },
    )
    project = Project.around(str(tmp_path / "pipeline" / "prepare.py"))
    kept = [
        "data/raw",
        "data/raw/deep/er.csv",
        "data/raw/*.csv",
        "elsewhere/x.csv",
        "pipeline/interim/train.parquet",
        "pipeline/data/test.parquet",
        "pipeline/models/forest-1.pkl",
        "pipeline/models/forest-2.pkl",
        "pipeline/models/*.pkl",
        "pipeline/regions/north/n.csv",
        "pipeline/regions/south/s.csv",
        "pipeline/grid/b2.csv",
        "locked/sub/seen.csv",
    ]
    loose = ["data", "data/rawer.csv", "pipeline/models/forest-3.pkl", "x.csv", "pipeline/regions/north/s.csv", "*.csv"]
    assert {path: project.version_of(path) for path in kept} == dict.fromkeys(kept, "dvc")
    assert {path: project.version_of(path) for path in loose} == dict.fromkeys(loose)


@pytest.mark.parametrize(
    "hostile",
    [
        b"- " * 400_000 + b"x",
        b"[" * 100_000,
        b"{a: " * 50_000,
        "".join(" " * depth + "a:\n" for depth in range(1500)).encode(),
        b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 400)),
        b"!!python/object/apply:os.system ['true']",
        b"a: !nobody 1",
        b"\xff\xfe\x00",
        b"2001-99-99",
        b"? [a]\n: b",
        b"",
    ],
)
def test_hostile_yaml_reads_as_nothing(hostile: bytes) -> None:
    assert yaml.loads(hostile) is None


def test_merges_of_merges_stay_small() -> None:
    doubling = b"a0: &a0 {x: 1}\n" + b"".join(
        b"a%d: &a%d {<<: [*a%d, *a%d], y%d: 1}\n" % (n, n, n - 1, n - 1, n) for n in range(1, 40)
    )
    began = time.monotonic()
    read = yaml.loads(doubling)  # newer releases of PyYAML merge a key once, with older ones it is out of bounds
    assert read is None or max(map(len, read.values())) == 40
    assert time.monotonic() - began < 20


def test_pins_are_sorted_lines_and_keep_no_secrets(tmp_path: Path) -> None:
    root = str(tmp_path)
    pin = lock.Pin("0" * 64, 3, "2026-11-01")
    address = "HTTPS://ann:pw@Example.org/x.csv?year=2024&X-Amz-Signature=abc&token=t#part"
    lock.write(
        root, {lock.key_of(name, root): pin for name in ("b.csv", "./a.csv", "../out.csv", address, "sub/ü.csv")}
    )
    assert (tmp_path / "paydown.lock").read_text(encoding="utf-8").splitlines() == [
        '{"version": 1, "data": {',
        *(
            f'  "{key}": {{"sha256": "{"0" * 64}", "size": 3, "date": "2026-11-01"}}{end}'
            for key, end in [
                ("../out.csv", ","),
                ("a.csv", ","),
                ("b.csv", ","),
                ("https://example.org/x.csv?year=2024", ","),
                ("sub/ü.csv", ""),
            ]
        ),
        "}}",
    ]
    project = Project.at(root)
    assert project.version_of("a.csv") == "pinned"
    assert project.version_of("ü.csv", f"{root}/sub/n.ipynb") == "pinned"
    assert project.pinned(address)
    assert project.version_of(address.replace("token=t", "token=u")) == "pinned"
    assert not project.pinned("https://example.org/x.csv?year=2025")
    assert project.version_of("c.csv") is None
    (tmp_path / "paydown.lock").write_text("<<<<<<< HEAD\n")
    assert project.refresh()
    assert project.version_of("a.csv") is None
    assert "merge conflict" in project.lock_problem


def test_a_lock_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "target").write_text("mine")
    os.symlink(outside / "target", root / "paydown.lock")
    with pytest.raises(PermissionError, match="leads out of the project"):
        lock.write(str(root), {})
    assert (outside / "target").read_text() == "mine"
    (root / "paydown.lock").unlink()
    lock.write(str(root), {"a": lock.Pin("0" * 64, 1, "2026-11-01")})
    (root / "paydown.lock").chmod(0o640)
    before = (root / "paydown.lock").stat()
    lock.write(str(root), {"a": lock.Pin("0" * 64, 1, "2026-11-01")})
    assert (root / "paydown.lock").stat().st_mtime_ns == before.st_mtime_ns
    lock.write(str(root), {"a": lock.Pin("1" * 64, 1, "2026-11-02")})
    assert (root / "paydown.lock").stat().st_mode & 0o777 == 0o640
    assert lock.read(str(root))["a"].sha256 == "1" * 64
    assert sorted(path.name for path in root.iterdir()) == ["paydown.lock"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"[]", "no table"),
        (b'{"version": 9, "data": {}}', "version 9"),
        (b'{"version": 1, "data": {"a": 1}}', "`a` should be a table"),
        (b'{"version": 1, "data": {"a": {"sha256": "x", "size": 1, "date": ""}}}', "64 digits"),
        (b"[" * 100_000, "no valid JSON"),
        (b"\xff", "no valid JSON"),
    ],
)
def test_a_broken_lock_says_what_is_wrong(text: bytes, word: str) -> None:
    with pytest.raises(lock.LockError, match=word):
        lock.parsed(text)


def test_the_header_of_a_local_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.csv": '\ufeffid,"last, first",Ünï\n1,2,3\n',
            "s.csv": "x;y,z;w\n",
            "one.csv": "no end",
            "t.tsv": "p\tq\r\n",
        },
    )
    (tmp_path / "z.csv.gz").write_bytes(gzip.compress(b"g,h\n1,2\n"))
    (tmp_path / "bin.csv").write_bytes(b"\0\1\2\n")
    os.mkfifo(tmp_path / "pipe.csv")
    project = Project.at(str(tmp_path))
    assert project.header("a.csv") == ("id", "last, first", "Ünï")
    assert project.header("s.csv") == ("x", "y,z", "w")
    assert project.header("t.tsv") == ("p", "q")
    assert project.header("z.csv.gz") == ("g", "h")
    assert [project.header(name) for name in ("one.csv", "bin.csv", "pipe.csv", "none.csv", "a.parquet")] == [None] * 5
    assert project.exists("a.csv")
    assert not project.exists("new.csv")
    write(tmp_path, {"new.csv": "n\n"})
    assert not project.exists("new.csv")
    assert project.refresh()
    assert project.exists("new.csv")


def test_declared_data(tmp_path: Path) -> None:
    declared = Declared("shared/*.parquet", producers=("etl/build.py",))
    project = Project.at(str(tmp_path), (declared,))
    assert project.declares("../shared/x.parquet", f"{tmp_path}/notebooks/a.ipynb") is declared
    assert project.declares("shared/x.csv") is None


def test_the_root_is_the_nearest_marker(tmp_path: Path) -> None:
    write(tmp_path, {"one/pyproject.toml": "", "one/two/three/n.ipynb": "", "four/n.ipynb": ""})
    assert root_of(str(tmp_path / "one" / "two" / "three" / "n.ipynb")) == str(tmp_path / "one")
    assert root_of(str(tmp_path / "four" / "n.ipynb")) == str(tmp_path / "four")
    run_git(tmp_path, "init", "-q")
    assert root_of(str(tmp_path / "one" / "two")) == str(tmp_path)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("requirements.txt", "# ours\nscikit-learn [all] == 1.8.0 ; python_version > '3.10'\nnumpy>=2\n"),
        ("uv.lock", '[[package]]\nname = "scikit-learn"\nversion = "1.8.0"\n'),
        ("Pipfile.lock", '{"default": {"scikit-learn": {"hashes": ["a"], "version": "==1.8.0"}}}'),
        ("environment.yml", "dependencies:\n  - python\n  - conda-forge::scikit-learn=1.8.0=py312_0\n  - numpy>=2\n"),
    ],
)
def test_requirements_tell_versions(tmp_path: Path, file: str, text: str) -> None:
    write(tmp_path, {"pyproject.toml": "", file: text.replace("learn [", "learn[")})
    project = Project.at(str(tmp_path))
    beside = f"{tmp_path}/notebooks/a.ipynb"
    assert project.requirement("scikit-learn", beside) == "1.8.0"
    assert project.requirement("numpy", beside) == ""
    write(tmp_path, {file: text.replace("learn [", "learn[").replace("1.8.0", "1.8.12")})
    assert project.refresh()
    assert project.requirement("scikit-learn", beside) == "1.8.12"


def test_the_nearest_requirements_count(tmp_path: Path) -> None:
    write(tmp_path, {"requirements.txt": "numpy==2.0.0\nscipy==1.1.0\n", "deep/requirements.txt": "numpy==2.3.0\n"})
    project = Project.at(str(tmp_path))
    assert project.requirement("numpy", f"{tmp_path}/deep/a.ipynb") == "2.3.0"
    assert project.requirement("scipy", f"{tmp_path}/deep/a.ipynb") == "1.1.0"
    assert project.requirement("numpy", f"{tmp_path}/a.ipynb") == "2.0.0"


def test_a_new_file_is_whole_and_writes_over_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    path = (tmp_path / "a.sql").as_posix()
    create_file(path, b"one")
    with pytest.raises(FileExistsError):
        create_file(path, b"two")
    monkeypatch.setattr("os.link", no_links)
    create_file((tmp_path / "b.sql").as_posix(), b"three")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a.sql": b"one", "b.sql": b"three"}
