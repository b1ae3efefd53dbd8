"""A step of the pipeline is written in another language inside the notebook.

Values pass between the languages through files or by conversion, errors of the one don't stop the other, and neither
language's tools see the step: no linter, no test, no search for its uses.

```python bad
%%R -i frame -o fitted  # debt: this cell is R, which Python's tools don't see: move it to a script or rewrite it in Python
library(mgcv)
model <- gam(y ~ s(x), data = frame)
fitted <- predict(model)
```

```python bad
!grep -v '^#' raw.csv | cut -d, -f1,3 | sort -u > clean.csv  # debt: this pipeline of `grep`, `cut`, `sort` changes data outside Python: move it to a script or rewrite it in Python
```

```python good
%%time
model = fit(frame)
```

**How to pay it off.** Rewrite the step in Python, or put it into a script of its own, with its inputs and outputs as
arguments, and call that.

**When to accept it.** When the other language is the subject, or has the only implementation. Left out: commands that
install, download, unpack or show, and languages of the page (HTML, JavaScript, LaTeX, Markdown, SQL).

*Sculley et al., 2015, section 5: ML-system anti-patterns (multiple-language smell).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.facts import Magic
from paydown.flow.events import Call
from paydown.rule import HINT, Draft, Place, Rule
from paydown.rules.shell import SHELLS, commands, lines
from paydown.view import CellView, DocumentView

rule = Rule(
    __name__,
    "HTD531",
    severity=HINT,
    principal=30,
    message="{what}: move it to a script or rewrite it in Python",
)
_LANGUAGES = {
    "R": "R",
    "perl": "Perl",
    "ruby": "Ruby",
    "julia": "Julia",
    "octave": "Octave",
    "matlab": "MATLAB",
    "scala": "Scala",
    "cpp": "C++",
    "rust": "Rust",
    "stata": "Stata",
    "SAS": "SAS",
}
_INTERPRETERS = {
    "Rscript": "R",
    "R": "R",
    "perl": "Perl",
    "ruby": "Ruby",
    "julia": "Julia",
    "octave": "Octave",
    "matlab": "MATLAB",
    "node": "JavaScript",
    "scala": "Scala",
    "stata": "Stata",
}
_RUNNERS = frozenset(
    [
        *("os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.check_call"),
        *("subprocess.check_output", "subprocess.Popen", "subprocess.getoutput"),
    ]
)
# What runs a text of another language.
_EVALUATORS = {"rpy2.robjects.r": "R", "oct2py.octave.eval": "Octave", "julia.Main.eval": "Julia"}
_ASKS = re.compile(r"^\s*[\w/.-]+ +(?:-v|-V|-h|--?version|--help)\s*$")  # which version there is
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_REDIRECTED = re.compile(r"(?<![2&])>(?!\s*/dev/null)")
_PROGRAM = re.compile(r"^[ \t]*(?:if \[|for \w+ in |while )|<<-?[ \t]*['\"]?\w", re.MULTILINE)
_CHANGES = frozenset(
    ["awk", "gawk", "sed", "cut", "sort", "uniq", "paste", "join", "tr", "grep", "jq", "split", "shuf"]
)


@rule.check
def cells(document: DocumentView) -> Iterator[Draft]:
    """Cell magics of another language, and pipelines that change data."""
    for cell, magic in document.magics():
        what = _foreign(magic)
        if what:
            yield rule.at(Place(cell, "", magic.span), what=what)


def _foreign(magic: Magic) -> str:
    if (
        magic.kind == "cell"
        and magic.name in _LANGUAGES
        and sum(1 for line in magic.body.splitlines() if line.strip()) > 1
    ):
        return f"this cell is {_LANGUAGES[magic.name]}, which Python's tools don't see"
    if magic.kind == "cell" and magic.name in SHELLS and _PROGRAM.search(magic.body):
        return "this cell is a shell program, which Python's tools don't see"
    if magic.kind == "shell" or magic.name in SHELLS:
        for _, line in lines(magic):
            programs = [words[0].rpartition("/")[2] for words in commands(line)]
            language = next((_INTERPRETERS[program] for program in programs if program in _INTERPRETERS), "")
            if language and not _ASKS.search(line):
                return f"this calls {language}, which Python's tools don't see"
            changing = [program for program in programs if program in _CHANGES]
            if changing and len(programs) > 1 and _REDIRECTED.search(_QUOTED.sub("", line)):
                return f"this pipeline of {', '.join(f'`{one}`' for one in programs)} changes data outside Python"
    return ""


@rule.check_where("robjects", "octave", "julia")
def evaluated(event: Call, cell: CellView) -> Iterator[Draft]:
    """Programs of another language in a string."""
    language = _EVALUATORS.get(event.call)
    if language and event.arguments and "\n" in (event.arguments[0].text or "").strip():
        yield rule.at(event, what=f"this string is {language}, which Python's tools don't see")


@rule.check_where("system", "popen", "subprocess", "run(", "call(", "check_", "getoutput")
def called(event: Call, cell: CellView) -> Iterator[Draft]:
    """Calls of another language's interpreter."""
    if event.call not in _RUNNERS or not event.arguments:
        return
    first = event.arguments[0]
    text = first.text or (first.items[0].text if first.kind in ("list", "tuple") and first.items else "")
    program = text.split(maxsplit=1)[0].rpartition("/")[2] if text and text.strip() else ""
    if program in _INTERPRETERS:
        yield rule.at(event, what=f"this calls {_INTERPRETERS[program]}, which Python's tools don't see")
