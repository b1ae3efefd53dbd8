"""Thresholds that were picked by eye: what is left to find once they have a name, and the fix that chooses them."""

from __future__ import annotations

import pytest

from paydown.configuration import Configuration
from paydown.document import Cell, Document
from paydown.engine import Engine
from paydown.fixes import edits, fix_all
from paydown.rule import Finding
from paydown.settings import configured
from paydown.span import apply

KEY = "choose-on-validation"
HEAD = """\
import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

X, y = make_classification(random_state=0)
X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, random_state=0)
model = LogisticRegression().fit(X_train, y_train)
"""


def _found(*texts: str) -> tuple[Document, list[Finding]]:
    document = Document("/project/x.ipynb", tuple(Cell(f"c{n}", text, index=n) for n, text in enumerate(texts)))
    engine = Engine(configured(Configuration(), {"select": ["world"]})[0])
    return document, [one for one in engine.analyse(document).all if one.name == "magic-threshold"]


def _offers(*texts: str) -> list[list[str]]:
    return [[offer.key for offer in finding.fixes] for finding in _found(*texts)[1]]


def test_the_threshold_is_chosen_with_the_scores_of_the_same_model() -> None:
    text = HEAD + "p = model.predict_proba(X_test)[:, 1]\nlabel = np.where(p > 0.7, 1, 0)  # theirs\n"
    document, (finding,) = _found(text)
    made = edits(document, finding, KEY)
    fixed = apply(text, made["c0"])
    assert fixed.endswith(
        "p = model.predict_proba(X_test)[:, 1]\n"
        "precision, recall, thresholds = precision_recall_curve(y_val, model.predict_proba(X_val)[:, 1])\n"
        "threshold = thresholds[(precision * recall / (precision + recall + 1e-9))[:-1].argmax()]"
        "  # the best F1 on validation data\n"
        "label = np.where(p > threshold, 1, 0)  # theirs\n"
    )
    assert "from sklearn.metrics import precision_recall_curve\n" in fixed
    assert _offers(fixed) == []
    names: dict[str, object] = {}
    exec(fixed, names)
    assert 0 < float(names["threshold"]) < 1  # type: ignore[arg-type]


def test_it_is_offered_after_the_safe_one() -> None:
    assert _offers(HEAD + "label = model.predict_proba(X_test)[:, 1] > 0.7") == [["name", KEY]]
    assert _offers(HEAD + "label = model.decision_function(X_test) > 0.7") == [["name", KEY]]
    assert _offers(HEAD, "X_val, y_val\nlabel = model.predict_proba(X_test)[:, 1] > 0.7") == [["name", KEY]]


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("_val", "_more") + "label = model.predict_proba(X_test)[:, 1] > 0.7",
        HEAD.replace("y_val", "labels") + "label = model.predict_proba(X_test)[:, 1] > 0.7",
        HEAD + "label = model.predict_proba(X_test).max(axis=1) > 0.7",
        HEAD + "label = [row[1] > 0.7 for row in model.predict_proba(X_test)]",
        HEAD + "def label(rows):\n    return model.predict_proba(rows)[:, 1] > 0.7\nlabel(X_test)",
        HEAD.replace("X_train, X_val, y_train, y_val = train", "X_train, y_train = X_rest, y_rest\nother = train")
        + "label = model.predict_proba(X_test)[:, 1] > 0.7\nX_val, y_val = X_test, y_test",
    ],
)
def test_where_no_validation_part_is_known_it_is_left_away(text: str) -> None:
    assert all(KEY not in keys for keys in _offers(text))


def test_names_that_are_taken_are_not_touched() -> None:
    text = HEAD + "threshold = 3\nrecall = 2\nlabel = model.predict_proba(X_test)[:, 1] > 0.7\n"
    document, (finding,) = _found(text)
    fixed = apply(text, edits(document, finding, KEY)["c0"])
    assert "precisions, recalls, candidates = " in fixed
    assert fixed.endswith("label = model.predict_proba(X_test)[:, 1] > best_threshold\n")


def _names_after_safe_fixes(text: str) -> list[str]:
    document = Document("/project/x.py", (Cell("c0", text),), "script")
    engine = Engine(configured(Configuration(), {"select": ["magic-threshold", "fixed-threshold"]})[0])
    fixed = Document("/project/x.py", (Cell("c0", fix_all(document, engine)["c0"]),), "script")
    return [one.name for one in engine.analyse(fixed).all]


def test_who_names_the_number_of_an_analysis_is_told_nothing_new() -> None:
    assert _names_after_safe_fixes(HEAD + "label = model.predict_proba(X_test)[:, 1] > 0.7\n") == []


def test_in_a_service_a_named_number_is_still_a_fixed_threshold() -> None:
    route = "@app.post('/')\ndef route(rows):\n    return model.predict_proba(rows)[:, 1] > 0.7\n"
    assert _names_after_safe_fixes("from fastapi import FastAPI\napp = FastAPI()\n" + HEAD + route) == [
        "fixed-threshold"
    ]
