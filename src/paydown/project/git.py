"""What git keeps: asked of the git program, which runs no hook and no network here; without it, read from the index.

An answer is a plain value; ``paydown.project`` remembers it and knows when it's stale.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cached_property

from paydown.globs import matches
from paydown.project.files import contents, joined, slashed

_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_SECONDS = 30
_LINK = "120000"
_MODULE = "160000"
_ATTRIBUTES_LIMIT = 1 << 20
_INDEX_LIMIT = 512 << 20


@dataclass(frozen=True)
class Checkout:
    """A working tree at ``top``: its tracked files as paths relative to it, and which of them are symbolic links."""

    top: str
    files: frozenset[str]
    links: frozenset[str] = frozenset()
    stamped: str = field(default="", compare=False)  # the file that changes when this may be out of date

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a tracked file other than a placeholder, relative to the top."""
        found: set[str] = set()
        for file in self.files:
            folder, _, name = file.rpartition("/")
            if name.startswith((".git", "README")) or name == ".keep":
                continue
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    @cached_property
    def large(self) -> tuple[tuple[str, str], ...]:
        """The patterns that ``.gitattributes`` hands to Git LFS, each with the folder it counts from."""
        patterns: list[tuple[str, str]] = []
        for file in sorted(path for path in self.files if path.rpartition("/")[2] == ".gitattributes"):
            text = (contents(joined(self.top, file), _ATTRIBUTES_LIMIT) or b"").decode("utf-8", "replace")
            for line in text.splitlines():
                pattern, _, attributes = line.strip().partition(" ")
                if "filter=lfs" in attributes.split() and not pattern.startswith("#"):
                    patterns.append((file.rpartition("/")[0], pattern.strip('"')))
        return tuple(patterns)

    def keeps_large(self, file: str) -> bool:
        """Whether Git LFS keeps a tracked file."""
        return any(
            matches(pattern.lstrip("/"), file.removeprefix(folder).lstrip("/"))
            for folder, pattern in self.large
            if not folder or file.startswith(folder + "/")
        )


def checkout(top: str) -> Checkout | None:
    """The working tree whose ``.git`` stands in ``top``; ``None`` when neither git nor the index can be read."""
    index = joined(_git_folder(top), "index")
    listed = _asked(top, "ls-files", "-s", "-z")
    if listed is None:
        entries = _entries(contents(index, _INDEX_LIMIT) or b"")
        if entries is None:
            return None
    else:
        entries = [(line[:6], line.partition("\t")[2]) for line in listed.split("\0") if line]
    return Checkout(
        top,
        frozenset(path for mode, path in entries if mode != _MODULE),
        frozenset(path for mode, path in entries if mode == _LINK),
        index,
    )


def unignored(folder: str, *patterns: str) -> list[str] | None:
    """The files below ``folder`` that git tracks or does not ignore, relative to it; ``None`` when git can't tell."""
    listed = _asked(folder, "ls-files", "-z", "-c", "-o", "--exclude-standard", "--", *patterns)
    return None if listed is None else sorted({path for path in listed.split("\0") if path})


def ignored(folder: str) -> list[str]:
    """The untracked files and folders below ``folder`` that git ignores, relative to it; folders end in ``/``."""
    listed = _asked(folder, "ls-files", "-z", "-o", "-i", "--exclude-standard", "--directory") or ""
    return [path for path in listed.split("\0") if path]


def top_of(folder: str) -> str | None:
    """The nearest folder at or above ``folder`` that has a ``.git``."""
    while True:
        if os.path.lexists(joined(folder, ".git")):
            return folder
        above = folder.rpartition("/")[0] or "/"
        if above == folder or not folder:
            return None
        folder = above


def annexed(path: str) -> bool:
    """Whether the symbolic link at ``path`` leads into git-annex's store."""
    try:
        return "annex/objects/" in slashed(os.readlink(path))
    except OSError:
        return False


def _git_folder(top: str) -> str:
    """Where the index of the working tree at ``top`` stands: worktrees and submodules keep it elsewhere."""
    marker = joined(top, ".git")
    said = contents(marker, 4096)
    if said is None or not said.startswith(b"gitdir:"):
        return marker
    return joined(top, said[len(b"gitdir:") :].decode("utf-8", "replace").strip())


def _asked(folder: str, *arguments: str) -> str | None:
    """What git answers, or ``None``. Variables that a hook sets would point it elsewhere, so they are left out."""
    import shutil
    import subprocess

    program = shutil.which("git")
    if program is None:
        return None
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [program, *_QUIET, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def _entries(index: bytes) -> list[tuple[str, str]] | None:
    """Mode and path of each entry of a git index of version 2 to 4."""
    if len(index) < 12 or index[:4] != b"DIRC":
        return None
    version, count = int.from_bytes(index[4:8]), int.from_bytes(index[8:12])
    if version not in (2, 3, 4):
        return None
    found: list[tuple[str, str]] = []
    position, path = 12, b""
    try:
        for _ in range(count):
            mode, flags = int.from_bytes(index[position + 24 : position + 28]), index[position + 60] >> 6 & 1
            start = position + 62 + 2 * flags
            if version == 4:
                drop, start = _varint(index, start)
                end = index.index(b"\0", start)
                path = path[: len(path) - drop] + index[start:end]
                position = end + 1
            else:
                end = index.index(b"\0", start)
                path = index[start:end]
                position += (end - position) // 8 * 8 + 8
            found.append((f"{mode:o}", path.decode("utf-8", "surrogateescape")))
    except (IndexError, ValueError):
        return None
    return found


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A number of git's variable-length form, and where it ends."""
    byte = data[position]
    value = byte & 127
    while byte & 128:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) | (byte & 127)
    return value, position + 1


_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n")


def is_pointer(beginning: bytes | None) -> bool:
    """Whether a file holds a Git LFS pointer in place of its content."""
    return beginning is not None and _POINTER.match(beginning) is not None
