"""A notebook installs packages without saying which versions.

Each run gets what is newest that day. The day a release changes a default, results change though nobody touched the
notebook, and nobody can tell what the old ones were made with.

```python bad
!pip install lightgbm  # debt: `lightgbm` is installed in whatever version is newest that day: pin it (`lightgbm==…`)
import lightgbm
```

```python good
!pip install lightgbm==4.6.0
import lightgbm
```

The fix writes the versions that the notebook's saved output tells (`Successfully installed lightgbm-4.6.0`), or else the
requirements or lock file of the project.

```python bad
# %% [1] installed=lightgbm==4.6.0 installed=scipy==1.17.0
!pip install -U lightgbm "scipy[all]"  # debt: `lightgbm`, `scipy[all]` are installed in whatever version is newest that day: pin them
```
```python fixed
# %% [1]
!pip install -U lightgbm==4.6.0 "scipy[all]==1.17.0"
```

**How to pay it off.** Write the version behind the name (`pip freeze` tells it), or keep all of them in a
`requirements.txt` and install that.

**When to accept it.** In a notebook that shows a library's newest release. One finding per notebook, with the other lines
beside it; any given bound counts as a version, and `-r`, `.`, `-e`, local files, addresses of releases and git addresses
with a tag or commit are left out, as are pip itself and its kin. A project without any requirements file is not looked for.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (reproducibility debt).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.facts import Magic
from paydown.fixes import CellEdits, Stale, Target
from paydown.installed import canonical
from paydown.rule import INFORMATION, Draft, Place, Rule
from paydown.rules.shell import commands, lines
from paydown.span import Span
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD814",
    severity=INFORMATION,
    principal=5,
    message="{packages} in whatever version is newest that day: pin {them}",
)
_WITH_VALUE = frozenset(
    [
        *("-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-f", "--find-links", "-i", "--index-url"),
        *("--extra-index-url", "--trusted-host", "-t", "--target", "--prefix", "--root", "--src", "--proxy", "--log"),
        *(
            "-n",
            "--name",
            "-p",
            "--channel",
            "--file",
            "--python",
            "--timeout",
            "--retries",
            "--cache-dir",
            "--no-binary",
        ),
        *(
            "--only-binary",
            "--platform",
            "--python-version",
            "--progress-bar",
            "--default-timeout",
            "--upgrade-strategy",
        ),
    ]
)
_TOOLS = frozenset(["pip", "setuptools", "wheel", "uv", "conda", "mamba", "ipykernel", "poetry", "build"])
_NAME = re.compile(r"[A-Za-z][\w.-]*(?:\[[\w,.-]*\])?")
_LOCAL = re.compile(r"\.(?:whl|zip|tar|gz|bz2|txt|yml|yaml)$|^\.|^[A-Za-z]:", re.IGNORECASE)
_GIT = re.compile(r"(?:[\w.\[\]-]+@)?git\+\S+?/([\w.-]+?)(?:\.git)?(?:[#?]\S*)?")


@rule.check
def unpinned(document: DocumentView) -> Iterator[Draft]:
    """The installing lines among the magics that name a package without a version."""
    found = [
        (Place(cell, "", span), names)
        for cell, magic in document.magics()
        for span, names in _installed(magic)
        if names
    ]
    if not found:
        return
    (first, names), *others = found
    packages = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    versions = _versions(document, [name for _, named in found for name in named])
    one = len(names) == 1
    pinned = f" (`{names[0]}==…`)" if not names[0].startswith("git") else ""
    yield rule.at(
        first,
        related=[(place, "installs " + ", ".join(f"`{name}`" for name in named)) for place, named in others],
        packages=packages + (" is installed" if one else " are installed"),
        them=f"it{pinned}" if one else "them",
        versions=versions,
        fixes=None if versions else (),
    )


def _versions(document: DocumentView, names: list[str]) -> tuple[str, ...]:
    """``name==version`` for each of the names, by what the notebook's outputs or the project's files tell; nothing when
    that isn't known of one of them."""
    saved = dict(one.split("==", 1) for cell in document.order.values() for one in cell.installed)
    found = []
    for name in names:
        package = canonical(name.partition("[")[0])
        version = saved.get(package) or (document.project and document.project.requirement(package, document.path))
        if not version:
            return ()
        found.append(f"{name}=={version}")
    return tuple(dict.fromkeys(found))


@rule.fix("Write the versions that are known", safe=True)
def pin(target: Target) -> CellEdits:
    """Put the version behind each name, in every line."""
    for place in (target, *target.related):
        text, start = place.segment(place.span), place.offset(*place.span[:2])
        begins = text.find("install")
        changed = False
        for one in target.fact("versions"):
            name, _, version = one.partition("==")
            for match in re.finditer(rf"(?<=[\s\"']){re.escape(name)}(?=[\s\"';]|$)", text[begins:]):
                at = start + begins + match.end()
                yield place.edit(place.between(at, at), f"=={version}")
                changed = True
        if not changed:
            raise Stale("the line has changed")


def _installed(magic: Magic) -> Iterator[tuple[Span, list[str]]]:
    for below, line in lines(magic):
        if "install" not in line:
            continue
        names = [name for words in commands(line) for name in _unpinned(words)]
        start = magic.span.line + below
        yield (Span(start, 0, start, len(line)) if below else magic.span), names


def _unpinned(words: list[str]) -> Iterator[str]:
    """The packages that a command installs without a version."""
    if "install" not in words[:6]:
        return
    at = words.index("install")
    program = " ".join(words[:at])
    conda = "conda" in program or "mamba" in program
    if not conda and not re.search(r"(?:^|[\s/])(?:pip[\d.]*)$|-m pip\b", program):
        return
    if "--no-index" in words:
        return  # the wheels that lie there are the version
    rest = iter(words[at + 1 :])
    for word in rest:
        if word in _WITH_VALUE or word == "-" or (conda and word == "-c"):
            next(rest, None)
        elif word.startswith((">", "<", "2>", "&>")):
            return
        elif git := _GIT.fullmatch(word):
            if "@" not in word.rpartition("git+")[2].partition("://")[2].partition("/")[2]:
                yield f"git+…/{git[1]}"
        elif _NAME.fullmatch(word) and not _LOCAL.search(word) and word.lower() not in _TOOLS:
            yield word
