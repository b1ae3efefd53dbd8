"""What people read: hovers and pages, as Markdown in which the text of a notebook is never markup."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterable

from paydown.rule import Finding, Rule

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
    """What a hover says: of each rule the messages and the beginning of its page, then the story of the value.

    Without ``messages`` where the client shows them itself; with ``opens`` a rule's name is a link that opens its page.
    """
    found: dict[str, tuple[Rule, list[Finding]]] = {}
    for finding, rule in findings:
        found.setdefault(rule.name, (rule, []))[1].append(finding)
    parts = [_told(rule, here, markdown=markdown, messages=messages, opens=opens) for rule, here in found.values()]
    if story:
        parts.append(escaped(story) if markdown else story)
    return "\n\n---\n\n".join(parts)


def _told(rule: Rule, findings: list[Finding], *, markdown: bool, messages: bool, opens: bool) -> str:
    excerpt = page_excerpt(rule.page)
    said = dict.fromkeys(finding.message for finding in findings) if messages else {}
    minutes = f"about {sum(finding.principal for finding in findings)} min to pay off"
    if not markdown:
        return "\n".join([*said, f"{rule.name} ({rule.code}), {minutes}", "", excerpt])
    name = f"[{rule.name}]({_page_command(rule)})" if opens else rule.name
    paper = f"[{escaped(f'Section {rule.section}: {rule.section_title}')}]({PAPER})"
    return "\n\n".join([*map(quoted, said), f"**{name}** · {rule.code} · {escaped(minutes)}", excerpt, paper])


def _page_command(rule: Rule) -> str:
    return f"command:{EXPLAIN}?{urllib.parse.quote(json.dumps([rule.name]))}"


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
