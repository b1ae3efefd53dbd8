"""Documents and their cells: what a notebook or a script consists of.

A script is a document of one cell, or of its ``# %%`` cells. Cells keep the identity their file or editor gave them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from paydown import encoding, jsontext, script
from paydown.encoding import Unreadable
from paydown.installed import installed_by

__all__ = ["Cell", "Document", "Unreadable", "from_notebook_json", "from_script", "read", "with_cell_texts"]

Kind = Literal["code", "markdown", "raw"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``index`` counts all cells of the document from zero; ``line`` is where a script's cell begins."""

    id: str
    text: str
    kind: Kind = "code"
    index: int = 0
    line: int = 0
    execution_count: int | None = None
    failed: bool = False  # a saved output is an error traceback
    tags: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()  # the `name==version` that the saved output of an installation tells


@dataclass(frozen=True, slots=True)
class Document:
    """A notebook or a script; ``path`` is absolute with ``/`` between its parts, or empty when it has none yet."""

    path: str
    cells: tuple[Cell, ...]
    kind: Literal["notebook", "script"] = "notebook"
    language: str = "python"
    colab: bool = False
    by_id: dict[str, Cell] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {cell.id: cell for cell in self.cells})


def read(path: str, data: bytes) -> Document:
    """The document that a file's bytes are. Raises ``Unreadable`` with a reason and, where known, the line."""
    text = encoding.decoded(data, notebook=_is_notebook(path)).text
    if _is_notebook(path):
        return from_notebook_json(path, jsontext.parsed(text))
    return from_script(path, text)


def with_cell_texts(data: bytes, document: Document, texts: Mapping[str, str]) -> bytes:
    """The file with new texts for the cells whose ids ``texts`` names; every other byte stays as it was.

    Where a text ends all its lines with CR LF, or all with CR, so does the new one. Raises ``Unreadable`` when the file
    is not what ``document`` was read from, or could not hold the new texts as the same cells.
    """
    changed = {name: text for name, text in texts.items() if document.by_id[name].text != text}
    if not changed:
        return data
    old = encoding.decoded(data, notebook=document.kind == "notebook")
    if document.kind == "notebook":
        wanted = {name: _with_line_ends_of(document.by_id[name].text, text) for name, text in changed.items()}
        new = jsontext.with_sources(old.text, {document.by_id[name].index: text for name, text in wanted.items()})
    else:
        wanted = {name: _with_line_ends_of(old.text, text) for name, text in changed.items()}
        new = "".join(wanted.get(cell.id, cell.text) for cell in document.cells)
        if "".join(cell.text for cell in document.cells) != old.text:
            raise Unreadable("the file has changed since it was read")
    written = old.encoded(new)
    asked = [(cell.kind, wanted.get(cell.id, cell.text)) for cell in document.cells]
    if [(cell.kind, cell.text) for cell in read(_path_of_kind(document), written).cells] != asked:
        raise Unreadable("the file has changed since it was read, or the new texts would change which cells it has")
    return written


def from_notebook_json(path: str, parsed: object) -> Document:
    """The notebook that parsed JSON is, of any nbformat from 1 to 4.5. Raises ``Unreadable`` when it is none."""
    if not isinstance(parsed, dict):
        raise Unreadable(f"not a notebook: the JSON is {jsontext.described(parsed)}, not an object")
    if not parsed.keys() & {"cells", "worksheets", "nbformat"}:
        raise Unreadable("not a notebook: the JSON has no `cells`")
    raw = list(jsontext.cells_of(parsed))
    metadata = _mapping(parsed.get("metadata"))
    names = _ids(raw)
    early = jsontext.is_early(parsed)
    return Document(
        path,
        tuple(_cell(one, index, names[index], early=early) for index, one in enumerate(raw)),
        language=_language(metadata, raw),
        colab="colab" in metadata,
    )


def from_script(path: str, text: str) -> Document:
    """The script that a text is; its cells' texts, joined, are that text."""
    cells = tuple(
        Cell(f"cell-{index}", part.text, part.kind, index, part.line) for index, part in enumerate(script.parts(text))
    )
    return Document(path, cells, "script")


def _is_notebook(path: str) -> bool:
    return path.lower().endswith(".ipynb")


def _path_of_kind(document: Document) -> str:
    """A path under which the document's file is read as what it is, also when it has none yet."""
    return "x.ipynb" if document.kind == "notebook" else "x.py"


def _with_line_ends_of(old: str, new: str) -> str:
    """``new`` with the line ends of ``old``, if that has CR LF only or CR only."""
    pairs = old.count("\r\n")
    if old.count("\r") == 0 or old.count("\n") != pairs or (pairs and old.count("\r") != pairs):
        return new
    return new.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n" if pairs else "\r")


_KINDS: Mapping[object, Kind] = {
    "code": "code",
    "markdown": "markdown",
    "heading": "markdown",
    "html": "markdown",
    "text": "markdown",
}


def _cell(raw: object, index: int, name: str, *, early: bool) -> Cell:
    if not isinstance(raw, dict):
        return Cell(name, "", "raw", index)
    kind = raw.get("cell_type")
    text = jsontext.joined(raw.get(jsontext.source_key(raw)), early=early)
    if kind != "code":
        known = _KINDS.get(kind, "raw") if isinstance(kind, str) else "raw"
        return Cell(name, text, known, index, tags=_tags(raw))
    outputs = raw.get("outputs")
    failed = isinstance(outputs, list) and any(
        isinstance(output, dict) and output.get("output_type") in {"error", "pyerr"} for output in outputs
    )
    count = _count(raw.get("execution_count", raw.get("prompt_number")))
    installed = installed_by(outputs) if isinstance(outputs, list) and outputs and "install" in text else ()
    return Cell(name, text, "code", index, execution_count=count, failed=failed, tags=_tags(raw), installed=installed)


def _count(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if type(value) is int else None


def _tags(raw: dict[str, Any]) -> tuple[str, ...]:
    tags = _mapping(raw.get("metadata")).get("tags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _ids(raw: list[object]) -> list[str]:
    """The cells' own ids where they have a unique one, else ids made from their positions."""
    own = [one.get("id") if isinstance(one, dict) else None for one in raw]
    seen = Counter(name for name in own if isinstance(name, str) and name)
    taken = {name for name, times in seen.items() if times == 1}
    return [
        name if isinstance(name, str) and name in taken else _made_up(index, taken) for index, name in enumerate(own)
    ]


def _made_up(index: int, taken: set[str]) -> str:
    name = f"cell-{index}"
    while name in taken:
        name += "-"
    return name


_ALIASES = {
    "ipython": "python",
    "ir": "r",
    "julia": "julia",
    "python": "python",
    "pyspark": "python",
    "spylon": "scala",
    "almond": "scala",
    "sparkr": "r",
    "bash": "bash",
    "octave": "octave",
    "matlab": "matlab",
    "javascript": "javascript",
    "deno": "typescript",
    "scala": "scala",
    "sql": "sql",
}


def _language(metadata: dict[str, Any], raw: list[object]) -> str:
    for claim in _claims(metadata, raw):
        if isinstance(claim, str) and claim.strip():
            language = claim.strip().lower()
            return _ALIASES.get(language.rstrip("0123456789. -"), language)
    kernel = metadata.get("kernelspec")
    name = kernel if isinstance(kernel, str) else _mapping(kernel).get("name")
    # A kernel's name says little (`conda-env-x`): it counts only where it is that of another language's usual kernel.
    return _ALIASES.get(name.lower().rstrip("0123456789. -"), "python") if isinstance(name, str) else "python"


def _claims(metadata: dict[str, Any], raw: list[object]) -> Iterator[object]:
    """What a notebook says about its language, the surest first."""
    yield _mapping(metadata.get("kernelspec")).get("language")
    yield _mapping(metadata.get("language_info")).get("name")
    yield _mapping(metadata.get("application/vnd.databricks.v1+notebook")).get("language")
    yield metadata.get("language")
    code = (one for one in raw if isinstance(one, dict) and one.get("cell_type") == "code")
    yield next((cell["language"] for cell in code if "language" in cell), None)
