"""What a project has decided: which rules are on, how loud they speak, what their numbers are.

A ``Configuration`` is a plain frozen value, so that results can be remembered under it. It comes from the
``[tool.paydown]`` table of ``pyproject.toml`` (``paydown.settings`` checks that, ``paydown.project.settings`` finds it) and
may be changed further by an editor's settings or the command line. ``Configuration()`` is every rule at its own severity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from paydown.globs import matches
from paydown.rule import SECTIONS, Rule, Severity

Frozen = str | int | float | bool | None | tuple["Frozen", ...]
"""Data of TOML, frozen; a table is ``("table", (key, value), …)``, a list is ``("list", value, …)``."""

FOLDERS: Mapping[str, str] = {
    "boundaries": "2",
    "data": "3",
    "feedback": "4",
    "antipatterns": "5",
    "configuration": "6",
    "world": "7",
    "practice": "8",
}
"""Short names of the paper's sections."""

_TEST_CODE = re.compile(r"(?:.*/)?(?:test_[^/]*\.py|[^/]*_test\.py|conftest\.py)", re.DOTALL)
_TEST_FOLDER = "**/tests/**/*.py"  # their helpers


class Problem(NamedTuple):
    """Something in the settings that paydown does not understand. ``line`` is one-based, 0 when unknown."""

    message: str
    line: int = 0
    key: str = ""
    file: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.file and self.line else self.file
        return f"{where}: {self.message}" if where else self.message


class Declared(NamedTuple):
    """Data that ``[tool.paydown.data]`` speaks of: who makes it, who reads it, where its version is kept."""

    pattern: str
    producers: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    version: str = ""


class Identified(Protocol):
    """What a selector looks at; a ``Rule`` is one."""

    code: str
    name: str
    module: str


@dataclass(frozen=True)
class Configuration:
    """The settings of a project. ``select`` empty means every rule; ``root`` is the folder that globs start from."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    options: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    extend_libraries: tuple[str, ...] = ()
    frozen_libraries: Frozen = ("table",)
    data: tuple[Declared, ...] = ()
    root: str = ""
    _memory: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False, hash=False)

    def __hash__(self) -> int:
        known = self._memory.get("hash")
        if known is None:
            known = self._memory["hash"] = hash(self._state())
        return int(known)

    def __reduce__(self) -> tuple[type[Configuration], tuple[Any, ...]]:
        return Configuration, self._state()

    def _state(self) -> tuple[Any, ...]:
        return (
            self.select,
            self.extend_select,
            self.ignore,
            self.severities,
            self.per_file_ignores,
            self.options,
            self.exclude,
            self.extend_libraries,
            self.frozen_libraries,
            self.data,
            self.root,
        )

    def is_test_code(self, path: str) -> bool:
        """Whether the document at a path holds test code."""
        return self._kind_of(path)[0]

    def enabled(self, rule: Rule, path: str = "") -> bool:
        """Whether ``rule`` looks at the document at ``path``."""
        test_code, ignored = kind = self._kind_of(path)
        key = (rule.name, kind)
        known = self._memory.get(key)
        if known is None:
            known = self._memory[key] = (
                (rule.in_tests or not test_code)
                and self._selected(rule)
                and not any(selects(one, rule) for index in ignored for one in self.per_file_ignores[index][1])
            )
        return bool(known)

    def rules(self, path: str = "") -> tuple[Rule, ...]:
        """The rules that look at the document at ``path``; the same object for paths that are treated alike."""
        from paydown.rule import all_rules

        key = ("rules", self._kind_of(path))
        if key not in self._memory:
            self._memory[key] = tuple(rule for rule in all_rules().values() if self.enabled(rule, path))
        chosen: tuple[Rule, ...] = self._memory[key]
        return chosen

    def severity(self, rule: Rule, default: Severity | None = None) -> Severity:
        """How loudly a finding of ``rule`` speaks; ``default`` is what the finding itself asks for."""
        key = ("severity", rule.name)
        if key not in self._memory:
            fitting = [
                (specificity(one), index) for index, (one, _) in enumerate(self.severities) if selects(one, rule)
            ]
            self._memory[key] = self.severities[max(fitting)[1]][1] if fitting else None
        chosen: Severity | None = self._memory[key]
        if chosen is not None:
            return chosen
        return rule.severity if default is None else default

    def option(self, rule: Rule, name: str) -> int:
        """The number ``name`` of ``rule``: the project's, else the rule's own."""
        for owner, numbers in self.options:
            if owner == rule.name:
                for key, value in numbers:
                    if key == name:
                        return value
        return rule.options[name]

    @property
    def libraries(self) -> dict[str, Any]:
        """The tables of ``[tool.paydown.libraries]`` and of the files that ``extend-libraries`` names."""
        tables = thawed(self.frozen_libraries)
        return tables if isinstance(tables, dict) else {}

    def excludes(self, path: str) -> bool:
        """Whether ``exclude`` names ``path`` or a folder that holds it."""
        return any(matches(pattern, path, self.root) for pattern in self.exclude)

    def _selected(self, rule: Identified) -> bool:
        on = max((specificity(one) for one in (*self.select, *self.extend_select) if selects(one, rule)), default=-1)
        off = max((specificity(one) for one in self.ignore if selects(one, rule)), default=-1)
        return off < on or (off < 0 and not self.select)

    def _kind_of(self, path: str) -> tuple[bool, tuple[int, ...]]:
        """All that matters of a path: whether it holds test code, and which per-file ignores cover it."""
        key = ("path", path)
        known: tuple[bool, tuple[int, ...]] | None = self._memory.get(key)
        if known is None:
            known = (
                _TEST_CODE.fullmatch(path.replace("\\", "/")) is not None or matches(_TEST_FOLDER, path, self.root),
                tuple(
                    index
                    for index, (pattern, _) in enumerate(self.per_file_ignores)
                    if matches(pattern, path, self.root)
                ),
            )
            self._memory[key] = known
        return known


def selects(selector: str, rule: Identified) -> bool:
    """Whether a selector covers a rule: a code or its beginning, a name, a section by number, title or short name."""
    if selector in (rule.name, rule.code) or selector.lower() == "all":
        return True
    if selector.upper().startswith("HTD"):
        return rule.code.startswith(selector.upper())
    section = section_of(selector)
    return rule.code[3] == section if section else selector in rule.module.split(".")[2:-1]


def section_of(selector: str) -> str:
    """The section's number that a selector names, or nothing."""
    if selector in SECTIONS:
        return selector
    if selector in FOLDERS:
        return FOLDERS[selector]
    words = selector.lower().replace("-", " ")
    return next((number for number, title in SECTIONS.items() if title.lower().replace("-", " ") == words), "")


def specificity(selector: str) -> int:
    """How much a selector narrows down: of two that cover a rule, the narrower one decides."""
    if selector.lower() == "all":
        return 0
    if selector.upper().startswith("HTD"):
        return max(0, len(selector) - 3) * 10
    return 10 if section_of(selector) else 25 if "-" not in selector else 30


def frozen(data: Any) -> Frozen:
    """TOML data as a hashable value."""
    if isinstance(data, Mapping):
        return ("table", *((str(key), frozen(value)) for key, value in data.items()))
    if isinstance(data, (list, tuple)):
        return ("list", *(frozen(value) for value in data))
    return data if isinstance(data, (str, int, float, bool)) or data is None else str(data)


def thawed(data: Any) -> Any:
    """The reverse of ``frozen``."""
    if not isinstance(data, tuple):
        return data
    if data[0] == "table":
        return {key: thawed(value) for key, value in data[1:]}
    return [thawed(value) for value in data[1:]]
