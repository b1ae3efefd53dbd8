"""Pieces of HTML made of texts that nobody has checked: everything is escaped, nothing is trusted."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from paydown.span import Span, split_lines

LONGEST_LINE = 2_000
MOST_LINES = 3_000

_KEYWORDS = (
    "and as assert async await break class continue def del elif else except finally for from global if import in is "
    "lambda nonlocal not or pass raise return try while with yield match case"
)
_TOKEN = re.compile(
    r"(?P<m>^[ \t]*(?:%%?|!)[^\n\r]*+)"
    r"|(?P<c>#[^\n\r]*+)"
    r"|(?P<s>\b[rbfuRBFU]{1,2}(?=['\"])|"
    r"\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)"
    r"|'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)"
    r"|\"(?:[^\\\"\n\r]|\\.)*+\"?"
    r"|'(?:[^\\'\n\r]|\\.)*+'?)"
    rf"|(?P<k>\b(?:{_KEYWORDS.replace(' ', '|')}|None|True|False)\b)"
    r"|(?P<n>\b\d[\w.]*+)",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\s\"[^\"]{0,200}\")?\)")
_STRONG = re.compile(r"\*\*([^*]{1,500})\*\*")
_EMPHASIS = re.compile(r"(?<![\w*])[*_]([^*_]{1,500})[*_](?![\w*])")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]")


class Mark(NamedTuple):
    """A flagged stretch of a text, and the class it is shown with."""

    span: Span
    style: str


def escaped(text: str) -> str:
    """``text`` as HTML shows it literally; signs that can't be seen, or that turn the text around, are spelt out."""
    return html.escape(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def prose(text: str) -> str:
    """A message: escaped, with its `code` as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    return "".join(f"<code>{escaped(part)}</code>" if index % 2 else escaped(part) for index, part in enumerate(parts))


def code_lines(text: str, marks: Iterable[Mark], *, python: bool = True) -> Iterator[str]:
    """Each line of a code as HTML, its tokens coloured and ``marks`` marked."""
    lines = split_lines(text)
    coloured: dict[int, list[tuple[int, int, str]]] = {}
    if python and len(text) < 1_000_000:
        for start, end, style in _tokens(text):
            _spread(coloured, lines, Span(*start, *end), style)
    marked: dict[int, list[tuple[int, int, str]]] = {}
    for mark in marks:
        _spread(marked, lines, mark.span, mark.style)
    for number, line in enumerate(lines[:MOST_LINES]):
        yield _line(line, coloured.get(number, []), marked.get(number, []))
    if len(lines) > MOST_LINES:
        yield f"<i>… {len(lines) - MOST_LINES:,} more lines</i>"


def _tokens(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], str]]:
    """The tokens worth a colour: where each starts and ends, and its class."""
    line, begins = 0, 0
    ends = re.compile(r"\r\n|\r|\n")
    position = 0

    def advance(to: int) -> tuple[int, int]:
        nonlocal line, begins, position
        for end in ends.finditer(text, position, to):
            line, begins = line + 1, end.end()
        position = max(position, to)
        return line, to - begins

    for token in _TOKEN.finditer(text):
        start = advance(token.start())
        yield start, advance(token.end()), token.lastgroup or ""


def _spread(by_line: dict[int, list[tuple[int, int, str]]], lines: list[str], span: Span, style: str) -> None:
    """Note a stretch of several lines on each of them."""
    for number in range(span.line, min(span.end_line, span.line + MOST_LINES) + 1):
        if number >= len(lines):
            break
        start = span.column if number == span.line else len(lines[number]) - len(lines[number].lstrip())
        end = span.end_column if number == span.end_line else len(lines[number])
        if end > start or span.line == span.end_line:
            by_line.setdefault(number, []).append((start, end, style))


def _line(line: str, tokens: list[tuple[int, int, str]], marks: list[tuple[int, int, str]]) -> str:
    shown = line[:LONGEST_LINE]
    token_of, mark_of = [""] * len(shown), [""] * len(shown)
    for styles, stretches in ((token_of, tokens), (mark_of, marks)):
        for start, end, style in stretches:
            styles[start:end] = [style] * len(styles[start:end])
    pieces: list[str] = []
    position = 0
    for mark, signs in groupby(zip(mark_of, token_of, strict=True), key=lambda styles: styles[0]):
        pieces.append(f'<mark class="{mark}">' if mark else "")
        for token, same in groupby(style for _, style in signs):
            start, position = position, position + sum(1 for _ in same)
            text = escaped(shown[start:position])
            pieces.append(f'<span class="{token}">{text}</span>' if token else text)
        pieces.append("</mark>" if mark else "")
    if len(line) > len(shown):
        pieces.append(f"<i>… {len(line) - len(shown):,} more characters</i>")
    return "".join(pieces)


def markdown(text: str, level: int = 3) -> str:
    """A small part of Markdown as HTML: headings (from ``level`` down), paragraphs, lists, fences, emphasis, code.

    Raw HTML is shown, not used; addresses are shown, not linked.
    """
    blocks: list[str] = []
    lines = split_lines(text)[:MOST_LINES]
    position = 0
    while position < len(lines):
        line = lines[position]
        fence = re.match(r"\s*(```+|~~~+)\s*(\w*)\s*(\w*)", line)
        heading = re.match(r"(#{1,6})\s+(.*?)\s*#*$", line)
        if fence:
            end = next(
                (n for n in range(position + 1, len(lines)) if lines[n].strip().startswith(fence[1])), len(lines)
            )
            code = "\n".join(code_lines("\n".join(lines[position + 1 : end]), (), python=fence[2] in ("python", "py")))
            label = f"<figcaption>{escaped(fence[3])}</figcaption>" if fence[3] else ""
            blocks.append(f"<figure>{label}<pre><code>{code}</code></pre></figure>")
            position = end + 1
        elif heading:
            depth = min(6, level + len(heading[1]) - 1)
            blocks.append(f'<h{depth} class="md">{_inline(heading[2])}</h{depth}>')
            position += 1
        elif re.match(r"\s*[-*+]\s+|\s*\d+[.)]\s+", line):
            items = []
            while position < len(lines) and lines[position].strip():
                item = re.match(r"\s*(?:[-*+]|\d+[.)])\s+(.*)", lines[position])
                if item:
                    items.append(item[1])
                else:
                    items[-1] += " " + lines[position].strip()
                position += 1
            blocks.append("<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>")
        elif not line.strip():
            position += 1
        else:
            start = position
            while (
                position < len(lines)
                and lines[position].strip()
                and (position == start or not re.match(r"#{1,6}\s|\s*(```|~~~)", lines[position]))
            ):
                position += 1
            blocks.append(f"<p>{_inline(' '.join(part.strip() for part in lines[start:position]))}</p>")
    return "\n".join(blocks)


def _inline(text: str) -> str:
    """Code, strong and emphasis within a line; what is in code stays as it is."""
    pieces = []
    for index, part in enumerate(re.split(r"`([^`]+)`", text[: LONGEST_LINE * 5])):
        if index % 2:
            pieces.append(f"<code>{escaped(part)}</code>")
            continue
        plain = escaped(_LINK.sub(r"\1", part))
        pieces.append(_EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", plain)))
    return "".join(pieces)
