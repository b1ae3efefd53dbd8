"""What paydown knows of a project beyond the text of a document: the only door to the file system below the faces.

A ``Project`` answers from memory; ``refresh`` looks whether anything it answered from has changed on disk. So it may be
asked at every key press.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal, TypeVar

from paydown.configuration import Declared
from paydown.globs import matches
from paydown.project import dvc, git, lock
from paydown.project.files import beginning, contents, exists, joined, slashed, stamp
from paydown.project.walk import documents_below, documents_in, imported
from paydown.project.written import LARGEST, Written, writes, written_in

Version = Literal["git", "git-lfs", "git-annex", "dvc", "pinned"]
T = TypeVar("T")

_MARKERS = (".dvc", lock.NAME, "pyproject.toml")
_GLOB = frozenset("*?[")
_ANSWERS = 50_000
_LOCK = 8 << 20
_NEIGHBOURS = 150  # documents …
_BYTES = 12 << 20  # … of that size in all
_DOCUMENTS = 200
_DOCUMENT = 1 << 20
_MODULE = 200 << 10


class Project:
    """A folder with its version control, its pins and its declarations.

    ``revision`` grows when an answer may differ from the one given before; results are remembered under it.
    """

    def __init__(self, root: str, declared: tuple[Declared, ...] = ()) -> None:
        self.root = joined(os.getcwd(), root)
        self.declared = declared
        self.revision = 0
        self._answers: dict[tuple[str, ...], object] = {}
        self._checkouts: dict[str, git.Checkout | None] = {}
        self._tops: dict[str, str | None] = {}
        self._dvc: tuple[str, ...] = ()
        self._outputs: frozenset[str] | None = None
        self._pins: dict[str, lock.Pin] | None = None
        self._stamps: dict[str, object] = {}
        self._written: dict[str, tuple[object, Written]] = {}
        self.lock_problem = ""  # why the lock can't be understood; nothing counts as pinned then

    def __repr__(self) -> str:
        return f"<Project {self.root} at revision {self.revision}>"

    @classmethod
    def at(cls, root: str, declared: tuple[Declared, ...] = ()) -> Project:
        """The project whose root is the folder ``root``."""
        return cls(root, declared)

    @classmethod
    def around(cls, path: str, declared: tuple[Declared, ...] = ()) -> Project:
        """The project that the file or folder at ``path`` belongs to."""
        return cls(root_of(path), declared)

    def version_of(self, path: str, beside: str = "") -> Version | None:
        """What keeps the version of the data at ``path``: a file, a folder or a glob.

        A relative path is looked for next to the document ``beside``, then in each folder above it up to the root:
        a script may be started from any of them.
        """
        return self._remembered("version", path, _folder(beside), lambda: self._version_of(path, beside))

    def pinned(self, reference: str, beside: str = "") -> bool:
        """Whether ``paydown.lock`` holds an address or a path."""
        if lock.is_address(reference):
            return self._remembered("pinned", reference, "", lambda: lock.key_of(reference, self.root) in self.pins)
        return self.version_of(reference, beside) == "pinned"

    def exists(self, path: str, beside: str = "") -> bool:
        """Whether there is such a file or folder, as a document at ``beside`` would find it."""
        return self._remembered("exists", path, _folder(beside), lambda: self._found(path, beside) is not None)

    def written(self, path: str, beside: str) -> bool:
        """Whether another document near ``beside`` writes the file at ``path``, as far as its text tells."""
        if not beside:
            return False
        return self._remembered("written", path, beside, lambda: self._is_written(path, beside))

    def header(self, path: str, beside: str = "") -> tuple[str, ...] | None:
        """The columns that the first line of a local CSV file names."""
        return self._remembered("header", path, _folder(beside), lambda: self._header(path, beside))

    def requirement(self, package: str, beside: str = "") -> str:
        """The version of a package that the requirements or lock files around a document pin, or empty."""
        folder = _folder(beside) or self.root
        return self._remembered("requirements", "", folder, lambda: self._requirements(folder)).get(package, "")

    def imports(self, path: str) -> bool:
        """Whether a script or notebook in the folder of a script, or in one of the two above, imports something of its name."""
        name = path.rpartition("/")[2].removesuffix(".py")
        for folder in list(self.places(".", path))[:3]:
            answer = partial(self._imported_in, folder)
            if name in self._remembered("imports", "", folder, answer):
                return True
        return False

    def module(self, dotted: str, beside: str) -> tuple[str, str] | None:
        """The path and the text of the module of this project that the file at ``beside`` imports by that name.

        It is looked for where Python would when a script is run in the file's own folder, the root, or between them.
        """
        return self._remembered("module", dotted, _folder(beside), lambda: self._module(dotted, beside))

    def declares(self, path: str, beside: str = "") -> Declared | None:
        """What ``[tool.paydown.data]`` says about a path or an address."""
        if not self.declared:
            return None
        names = [path] if lock.is_address(path) else list(self.places(path, beside))
        return next((one for one in self.declared for name in names if matches(one.pattern, name, self.root)), None)

    def refresh(self) -> bool:
        """Look whether anything has changed that an answer came from; forget the answers if so, and say so."""
        same = all(stamp(path) == known for path, known in self._stamps.items())
        if same and (self._outputs is None or self._dvc_files() == self._dvc):
            return False
        self._forget()
        return True

    def _forget(self) -> None:
        self._answers.clear()
        self._checkouts.clear()
        self._tops.clear()
        self._stamps.clear()
        self._outputs = self._pins = None
        self.revision += 1

    @property
    def pins(self) -> dict[str, lock.Pin]:
        """What ``paydown.lock`` holds; empty when it's missing or broken."""
        if self._pins is None:
            self._watch(joined(self.root, lock.NAME))
            self.lock_problem = ""
            try:
                self._pins = lock.read(self.root)
            except lock.LockError as problem:
                self._pins, self.lock_problem = {}, str(problem)
        return self._pins

    def places(self, path: str, beside: str = "") -> Iterator[str]:
        """The absolute paths that ``path`` may mean in the document ``beside``, the likeliest first."""
        path = slashed(path.removeprefix("file://"))
        if "\0" in path or path.startswith("//"):  # the latter is a share on the network
            return
        if os.path.isabs(path):
            yield joined("/", path)
            return
        if path.startswith("~"):
            return
        folder = _folder(beside) or self.root
        while True:
            yield joined(folder, path)
            if folder == self.root or not folder.startswith(self.root.rstrip("/") + "/"):
                break
            folder = folder.rpartition("/")[0]

    def _remembered(self, question: str, path: str, folder: str, answer: Callable[[], T]) -> T:
        key = (question, path, folder)
        if key not in self._answers:
            if len(self._answers) > _ANSWERS:  # someone has been typing paths for a long time
                self._forget()
            self._answers[key] = answer()
        return self._answers[key]  # type: ignore[return-value]

    def _version_of(self, path: str, beside: str) -> Version | None:
        if lock.is_address(path):
            return "pinned" if self.pinned(path) else None
        if path.strip() in ("", ".", "./"):
            return None
        for place in self.places(path, beside):
            version = self._version_at(place)
            if version is not None:
                return version
        return None

    def _version_at(self, place: str) -> Version | None:
        if self._is_pinned(lock.key_of(place, self.root)):
            return "pinned"
        if not _below(place, self.root):
            return None
        version = self._in_dvc(place) or self._in_git(place)
        if version is None and not _GLOB & set(place):
            real = slashed(os.path.realpath(place))
            if real != place and _below(real, slashed(os.path.realpath(self.root))):
                version = self._in_dvc(real) or self._in_git(real)
        return version

    def _is_pinned(self, key: str) -> bool:
        if key in self.pins:
            return True
        return bool(_GLOB & set(key)) and any(matches("/" + key, "/" + pin) for pin in self.pins)

    def _is_written(self, path: str, beside: str) -> bool:
        neighbours = self._remembered("neighbours", "", _folder(beside), lambda: self._neighbours(_folder(beside)))
        found = ((_folder(one), self._written_by(one)) for one in neighbours if one != beside)
        return writes(found, self.root, path, self.places(path, beside))

    def _neighbours(self, folder: str) -> tuple[str, ...]:
        """The documents of the largest folder around ``folder`` that has not too many of them."""
        own = folder
        found: tuple[str, ...] = ()
        while _below(folder, self.root):
            inside = documents_below(folder, _NEIGHBOURS)
            if inside is None:
                break
            found = inside
            self._watch(folder)
            folder = folder.rpartition("/")[0]
        near = sorted(found, key=lambda one: (_folder(one) != own, one))
        left = _BYTES
        sizes = {one: size for one in near if (size := self._size(one)) <= LARGEST}
        return tuple(one for one, size in sizes.items() if (left := left - size) >= 0)

    def _size(self, path: str) -> int:
        self._watch(path)
        stamped = self._stamps[path]
        return stamped[1] if isinstance(stamped, tuple) else 0

    def _written_by(self, document: str) -> Written:
        self._watch(document)
        now = self._stamps[document]
        known = self._written.get(document)
        if known is None or known[0] != now:
            known = self._written[document] = now, written_in(contents(document, LARGEST) or b"")
        return known[1]

    def _in_dvc(self, place: str) -> Version | None:
        outputs = self._dvc_outputs()
        if not outputs:
            return None
        folder = place
        while _below(folder, self.root) and folder != self.root:
            if folder in outputs:
                return "dvc"
            folder = folder.rpartition("/")[0]
        if _GLOB & set(place):
            return "dvc" if any(matches(place, one) for one in outputs) else None
        return None

    def _in_git(self, place: str) -> Version | None:
        checkout = self._checkout_of(place)
        if checkout is None:
            return None
        inside = place[len(checkout.top) :].strip("/")
        if _GLOB & set(inside):
            fixed = inside[: min(inside.find(sign) for sign in _GLOB if sign in inside)].rpartition("/")[0]
            kept = (file for file in checkout.files if not fixed or file.startswith(fixed + "/"))
            fitting = sorted(file for file in kept if matches("/" + inside, "/" + file))
            return next(filter(None, (self._kept(checkout, file) for file in fitting)), None)
        if inside in checkout.files:
            return self._kept(checkout, inside)
        return "git" if inside in checkout.folders else None

    def _kept(self, checkout: git.Checkout, file: str) -> Version | None:
        """How git keeps a tracked file. Of a plain symbolic link it keeps only where that leads."""
        place = joined(checkout.top, file)
        if file in checkout.links:
            if git.annexed(place):
                return "git-annex"
            target = slashed(os.path.realpath(place))
            return self._version_at(target) if target != place and _below(target, self.root) else None
        if checkout.keeps_large(file) or git.is_pointer(beginning(place, 200)):
            return "git-lfs"
        return "git-annex" if (beginning(place, 200) or b"").startswith(b"/annex/objects/") else "git"

    def _checkout_of(self, place: str) -> git.Checkout | None:
        folder = place.rpartition("/")[0]
        if folder not in self._tops:
            self._tops[folder] = git.top_of(folder)
        top = self._tops[folder]
        if top is None:
            return None
        if top not in self._checkouts:
            checkout = self._checkouts[top] = git.checkout(top)
            if checkout is not None:
                self._watch(checkout.stamped)
        return self._checkouts[top]

    def _dvc_outputs(self) -> frozenset[str]:
        if self._outputs is None:
            self._dvc = self._dvc_files()
            for file in self._dvc:
                self._watch(file)
            self._outputs = dvc.outputs(self._dvc)
        return self._outputs

    def _dvc_files(self) -> tuple[str, ...]:
        """DVC's files of the project, those that nobody has committed yet included."""
        checkout = self._checkout_of(joined(self.root, "."))
        if checkout is None:
            return tuple(dvc.files_below(self.root))
        tracked = {joined(checkout.top, file) for file in checkout.files if dvc.concerns(file)}
        if tracked or exists(joined(self.root, ".dvc")):
            fresh = git.unignored(self.root, "*.dvc", "*dvc.yaml", "*dvc.lock", "*params.yaml") or ()
            tracked.update(joined(self.root, file) for file in fresh if dvc.concerns(file))
        return tuple(sorted(file for file in tracked if _below(file, self.root)))

    def _found(self, path: str, beside: str) -> str | None:
        for place in self.places(path, beside):
            self._watch(place)
            if exists(place):
                return place
        return None

    def _header(self, path: str, beside: str) -> tuple[str, ...] | None:
        from paydown.project.header import header

        place = self._found(path, beside)
        return header(place) if place else None

    def _requirements(self, folder: str) -> dict[str, str]:
        from paydown.project.requirements import NAMES, pins

        found: dict[str, str] = {}
        for name in NAMES:
            for place in self.places(name, joined(folder, "x")):
                self._watch(place)
                data = contents(place, _LOCK) if exists(place) else None
                for package, version in pins(name, data.decode("utf-8", "replace")) if data is not None else ():
                    found.setdefault(package, version)
        return found

    def _imported_in(self, folder: str) -> frozenset[str]:
        """The names that the documents of one folder import; of a folder of very many it's not known."""
        files = documents_in(folder)
        if len(files) > _DOCUMENTS:
            return frozenset()
        found: set[str] = set()
        for file in (folder, *files):
            self._watch(file)
        for file in files:
            data = contents(file, _DOCUMENT)
            if data is not None and b"import" in data:
                found.update(imported(data.decode("utf-8", "replace")))
        return frozenset(found)

    def _module(self, dotted: str, beside: str) -> tuple[str, str] | None:
        own = dotted.lstrip(".")
        level = len(dotted) - len(own)
        inside = own.replace(".", "/")
        folders = ["../" * (level - 1)] if level else ["", "src/"]
        for folder in folders:
            for path in (
                (f"{folder}{inside}.py", f"{folder}{inside}/__init__.py") if inside else (f"{folder}__init__.py",)
            ):
                place = next(iter(self.places(path, beside)), None) if level else self._found(path, beside)
                if place is None or not _below(slashed(os.path.realpath(place)), slashed(os.path.realpath(self.root))):
                    continue
                self._watch(place)
                data = contents(place, _MODULE)
                if data is not None:
                    return place, data.decode("utf-8", "replace")
        return None

    def _watch(self, path: str) -> None:
        if path and path not in self._stamps:
            self._stamps[path] = stamp(path)


def root_of(path: str) -> str:
    """The root of the project that ``path`` belongs to: the nearest folder above with a ``.git``; without one the
    nearest with ``.dvc``, ``paydown.lock`` or ``pyproject.toml``; without one its own folder."""
    place = joined(os.getcwd(), path)
    start = place if os.path.isdir(place) else place.rpartition("/")[0] or "/"
    top = git.top_of(start)
    if top is not None:
        return top
    folder = start
    while True:
        if any(exists(joined(folder, marker)) for marker in _MARKERS):
            return folder
        above = folder.rpartition("/")[0] or "/"
        if above == folder:
            return start
        folder = above


def _folder(document: str) -> str:
    return slashed(document).rpartition("/")[0]


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


__all__ = ["Project", "Version", "contents", "root_of"]
