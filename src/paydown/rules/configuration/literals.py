"""The numbers that stand for hyperparameters in the calls of a document that trains."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from paydown.flow.events import Call, Fit
from paydown.flow.values import Value
from paydown.libraries.hyperparameters import hyperparameters
from paydown.view import DocumentView


class Literals(NamedTuple):
    """A call, and the hyperparameters that it passes as literals."""

    event: Call
    given: tuple[tuple[str, float], ...]

    @property
    def function(self) -> str:
        """The name of what is called."""
        return self.event.call.rpartition(".")[2]


def trains(document: DocumentView) -> bool:
    """Whether a document trains a model."""
    return any(fit.estimator.kind != "transformer" for fit in document.events(Fit))


def literals(document: DocumentView) -> Iterator[Literals]:
    """Every call with hyperparameters that are literals other than the defaults; a helper's call counts once."""
    seen: set[tuple[str, str, tuple[tuple[str, float], ...]]] = set()
    for event in document.events(Call):
        known = hyperparameters(event.call)
        if known is None:
            continue
        passed = [(known.at(position), value) for position, value in enumerate(event.arguments)]
        given = tuple(
            (name, value.number)
            for name, value in (*passed, *event.keywords)
            if name in known.defaults
            and value.number is not None
            and value.number != known.defaults[name]
            and is_bare(value)
        )
        if not given:
            continue
        key = event.function, event.call, given
        if event.function and key in seen:
            continue
        seen.add(key)
        yield Literals(event, given)


def is_bare(value: Value) -> bool:
    """Whether a value is a literal in place: without a name, not from the settings."""
    return not value.marks & {"named", "setting"}


def arguments(call: ast.Call, name: str) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a call (of the dotted name) that may be hyperparameters, with their names."""
    known = hyperparameters(name)
    for position, argument in enumerate(call.args):
        yield known.at(position) if known is not None else "", argument
    for keyword in call.keywords:
        yield keyword.arg or "", keyword.value
