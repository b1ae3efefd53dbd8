"""What a document gets from the modules of its project: texts and paths, as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest

from paydown.configuration import Configuration
from paydown.document import read
from paydown.engine import Engine
from paydown.project import Project
from paydown.settings import configured

CONFIG = """\
import os
from dataclasses import dataclass
from pathlib import Path

from .places import ROOT

RAW = ROOT / "raw" / "rows.csv"
BASE = os.path.dirname(os.path.abspath(__file__))
FILES = {"train": "data/train.csv", "rows": 3}
LIMIT = 0.7


@dataclass
class Settings:
    data: str = "data/settings.csv"


settings = Settings()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": "",
        "shop/__init__.py": "",
        "shop/places.py": "from pathlib import Path\nROOT = Path(__file__).parent.parent\n",
        "shop/config.py": CONFIG,
        "src/paths.py": 'ROWS = "data/from-src.csv"\n',
        "broken.py": 'ROWS = "data/rows.csv"\ndef (\n',
        "one.py": 'import two\nROWS = "data/one.csv"\n',
        "two.py": "from one import ROWS\n",
        "notebooks/place.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def engine_of(project: Path) -> Engine:
    return Engine(configured(Configuration(), {"select": ["HTD301"]})[0], Project.at(str(project)))


def locations(engine: Engine, project: Path, text: str, name: str = "notebooks/look.py") -> list[str]:
    document = read(str(project / name), b"import pandas as pd\n" + text.encode())
    return [reference.location for reference in engine.analyse(document).references]


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("from shop.config import RAW\npd.read_csv(RAW)", "../raw/rows.csv"),
        ("from shop import config\npd.read_csv(config.RAW)", "../raw/rows.csv"),
        ("import shop.config\npd.read_csv(shop.config.RAW)", "../raw/rows.csv"),
        ("import shop.config as c\npd.read_csv(c.BASE + '/x.csv')", "../shop/x.csv"),
        ("from shop.config import FILES\npd.read_csv(FILES['train'])", "data/train.csv"),
        ("from shop.config import settings\npd.read_csv(settings.data)", "data/settings.csv"),
        ("from shop.config import Settings\npd.read_csv(Settings.data)", "data/settings.csv"),
        ("from shop.config import Settings\nown = Settings()\npd.read_csv(own.data)", "data/settings.csv"),
        ("from paths import ROWS\npd.read_csv(ROWS)", "data/from-src.csv"),
        ("from broken import ROWS\npd.read_csv(ROWS)", "data/rows.csv"),
        ("from one import ROWS\npd.read_csv(ROWS)", "data/one.csv"),
    ],
)
def test_texts_and_paths_of_modules_are_followed(project: Path, text: str, location: str) -> None:
    assert locations(engine_of(project), project, text) == [location]


def test_relative_imports(project: Path) -> None:
    text = "from .config import RAW\nfrom . import config\npd.read_csv(RAW)\npd.read_csv(config.BASE + '/y.csv')"
    assert locations(engine_of(project), project, text, "shop/use.py") == ["../raw/rows.csv", "./y.csv"]


@pytest.mark.parametrize(
    "text",
    [
        "from nowhere import ROWS\npd.read_csv(ROWS)",
        "from shop.config import LIMIT\npd.read_csv(LIMIT)",
        "from json import ROWS\npd.read_csv(ROWS)",
        "from ...outside import ROWS\npd.read_csv(ROWS)",
        "from linked import ROWS\npd.read_csv(ROWS)",
    ],
)
def test_what_is_not_there_is_unknown(project: Path, text: str) -> None:
    (project / "json.py").write_text('ROWS = "data/rows.csv"\n', encoding="utf-8")
    (project.parent / "outside.py").write_text('ROWS = "data/rows.csv"\n', encoding="utf-8")
    (project / "linked.py").symlink_to(project.parent / "outside.py")
    assert locations(engine_of(project), project, text) == []


def test_a_module_that_changes_changes_what_is_read(project: Path) -> None:
    engine = engine_of(project)
    text = "import shop.config as c\nfrom later import ROWS\npd.read_csv(c.RAW)\npd.read_csv(ROWS)"
    assert locations(engine, project, text) == ["../raw/rows.csv"]
    (project / "shop" / "config.py").write_text('RAW = "new.csv"\n', encoding="utf-8")
    (project / "later.py").write_text('ROWS = "later.csv"\n', encoding="utf-8")
    assert engine.project is not None
    assert engine.project.refresh()
    assert locations(engine, project, text) == ["new.csv", "later.csv"] == locations(engine_of(project), project, text)
