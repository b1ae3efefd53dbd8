"""What holds for the documents of a folder: configuration, project, engine. The same as on the command line, and the
editor's settings on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from paydown.configuration import Configuration, Problem
from paydown.engine import Engine
from paydown.project import Project, root_of
from paydown.project.files import joined, stamp
from paydown.project.settings import found
from paydown.settings import merged
from paydown_lsp.uris import within

FILE = "pyproject.toml"


@dataclass(slots=True)
class Root:
    """Settings and memory that documents share. ``folder`` is one of theirs; empty for a text without a file."""

    folder: str
    scope: str  # the folder of the workspace, whose settings the client tells
    file: Configuration  # what the last pyproject.toml that made sense says
    configuration: Configuration  # that, and the client's settings on top
    project: Project | None
    engine: Engine
    problems: tuple[Problem, ...] = ()
    reported: tuple[Problem, ...] = ()  # those of them that the editor has been told
    stamps: object = None

    @property
    def settings_file(self) -> str:
        """The ``pyproject.toml`` that the settings are from, if there is one."""
        return joined(self.file.root, FILE) if self.file.root else ""

    def is_outdated(self) -> bool:
        """Whether the settings, or a team's own libraries that they name, have been written since they were read."""
        return bool(self.folder) and stamps(self.file) != self.stamps


def opened(folder: str, scope: str, settings: Mapping[str, Any]) -> Root:
    """The root for the documents in ``folder``."""
    root = Root(folder, scope, Configuration(), Configuration(), None, Engine())
    configure(root, settings)
    return root


def configure(root: Root, settings: Mapping[str, Any]) -> bool:
    """Read the configuration; whether it says something else than before.

    A file that can't be understood leaves the configuration as it was.
    """
    problems: tuple[Problem, ...] = ()
    if root.folder:
        said, problems = found_for(root.folder)
        if root.project is None or not any(problem.file and not problem.key for problem in problems):
            root.file = said
        root.stamps = stamps(root.file)
    configuration, others = merged(root.file, settings)
    root.problems = (*problems, *others)
    fresh = root.folder != "" and root.project is None
    if configuration == root.configuration and not fresh:
        return False
    root.configuration = configuration
    root.project = Project.at(root_of(root.folder + "/"), configuration.data) if root.folder else None
    root.engine = Engine(configuration, root.project)
    return True


def stamps(configuration: Configuration) -> tuple[object, ...]:
    """What changes when one of the files that a configuration is from is written."""
    return tuple(stamp(joined(configuration.root, name)) for name in (FILE, *configuration.extend_libraries))


def found_for(folder: str) -> tuple[Configuration, tuple[Problem, ...]]:
    """The configuration in ``folder``. Where no file says anything, globs count from the root of the project."""
    said, problems = found(folder)
    if not problems and said == Configuration(root=folder):
        said = replace(said, root=root_of(folder + "/"))
    return said, problems


def key_of(folder: str, scope: str) -> str:
    """What documents must have in common to share a root."""
    return "\n".join((found_for(folder)[0].root, root_of(folder + "/"), scope))


def scope_of(path: str, folders: Iterable[str]) -> str:
    """The innermost folder of the workspace that holds ``path``."""
    return max((folder for folder in folders if within(path, folder)), key=len, default="")
