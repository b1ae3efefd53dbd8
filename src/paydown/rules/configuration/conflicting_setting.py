"""The same setting has two values in one document.

Then one of them is wrong, or nobody knows which one counts: the model is judged on another split than the one it was tuned
on, the texts are cut at another length than in training, a run repeats only in part.

```python bad
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

frame = pd.read_csv("customers.csv")
train, test = train_test_split(frame, random_state=42)  # debt: the seed of `train_test_split` is 42 here and 7 elsewhere in this document: choose one, as a named setting
forest = RandomForestClassifier(random_state=42).fit(train[features], train["target"])
known, unseen = train_test_split(frame, random_state=7)
print(forest.score(unseen[features], unseen["target"]))
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

Counted are the seeds and the test share of two splits of the same data, the one generator that a cell or function seeds otherwise
than the others, the length that texts are cut or padded to (`maxlen`) and the size that images are read in, where training and a later
step differ. Left out: seeds and hyperparameters of models, which differ in every comparison; three values or more, which are one; a
second split of a part; parameters of functions, loops and searches; data that ships with a library; documents that train nothing.

*Sculley et al., 2015, section 6: Configuration debt.*
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from paydown.flow.events import Call, Called, Read, Seed
from paydown.rule import WARNING, Anchor, Draft, Rule
from paydown.rules.configuration.literals import is_bare, trains
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD605",
    severity=WARNING,
    principal=10,
    message="the {what} is {here} here and {there} elsewhere in this document: choose one, as a named setting",
    in_tests=False,
)


_SIZED = {
    "flow_from_directory": "target_size", "flow_from_dataframe": "target_size", "image_dataset_from_directory": "image_size",
}  # fmt: skip


@rule.check
def conflicting(document: DocumentView) -> Iterator[Draft]:
    """Settings with two values."""
    found: dict[str, dict[str, Called]] = {}
    for what, shown, event in _settings(document):
        found.setdefault(what, {}).setdefault(shown, event)
    found = {what: values for what, values in found.items() if len(values) > 1}
    if not found or not trains(document):
        return
    for what, values in found.items():
        (here, first), *others = values.items()
        if len(values) > 2:
            continue  # a comparison
        steps = "\1" in what or (what.startswith("share") and document.kind == "notebook")
        if steps and any((event.cell, event.function) == (first.cell, first.function) for _, event in others):
            continue  # two columns or two classes, not two steps
        there = " and ".join(shown for shown, _ in others)
        related = [(event, f"{shown} here") for shown, event in others]
        named = what.partition("\0")[0].rstrip("\1")
        yield rule.at(first, related=related, what=named, here=here, there=there)


@rule.check
def seeds(document: DocumentView) -> Iterator[Draft]:
    """The one generator that is seeded otherwise than the others beside it."""
    beside: dict[tuple[str, str, tuple[Anchor, ...]], list[Seed]] = {}
    for seed in document.events(Seed):
        if seed.arguments and seed.arguments[0].number is not None and not seed.loop and seed.generator:
            beside.setdefault((seed.cell, seed.function, seed.via), []).append(seed)
    told: set[tuple[str, str]] = set()
    for (cell, function, _), seeded in beside.items():
        counted = Counter(one.arguments[0].number for one in seeded)
        usual, uses = counted.most_common(1)[0]
        other = [one for one in seeded if one.arguments[0].number != usual and is_bare(one.arguments[0])]
        twice = len({one.call for one in seeded}) < len(seeded)  # the later seed is that of another step
        if uses < 2 or len(counted) != 2 or twice or not other or (cell, function) in told or not trains(document):
            continue
        told.add((cell, function))
        first = next(one for one in seeded if one.arguments[0].number == usual)
        here, there = f"{usual}", f"{other[0].arguments[0].number}"
        yield rule.at(other[0], related=[(first, f"{here} here")], what="seed", here=there, there=here)


def _settings(document: DocumentView) -> Iterator[tuple[str, str, Called]]:
    for event in document.events(Call):
        last = event.call.rpartition(".")[2]
        if event.loop:
            continue
        if last == "train_test_split":
            yield from _split(event, document)
        elif last == "pad_sequences":
            length = event.keyword("maxlen")
            if length is not None and length.number is not None and is_bare(length):
                yield "length of the padded texts\1", f"{length.number:g}", event
        elif last in _SIZED:
            size = event.keyword(_SIZED[last])
            numbers = [one.number for one in size.items] if size is not None and size.kind in ("tuple", "list") else []
            if size is not None and numbers and None not in numbers and is_bare(size):
                yield "size of the images\1", "×".join(f"{number:g}" for number in numbers), event


def _split(event: Call, document: DocumentView) -> Iterator[tuple[str, str, Called]]:
    """The seed and the share of a split of data as they were read, by the reads."""
    if any(value.marks & {"train", "test", "validation"} for value in event.arguments):
        return
    reads = sorted(
        {read.anchor for value in event.arguments for read in document.origins(value, Read) if not read.shipped}
    )
    for what, key, data in (
        ("seed of `train_test_split`", "random_state", reads),
        ("share of the test part", "test_size", sorted({one for value in event.arguments for one in value.origins})),
    ):
        value = event.keyword(key)
        if not reads or value is None or value.number is None or (event.function and not is_bare(value)):
            continue  # a function's parameter has the value that the caller wants
        yield f"{what}\0{event.function}{data}", f"{value.number}", event
