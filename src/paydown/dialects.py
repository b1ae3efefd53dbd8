"""Code that this Python's grammar refuses: Python 2, newer Pythons, other languages.

What can be said in today's grammar is rewritten in place, as long as it was, so that every other character stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from paydown.statements import STRING, blanked

_Rewrite = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def _erase(match: re.Match[str]) -> str:
    """Blank the first group out, keep the rest."""
    start, end = (at - match.start() for at in match.span(1))
    return match[0][:start] + blanked(match[0][start:end]) + match[0][end:]


_PYTHON_2: tuple[_Rewrite, ...] = (
    (re.compile(r"((?:\A|[:;])[ \t]*)print(?![ \t]*[=(.,\[]|\w)([ \t]*>>)?"), lambda m: _operands(m, "print")),
    (re.compile(r"((?:\A|[:;])[ \t]*)exec(?=[ \t]+[\w'\"])()"), lambda m: _operands(m, "exec")),
    (re.compile(r"\Aexcept\b.*?(,[ \t]*[a-z_]\w*)[ \t]*:\Z", re.DOTALL), _erase),
    (re.compile(r"\Araise[ \t]+[\w.]+([ \t]*,.*)\Z", re.DOTALL), _erase),
    (re.compile(r"<>"), lambda m: "!="),
    (re.compile(r"`([^`\r\n]*)`"), lambda m: f"({m[1]})"),
    (re.compile(r"(?<![\w.])(?:0[xX][0-9a-fA-F]+|[0-9]+)([lL])\b"), _erase),
    (re.compile(r"(?<![\w.])(0+)[0-9]+\b(?![.\w])"), _erase),
    (re.compile(r"(?<!\w)([uU])(?=[rR]['\"])"), _erase),
    (re.compile(r"\blambda[ \t]*(\()[\w, \t]*\)[ \t]*:"), lambda m: m[0].replace("(", " ").replace(")", " ")),
    (
        re.compile(r"(?<=[(,])([ \t]*)\([\w, \t]+\)(?=[ \t]*[,)].*:)"),
        lambda m: m[0].replace("(", " ").replace(")", " "),
    ),
)
_NEWER: tuple[_Rewrite, ...] = (
    (re.compile(r"\A(?:async[ \t]+)?(?:def|class)[ \t]+\w+[ \t]*(\[.*?\])[ \t]*(?=[(:])", re.DOTALL), _erase),
    (re.compile(r"\Atype[ \t](?=[ \t]*\w+[ \t]*=)"), lambda m: "_;   "),
    (re.compile(r"\Atype[ \t]([ \t]*\w+[ \t]*)(\[.*?\])(?=[ \t]*=)"), lambda m: f"_;   {m[1]}{blanked(m[2])}"),
    (re.compile(r"(?<!\w)([rR]?)[tT]([rR]?)(?=['\"])"), lambda m: f"{m[1]}f{m[2]}"),
    (re.compile(r"\Aexcept\b[^(,]*+((?:,[ \t]*(?:[A-Z]\w*|\w+\.[\w.]+)[ \t]*)+):\Z"), _erase),
)


def _operands(match: re.Match[str], word: str) -> str:
    """``print x`` as ``_;    x``: its operands are still read."""
    return f"{match[1]}_;{' ' * (len(word) - 2)}{' ' * len(match[2] or '')}"


_PROTECTED = re.compile(rf"(?:{STRING})|\#[^\r\n]*+", re.DOTALL)


def modern(code: str) -> str:
    """Python 2's ``code`` as Python 3, where that is as long."""
    return _rewritten(code, _PYTHON_2)


def renamed(code: str) -> str:
    """``code`` with other names for arguments that were named ``async`` before that became a keyword in 3.7."""
    return re.sub(r"(?<=[(, \t.])async(?=[ \t]*[=(),])(?![ \t]*==)", "_sync", code)


def older(code: str) -> str:
    """Newer Python's ``code`` in the grammar of 3.11, where that is as long: without type parameters."""
    return _rewritten(code, _NEWER)


def plain(code: str) -> str:
    """``code`` with blanks and quotes as on a keyboard, for those that a word processor makes of them."""
    return code.translate(_TYPOGRAPHY)


_TYPOGRAPHY = {
    **dict.fromkeys(
        [0x00, 0x0B, 0xA0, *range(0x2000, 0x200E), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF], " "
    ),
    **dict.fromkeys([0x201C, 0x201D, 0x201E, 0x2033], '"'),
    **dict.fromkeys([0x2018, 0x2019, 0x201A, 0x2032], "'"),
    **dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2212], "-"),
}


def _rewritten(code: str, rewrites: tuple[_Rewrite, ...]) -> str:
    if len(code) > 10_000:
        return code
    # Strings and comments stand aside as runs of a private character, so that no pattern sees into them.
    bare = _PROTECTED.sub(_aside, code)
    for pattern, replacement in rewrites:
        bare = pattern.sub(replacement, bare)
    if len(bare) != len(code):
        return code
    pieces: list[str] = []
    done = 0
    for match in _PROTECTED.finditer(code):
        start, end = match.span()
        pieces += (bare[done:start], match[0] if bare[start] == match[0][0] else blanked(match[0]))
        done = end
    pieces.append(bare[done:])
    return "".join(pieces)


def _aside(match: re.Match[str]) -> str:
    text = match[0]
    if text[0] == "#" or len(text) < 2:
        return text[0] + "\ue000" * (len(text) - 1)
    return text[0] + "\ue000" * (len(text) - 2) + text[-1]


_LANGUAGES = (
    (
        "sql",
        "SQL",
        re.compile(
            r"(?:SELECT|INSERT\s+INTO|CREATE\s+(?:OR|TABLE|VIEW|DATABASE)|DROP\s+TABLE|UPDATE\s+\w+\s+SET|WITH\s+\w+\s+AS\s*\(|DELETE\s+FROM|USE\s+\w+)\b.*",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    (
        "r",
        "R",
        re.compile(r"(?:library\(\w+\)|(?:\w+[ \t]*=[ \t]*)?[A-Za-z][\w.]*\$[\w.]+|[\w.]+[ \t]*<-|.*%>%)", re.DOTALL),
    ),
    (
        "scala",
        "Scala",
        re.compile(r"(?:va[lr][ \t]+\w+[ \t]*[:=]|object[ \t]+\w+|case[ \t]+class[ \t]|import[ \t]+[\w.]+\.(?:_|\{))"),
    ),
    ("julia", "Julia", re.compile(r"(?:using[ \t]+[A-Z]\w*|function[ \t]+\w+\()")),
    ("html", "HTML", re.compile(r"<(?:!doctype|/?[a-z]+[\s>/])", re.IGNORECASE)),
)
_SHELL = re.compile(
    r"(?:wget|curl|git|sudo|apt(?:-get)?|brew|echo|export|unzip|tar|docker|gcloud|gsutil|aws|az|python3?|pip3|npm|chmod|"
    r"source|jupyter|kaggle|dvc|conda|virtualenv|touch|head|tail|grep)[ \t]+[-\w./$~'\"]"
)
_PLACEHOLDER = re.compile(r".*<[A-Z][A-Z _-]*>", re.DOTALL)
_RELATIVE_LINE = re.compile(r" \((?:detected at|<cell>,) line \d+\)| on line \d+| \(<cell>, line \d+\)")


def foreign(code: str) -> tuple[str, str] | None:
    """The language that ``code`` seems to be in, if it's another one: its key and its name."""
    return next(((key, name) for key, name, pattern in _LANGUAGES if pattern.match(code)), None)


def complaint(code: str, error: Exception) -> str:
    """Why ``code`` does not parse, in a line."""
    if code.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "merge-conflict marker"
    if found := foreign(code):
        return f"other language: {found[1]}"
    if _SHELL.match(code):
        return "shell command without `!`"
    if "\\n" in code and "line continuation" in str(error):
        return "line breaks written as `\\n`"
    if _PLACEHOLDER.match(code):
        return "placeholder to fill in"
    if isinstance(error, (RecursionError, MemoryError)):
        return "nested too deeply"
    said = str(error.msg if isinstance(error, SyntaxError) else error) or "invalid syntax"
    return _RELATIVE_LINE.sub("", said)
