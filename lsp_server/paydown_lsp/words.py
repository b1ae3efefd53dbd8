"""What people read: hovers and pages, as Markdown in which the text of a notebook is never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

from paydown.rule import Finding, Rule

PAPER = "https://papers.nips.cc/paper/5656-hidden-technical-debt-in-machine-learning-systems"
"""The paper that names the kinds of debt."""

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$:@])")
_REMEDY = re.compile(r"^How to pay it off.*?(?=\n[ \t]*\n|\n```|\Z)", re.M | re.S)
_FENCE = re.compile(r"^(`{3,}|~{3,})\s*(\w*).*$")


def hover(findings: Iterable[tuple[Finding, Rule]], story: str, *, markdown: bool) -> str:
    """What a hover says: each finding with the beginning of its rule's page, then the story of the value."""
    parts = [_told(finding, rule, markdown=markdown) for finding, rule in findings]
    if story:
        parts.append(escaped(story) if markdown else story)
    return "\n\n---\n\n".join(parts)


def _told(finding: Finding, rule: Rule, *, markdown: bool) -> str:
    excerpt = page_excerpt(rule.page)
    minutes = f"about {finding.principal} min to pay off"
    if not markdown:
        return f"{finding.message}\n{rule.name} ({rule.code}), {minutes}\n\n{excerpt}"
    return (
        f"{quoted(finding.message)}\n\n**{rule.name}** · {rule.code} · {escaped(minutes)}\n\n{excerpt}"
        f"\n\n[{escaped(f'Section {rule.section}: {rule.section_title}')}]({PAPER})"
    )


def page_excerpt(page: str) -> str:
    """The first paragraphs of a rule's page, up to its first example, and the one that says how to pay it off."""
    head: list[str] = []
    for line in page.split("\n"):
        if _FENCE.match(line) or line.startswith("#"):
            break
        head.append(line)
    opening = "\n".join(head).strip()
    remedy = _REMEDY.search(page)
    return f"{opening}\n\n{remedy.group().strip()}" if remedy and remedy.group().strip() not in opening else opening


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
