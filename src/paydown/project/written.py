"""Which files the documents of a project write, as far as their text alone tells.

What a neighbour makes is derived: the data that it is made of counts instead. All that is looked for is a literal beside a
call that writes; nothing is parsed, and only the places of a few words are looked at, as most of a notebook is pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from paydown.project.files import joined

_WRITES = re.compile(
    rb"(?:\.to_(?:csv|parquet|pickle|feather|json|excel|hdf|stata|orc|netcdf|zarr|file)"
    rb"|\.(?:write|sink)_(?:csv|parquet|json|ndjson|ipc|excel|text|bytes)|\.write\b[^\n]{0,80}?\.(?:parquet|csv|json|orc|save)"
    rb"|\b(?:np|numpy|sparse)\.save\w*|\b(?:torch|cv2|joblib|pickle|json|dill|cloudpickle|sio|scipy\.io|pq)"
    rb"\.(?:save\w*|dump|imwrite|write_table|mmwrite)|\burlretrieve|\.download_file|\b(?:wget|gdown)\.download)\("
)
_WORDS = (b".to_", b"save", b"dump(", b"write", b".sink_", b"urlretrieve(", b"download")
_OPENED = re.compile(rb"""open\(([^\n]{0,200}?)(\\?["'])([^"'\\\n]{1,150})\2[\s)]*,\s*(?:mode\s*=\s*)?\\?["'][wax]""")
_LITERAL = re.compile(rb"""(\\?["'])([^"'\\\n]{1,150}\.[A-Za-z][\w.]{1,12})\1""")
_END = re.compile(rb"""\)\s*(?:\\n|\n|"|;|$)""")
_NAME = re.compile(rb"\s*(?:[\w.\[\]]+\s*,\s*)?([A-Za-z_]\w*)\s*[,)]")  # of the file, behind what is written or alone
_MOST_NAMES = 24
_JOINED = re.compile(rb"""(?:[/+]\s*[rRfF]?|join(?:path)?\(.*)$""", re.DOTALL)
_COMMON = frozenset(
    """
    train test val valid validation data dataset sample submission sample_submission input output labels label df x y
    features result results metadata meta config params metrics index info all train_data test_data x_train x_test y_train
    y_test predictions preds
    """.split()  # noqa: SIM905
)
_PICTURE = b'"image/'
_OUTPUTS = b'"outputs": [\n'
_WINDOW = 240
_BEFORE, _AFTER = 16, 110  # where a call begins and ends around its word
LARGEST = 4 << 20


class Written(NamedTuple):
    """What a document writes: ``exact`` paths, as it spells them, and ``ends`` of paths that begin with something else."""

    exact: frozenset[str]
    ends: frozenset[str]


def written_in(text: bytes) -> Written:
    """The files that the text of a notebook or script names where it writes."""
    exact: set[str] = set()
    ends: set[str] = set()
    names: set[bytes] = set()
    text = _without_outputs(_without_pictures(text))
    for match in _calls(text):
        window = text[match.end() : match.end() + _WINDOW]
        end = _END.search(window)
        for literal in _LITERAL.finditer(window[: end.start()] if end else window):
            if b"://" not in literal[2]:
                _note(literal[2], window[: literal.start()], exact, ends)
                break
        else:
            if (named := _NAME.match(window)) is not None:
                names.add(named[1])
    for name in sorted(names)[:_MOST_NAMES]:
        bound = list(_bound_to(text, name))
        if len({one[3] for one in bound}) == 1:  # a name of several files may be one that is read as well
            _note(bound[0][3], bound[0][1], exact, ends)
    for position in _places(text, b"open("):
        opened = _OPENED.match(text, position)
        if opened is not None:
            _note(opened[3], opened[1], exact, ends)
    return Written(frozenset(exact), frozenset(ends))


def _without_pictures(text: bytes) -> bytes:
    """A notebook's text without the pictures that its outputs hold: most of it, in which nothing is to be found."""
    kept: list[bytes] = []
    done = 0
    position = text.find(_PICTURE)
    while position >= 0:
        begins = text.find(b': "', position, position + 40)
        ends = text.find(b'"', begins + 3) if begins >= 0 else -1
        if ends >= 0:
            kept.append(text[done : begins + 3])
            done = ends
        position = text.find(_PICTURE, max(ends, position + 1))
    kept.append(text[done:])
    return b"".join(kept)


def _without_outputs(text: bytes) -> bytes:
    """A notebook's text, if it is written in lines as notebooks are, without what its cells gave."""
    kept: list[bytes] = []
    done = 0
    position = text.find(_OUTPUTS)
    while position >= 0:
        begins = position + len(_OUTPUTS)
        margin = text[text.rfind(b"\n", 0, position) + 1 : position]
        ends = text.find(b"\n" + margin + b"]", begins - 1) if margin.isspace() else -1
        if ends >= 0:
            kept.append(text[done:begins])
            done = ends
        position = text.find(_OUTPUTS, max(ends, begins))
    kept.append(text[done:])
    return b"".join(kept)


def _places(text: bytes, word: bytes) -> Iterator[int]:
    position = text.find(word)
    while position >= 0:
        yield position
        position = text.find(word, position + len(word))


def _bound_to(text: bytes, name: bytes) -> Iterator[re.Match[bytes]]:
    """Where a name is bound to something with the name of a file in it."""
    literal = rb"""([^\n]{0,160}?)(\\?["'])([^"'\\\n]{1,150}\.[A-Za-z][\w.]{1,12})\2"""
    return re.finditer(rb"""(?:^|\n|")[ \t]*""" + name + rb"""\s*(?::[^=\n]{1,40})?=(?!=)""" + literal, text)


def _calls(text: bytes) -> Iterator[re.Match[bytes]]:
    """The calls that write, up to their bracket; each once."""
    seen: set[int] = set()
    for word in _WORDS:
        for position in _places(text, word):
            match = _WRITES.search(text, max(position - _BEFORE, 0), position + _AFTER)
            if match is not None and match.end() not in seen:
                seen.add(match.end())
                yield match


def _note(literal: bytes, before: bytes, exact: set[str], ends: set[str]) -> None:
    path = literal.decode("utf-8", "replace")
    if "{" in path:
        path = path.rpartition("}")[2]
        if path.startswith("/"):
            ends.add(path.lstrip("/"))
    elif _JOINED.search(before):
        ends.add(path.removeprefix("./").lstrip("/"))
    else:
        exact.add(path)


def writes(written: Iterable[tuple[str, Written]], root: str, location: str, places: Iterable[str]) -> bool:
    """Whether a document (its folder, what it writes) writes the file that another calls ``location``, and that may lie
    at ``places``. A mere name is no evidence when many files bear it."""
    wanted = set(places)
    name = location.replace("\\", "/").rpartition("/")[2]
    telling = name.partition(".")[0].lower() not in _COMMON and len(name.partition(".")[0]) > 2
    for folder, (exact, ends) in written:
        if location in exact and (location[:1] == "/" or ":" in location[:2]):
            return True
        for one in exact:
            if name in one and (joined(folder, one) in wanted or ("/" in one and joined(root, one) in wanted)):
                return True
        for one in ends:
            if (
                name in one
                and ("/" in one or telling)
                and any(place.endswith("/" + one) for place in (*wanted, location))
            ):
                return True
    return False
