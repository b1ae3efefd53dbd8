"""A random step is made without a seed.

Two runs then give two models, and nobody can tell whether the metric moved because of the code, the data or chance.

```python bad
from sklearn.model_selection import train_test_split as split

train, test = split([1, 2, 3])  # debt: `train_test_split` draws at random without `random_state`: two runs differ
```
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.flow.events import Random, Seed
from paydown.rule import WARNING, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD811",
    severity=WARNING,
    principal=2,
    message="`{call}` draws at random without `{keyword}`: two runs differ",
    in_tests=False,
)


@rule.check
def unseeded(document: DocumentView) -> Iterator[Draft]:
    """Random calls that no seed reaches."""
    seeded = {event.generator for event in document.events(Seed)}
    for event in document.events(Random):
        if event.seeded or not event.seed or seeded & {event.generator, "all"}:
            continue
        yield rule.at(event, call=event.call.rpartition(".")[2], keyword=event.seed)
