"""Which findings a ``# paydown: accept[…]`` comment covers."""

from __future__ import annotations

import pytest

from paydown.accepting import Acceptance, acceptances, markdown_acceptances
from paydown.facts import parse
from paydown.rule import Finding, Severity
from paydown.span import Span


def finding(line: int, end_line: int | None = None, name: str = "magic-threshold", end_column: int = 3) -> Finding:
    span = Span(line, 0, line if end_line is None else end_line, end_column)
    return Finding("HTD701", name, Severity.WARNING, "", 1, "a", span)


def covered(text: str, name: str = "magic-threshold") -> list[int]:
    """The lines on which a one-line finding is accepted."""
    found = acceptances(parse(text))
    return [line for line in range(text.count("\n") + 1) if any(one.covers(finding(line, name=name)) for one in found)]


def test_at_the_end_of_a_line_it_covers_that_line() -> None:
    assert covered("a = 1\nb = s > 0.5  # paydown: accept[magic-threshold] agreed with sales\nc = s > 0.5\n") == [1]


def test_alone_it_covers_the_statement_below() -> None:
    text = "a = 1\n# paydown: accept[magic-threshold] why\n\n# note\nb = f(\n    s > 0.5,\n    s > 0.7,\n)\nc = s > 1\n"
    assert covered(text) == [1, 2, 3, 4, 5, 6, 7]


def test_alone_it_covers_a_header_and_not_the_block() -> None:
    assert covered("# paydown: accept[magic-threshold]\nif s > 0.5:\n    b = s > 0.7\n") == [0, 1]


def test_alone_it_covers_decorators_and_what_they_decorate() -> None:
    assert covered("# paydown: accept[magic-threshold]\n@cache\ndef f():\n    return s > 0.5\n") == [0, 1, 2]


def test_inside_brackets_it_covers_the_line_below_and_the_statement() -> None:
    text = "b = f(\n    # paydown: accept[magic-threshold] why\n    s > 0.5,\n    s > 0.7,\n)\n"
    assert covered(text) == [1, 2]
    (one,) = acceptances(parse(text))
    assert one.covers(finding(0, 4))


def test_on_the_last_line_of_a_block_it_covers_the_block() -> None:
    (one,) = acceptances(parse("if False:\n    a()\n    b()  # paydown: accept[dead-branch] soon\n"))
    assert one.covers(finding(0, 2, "dead-branch"))
    assert one.covers(finding(0, 3, "dead-branch", end_column=0))
    assert not one.covers(finding(1, name="dead-branch"))


def test_inside_a_block_it_does_not_cover_the_block() -> None:
    (one,) = acceptances(parse("if False:\n    a()  # paydown: accept[dead-branch] soon\n    b()\n"))
    assert not one.covers(finding(0, 2, "dead-branch"))


def test_names_are_forgiving_and_may_be_codes() -> None:
    (one,) = acceptances(parse("x = 1  # note  # paydown:accept[ Magic_Threshold , HTD811 ]  seen,  known \n"))
    assert (one.names, one.reason) == (("magic-threshold", "htd811"), "seen,  known")
    assert one.covers(finding(0))
    assert not one.covers(finding(0, name="other"))
    assert Acceptance(("htd701",), "", one.span, one.lines, one.within).covers(finding(0, name="other"))


@pytest.mark.parametrize(
    "text",
    [
        's = "# paydown: accept[magic-threshold] no"\n',
        '"""\n# paydown: accept[magic-threshold] no\n"""\n',
        "x = 1  # paydown: accept magic-threshold\n",
        "!ls # paydown: accept[magic-threshold]\n",
    ],
)
def test_no_acceptance(text: str) -> None:
    assert covered(text) == []


def test_two_comments_on_one_line() -> None:
    found = acceptances(parse("x  # paydown: accept[a] one  # paydown: accept[b] two\n"))
    assert [(one.names, one.reason) for one in found] == [(("a",), "one"), (("b",), "two")]


def test_a_cell_of_another_language() -> None:
    assert covered(
        "%%bash\n# paydown: accept[foreign-language-cell] the tool has no Python API\nls\n", "foreign-language-cell"
    ) == [0, 1, 2, 3]
    assert covered("%%sql\n-- paydown: accept[embedded-sql] fine\nselect 1", "embedded-sql") == [0, 1, 2]


def test_markdown() -> None:
    text = "# Title\n\n<!-- paydown: accept[magic-threshold] known since 2024 -->\n\nTODO: later\nTODO: too\n"
    (one,) = markdown_acceptances(text)
    assert one.reason == "known since 2024"
    assert [line for line in range(6) if one.covers(finding(line))] == [2, 3, 4]
    (one,) = markdown_acceptances("TODO <!-- paydown: accept[magic-threshold] -->\nTODO")
    assert [line for line in range(2) if one.covers(finding(line))] == [0]


def test_crlf() -> None:
    assert covered("a\r\n# paydown: accept[magic-threshold] w\r\nb = s > 1\r\nc") == [1, 2]
