"""The pages of the rules are true: every example of them, and of the edge cases beside this file, is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples import Example, examples

from paydown.configuration import Configuration
from paydown.document import Document
from paydown.engine import Analysis, Engine
from paydown.fixes import fix_all
from paydown.rule import Rule, all_rules
from paydown.settings import configured

HERE = Path(__file__).parent
RULES = list(all_rules().values())


def _raise(rule: Rule, problem: Exception) -> None:
    raise problem


def _engine(rule: str) -> Engine:
    configuration, problems = configured(Configuration(), {"select": [rule]})
    assert not problems
    return Engine(configuration, on_failure=_raise)


def _all() -> Iterator[Example]:
    for rule in RULES:
        yield from examples(rule.name, rule.page)
        edge = HERE / f"{rule.name}.md"
        if edge.exists():
            for number, example in enumerate(examples(rule.name, edge.read_text(encoding="utf-8")), 100):
                example.number = number
                yield example


def _found(analysis: Analysis) -> list[tuple[str, int, str]]:
    return [(finding.cell, finding.span.line, finding.message) for finding in analysis.all]


@pytest.mark.parametrize("example", list(_all()), ids=str)
def test_example(example: Example) -> None:
    engine = _engine(example.rule)
    assert _found(engine.analyse(example.document)) == sorted(
        example.expected, key=lambda one: (int(one[0][1:]), one[1])
    )
    if example.fixed is None:
        return
    document = example.document
    texts = fix_all(document, engine, names={example.rule}, safe_only=False, files={})
    cells = tuple(cell_with(cell, texts.get(cell.id, cell.text)) for cell in document.cells)
    assert [cell.text for cell in cells] == example.fixed
    after = Document(document.path, cells, document.kind)
    assert _found(_engine(example.rule).analyse(after)) == []


def cell_with(cell, text):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(cell, text=text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_page_is_whole(rule: Rule) -> None:
    """A fact first, then what it costs; an example of the debt and one without; edge cases and judged counts."""
    assert rule.summary.endswith(".")
    paragraphs = re.split(r"\n\s*\n", rule.page)
    assert len(paragraphs) >= 3, "the page says what it costs"
    edge = HERE / f"{rule.name}.md"
    assert edge.exists(), f"edge cases of {rule.name} are written in {edge.name}"
    shown = rule.page + "\n" + edge.read_text(encoding="utf-8")
    kinds = set(re.findall(r"^```python (bad|good|fixed)", shown, re.MULTILINE))
    assert kinds >= {"bad", "good"}, f"{rule.name}: the page shows {kinds or 'no examples'}"
    assert re.search(r"\bjudged\b", edge.read_text(encoding="utf-8"), re.IGNORECASE), "the counts on real code are told"
    assert rule.checks, "a rule checks something"
