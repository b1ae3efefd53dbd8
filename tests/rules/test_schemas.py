"""The schema that pays off untested data is offered only where its columns are surely those of the file."""

from __future__ import annotations

import pytest

from paydown.configuration import Configuration
from paydown.document import from_script
from paydown.engine import Engine
from paydown.settings import configured

TEXT = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv("frame.csv")
LogisticRegression().fit(frame[["a"]], frame["y"])
"""


def _offers(text: str) -> list[str]:
    engine = Engine(configured(Configuration(), {"select": ["untested-data"]})[0])
    (finding,) = engine.analyse(from_script("/project/x.py", text)).all
    return [offer.key for offer in finding.fixes]


def test_columns_that_are_used_or_made_by_name() -> None:
    assert _offers(TEXT) == ["schema"]
    assert _offers(TEXT.replace("\nLogistic", '\nframe["z"] = 1\nLogistic')) == ["schema"]


@pytest.mark.parametrize(
    "line",
    [
        'frame = frame.merge(other, on="a")',
        'frame.columns = ["a", "y"]',
        "frame[name] = 1",
        "frame = frame.rename(str)",
    ],
)
def test_columns_that_may_be_others(line: str) -> None:
    assert _offers(TEXT.replace("\nLogistic", f"\n{line}\nLogistic")) == []


def test_what_is_read_and_changed_at_once() -> None:
    assert _offers(TEXT.replace('"frame.csv")', '"frame.csv").rename(columns=str.lower)')) == []
