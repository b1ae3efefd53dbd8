"""The few ways in which paydown touches the file system: bounded, and answering ``None`` instead of raising."""

from __future__ import annotations

import contextlib
import os
import stat

_FIRST_LINE = 64 << 10


def joined(root: str, path: str) -> str:
    """``path`` as seen from ``root``: absolute, ``/`` between its parts, ``.`` and ``..`` folded away."""
    return slashed(os.path.normpath(os.path.join(root, path)))


def slashed(path: str) -> str:
    """``path`` with ``/`` between its parts."""
    return path.replace("\\", "/") if os.sep == "\\" else path


def contents(path: str, limit: int) -> bytes | None:
    """The bytes of a regular file of at most ``limit`` bytes."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # before opening: to open a pipe would wait for its other end
            return None
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= limit else None


def beginning(path: str, limit: int = _FIRST_LINE) -> bytes | None:
    """The first ``limit`` bytes of a regular file."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return file.read(limit)
    except (OSError, ValueError):
        return None


def stamp(path: str) -> tuple[int, int, int] | None:
    """What changes when the file at ``path`` is written: its time, size and inode."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def exists(path: str) -> bool:
    """Whether there is a file or a folder."""
    try:
        return os.path.exists(path)
    except ValueError:
        return False


def replace_file(path: str, data: bytes) -> None:
    """Write a file that at every moment holds all of the old or all of the new; keeps permissions, follows links."""
    import tempfile

    path = os.path.realpath(path)
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mode = None
    handle, temporary = tempfile.mkstemp(
        prefix=f".{os.path.basename(path)[:80]}.", suffix=".tmp", dir=os.path.dirname(path)
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is None:
            mode = 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    with contextlib.suppress(OSError):
        folder = os.open(os.path.dirname(path), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
