"""The reports, made from audits of real documents."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paydown.audit import Audit, Entry, Trouble
from paydown.batch import Analyst, Plan
from paydown.ledger import duration, totals
from paydown.report import Report, github, html, markdown, sarif, text
from paydown.report import json as as_json
from paydown.report.markup import Mark, code_lines
from paydown.report.markup import markdown as rendered
from paydown.span import Edit, Span, apply, split_lines

SCHEMA = json.loads((Path(__file__).parent / "sarif-subset.json").read_text(encoding="utf-8"))
SPLIT = "from sklearn.model_selection import train_test_split as split\n"
HOSTILE = "</pre><script>alert('x')</script><img src=x onerror=y>&lt;%0A::error::\u202e`|]("


def _cell(kind: str, source: str | list[str]) -> dict[str, Any]:
    more: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


NOTEBOOK = json.dumps(
    {
        "cells": [
            _cell("markdown", ["# Title <b>\n", "text `code` [link](javascript:alert(1)) ", HOSTILE]),
            _cell("code", SPLIT.splitlines(keepends=True)),
            _cell("code", ["# ünï 😀\n", f"x = '''{HOSTILE}\n", "'''\n", "a, b = split([1])\n", "c, d = split([1])"]),
            _cell("code", "a, b = split([1])\n"),
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    },
    indent=1,
)
SCRIPT = "\ufeff# %% one\r\n" + SPLIT.replace("\n", "\r\n") + "# %% two\r\n𝓍 = '😀'; a, b = split([1])\r\n"
PLAN = Plan(with_cells=True, with_file_lines=True, with_changes=True)


@pytest.fixture(scope="module")
def report() -> Report:
    analyst = Analyst(PLAN)
    audits = (
        analyst.audit("/work space/n.ipynb", "sub folder/n#1%.ipynb", NOTEBOOK.encode()),
        analyst.audit("/work space/s.py", "s,:é.py", SCRIPT.encode()),
        analyst.audit("/work space/broken.ipynb", f"{HOSTILE}.ipynb", b"{"),
    )
    return Report(audits, (Trouble("pyproject.toml", "line 3: unknown rule `x`"),))


def test_there_is_something_to_report(report: Report) -> None:
    assert [len(audit.entries) for audit in report.audits] == [3, 1, 0]
    assert report.failed


def test_sarif_is_valid_and_points_into_the_files(report: Report) -> None:
    log = json.loads(sarif.render(report))
    jsonschema.Draft7Validator(SCHEMA).validate(log)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert run["invocations"][0]["executionSuccessful"] is False
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [place["artifactLocation"]["uri"] for place in places[2:]] == [
        "sub%20folder/n%231%25.ipynb",
        "s%2C%3A%C3%A9.py",
    ]
    lines = NOTEBOOK.splitlines()
    flagged = [lines[place["region"]["startLine"] - 1] for place in places[:3]]
    assert ["split([1])" in line for line in flagged] == [True] * 3
    assert places[3]["region"]["startLine"] == 4
    assert places[3]["region"]["startColumn"] == len("𝓍 = '😀'; a, b = ") + 1
    prints = [(result["partialFingerprints"]["paydown/v1"]) for result in run["results"][:3]]
    assert len(set(prints)) == 3


def test_the_fixes_of_sarif_give_what_the_fix_gives(report: Report) -> None:
    log = json.loads(sarif.render(report))
    texts = {"sub%20folder/n%231%25.ipynb": NOTEBOOK, "s%2C%3A%C3%A9.py": SCRIPT.removeprefix("\ufeff")}
    fixed = 0
    for result in log["runs"][0]["results"]:
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                regions = [(one["deletedRegion"], one["insertedContent"]["text"]) for one in change["replacements"]]
                edits = [Edit(_span(region), new) for region, new in regions]
                name = change["artifactLocation"]["uri"]
                after = apply(texts[name], edits)
                assert after != texts[name]
                again = Analyst(Plan()).audit("/x.ipynb" if "ipynb" in name else "/x.py", "x", after.encode())
                before = sum(
                    len(audit.entries)
                    for audit in report.audits
                    if ("ipynb" in name) == audit.path.endswith("1%.ipynb")
                )
                assert again.troubles == ()
                assert len(again.entries) < before
                fixed += 1
    assert fixed >= 4


def _span(region: dict[str, int]) -> Span:
    return Span(region["startLine"] - 1, region["startColumn"] - 1, region["endLine"] - 1, region["endColumn"] - 1)


def test_githubs_commands_are_one_line_each_and_nothing_breaks_out(report: Report) -> None:
    lines = list(github.render(report))
    assert len(lines) == 6
    assert all(re.fullmatch(r"::(warning|notice|error) [^\r\n]*?::[^\r\n]+", line) for line in lines)
    assert lines[0] == "::error file=pyproject.toml,title=paydown::line 3: unknown rule `x`"
    assert lines[1].startswith(
        "::error file=</pre><script>alert('x')</script><img src=x onerror=y>&lt;%250A%3A%3Aerror%3A%3A"
    )
    assert lines[2].startswith("::warning file=sub folder/n#1%25.ipynb,line=")
    assert "title=HTD811 unseeded-randomness::cell 3, line 4: " in lines[2]
    assert lines[5].startswith("::warning file=s%2C%3Aé.py,line=4,col=17,endColumn=")


class Page(HTMLParser):
    """What a browser makes of a page: its tags in order, its ids, its links; complains about what isn't closed."""

    VOID = frozenset(["meta", "br", "img", "link", "input", "hr"])

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name in ("src", "srcset", "action") for name, _ in attrs), attrs
        named = dict(attrs)
        if "id" in named:
            self.ids.append(named["id"] or "")
        if tag == "a":
            self.links.append(named["href"] or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_self_contained_and_runs_nothing(report: Report) -> None:
    text_ = html.render(report)
    page = Page(text_)
    assert page.open == []
    assert not set(page.tags) & {"script", "img", "iframe", "link", "object", "form"}
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links), page.links
    assert "http" not in text_.replace("http-equiv", "")
    assert "url(" not in text_
    assert "\u202e" not in text_
    assert "&lt;script&gt;alert" in text_
    assert text_.count('<mark class="warning">') == 4
    assert "1 h" not in text_
    assert "<strong>8 min</strong> to pay off, in 4 findings" in text_


def test_a_page_of_one_document_without_debt() -> None:
    audit = Analyst(PLAN).audit("/x.py", "x.py", b"x = 1\n")
    page = html.render(Report((audit,)))
    assert Page(page).open == []
    assert "No debt found." in page


def test_markdown_mentions_nobody_and_keeps_its_table() -> None:
    audit = Audit("a|b @ann <b>.py", "script", troubles=(Trouble("a|b", "cell `x|y` @bob\n# no"),))
    lines = list(markdown.render(Report((audit,))))
    assert "- **error** a\\|b: cell `x|y` &#64;bob \\# no" in lines
    assert lines[0] == "## Hidden technical debt: 0 min"


def test_text_has_a_line_for_each_and_the_totals(report: Report) -> None:
    lines = list(text.render(report))
    assert lines[0] == "error: pyproject.toml: line 3: unknown rule `x`"
    assert sum("HTD811 unseeded-randomness" in line for line in lines) == 4
    assert "4 findings in 2 of 3 documents, 8 min to pay off; 2 errors." in lines
    assert not any("\u202e" in line or "\n" in line for line in lines)
    totals_only = list(text.render(report, statistics=True))
    assert "        4        8 min  HTD811 unseeded-randomness" in totals_only


def test_a_terminal_gets_lines_that_it_need_not_break(report: Report) -> None:
    whole = list(text.render(report))
    for columns in (80, 60, 50):
        lines = list(text.render(report, columns=columns))
        found = [line for line in lines if line.startswith(" ")]
        assert max(map(text.width_of, found)) <= columns
        assert " ".join(" ".join(lines).split()) == " ".join(" ".join(whole).split())
    assert list(text.render(report, columns=20)) == whole, "too narrow for anything"
    assert list(text.render(report, columns=400)) == whole


def test_json_survives_lone_surrogates() -> None:
    audit = Audit("x\ud83d.ipynb", "notebook", troubles=(Trouble("x\ud83d.ipynb", "odd"),))
    assert json.loads(as_json.render(Report((audit,))).encode())["errors"] == [
        {"path": "x\ud83d.ipynb", "message": "odd"}
    ]
    sarif.render(Report((audit,))).encode()
    "\n".join(github.render(Report((audit,)))).encode()
    html.render(Report((audit,))).encode()


def test_the_ledger(report: Report) -> None:
    entries: list[Entry] = [entry for _, entry in report.entries()]
    (section,) = totals(entry.finding for entry in entries)
    assert (section.section, section.findings, section.principal) == ("8", 4, 8)
    assert [rule.name for rule in section.rules] == ["unseeded-randomness"]
    assert [duration(minutes) for minutes in (0, 45, 60, 150, 90_000)] == [
        "0 min",
        "45 min",
        "1 h",
        "2 h 30 min",
        "1,500 h",
    ]


@given(st.text(alphabet="ab'\"#\\\n\r\t %!</&`*_[]()01😀\u202e\x00fr", max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_code_and_any_markdown_becomes_a_harmless_piece_of_a_page(source: str) -> None:
    marks = [Mark(Span(0, 0, 0, 3), "warning"), Mark(Span(0, 1, 2, 1), "hint"), Mark(Span(1, 0, 1, 0), "hint")]
    for piece in ("\n".join(code_lines(source, marks)), rendered(source)):
        page = Page(f"<div>{piece}</div>")
        assert page.open == []
        assert set(page.tags) <= {
            "div",
            "mark",
            "span",
            "p",
            "ul",
            "li",
            "code",
            "pre",
            "figure",
            "figcaption",
            "strong",
        } | {
            "em",
            *(f"h{level}" for level in range(1, 7)),
        }
    assert len(list(code_lines(source, marks))) == len(split_lines(source))
