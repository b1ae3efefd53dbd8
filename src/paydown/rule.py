"""Rules and what they find.

A rule is one module under ``paydown.rules``: its docstring is its page, ``rule = Rule(__name__, …)`` its identity, its
checks are functions whose first parameter's annotation says how far they look:

========================  =====================================================================
an event class            every such event of a cell (``paydown.flow.events``)
``CellView``              a cell
``DocumentView``          a document; run again only when something it asked for has changed
========================  =====================================================================
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from paydown.span import Span

SECTIONS: Mapping[str, str] = {
    "2": "Complex models erode boundaries",
    "3": "Data dependencies cost more than code dependencies",
    "4": "Feedback loops",
    "5": "ML-system anti-patterns",
    "6": "Configuration debt",
    "7": "Dealing with changes in the external world",
    "8": "Other areas of ML-related debt",
}
"""The sections of Sculley et al., "Hidden Technical Debt in Machine Learning Systems" (NIPS 2015), by number."""


class Severity(IntEnum):
    """How loudly a finding speaks; the numbers are the Language Server Protocol's."""

    WARNING = 2
    INFORMATION = 3
    HINT = 4


WARNING, INFORMATION, HINT = Severity.WARNING, Severity.INFORMATION, Severity.HINT


class FixOffer(NamedTuple):
    """A fix a finding offers. ``key`` is unique within the rule; ``command`` is empty for an edit of the text. One that
    ``creates`` puts a new file beside the document besides."""

    key: str
    title: str
    safe: bool
    command: str = ""
    creates: bool = False


class Related(NamedTuple):
    """Another place that belongs to a finding."""

    cell: str
    span: Span
    message: str


class Finding(NamedTuple):
    """One piece of debt, where it stands now. ``principal`` is the minutes to pay it off."""

    code: str
    name: str
    severity: Severity
    message: str
    principal: int
    cell: str
    span: Span
    related: tuple[Related, ...] = ()
    fixes: tuple[FixOffer, ...] = ()
    unnecessary: bool = False
    fingerprint: str = ""
    facts: tuple[tuple[str, Any], ...] = ()

    def fact(self, key: str) -> Any:
        """What the check recorded under ``key`` for the fixes and the message, or ``None``."""
        return next((value for name, value in self.facts if name == key), None)


class Place(NamedTuple):
    """A span of a cell; ``within`` names a function of it, and then the span's lines count from its ``def``.

    A place inside a function so stays the same when lines above the function come and go.
    """

    cell: str
    within: str
    span: Span


class Anchor(NamedTuple):
    """The place of an event: the ``index``-th of its ``kind`` in a cell. Resolved to a span as late as possible."""

    cell: str
    kind: str
    index: int  # type: ignore[assignment]  # the tuple's own method is not needed


class Draft(NamedTuple):
    """A finding before its places are known."""

    rule: Rule
    where: Place | Anchor
    message: str
    related: tuple[tuple[Place | Anchor, str], ...]
    fixes: tuple[str, ...]
    severity: Severity
    facts: tuple[tuple[str, Any], ...]


class Fix(NamedTuple):
    """A way to pay a finding off. ``apply`` yields ``(cell id, edit)``; a fix with a ``command`` edits nothing.

    ``leaves`` names the rule that may find what remains to be paid off: a number that has a name is still a number.
    A fix that ``creates`` also yields new files.
    """

    key: str
    title: str
    safe: bool
    apply: Callable[..., Iterable[Any]] | None
    command: str
    leaves: str = ""
    creates: bool = False


class Check(NamedTuple):
    """A check: what it looks at, and the function. ``arity`` is its number of parameters; a cell whose text has none of
    ``mentions`` (in lower case) is passed over."""

    subject: type
    function: Callable[..., Iterable[Draft]]
    arity: int
    mentions: tuple[str, ...] = ()


class Rule:
    """What one kind of debt is. ``message`` and the fixes' titles are templates over the facts of a finding."""

    def __init__(
        self,
        module: str,
        code: str,
        *,
        severity: Severity,
        principal: int,
        message: str,
        in_tests: bool = True,
        unnecessary: bool = False,
        options: Mapping[str, int] | None = None,
    ) -> None:
        self.module = module
        self.code = code
        self.name = module.rpartition(".")[2].replace("_", "-")
        self.severity = severity
        self.principal = principal
        self.message = message
        self.in_tests = in_tests  # whether the rule also looks at test code
        self.unnecessary = unnecessary  # editors fade what a finding covers
        self.options = dict(options or {})
        self.checks: list[Check] = []
        self.fixes: dict[str, Fix] = {}

    def __repr__(self) -> str:
        return f"<{self.code} {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str], Rule], tuple[str]]:
        return rule_named, (self.name,)

    @property
    def section(self) -> str:
        """The number of the paper's section."""
        return self.code[3]

    @property
    def section_title(self) -> str:
        """The title of the paper's section."""
        return SECTIONS[self.section]

    @property
    def page(self) -> str:
        """The rule's page, in Markdown."""
        return inspect.cleandoc(sys.modules[self.module].__doc__ or "")

    @property
    def summary(self) -> str:
        """The page's first line: a fact."""
        return self.page.partition("\n")[0]

    def check(self, function: Callable[..., Iterable[Draft]]) -> Callable[..., Iterable[Draft]]:
        """Register a check; its first parameter's annotation says what it looks at."""
        return self.check_where()(function)

    def check_where(self, *mentions: str) -> Callable[[Callable[..., Iterable[Draft]]], Callable[..., Iterable[Draft]]]:
        """Register a check of cells whose text has one of the words, in whatever case; they are given in lower case.

        The cheapest question of all: it spares most cells the check."""

        def register(function: Callable[..., Iterable[Draft]]) -> Callable[..., Iterable[Draft]]:
            code = function.__code__
            for name in function.__annotations__[code.co_varnames[0]].split("|"):  # `Random | Fit`
                subject = function.__globals__[name.strip()]
                self.checks.append(Check(subject, function, code.co_argcount, mentions))
            return function

        return register

    def fix(
        self, title: str, *, safe: bool, command: str = "", key: str = "", leaves: str = "", creates: bool = False
    ) -> Callable[[Callable[..., Iterable[Any]]], Callable[..., Iterable[Any]]]:
        """Register a fix under the function's name; ``command`` (a template) makes it a command instead of an edit.
        ``leaves`` names the one rule that may find something new after it; one that ``creates`` also makes files."""

        def register(function: Callable[..., Iterable[Any]]) -> Callable[..., Iterable[Any]]:
            name = key or function.__name__.strip("_").replace("_", "-")
            self.fixes[name] = Fix(name, title, safe, None if command else function, command, leaves, creates)
            return function

        return register

    def command(self, key: str, title: str, command: str, *, safe: bool) -> None:
        """Register a fix that is a command, a template like its title, instead of an edit."""
        self.fixes[key] = Fix(key, title, safe, None, command)

    def at(
        self,
        where: Place | Anchor | Any,
        /,
        *,
        related: Iterable[tuple[Any, str]] = (),
        fixes: Iterable[str] | None = None,
        severity: Severity | None = None,
        message: str | None = None,
        **facts: Any,
    ) -> Draft:
        """A finding at a place, an anchor, or an event. ``facts`` fill the message; those of them that fixes need must
        be plain strings and numbers. ``fixes`` are the keys on offer, all of the rule's by default."""
        offered = tuple(self.fixes) if fixes is None else tuple(fixes)
        return Draft(
            self,
            _where(where),
            (message or self.message).format_map(facts),
            tuple((_where(place), text) for place, text in related),
            offered,
            self.severity if severity is None else severity,
            tuple(sorted(facts.items())),
        )

    def offers(self, draft: Draft) -> tuple[FixOffer, ...]:
        """The fixes of a draft, their titles filled in."""
        facts = dict(draft.facts)
        return tuple(
            FixOffer(fix.key, fix.title.format_map(facts), fix.safe, fix.command.format_map(facts), fix.creates)
            for fix in (self.fixes[key] for key in draft.fixes)
        )


def _where(where: Any) -> Place | Anchor:
    return where if isinstance(where, (Place, Anchor)) else where.anchor


@lru_cache(maxsize=1)
def all_rules() -> dict[str, Rule]:
    """Every rule by name, in the order of their codes."""
    import paydown.rules as package

    found = (
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
        if not module.ispkg
    )
    rules = [module.rule for module in found if hasattr(module, "rule")]
    return {rule.name: rule for rule in sorted(rules, key=lambda rule: rule.code)}


def rule_named(name: str) -> Rule:
    """The rule of that name or code; raises ``KeyError`` when there is none."""
    rules = all_rules()
    if name in rules:
        return rules[name]
    return next((rule for rule in rules.values() if rule.code == name.upper()), None) or rules[name]


def iterate(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Check]]:
    """Every check of ``rules``."""
    for rule in rules:
        for check in rule.checks:
            yield rule, check
