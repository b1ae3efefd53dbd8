"""The file's name is one that a program made up, or one of a series of finals.

`Untitled3.ipynb` and `model_final2.ipynb` tell nobody what is inside, which one counts, or whether any of them may be deleted.

```python bad name=Untitled1.ipynb
frame = load()  # debt: `Untitled1.ipynb` tells nobody what is inside: name it for what it does
```

```python good name=churn-model.ipynb
frame = load()
```

**How to pay it off.** Name the file for what it does; keep its history in version control, not in copies.

**When to accept it.** Never for long.

*Sculley et al., 2015, section 5: ML-system anti-patterns (prototype smell).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.rule import HINT, Draft, Place, Rule
from paydown.span import Span
from paydown.view import DocumentView

rule = Rule(
    __name__, "HTD547", severity=HINT, principal=2, message="`{name}` tells nobody {what}: name it for what it does"
)
_MADE_UP = re.compile(
    r"(?:untitled|sans titre|unbenannt)[-_ ]?\d*|notebook\d*|new notebook\d*|scratch\d*", re.IGNORECASE
)
# What Jupyter, Colab, Finder, Windows and Linux call a copy, and what people call one.
_COPY = re.compile(
    r".+-Copy\d+|Copy of .+|.+ - (?:Copy|Kopie|Copie)\b.*|.+ \((?:another )?copy.*\)|.+ ?\(\d\)|.+[_ ][Cc]opy(?:[_ ]?\d+)?|"
    r"(?i:.+[-_ ](?:kopie|copie|backup|bak|old)[-_ ]?\d*)"
)
_FINAL = re.compile(r".+?(?<!semi)(?<!semi[-_ ])final[-_ ]?(?:v?\d+|final\w*|new|really|version\d*)", re.IGNORECASE)


@rule.check
def draft(document: DocumentView) -> Iterator[Draft]:
    """Names by which nobody knows what the file is."""
    name = document.path.rpartition("/")[2]
    stem = name.rpartition(".")[0]
    if _MADE_UP.fullmatch(stem):
        what = "what is inside"
    elif _COPY.fullmatch(stem) or _FINAL.fullmatch(stem):
        what = "which version counts"
    else:
        return
    first = next((cell for cell in document.order.values() if cell.kind == "code"), None)
    if first is not None:
        yield rule.at(Place(first.id, "", Span(0, 0, 0, 0)), name=name, what=what)
