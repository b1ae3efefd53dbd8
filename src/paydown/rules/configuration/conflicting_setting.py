"""The same setting has two values in one document.

Then one of them is wrong, or nobody knows which one counts: the model is judged on another split than the one it was tuned
on, the texts are cut at another length than in training, a run repeats only in part.

```python bad
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

frame = pd.read_csv("customers.csv")
rest, test = train_test_split(frame, random_state=42)  # debt: the seed of `train_test_split` is 42 here and 7 elsewhere in this document: choose one, as a named setting
train, validation = train_test_split(rest, random_state=7)
forest = RandomForestClassifier(random_state=42).fit(train[features], train["target"])
```

```python good
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

SEED = 42

train, test = train_test_split(frame, random_state=SEED)
forest = RandomForestClassifier(random_state=SEED).fit(train[features], train["target"])
```

**How to pay it off.** Name the setting once and pass the name.

**When to accept it.** When the values differ on purpose; then two names say so.

Counted are the seeds of the splits of the same data, the share of the test part (`train_test_split` of the same data) and the length that texts are cut or
padded to (`maxlen`). Left out: seeds and hyperparameters of models, which differ in
every comparison; loops and searches; documents
that train nothing.

*Sculley et al., 2015, section 6: Configuration debt.*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.flow.events import Call, Called, Read
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.configuration.literals import is_bare, trains
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD605",
    severity=WARNING,
    principal=10,
    message="the {what} is {here:g} here and {there} elsewhere in this document: choose one, as a named setting",
    in_tests=False,
)


@rule.check
def conflicting(document: DocumentView) -> Iterator[Draft]:
    """Settings with two values."""
    found: dict[str, dict[float, Called]] = {}
    for what, number, event in _settings(document):
        found.setdefault(what, {}).setdefault(number, event)
    found = {what: values for what, values in found.items() if len(values) > 1}
    if not found or not trains(document):
        return
    for what, values in found.items():
        (here, first), *others = values.items()
        there = " and ".join(f"{number:g}" for number, _ in others[:2]) + (" …" if len(others) > 2 else "")
        related = [(event, f"{number:g} here") for number, event in others]
        yield rule.at(first, related=related, what=what.partition("\0")[0], here=here, there=there)


def _settings(document: DocumentView) -> Iterator[tuple[str, float, Called]]:
    for event in document.events(Call):
        last = event.call.rpartition(".")[2]
        if event.loop:
            continue
        if last == "train_test_split":
            seed = event.keyword("random_state")
            reads = sorted({one for value in event.arguments for one in value.origins if one.kind == Read.__name__})
            if reads and seed is not None and seed.number is not None:
                yield f"seed of `train_test_split`\0{reads}", seed.number, event
        if last == "train_test_split" and not any(value.marks & {"train", "test"} for value in event.arguments):
            size = event.keyword("test_size")
            if size is not None and size.number is not None:
                data = ", ".join(sorted(str(one) for value in event.arguments for one in value.origins))
                yield f"share of the test part\0{data}", size.number, event
        elif last == "pad_sequences":
            length = event.keyword("maxlen")
            if length is not None and length.number is not None and is_bare(length):
                yield "length of the padded texts", length.number, event
