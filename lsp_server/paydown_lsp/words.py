"""What people read: hovers and pages, as Markdown in which the text of a notebook is never markup."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterable

from paydown.rule import Finding, Rule, Severity

EXPLAIN = "paydown.explain"
"""Opens a rule's page, in a client that names it in ``initializationOptions.commands``."""

PAPER = "https://papers.nips.cc/paper/5656-hidden-technical-debt-in-machine-learning-systems"
"""The paper that names the kinds of debt."""

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$:@])")
_REMEDY = re.compile(r"^(?:\*\*)?How to pay it off.*?(?=\n[ \t]*\n|\n```|\Z)", re.M | re.S)
_FENCE = re.compile(r"^(`{3,}|~{3,})\s*(\w*).*$")


def hover(
    findings: Iterable[tuple[Finding, Rule]], story: str, *, markdown: bool, messages: bool = True, opens: bool = False
) -> str:
    """What a hover says: of each rule the messages and the beginning of its page, and the story of the value.

    Without ``messages`` where the client shows them itself, except for hints; with ``opens`` a rule's name is a link that opens
    its page, so that of several rules only the remedies are told.
    """
    found: dict[str, tuple[Rule, list[Finding]]] = {}
    for finding, rule in findings:
        found.setdefault(rule.name, (rule, []))[1].append(finding)
    brief = opens and markdown and len(found) > 1
    told = [
        "\n\n".join(
            [
                *_messages(here if messages else filter(_is_mere_hint, here), markdown=markdown),
                _headed(rule, here, opens=opens) if markdown else _plainly_headed(rule, here),
                page_remedy(rule.page) or rule.summary if brief else page_excerpt(rule.page),
                *([_paper(rule)] if markdown and not brief else ()),
            ]
        )
        for rule, here in found.values()
    ]
    value = [escaped(story) if markdown else story] if story else []
    # Right below the messages the value is seen; below pages one would have to scroll to it.
    return "\n\n---\n\n".join(told + value if messages else value + told)


def _is_mere_hint(finding: Finding) -> bool:
    """Editors mark no more than the beginning of what is a hint, and show its message only there."""
    return finding.severity is Severity.HINT and not finding.unnecessary


def _messages(findings: Iterable[Finding], *, markdown: bool) -> Iterable[str]:
    said = dict.fromkeys(finding.message for finding in findings)
    return map(quoted, said) if markdown else said


def _minutes(findings: list[Finding]) -> str:
    return f"about {sum(finding.principal for finding in findings)} min to pay off"


def _headed(rule: Rule, findings: list[Finding], *, opens: bool) -> str:
    page = f"command:{EXPLAIN}?{urllib.parse.quote(json.dumps([rule.name]))}"
    name = f"[{rule.name}]({page})" if opens else rule.name
    return f"**{name}** · {rule.code} · {_minutes(findings)}"


def _plainly_headed(rule: Rule, findings: list[Finding]) -> str:
    return f"{rule.name} ({rule.code}), {_minutes(findings)}"


def _paper(rule: Rule) -> str:
    return f"[{escaped(f'Section {rule.section}: {rule.section_title}')}]({PAPER})"


def page_excerpt(page: str) -> str:
    """The first paragraphs of a rule's page, up to its first example, and the one that says how to pay it off."""
    head: list[str] = []
    for line in page.split("\n"):
        if _FENCE.match(line) or line.startswith("#"):
            break
        head.append(line)
    opening = "\n".join(head).strip()
    remedy = page_remedy(page)
    return opening if remedy in opening else f"{opening}\n\n{remedy}"


def page_remedy(page: str) -> str:
    """The paragraph of a rule's page that says how to pay it off."""
    found = _REMEDY.search(page)
    return found.group().strip() if found else ""


_EXAMPLE = re.compile(r"^```python (bad|fixed|good)\b")
_EXAMPLES = {"bad": "**Debt:**", "fixed": "**Paid off:**", "good": "**No finding:**"}
_REMARK = re.compile(r"# debt: ")


def page_markdown(page: str) -> str:
    """A rule's page for a reader: what an example is for is said above it, not in its fence."""
    lines: list[str] = []
    for line in page.split("\n"):
        if example := _EXAMPLE.match(line):
            lines += ["", _EXAMPLES[example[1]], "", "```python"]
        else:
            lines.append(_FENCE.sub(r"\1\2", line) if _FENCE.match(line) else _REMARK.sub("# ← ", line))
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Text of a notebook as Markdown that shows it and does nothing else; lines stay lines."""
    return _MARKUP.sub(r"\\\1", text).replace("\r", "").replace("\n", "  \n")


def quoted(message: str) -> str:
    """A message, whose backticks mark code, as Markdown; what stands between them is shown as it is."""
    pieces = message.split("`")
    if len(pieces) % 2 == 0:
        return escaped(message)
    return "".join(f"`{piece}`" if index % 2 else escaped(piece) for index, piece in enumerate(pieces) if piece)
