"""Bytes to text and back, without loss."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple


class Unreadable(Exception):  # noqa: N818  # it says what a file is
    """A file is no document. ``message`` says why in one clear line; ``line`` (one-based) says where, when known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Decoded(NamedTuple):
    """A file's text without its byte-order mark, and how it was encoded."""

    text: str
    codec: str
    mark: bytes

    def encoded(self, text: str) -> bytes:
        """Another text, encoded as this one was."""
        try:
            return self.mark + text.encode(self.codec)
        except UnicodeEncodeError as error:
            letter = text[error.start]
            raise Unreadable(f"`{letter!a}` can't be written in the file's encoding, {self.codec}") from error


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = re.compile(rb"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")


def decoded(data: bytes, *, notebook: bool) -> Decoded:
    """The text of a file. A script may name its encoding in its first two lines; all else is UTF-8.

    Raises ``Unreadable`` for bytes that are no text, and for what is plainly not the file itself.
    """
    if data.startswith(b"version https://git-lfs"):
        raise Unreadable(
            f"not a {'notebook' if notebook else 'script'}: git-lfs pointer; `git lfs pull` fetches the file", 1
        )
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return Decoded(_text(data[len(mark) :], codec), codec, mark)
    cookie = None if notebook else _COOKIE.match(data)
    if cookie is None:
        return Decoded(_text(data, "utf-8", hint=not notebook), "utf-8", b"")
    name = cookie[1].decode()
    line = 1 + bool(re.search(rb"\r|\n", cookie[0]))
    try:
        # Codecs such as `hex` and `rot13` are none of text.
        if not codecs.lookup(name)._is_text_encoding:
            raise LookupError(name)
    except LookupError:
        raise Unreadable(f"unknown encoding `{name}` in line {line}", line) from None
    return Decoded(_text(data, name), name, b"")


def _text(data: bytes, codec: str, *, hint: bool = False) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        advice = "; name its encoding in the first line, as in `# -*- coding: latin-1 -*-`" if hint else ""
        where = f"not {codec.upper()}: byte 0x{data[error.start]:02x} at line {line}{advice}"
        raise Unreadable(where, line) from None
    except UnicodeError as error:
        raise Unreadable(f"not {codec.upper()}: {error}") from None
    return text


def _line(data: bytes, offset: int) -> int:
    before = data[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
