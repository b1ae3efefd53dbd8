"""The numbers that stand for hyperparameters in the calls of a document that trains."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from paydown.flow.events import Call, Fit
from paydown.flow.values import Value
from paydown.libraries.hyperparameters import hyperparameters
from paydown.view import DocumentView

_SETTERS = frozenset({"set_hyperparameters"})  # SageMaker's: every number that it takes is one
_NO_HYPERPARAMETERS = frozenset(
    ["verbosity", "silent", "seed", "num_class", "num_classes", "feature_dim", "num_training_samples", "verbose",
     "random_state", "nthread", "predictor_type", "mini_batch_size_per_gpu", "log_interval"]
)  # fmt: skip
_CONVENTIONS = frozenset({("momentum", 0.9), ("beta_1", 0.9), ("beta_2", 0.999), ("max_grad_norm", 1.0)})
_FACTS = frozenset({"n_clusters", "n_components", "num_topics"})
_LAYERS = frozenset({"rate", "p", "stddev"})  # of dropout: each layer's is tuned alone


class Literals(NamedTuple):
    """A call, and the hyperparameters that it passes as literals."""

    event: Call
    given: tuple[tuple[str, float], ...]
    record: bool  # whether what is called keeps settings under their names, and is one itself

    @property
    def function(self) -> str:
        """The name of what is called."""
        return self.event.call.rpartition(".")[2]


def trains(document: DocumentView) -> bool:
    """Whether a document trains a model."""
    return any(fit.estimator.kind != "transformer" for fit in document.events(Fit))


def literals(document: DocumentView) -> Iterator[Literals]:
    """Every call with hyperparameters that are literals other than the defaults; a call of a helper function, which is
    walked for each call of the function, once."""
    found: dict[tuple[str, str], list[Literals]] = {}
    for event in document.events(Call):
        known = hyperparameters(event.call)
        if known is not None:
            passed = [(known.at(position), value) for position, value in enumerate(event.arguments)]
            given = tuple(
                (name, value.number)
                for name, value in (*passed, *event.keywords)
                if name in known.defaults
                and value.number is not None
                and value.number != known.defaults[name]
                and is_bare(value)
            )
            record = known.record
        elif event.call.rpartition(".")[2] in _SETTERS:
            given, record = _set(event), False
        else:
            continue
        if given and not event.function:
            yield Literals(event, given, record)
        elif given:
            found.setdefault((event.function, event.call), []).append(Literals(event, given, record))
    for walked in found.values():
        places = (
            {document.place_of(one.event): one for one in reversed(walked)} if len(walked) > 1 else {None: walked[0]}
        )
        yield from reversed(places.values())


def _set(event: Call) -> tuple[tuple[str, float], ...]:
    """The numbers that a setter of hyperparameters is given."""
    return tuple(
        (name, value.number)
        for name, value in event.keywords
        if value.number is not None and is_bare(value) and name not in _NO_HYPERPARAMETERS
    )


def says_little(name: str, number: float, uses: int) -> bool:
    """Whether a number that is written again needs no name: nothing, one, everybody's choice, or a fact about the data."""
    return number in (0, 1) or (name, number) in _CONVENTIONS or (name in _FACTS | _LAYERS and uses < 3)


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
