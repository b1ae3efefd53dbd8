"""The law above all: an engine that saw every edit says the same as one that sees only the end."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from paydown.document import Cell, Document
from paydown.engine import Engine
from paydown.rule import Rule

LINES = [
    "import pandas as pd",
    "from sklearn.model_selection import train_test_split",
    "from sklearn.preprocessing import StandardScaler",
    "from sklearn.ensemble import RandomForestClassifier",
    "import numpy as np",
    "df = pd.read_csv('data.csv')",
    "df = pd.read_csv('other.csv', nrows=1000)",
    "df = df.head(500)",
    "df['x'] = df['x'] / 255",
    "df = df.drop(columns=['a'])",
    "X = df.drop(columns=['y'])",
    "y = df['y']",
    "scaler = StandardScaler()",
    "X = scaler.fit_transform(X)",
    "X_train, X_test, y_train, y_test = train_test_split(X, y)",
    "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=SEED)",
    "SEED = 42",
    "SEED = 43",
    "np.random.seed(SEED)",
    "model = RandomForestClassifier(n_estimators=300, max_depth=7)",
    "model.fit(X_train, y_train)",
    "model.fit(X, y)",
    "proba = model.predict_proba(X_test)[:, 1]",
    "flag = proba > 0.73",
    "if proba.mean() > THRESHOLD:\n    print('é𝄞', proba)",
    "THRESHOLD = 0.4",
    "def load(path='data.csv'):\n    frame = pd.read_csv(path)\n    return frame.head(100)",
    "def load(path):\n    return pd.read_csv(path)",
    "df = load('train.csv')",
    "def train(frame):\n    model = RandomForestClassifier()\n    return model.fit(frame, y)",
    "model = train(X)",
    "for size in [1, 2]:\n    model = RandomForestClassifier(n_estimators=size)\n    model.fit(X_train, y_train)",
    "USE_OLD = False",
    "if USE_OLD:\n    df = df.dropna()\nelse:\n    df = df.fillna(0)",
    "# df = df.dropna()\n# model.fit(df)",
    "df.to_csv('data.csv')",
    "del df",
    "x = (",
    "!pip install pandas",
    "%time df = load('a.csv')",
    "breakpoint()",
    "",
    "# paydown: accept[magic-threshold] agreed",
    "class Net:\n    def __init__(self, path='a.csv'):\n        self.path = path\n    def read(self):\n        return pd.read_csv(self.path)",
    "net = Net('b.csv').read()",
]


def _raise(rule: Rule, problem: Exception) -> None:
    raise problem


def _edit(rng: random.Random, cells: list[Cell], made: list[int]) -> list[Cell]:
    cells = list(cells)
    kind = rng.random()
    position = rng.randrange(len(cells)) if cells else 0
    if kind < 0.55 and cells:
        lines = cells[position].text.split("\n")
        at = rng.randrange(len(lines) + 1)
        if rng.random() < 0.35 and len(lines) > 1:
            del lines[rng.randrange(len(lines))]
        else:
            lines.insert(at, rng.choice(LINES))
        cells[position] = replace(cells[position], text="\n".join(lines))
    elif kind < 0.75:
        made[0] += 1
        text = "\n".join(rng.choice(LINES) for _ in range(rng.randint(0, 6)))
        cells.insert(position, Cell(f"c{made[0]}", text, "markdown" if rng.random() < 0.1 else "code"))
    elif kind < 0.83 and cells:
        del cells[position]
    elif kind < 0.92 and len(cells) > 1:
        cells.insert(rng.randrange(len(cells)), cells.pop(position))
    elif cells:
        count = rng.choice([None, 1, 2, 3, 4, 5])
        cells[position] = replace(cells[position], execution_count=count)
    return [replace(cell, index=index) if cell.index != index else cell for index, cell in enumerate(cells)]


@pytest.mark.parametrize("seed", range(60))
def test_warm_equals_fresh(seed: int) -> None:
    rng = random.Random(seed)
    made = [0]
    warm = Engine(on_failure=_raise)
    cells: list[Cell] = []
    for _ in range(30):
        cells = _edit(rng, cells, made)
        document = Document("/project/notebook.ipynb", tuple(cells))
        if rng.random() < 0.5:
            warm.analyse(document, hurried=True)
        before = warm.analyse(document)
        fresh = Engine(on_failure=_raise).analyse(document)
        assert before.findings == fresh.findings
        assert before.accepted == fresh.accepted
        assert before.errors == fresh.errors
        assert before.references == fresh.references


@pytest.mark.parametrize("seed", range(20))
def test_changed_names_what_differs(seed: int) -> None:
    rng = random.Random(1000 + seed)
    made = [0]
    engine = Engine(on_failure=_raise)
    cells: list[Cell] = []
    shown: dict[str, object] = {}
    for _ in range(25):
        cells = _edit(rng, cells, made)
        analysis = engine.analyse(Document("/project/notebook.ipynb", tuple(cells)))
        present = {cell.id for cell in cells}
        expected = {cell for cell in present if analysis.findings.get(cell, ()) != shown.get(cell, ())}
        assert expected <= analysis.changed
        for cell in present - analysis.changed:
            assert analysis.findings.get(cell, ()) is shown.get(cell, ()) or analysis.findings.get(cell, ()) == ()
        shown = {cell: analysis.findings.get(cell, ()) for cell in present}
