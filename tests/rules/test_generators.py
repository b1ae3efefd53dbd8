"""Draws from NumPy's global generator that are drawn from one of the document's own."""

from __future__ import annotations

import numpy as np
import pytest

from paydown.configuration import Configuration
from paydown.document import Cell, Document
from paydown.engine import Engine
from paydown.fixes import Unfixable, edits
from paydown.rule import Finding
from paydown.settings import configured
from paydown.span import apply

KEY = "draw-from-a-generator"
HEAD = "import numpy as np\nfrom sklearn.linear_model import LinearRegression\n"


def _found(*texts: str) -> tuple[Document, list[Finding]]:
    document = Document("/project/x.ipynb", tuple(Cell(f"c{n}", text, index=n) for n, text in enumerate(texts)))
    engine = Engine(configured(Configuration(), {"select": ["unseeded-randomness"]})[0])
    return document, engine.analyse(document).all


def _fixed(*texts: str) -> list[str]:
    document, (finding,) = _found(*texts)
    made = edits(document, finding, KEY)
    return [apply(cell.text, made.get(cell.id, [])) for cell in document.cells]


def test_every_draw_of_the_document_comes_from_one_generator() -> None:
    head, looked, drawn, trained = _fixed(
        HEAD,
        "shape = (2, 3)\ncolors = np.random.rand(*shape)\n",
        "def noise(n):\n    return np.random.randn(n, 1)\n\nx = np.random.permutation(9).reshape(-1, 1)\n"
        "y = x + noise(9) + np.random.rand() + np.random.randint(0, 3, size=9).reshape(-1, 1)\n",
        "LinearRegression().fit(x, y)\n",
    )
    assert head == HEAD + "\nSEED = 42\n"
    assert looked == "shape = (2, 3)\nrng = np.random.default_rng(SEED)\ncolors = rng.random((*shape,))\n"
    assert drawn == (
        "def noise(n):\n    return rng.standard_normal((n, 1))\n\nx = rng.permutation(9).reshape(-1, 1)\n"
        "y = x + noise(9) + rng.random() + rng.integers(0, 3, size=9).reshape(-1, 1)\n"
    )
    assert _found(head, looked, drawn, trained)[1] == []
    names: dict[str, object] = {"np": np}
    exec("SEED = 42\n" + looked + drawn, names)
    assert names["y"].shape == (9, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("draw", ["np.random.random_integers(3, size=9)", "np.random.tomaxint(9)"])
def test_it_is_offered_where_a_generator_can_do_the_same(draw: str) -> None:
    _, (finding,) = _found(HEAD, f"z = {draw}\nx = np.random.rand(9, 1)\n", "LinearRegression().fit(x, x)")
    assert [offer.key for offer in finding.fixes] == ["seed-above"]


@pytest.mark.parametrize(
    "more", ["rng = 1\n", "from numpy.random import rand\n", "draw = np.random.rand\n", "source = np.random\n"]
)
def test_what_it_can_t_follow_is_left_alone(more: str) -> None:
    with pytest.raises(Unfixable):
        _fixed(HEAD, more + "x = np.random.rand(9, 1)\n", "LinearRegression().fit(x, x)")
