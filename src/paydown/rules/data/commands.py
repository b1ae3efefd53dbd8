"""What the shell commands of a notebook download, and which files they leave behind."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from paydown.facts import Magic

_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s'\"<>|;&)]+")
_SPLIT = re.compile(r"&&|\|\||;|\n|\|")
_TO_FILE = re.compile(r"(?<![0-9&])>>?\s*([^\s&|;]+)")
_OUTPUT_FLAGS = ("-O", "-o", "--output-document", "--output", "--out")
_FOLDER_FLAGS = ("-P", "--directory-prefix", "-d", "-C", "--directory", "--output-dir", "-p", "--path")
_MAKERS = frozenset({"python", "python3", "make", "bash", "sh", "kaggle", "dvc", "docker", "Rscript", "spark-submit"})


@dataclass
class Commands:
    """``downloads`` are the addresses fetched, each with the place of its magic; ``made`` the files and folders that
    commands leave; ``anything`` when nobody can say which."""

    downloads: list[tuple[str, str, Magic]] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    anything: bool = False


def commands(magics: Iterable[tuple[str, Magic]], texts: Iterable[str] = ()) -> Commands:
    """What a document's magics, and the commands that its code hands to the shell, do with files."""
    found = Commands()
    for cell, magic in magics:
        if magic.kind == "shell" or magic.name in ("bash", "sh", "script", "system", "sx", "!", "shell"):
            text = magic.body or magic.argument
            for address in _read(found, text):
                found.downloads.append((address, cell, magic))
        elif magic.name in ("writefile", "file"):
            found.made.add(normal(magic.argument.split()[-1])) if magic.argument.split() else None
        elif magic.name in ("run", "sql", "bigquery", "R", "julia", "perl", "ruby"):
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
        case _ if name in _MAKERS:
            found.anything = True


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
