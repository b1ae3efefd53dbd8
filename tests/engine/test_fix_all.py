"""One fix that is asked for, and all of a document: what is applied, what is dropped, what others may rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from paydown.document import Cell, Document, from_script
from paydown.engine import Analysis, Engine
from paydown.fingerprint import digest
from paydown.fixes import Stale, Unfixable, accept, edits, fix_all
from paydown.rule import Finding
from paydown.span import Span, apply, split_lines


def notebook(*texts: str, path: str = "/project/x.ipynb") -> Document:
    return Document(path, tuple(Cell(f"c{n}", text, index=n) for n, text in enumerate(texts)))


def with_texts(document: Document, texts: Mapping[str, str]) -> Document:
    return replace(document, cells=tuple(replace(cell, text=texts.get(cell.id, cell.text)) for cell in document.cells))


SPLIT = "from sklearn.model_selection import train_test_split"
CASES = [
    # findings of several rules, several on one line, inside one another
    notebook(
        SPLIT,
        "a, b = train_test_split(x), train_test_split(y)\n# foo(bar)\n# z = foo(bar)",
        "OLD = False\nif OLD:\n    c, d = train_test_split(x)\n    # foo(bar)\nelse:\n    e = train_test_split(y)\ndf",
    ),
    # a flag of several branches is one finding
    notebook(
        "FLAG = False", "if FLAG:\n    a()\nelif x:\n    b()", "while FLAG:\n    c()\nif FLAG:\n    d()\nelse:\n    e()"
    ),
    # line ends, tabs, astral characters, magics
    notebook(
        "%matplotlib inline\r\n" + SPLIT + "\r\n",
        "%%time\r\n𝒳 = train_test_split('😀',\r\n\t'é')\r\nif 0:\r\n\t!ls\r\n",
    ),
    from_script(
        "/project/x.py", f'"""Doc."""\n{SPLIT}\n\n# %% split\nx = train_test_split(y)\n\n# %%\nif False: pass\n'
    ),
]


@pytest.fixture
def engine() -> Engine:
    return Engine()


def fixable(analysis: Analysis) -> list[Finding]:
    return [one for one in analysis.all if any(offer.safe and not offer.command for offer in one.fixes)]


def only(analysis: Analysis, name: str) -> Finding:
    (finding,) = (one for one in analysis.all if one.name == name)
    return finding


@pytest.mark.parametrize("document", CASES)
def test_all_that_is_safe_is_fixed_and_nothing_new_comes(document: Document, engine: Engine) -> None:
    before = engine.analyse(document)
    assert fixable(before)
    texts = fix_all(document, engine)
    assert texts == fix_all(document, Engine()), "what an engine remembers makes no difference"
    fixed = with_texts(document, texts)
    after = Engine().analyse(fixed)
    assert not fixable(after)
    assert not after.errors
    assert {one.name for one in after.all} <= {one.name for one in before.all}
    assert fix_all(fixed, engine) == {}, "fixing twice is fixing once"
    for name, text in texts.items():
        assert ("\r\n" in text) == ("\r\n" in document.by_id[name].text)
        assert text.replace("\r\n", "").count("\r") == 0


def test_a_cell_that_does_not_parse_is_fixed_where_it_does(engine: Engine) -> None:
    broken = "x = (\n\na = train_test_split(b)\nif False:\n    c()\ndef f(:\n    # foo(bar)\n    pass\n"
    document = notebook(SPLIT, broken, "= 3", "d = train_test_split(e)")
    before = engine.analyse(document)
    texts = fix_all(document, engine)
    assert texts["c1"] == "x = (\n\na = train_test_split(b, random_state=SEED)\ndef f(:\n    pass\n"
    assert texts["c3"] == "d = train_test_split(e, random_state=SEED)"
    after = Engine().analyse(with_texts(document, texts))
    assert len(after.errors) == len(before.errors)


def test_the_engine_is_left_knowing_the_document(engine: Engine) -> None:
    document = CASES[0]
    before = engine.analyse(document)
    fix_all(document, engine)
    after = engine.analyse(document)
    assert after.findings == before.findings
    assert after.changed == frozenset()


def test_several_seeds_share_one_constant(engine: Engine) -> None:
    document = CASES[0]
    texts = fix_all(document, engine, names={"unseeded-randomness"})
    fixed = with_texts(document, texts)
    assert sum(cell.text.count("SEED = 42") for cell in fixed.cells) == 1
    assert fixed.cells[0].text == SPLIT + "\n\nSEED = 42"
    assert fixed.cells[1].text.startswith(
        "a, b = train_test_split(x, random_state=SEED), train_test_split(y, random_state=SEED)\n"
    )


def test_only_the_rules_that_were_asked_for(engine: Engine) -> None:
    texts = fix_all(CASES[0], engine, names={"commented-out-code"})
    assert set(texts) == {"c1", "c2"}
    assert texts["c1"] == "a, b = train_test_split(x), train_test_split(y)"


def test_one_fix_is_the_edits_that_were_asked_for(engine: Engine) -> None:
    document = notebook(SPLIT, "a = train_test_split(x)\n")
    finding = only(engine.analyse(document), "unseeded-randomness")
    found = edits(document, finding, finding.fixes[0].key)
    assert {name: apply(document.by_id[name].text, made) for name, made in found.items()} == {
        "c0": SPLIT + "\n\nSEED = 42",
        "c1": "a = train_test_split(x, random_state=SEED)\n",
    }


@pytest.mark.parametrize("text", ["a = train_test_split(x, y)\n", "", "\n\na = train_test_split(x)\n"])
def test_a_finding_of_another_text_is_stale(text: str, engine: Engine) -> None:
    document = notebook(SPLIT, "a = train_test_split(x)\n")
    finding = only(engine.analyse(document), "unseeded-randomness")
    with pytest.raises(Stale):
        edits(notebook(SPLIT, text), finding, finding.fixes[0].key)
    with pytest.raises(Stale):
        edits(notebook(SPLIT), finding, finding.fixes[0].key)


def test_fingerprints_are_those_of_the_engine(engine: Engine) -> None:
    """Else every finding would look stale."""
    for document in CASES:
        for finding in engine.analyse(document).all:
            lines = split_lines(document.by_id[finding.cell].text)
            assert finding.fingerprint.partition(".")[0] == digest(finding.code, lines, finding.span)


class Fussy:
    """An engine that dislikes some texts: it finds something new in them."""

    def __init__(self, dislikes: str, name: str) -> None:
        self.engine = Engine()
        self.dislikes = dislikes
        self.name = name

    def analyse(self, document: Document, /) -> Analysis:
        analysis = self.engine.analyse(document)
        bad = [cell.id for cell in document.cells if self.dislikes in cell.text]
        some = next(iter(Engine().analyse(CASES[0]).all))
        new = some._replace(name=self.name, fixes=(), span=Span(0, 0, 0, 0))
        findings = {cell: (*analysis.findings.get(cell, ()), *[new] * (cell in bad)) for cell in document.by_id}
        return replace(analysis, findings=findings)


@pytest.mark.parametrize("name", ["new-debt", "unseeded-randomness"])
def test_a_fix_that_brings_something_new_is_dropped_and_the_others_stay(name: str) -> None:
    document = notebook(SPLIT, *(f"v{n} = train_test_split(x{n})" for n in range(5)))
    texts = fix_all(document, Fussy("train_test_split(x3, random_state=", name))
    assert set(texts) == {"c0", "c1", "c2", "c3", "c5"}


def test_what_is_accepted_is_gone_and_stays_gone(engine: Engine) -> None:
    document = CASES[0]
    analysis = engine.analyse(document)
    for finding in analysis.all:
        made = accept(document, finding, "agreed")
        after = Engine().analyse(with_texts(document, {c: apply(document.by_id[c].text, e) for c, e in made.items()}))
        line = [one for one in analysis.all if (one.name, one.cell) == (finding.name, finding.cell)]
        line = [one for one in line if one.span.line == finding.span.line]
        assert len(after.all) == len(analysis.all) - len(line)
        assert {one.name for one in after.accepted} == {finding.name}
        with pytest.raises(Unfixable):
            accept(after.document, after.accepted[0], "again")
