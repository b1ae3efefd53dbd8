"""The few ways in which paydown touches the file system: bounded, and answering ``None`` instead of raising."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

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
        known = os.stat(path)
        # Before opening: to open a pipe would wait for its other end.
        if not stat.S_ISREG(known.st_mode) or known.st_size > limit:
            return None
        with open(path, "rb", buffering=0) as file:
            data = file.readall()
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


def is_free(path: str) -> bool:
    """Whether there is nothing of that name, not even a link that leads nowhere."""
    return not os.path.lexists(path)


def is_folder(path: str) -> bool:
    """Whether there is a folder that is no link to somewhere else."""
    return os.path.isdir(path) and not os.path.islink(path)


def replace_file(path: str, data: bytes) -> None:
    """Write a file that at every moment holds all of the old or all of the new; keeps permissions, follows links."""
    path = os.path.realpath(path)
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mode = None
    with _temporary(path, data, mode) as temporary:
        os.replace(temporary, path)


def create_file(path: str, data: bytes) -> None:
    """Write a file that is whole as soon as it is there. Raises ``FileExistsError`` when something is there already."""
    if not is_free(path):
        raise FileExistsError(errno.EEXIST, "something is there already", path)
    with _temporary(path, data, None) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            os.rename(temporary, path)


@contextlib.contextmanager
def _temporary(path: str, data: bytes, mode: int | None) -> Iterator[str]:
    """A file with the data beside ``path``, to be put in its place; afterwards it is gone, and the folder is in sync."""
    import tempfile

    handle, temporary = tempfile.mkstemp(
        prefix=f".{os.path.basename(path)[:80]}.", suffix=".tmp", dir=os.path.dirname(path)
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask() if mode is None else mode)
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
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
