"""What the shell commands of a notebook download, and which files they leave behind."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from paydown.facts import Magic

_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s'\"<>|;&)]+")
_DRIVE_ID = re.compile(r"[\w-]{25,50}")
_SPLIT = re.compile(r"&&|\|\||;|\n|\|")
_TO_FILE = re.compile(r"(?<![0-9&])>>?\s*([^\s&|;]+)")
_OUTPUT_FLAGS = ("-O", "-o", "--output-document", "--output", "--out")
_FOLDER_FLAGS = ("-P", "--directory-prefix", "-d", "-C", "--directory", "--output-dir", "-p", "--path")
_MAKERS = frozenset({"python", "python3", "make", "bash", "sh", "kaggle", "dvc", "docker", "Rscript", "spark-submit"})
_MAKES: dict[str, frozenset[str]] = {  # of tools with many commands, those that leave files
    "kaggle": frozenset({"download", "pull", "output", "files"}),
    "dvc": frozenset({"pull", "repro", "get", "get-url", "import", "import-url", "checkout", "fetch", "exp"}),
    "docker": frozenset({"run", "exec", "cp", "compose"}),
}
_NO_MAKERS = frozenset({"pip", "spacy", "nltk", "ipykernel", "venv", "pytest", "build", "twine", "black", "ruff"})


@dataclass
class Commands:
    """``downloads`` are the addresses fetched, each with the place of its magic, ``kaggle`` what is fetched there; ``made`` the files and folders that
    commands leave; ``anything`` when nobody can say which."""

    downloads: list[tuple[str, str, Magic]] = field(default_factory=list)
    kaggle: list[tuple[str, str, Magic]] = field(default_factory=list)  # what is fetched from there
    made: set[str] = field(default_factory=set)
    anything: bool = False


def commands(magics: Iterable[tuple[str, Magic]], texts: Iterable[str] = ()) -> Commands:
    """What a document's magics, and the commands that its code hands to the shell, do with files."""
    found = Commands()
    for cell, magic in magics:
        if magic.kind == "shell" or magic.name in ("bash", "sh", "script", "system", "sx", "!", "shell"):
            text = magic.body or magic.argument
            for address in _read(found, text):
                place = found.kaggle if address.startswith("kaggle:") else found.downloads
                place.append((address.removeprefix("kaggle:"), cell, magic))
        elif magic.name in ("writefile", "file"):
            found.made.add(normal(magic.argument.split()[-1])) if magic.argument.split() else None
        elif magic.name in ("run", "R", "julia", "perl", "ruby"):
            found.anything = True
    for text in texts:
        for _ in _read(found, text):
            pass
    return found


def _read(found: Commands, text: str) -> Iterator[str]:
    """Note what a command line does; the addresses it downloads."""
    text = text.replace("\\\n", " ")
    found.made.update(normal(match[1].strip("'\"")) for match in _TO_FILE.finditer(text))
    for line in _SPLIT.split(text):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            words = line.split()
        while words and (words[0] in ("sudo", "time", "nohup") or "=" in words[0]):
            words = words[1:]
        if words:
            yield from _command(found, words[0].rpartition("/")[2], words[1:])


def _command(found: Commands, name: str, words: list[str]) -> Iterator[str]:
    addresses = [match[0] for word in words for match in _ADDRESS.finditer(word)]
    output, folder = _flag(words, _OUTPUT_FLAGS), _flag(words, _FOLDER_FLAGS)
    plain = [word for word in words if not word.startswith("-") and "://" not in word]
    match name:
        case "wget" | "curl" | "aria2c" | "axel" | "http":
            if name == "curl" and any(word.startswith(("-X", "-d", "--data", "--request", "-F")) for word in words):
                return
            kept = (
                name != "curl" or output or "-O" in words or any(word.startswith("-") and "O" in word for word in words)
            )
            for address in addresses:
                left = output if output and "://" not in output else address.partition("?")[0].rpartition("/")[2]
                found.made.add(normal(f"{folder}/{left}" if folder else left))
                if kept:
                    yield address
        case "gdown":
            drive = _flag(words, ("--id",)) or next((word for word in plain if _DRIVE_ID.fullmatch(word)), "")
            yield from addresses or ([f"https://drive.google.com/uc?id={drive}"] if drive else ())
            found.made.add(normal(output)) if output else None
            found.anything = found.anything or not output
        case "cp" | "mv" | "ln" | "rsync" | "scp" | "mkdir" | "touch" | "tee" | "azcopy" | "install":
            if plain:
                found.made.add(normal(plain[-1]))
        case "gsutil" | "aws" | "gcloud" | "s3cmd" | "mc" | "hdfs" | "hadoop" | "dbfs":
            if plain and plain[-1] not in ("cp", "sync", "rsync"):
                found.made.add(normal(plain[-1]))
        case "unzip" | "tar" | "7z" | "unrar" | "gunzip" | "gzip" | "bunzip2":
            found.made.add(normal(folder)) if folder else None
            found.anything = found.anything or not folder
        case "git":
            if words[:1] == ["clone"]:
                target = next((word for word in reversed(words[1:]) if not word.startswith("-")), "")
                found.made.add(normal(target.rstrip("/").rpartition("/")[2].removesuffix(".git")))
        case "kaggle" if "download" in words:
            found.anything = True
            names = (_flag(words, ("-c", "--competition", "-d", "--dataset")), *plain[2:])
            yield from (f"kaggle:{one}" for one in names[:2] if one)
        case _ if name in _MAKERS:
            found.anything = found.anything or _may_make(name, words)


def _may_make(name: str, words: list[str]) -> bool:
    """Whether a command may leave files that nobody can name."""
    if name in _MAKES:
        return not _MAKES[name].isdisjoint(words)
    if name.startswith("python"):
        return not (
            words[:1] in (["--version"], ["-V"]) or (words[:1] == ["-m"] and words[1:2] and words[1] in _NO_MAKERS)
        )
    return True


def _flag(words: list[str], flags: tuple[str, ...]) -> str:
    for position, word in enumerate(words):
        if word in flags and position + 1 < len(words):
            return words[position + 1]
        head, sign, value = word.partition("=")
        if sign and head in flags:
            return value
        for flag in flags:
            if len(flag) == 2 and word.startswith(flag) and len(word) > 2 and not word.startswith("--"):
                return word[2:]
    return ""


def normal(path: str) -> str:
    """A path without what makes no difference."""
    path = path.strip("'\"").replace("\\", "/").removeprefix("file://")
    while path.startswith("./"):
        path = path[2:]
    return path.rstrip("/") or "."
