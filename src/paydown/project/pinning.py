"""Pinning: hash the external data that documents read, and compare it later with what was pinned.

Local files are hashed as a stream. What is on the web is downloaded only when that is asked for, with bounds, and only
over http(s), redirects included.
"""

from __future__ import annotations

import datetime
import glob
import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from paydown import __version__
from paydown.project import Project
from paydown.project.files import joined, slashed
from paydown.project.lock import Pin, is_address, key_of, read, write

Progress = Callable[[int], object]
"""Told of so many bytes done."""

_BLOCK = 1 << 20
_MOST_FILES = 100_000
_SECONDS = 30.0


class Refused(Exception):  # noqa: N818  # it says what happened to a reference
    """A reference can't be hashed; the message says why in a few words."""


class Wanted(Protocol):
    """A data read as the engine tells it."""

    @property
    def scheme(self) -> str:
        """How the data is reached."""

    @property
    def location(self) -> str:
        """Where it is."""


@dataclass
class Outcome:
    """What became of the references: keys of the lock, or the reference with a reason."""

    written: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    versioned: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def pin(
    project: Project,
    references: Iterable[tuple[Wanted, str]],
    *,
    urls: bool = False,
    largest: int = 2 << 30,
    progress: Progress = lambda done: None,
) -> Outcome:
    """Pin each reference (with the path of the document that reads it) in the project's lock, and refresh the project.

    Raises ``LockError`` when the lock that is there can't be understood, ``OSError`` when it can't be written.
    """
    pins = read(project.root)
    outcome = Outcome()
    seen: set[str] = set()
    for reference, beside in references:
        try:
            for key, place in _targets(project, reference, beside):
                if key in seen:
                    continue
                seen.add(key)
                if project.version_of(place) not in (None, "pinned"):
                    outcome.versioned.append(key)
                    continue
                _keep(pins, key, hashed(place, urls=urls, largest=largest, progress=progress), outcome)
        except Refused as why:
            location = reference.location
            shown = key_of(location, project.root) if is_address(location) else location
            if (shown, str(why)) not in outcome.refused:
                outcome.refused.append((shown, str(why)))
    if outcome.written:
        write(project.root, pins)
        project.refresh()
    return outcome


def _keep(pins: dict[str, Pin], key: str, found: Pin, outcome: Outcome) -> None:
    """Take a pin into the lock, with the old date where nothing else has changed."""
    old = pins.get(key)
    if old is not None and old._replace(date="") == found._replace(date=""):
        outcome.same.append(key)
        return
    pins[key] = found
    outcome.written.append(key)


def _targets(project: Project, reference: Wanted, beside: str) -> Iterator[tuple[str, str]]:
    """What a reference names: the lock's key and the absolute path or address of each."""
    location = reference.location
    if reference.scheme in ("http", "https") or is_address(location):
        if not location.lower().startswith(("http://", "https://")):
            raise Refused(f"{reference.scheme} can't be hashed from here; pin its version where it is stored")
        yield key_of(location, project.root), location
        return
    if reference.scheme not in ("local", "file", ""):
        raise Refused(f"{reference.scheme} can't be hashed from here; pin its version where it is stored")
    for place in project.places(location, beside):
        if os.path.exists(place):
            yield key_of(place, project.root), place
            return
        if set("*?[") & set(location):
            matched = sorted(glob.iglob(place, recursive=True))[:_MOST_FILES]
            if matched:
                yield from ((key_of(one, project.root), joined("/", slashed(one))) for one in matched)
                return
    raise Refused("not found")


def hashed(place: str, *, urls: bool = False, largest: int = 2 << 30, progress: Progress = lambda done: None) -> Pin:
    """The pin of a file, a folder or an address. Raises ``Refused``."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    if is_address(place):
        if not urls:
            raise Refused("on the web; `paydown pin --urls` downloads it to hash it")
        digest, size = _downloaded(place, largest, progress)
        return Pin(digest, size, today)
    if os.path.isdir(place):
        return _folder(place, progress)._replace(date=today)
    digest, size = _of_file(place, progress)
    return Pin(digest, size, today)


def _of_file(path: str, progress: Progress) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        if not os.path.isfile(path):  # a device or a pipe may never end
            raise Refused("not found" if not os.path.exists(path) else "no regular file")
        with open(path, "rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
                progress(len(block))
    except OSError as error:
        raise Refused(error.strerror or str(error)) from None
    return digest.hexdigest(), size


def _folder(path: str, progress: Progress) -> Pin:
    """The hash of a folder is that of the sorted list of its files' hashes and names."""
    digest, total, count = hashlib.sha256(), 0, 0
    names = []
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if name != ".git"]
        names += [os.path.join(folder, name) for name in files]
        if len(names) > _MOST_FILES:
            raise Refused(f"the folder holds more than {_MOST_FILES:,} files")
    for name in sorted(names, key=lambda name: slashed(os.path.relpath(name, path))):
        inner, size = _of_file(name, progress)
        digest.update(f"{inner}  {slashed(os.path.relpath(name, path))}\n".encode("utf-8", "surrogateescape"))
        total, count = total + size, count + 1
    if not count:
        raise Refused("an empty folder")
    return Pin(digest.hexdigest(), total, "", count)


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the web only."""

    max_redirections = 5

    def redirect_request(self, *details: Any) -> Any:
        """The request to make instead; its address is the last of the details."""
        if not str(details[-1]).lower().startswith(("http://", "https://")):
            raise Refused("redirects to something that is not on the web")
        return super().redirect_request(*details)


def _downloaded(address: str, largest: int, progress: Progress) -> tuple[str, int]:
    if not address.lower().startswith(("http://", "https://")):
        raise Refused("only http and https can be downloaded")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _WebOnly(),
    ):
        opener.add_handler(handler)
    digest, size = hashlib.sha256(), 0
    try:
        request = urllib.request.Request(
            address.partition("#")[0], headers={"User-Agent": f"paydown/{__version__}", "Accept-Encoding": "identity"}
        )
        with opener.open(request, timeout=_SECONDS) as answer:
            declared = answer.headers.get("Content-Length", "")
            if declared.isdigit() and int(declared) > largest:
                raise Refused(f"{int(declared) >> 20:,} MB is more than the {largest >> 20:,} MB allowed")
            while block := answer.read(_BLOCK):
                digest.update(block)
                size += len(block)
                progress(len(block))
                if size > largest:
                    raise Refused(f"more than the {largest >> 20:,} MB allowed")
            if declared.isdigit() and size != int(declared):
                raise Refused("the download broke off")
    except urllib.error.HTTPError as error:
        raise Refused(f"the server says {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise Refused(f"can't be reached: {error.reason}") from None
    except (OSError, ValueError) as error:
        raise Refused(f"can't be downloaded: {error}") from None
    except Exception as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"can't be downloaded: {type(error).__name__}") from None
    return digest.hexdigest(), size


def verified(
    project: Project, *, urls: bool = False, largest: int = 2 << 30, progress: Progress = lambda done: None
) -> Iterator[tuple[str, str]]:
    """Each pinned key of the project with what is wrong: empty when it's as it was pinned, ``?…`` when nobody looked.

    Raises ``LockError``.
    """
    for key, old in read(project.root).items():
        place = key if is_address(key) else joined(project.root, key)
        if is_address(key) and not urls:
            yield key, "?on the web; `--urls` downloads it"
            continue
        try:
            new = hashed(place, urls=urls, largest=largest, progress=progress)
        except Refused as why:
            yield key, f"missing: {why}" if str(why) == "not found" else str(why)
            continue
        if new.sha256 == old.sha256:
            yield key, ""
        elif new.size != old.size:
            yield key, f"changed: {new.size:,} bytes, pinned were {old.size:,} on {old.date}"
        else:
            yield key, f"changed since it was pinned on {old.date}, at the same size"


def weight(places: Iterable[str]) -> int:
    """How many bytes there are to read in local files and folders, roughly, for a progress bar."""
    total = 0
    for place in places:
        try:
            total += os.path.getsize(place)
        except OSError:
            continue
    return total
