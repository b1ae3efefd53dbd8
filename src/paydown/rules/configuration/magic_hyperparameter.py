"""Hyperparameters are numbers in the middle of the code.

Nobody can list what the model was trained with, compare two runs by their settings, or try another value without
reading the code; and a number that stands in two places is changed in one.

```python bad
from sklearn.ensemble import RandomForestClassifier

forest = RandomForestClassifier(n_estimators=500, max_depth=7, min_samples_leaf=5, random_state=0)  # debt: `n_estimators=500`, `max_depth=7`, `min_samples_leaf=5` are buried in `RandomForestClassifier`: name them as settings
forest.fit(X_train, y_train)
```
```python fixed
from sklearn.ensemble import RandomForestClassifier

N_ESTIMATORS = 500
MAX_DEPTH = 7
MIN_SAMPLES_LEAF = 5

forest = RandomForestClassifier(n_estimators=N_ESTIMATORS, max_depth=MAX_DEPTH, min_samples_leaf=MIN_SAMPLES_LEAF, random_state=0)
forest.fit(X_train, y_train)
```

```python good
from sklearn.ensemble import RandomForestClassifier

TREES = 500

settings = {"max_depth": 7, "min_samples_leaf": 5, "max_features": 0.5}
forest = RandomForestClassifier(n_estimators=TREES, random_state=0, **settings)
forest.fit(X_train, y_train)
```

**How to pay it off.** Name the numbers and keep them together, in the parameters cell or a configuration file (the fix
makes constants); a tracker then records them in one go.

**When to accept it.** In a sketch that nobody will tune, or where the literal is a fact about the data.

Three or more such numbers in one call count, or the same value of one parameter in two calls. Which arguments are
hyperparameters is known for each library. Left out: defaults spelled out, layer widths, folds, verbosity, the bounds of a
search, categorical options, documents that train nothing, records of settings (`TrainingArguments`, `LoraConfig`), which name
them; of repeated numbers: everybody's momentum of 0.9, the dropout of two layers, numbers of clusters, and the test share of
other data.

*Sculley et al., 2015, section 6: Configuration debt.*
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Stale, Target, replace_expression, setting
from paydown.fixes.calls import call_at
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.rules.configuration.literals import Literals, arguments, literals, says_little, trains
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD601",
    severity=INFORMATION,
    principal=5,
    message="{shown} are buried in `{function}`: name them as settings",
    in_tests=False,
)
_REPEATED = "{shown} {are} written in {count} calls of `{function}`, to be changed one by one: name {it}"
_MANY = 3
_TERMS = {"lr": "LEARNING_RATE", "nb_epoch": "EPOCHS", "p": "DROPOUT", "rate": "DROPOUT", "C": "REGULARIZATION_C",
          "r": "RANK", "k": "K", "iter": "EPOCHS", "size": "VECTOR_SIZE"}  # fmt: skip


@rule.check
def buried(document: DocumentView) -> Iterator[Draft]:
    """Calls with three numbers or more; the same number in several calls."""
    found = list(literals(document))
    if not found or not trains(document):
        return
    groups: dict[tuple[str, tuple[tuple[str, float], ...]], list[Literals]] = {}
    shared: dict[tuple[str, str, float, frozenset[Anchor]], list[Literals]] = {}
    for one in found:
        if len(one.given) >= _MANY and not one.record:
            groups.setdefault((one.event.call, one.given), []).append(one)
            continue
        # The same share of other data is another setting.
        split = one.function == "train_test_split"
        data = one.event.arguments[0].origins if split and one.event.arguments else frozenset()
        for name, number in one.given:
            shared.setdefault((one.event.call, name, number, data), []).append(one)
    for (call, given), (first, *others) in groups.items():
        shown = ", ".join(f"`{name}={number:g}`" for name, number in given[:3])
        if len(given) > 3:
            shown += f" and {len(given) - 3} more"
        related = [(other.event, "the same numbers again") for other in others]
        names = tuple(name for name, _ in given)
        yield rule.at(first.event, related=related, shown=shown, function=first.function, call=call, names=names)
    for numbers in _repeated(shared):
        uses = list({id(one): one for _, _, found in numbers for one in found}.values())
        first, *others = uses
        told = [f"`{name}={number:g}`" for name, number, _ in numbers[:3]]
        told += [f"{len(numbers) - 3} more"] if len(numbers) > 3 else []
        shown = " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
        many = len(numbers) > 1
        yield rule.at(
            first.event,
            related=[(other.event, "the same number again") for other in others],
            message=_REPEATED,
            shown=shown,
            are="are" if many else "is",
            it="them as settings" if many else "it as a setting",
            count=len(uses),
            function=first.function,
            call=first.event.call,
            names=tuple(dict.fromkeys(name for name, _, _ in numbers)),
        )


def _repeated(
    shared: dict[tuple[str, str, float, frozenset[Anchor]], list[Literals]],
) -> list[list[tuple[str, float, list[Literals]]]]:
    """The numbers that several calls have in common; those of the same calls together."""
    found: list[tuple[str, set[int], list[tuple[str, float, list[Literals]]]]] = []
    for (call, name, number, _), uses in shared.items():
        if len(uses) < 2 or says_little(name, number, len(uses)):
            continue
        calls = set(map(id, uses))
        together = next((one for one in found if one[0] == call and one[1] & calls), None)
        if together is None:
            found.append((call, calls, [(name, number, uses)]))
        else:
            together[1].update(calls)
            together[2].append((name, number, uses))
    return [numbers for _, _, numbers in found]


@rule.fix("Name them: constants with the other settings", safe=True)
def name(target: Target) -> CellEdits:
    """Put each literal into a constant, named by the field's term, wherever the same call has it."""
    wanted = target.fact("names")
    found = False
    for place in (target, *target.related):
        for keyword, node in arguments(call_at(place, place.span), target.fact("call")):
            if keyword not in wanted or not _is_literal(node):
                continue
            found = True
            span = place.facts.span(node)
            constant, edits = setting(place, _TERMS.get(keyword) or keyword.upper(), place.segment(span))
            yield from edits
            yield from replace_expression(place, span, constant)
    if not found:
        raise Stale("the call has changed")


def _is_literal(node: ast.expr) -> bool:
    plain = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop)
    return all(isinstance(one, plain) for one in nodes_of(node))
