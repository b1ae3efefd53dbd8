"""``paydown.lock``: which version of external data a project was written for.

JSON with one sorted line for each reference, so that two branches merge and a review shows what changed. Paths are
relative to the lock; credentials and signatures in addresses stay out of it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from paydown.project.files import contents, joined, replace_file, slashed

NAME = "paydown.lock"
_LIMIT = 64 << 20
_VERSION = 1
_HASH = re.compile(r"[0-9a-f]{64}")
_SECRET = re.compile(
    r"(^|[-_.])(sig|signature|token|key|secret|password|credential|auth)([-_.]|$)"
    r"|apikey|accesstoken|^x-(amz|goog|ms)-|^(se|sp|sv|st|sr)$",
    re.IGNORECASE,
)


class Pin(NamedTuple):
    """The version of one reference. ``files`` is how many a folder holds, 0 for a file or an address."""

    sha256: str
    size: int
    date: str
    files: int = 0


class LockError(Exception):
    """A ``paydown.lock`` can't be understood; the message says why in a line."""


def is_address(reference: str) -> bool:
    """Whether a reference names something on the network rather than a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", reference) is not None and not reference.startswith("file://")


def key_of(reference: str, root: str) -> str:
    """How the lock at ``root`` spells a reference: an address without secrets, a path relative to the lock."""
    if is_address(reference):
        return _public(reference)
    path = joined(root, reference.removeprefix("file://"))
    try:
        return slashed(os.path.relpath(path, root))
    except ValueError:  # another drive
        return path


def _public(address: str) -> str:
    """An address without user, password, signature and fragment."""
    from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

    try:
        parts = urlsplit(address)
        query = [
            (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _SECRET.search(key)
        ]
    except ValueError:
        return address.partition("#")[0].partition("?")[0]
    kept = parts.query if len(query) == len(parse_qsl(parts.query, keep_blank_values=True)) else urlencode(query)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), host.lower(), parts.path, kept, ""))


def read(root: str) -> dict[str, Pin]:
    """The pins of the lock in ``root``; empty when there is none. Raises ``LockError``."""
    data = contents(joined(root, NAME), _LIMIT)
    return {} if data is None else parsed(data)


def parsed(data: bytes) -> dict[str, Pin]:
    """The pins in the text of a lock. Raises ``LockError``."""
    try:
        said = json.loads(data)
        if not isinstance(said, dict) or not isinstance(said.get("data"), dict):
            raise LockError(f"{NAME} holds no table `data`")
        if said.get("version") != _VERSION:
            raise LockError(f"{NAME} is of version {said.get('version')!r}; this paydown reads version {_VERSION}")
        return {key: _pin(key, pin) for key, pin in said["data"].items()}
    except (ValueError, RecursionError) as error:
        hint = "; it holds marks of a merge conflict" if b"<<<<<<<" in data else ""
        raise LockError(f"{NAME} is no valid JSON{hint}: {error}") from None


def _pin(key: str, said: Any) -> Pin:
    if not isinstance(said, dict):
        raise LockError(f"{NAME}: `{key}` should be a table")
    pin = Pin(said.get("sha256", ""), said.get("size", -1), said.get("date", ""), said.get("files", 0))
    whole = isinstance(pin.size, int) and isinstance(pin.files, int) and isinstance(pin.date, str)
    if not whole or not isinstance(pin.sha256, str) or not _HASH.fullmatch(pin.sha256):
        raise LockError(f"{NAME}: `{key}` needs a sha256 of 64 digits, a size and a date")
    return pin


def rendered(pins: Mapping[str, Pin]) -> bytes:
    """The text of a lock that holds ``pins``."""
    lines = []
    for key in sorted(pins):
        pin = pins[key]
        said: dict[str, Any] = {"sha256": pin.sha256, "size": pin.size, "date": pin.date}
        if pin.files:
            said["files"] = pin.files
        lines.append(f"  {json.dumps(key, ensure_ascii=False)}: {json.dumps(said)}")
    body = ",\n".join(lines)
    return f'{{"version": {_VERSION}, "data": {{\n{body}\n}}}}\n'.encode("utf-8", "backslashreplace")


def write(root: str, pins: Mapping[str, Pin]) -> None:
    """Write the lock in ``root``, whole or not at all; a lock that says the same already is left alone.

    Raises ``OSError``; also for a lock that is a link to somewhere outside ``root``.
    """
    path = joined(root, NAME)
    real, inside = os.path.realpath(path), os.path.realpath(root)
    if os.path.dirname(real) != inside and not real.startswith(inside.rstrip(os.sep) + os.sep):
        raise PermissionError(f"{NAME} is a link that leads out of the project")
    text = rendered(pins)
    if contents(path, _LIMIT) != text:
        replace_file(path, text)
