"""A model learns from a few rows that a literal cut out of the data.

The cut made the prototype fast; left in, it decides how good the model gets, silently, and every metric is about a model
that nobody means to ship.

```python bad
import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv("customers.csv", nrows=10000)  # debt: `nrows=10000` leaves `fit` a sample to learn from: drop the cut, or make it a setting
model = LogisticRegression()
model.fit(frame[["age", "visits"]], frame["left"])
```
```python good
import pandas as pd
from sklearn.linear_model import LogisticRegression

ROWS = None  # all; a number for a quick try
frame = pd.read_csv("customers.csv", nrows=ROWS)
model = LogisticRegression()
model.fit(frame[["age", "visits"]], frame["left"])
```

How to pay it off: train on all the data, or make the number of rows a setting that the run records.

When to accept it: the sample is the data set, by design (the first 60,000 images of MNIST).

Left out: cuts that make a train and a test part of the data (`[:800]` and `[800:]`), resampling for balance (`replace=True`,
groups, one class's rows put together with another's), numbers that have a name, cuts under a condition, data that ships with a library, searches of settings, pictures of a
sample, cuts whose effect on the training cannot be seen.

*Sculley et al., 2015, section 5: ML-system anti-patterns (common smells: prototype smell).*
"""

from __future__ import annotations

from collections.abc import Iterator

from paydown.flow.events import Call, Called, Fit, Read, Sample, Split
from paydown.flow.values import Value
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.antipatterns.prototype.hub_cuts import hub_cuts
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD542",
    severity=WARNING,
    principal=5,
    message="`{how}` leaves `{sink}` a sample to learn from: drop the cut, or make it a setting",
    in_tests=False,
)

_TOP = 30  # rows: what `.head(15)` takes is a list of the best, not a sample
_LOOKED_AT = ("sklearn.manifold.", "umap.", "sklearn.decomposition.")


@rule.check
def sampled(document: DocumentView) -> Iterator[Draft]:
    """Cuts whose rows reach a training, each kind of cut once."""
    cuts = [event for event in document.events(Sample) if event.rows and _is_literal_cut(event)]
    if not cuts:
        return
    found: dict[str, tuple[Sample, Called, list[Sample]]] = {}
    for cut in cuts:
        sink = _sink(cut, document)
        if sink is None or not _is_read(cut, document) or _is_split(cut, document):
            continue
        if cut.how in found:
            found[cut.how][2].append(cut)
        else:
            found[cut.how] = cut, sink, []
    for how, (cut, sink, others) in found.items():
        related: list[tuple[Called, str]] = [(one, "and here") for one in others]
        related.append((sink, "what learns from it"))
        yield rule.at(cut, related=related, how=how, sink=sink.call.rpartition(".")[2])


def _is_literal_cut(cut: Sample) -> bool:
    """Whether it cuts rows of data, always, and is no resampling."""
    axis = cut.keyword("axis")
    if (
        cut.loop
        or cut.guarded
        or (axis is not None and axis.constant in (1, "columns"))
        or cut.data.kind not in ("frame", "array", "tensor")
        or (cut.call == "frame.head" and cut.rows <= _TOP)
    ):
        return False
    replaced = cut.keyword("replace")
    return replaced is None or replaced.constant is False


def _sink(cut: Sample, document: DocumentView) -> Called | None:
    """The first training or cross-validation that gets the cut's rows."""
    anchor = cut.anchor
    for fit in document.events(Fit):
        looked_at = fit.call.endswith("fit_transform") or fit.estimator.name.startswith(_LOOKED_AT)
        if fit.estimator.kind in ("transformer", "search") or looked_at:
            continue  # settings may be searched on a sample, pictures made of one
        if anchor in fit.data.origins and "sampled" in fit.data.marks:
            return fit
    for split in document.events(Split):
        if (
            split.folds
            and split.call.startswith("sklearn.model_selection.cross_")
            and any(anchor in value.origins and "sampled" in value.marks for value in split.data)
        ):
            return split
    return None


def _is_read(cut: Sample, document: DocumentView) -> bool:
    """Whether the rows come from data of the user's own."""
    return any(not read.shipped for read in document.origins(cut.data, Read))


def _is_split(cut: Sample, document: DocumentView) -> bool:
    """Whether what the cut leaves over is used as well: a train and a test part."""
    rests = {str(cut.rows), str(cut.rows + 1)}  # who forgets that the end is not taken begins one row later
    for other in document.events(Sample):
        rest = other.how.strip("[:]")
        if not other.rows and (rest in rests or rest.startswith("-")):
            return True
        if {cut.call, other.call} == {"frame.head", "frame.tail"}:
            return True
    for call in document.events(Call):
        for value in call.arguments[:1]:
            if call.call == "pandas.concat" and _is_joined(cut, value):
                return True
            index = value.kind == "form" and value.name == "index"
            if cut.anchor in value.origins and (index or call.call == "frame.isin"):
                return True
    return False


def _is_joined(cut: Sample, parts: Value) -> bool:
    """Whether a cut is put together with other rows of the same data: classes are balanced so."""
    source = {one for one in cut.data.origins if one.kind == Read.__name__}
    cuts = [cut.anchor in part.origins for part in parts.items]
    return any(cuts) and any(
        not is_cut and source & part.origins for is_cut, part in zip(cuts, parts.items, strict=True)
    )


@rule.check
def sampled_for_trainer(document: DocumentView) -> Iterator[Draft]:
    """Cuts of Hugging Face data sets that reach a ``Trainer``; each once."""
    if any(call.call.endswith("Trainer") and call.keyword("train_dataset") for call in document.events(Call)):
        for cut, where, learns in hub_cuts(document):
            yield rule.at(where, related=[(learns, "what learns from it")], how=cut, sink="Trainer")
