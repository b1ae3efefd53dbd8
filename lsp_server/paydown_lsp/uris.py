"""Paths behind URIs, for POSIX and Windows alike; only ``file:`` has one."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, unquote, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:(?=/|$)")


def path_of(uri: str) -> str:
    """The absolute path of a ``file:`` URI with ``/`` between its parts, or nothing.

    VS Code writes ``file:///c%3A/a.py``, others ``file:///C:/a.py``: both are ``C:/a.py``.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    if parts.scheme != "file":
        return ""
    # A '#' or '?' in a name is escaped by those who escape at all; the others mean it literally.
    behind = ("?" + parts.query if parts.query else "") + ("#" + parts.fragment if parts.fragment else "")
    path = unquote(parts.path + behind)
    if parts.netloc and parts.netloc != "localhost":
        return f"//{unquote(parts.netloc)}{path}"
    if _DRIVE.match(path):
        return path[1].upper() + path[2:]
    return path


def uri_of(path: str) -> str:
    """The ``file:`` URI of an absolute path."""
    path = path.replace("\\", "/") if os.sep == "\\" else path
    if path.startswith("//"):
        host, _, rest = path[2:].partition("/")
        return f"file://{host}/{quote(rest)}"
    return "file://" + quote(path if path.startswith("/") else "/" + path)


def within(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def name_of(uri: str) -> str:
    """What a person calls the document at ``uri``: the last part of its path."""
    return unquote(urlsplit(uri).path.rstrip("/").rpartition("/")[2]) or uri
