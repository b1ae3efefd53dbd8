"""A random step is made without a seed.

Two runs then give two splits, two models and two scores, and nobody can tell whether the metric moved because of the
code, the data or chance.

```python bad
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

train, test = train_test_split(frame)  # debt: `train_test_split` draws at random without a seed, so two runs differ: pass `random_state`
forest = RandomForestClassifier(n_estimators=100)  # debt: `RandomForestClassifier` draws at random without a seed, so two runs differ: pass `random_state`
```
```python fixed
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

SEED = 42

train, test = train_test_split(frame, random_state=SEED)
forest = RandomForestClassifier(n_estimators=100, random_state=SEED)
```
```python good
import numpy as np
from sklearn.model_selection import KFold, train_test_split
from sklearn.linear_model import LogisticRegression

np.random.seed(7)  # scikit-learn draws from NumPy's global generator too
train, test = train_test_split(frame)
folds = KFold(5)  # takes the rows in their order
model = LogisticRegression()  # its default solver draws nothing
```

How to pay it off: pass `random_state=SEED` with one named seed, or draw from a generator made by
`np.random.default_rng(SEED)`. A global generator (NumPy's, `random`'s, PyTorch's, TensorFlow's) is seeded once, in a cell
above the first draw; where a document draws from NumPy's by calls that a `Generator` has too, a second fix makes one and draws
from it everywhere. A global generator is reported once per document, at the first call that draws from it; what a training with
PyTorch or Keras draws for its first weights counts.

When to accept it: where variation between runs is the point, as in a simulation or a test with random inputs.

Left out: estimators that draw nothing by default (`SVC`, `PCA`, `LogisticRegression` …) or have a fixed seed of their own
(XGBoost, LightGBM, CatBoost, `Perceptron`, the `Trainer` of Transformers), a sample that is only looked at or plotted,
functions that no code of the document calls (for global generators: their caller sets the seed), benchmarks and profiles that
only take times, test code.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (reproducibility debt).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from paydown.fixes import CellEdits, Target, Unfixable, ensure_import, insert_above, seed, set_keyword
from paydown.fixes.calls import call_at
from paydown.flow.events import Call, Called, Event, Fit, Random, Save, Seed, Split, Write
from paydown.rule import WARNING, Anchor, Draft, Place, Rule
from paydown.rules.practice.generators import EQUIVALENT, draw_from_own
from paydown.rules.world.scores import words
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD811",
    severity=WARNING,
    principal=2,
    message="`{call}` draws at random without a seed, so two runs differ: pass `{keyword}`",
    in_tests=False,
)

_DRAWS = "`{call}` draws from {owner} unseeded generator, so two runs differ: call `{seeding}` first"
_TRAINS = "`{call}` starts from unseeded random weights, so two runs differ: call `{seeding}` first"
_OWNERS = {
    "numpy": ("NumPy's", "numpy", "np", "random.seed"),
    "random": ("Python's", "random", "", "seed"),
    "torch": ("PyTorch's", "torch", "", "manual_seed"),
    "tensorflow": ("TensorFlow's", "tensorflow", "tf", "random.set_seed"),
}
_KERAS = frozenset({"epochs", "nb_epoch", "validation_split", "validation_data", "steps_per_epoch"})
_SHOWS = re.compile(r"_*(?:show|display|print|plot|draw|visuali[sz]e|preview|peek)(?:_|$)")
_OWN = ("optuna.", "bayes_opt.")  # these draw from generators of their own
_ENSEMBLES = ("sklearn.ensemble.AdaBoost", "sklearn.ensemble.Bagging")
# What the names of documents say that look at how long something takes, and the calls that judge or keep a result.
_TIMED = frozenset({"benchmark", "benchmarks", "profile", "profiler", "profiling", "timing", "latency", "throughput"})
_RESULTS = re.compile(r"(?:^|[._])(?:metrics|score|evaluate|f1|auc|accuracy)(?:[._]|$)")
_PLOTTED = re.compile(r"\s*(?:\w+_)?(?:plot|plotted|plotting|scatter|vis|viz|display)(?:_\w+)? *=[^=]")
E = TypeVar("E", bound=Event)


@rule.check
def unseeded_call(document: DocumentView) -> Iterator[Draft]:
    """Calls that take a seed and get none."""
    draws = [event for event in document.events(Random) if event.seed and event.generator in ("numpy", "")]
    if not draws or _only_times(document):
        return
    seeded = _Seeds(document)
    for event in _once(draws):
        reached = not event.call.startswith(_OWN) and seeded.reach(event, "numpy")
        if (
            event.seeded
            or reached
            or (event.call.endswith(".sample") and (_is_a_look(event) or _is_to_plot(document, event)))
        ):
            continue
        if _is_fixed(event) or (event.call.startswith("sklearn.") and _is_seeded_by_another(document, event)):
            continue
        fix = "pass-seed" if event.seed != "sampler" else "pass-sampler"
        fixes = [fix] if event.keyword("directions") is None else []
        yield rule.at(event, call=event.call.rpartition(".")[2], keyword=event.seed, fixes=fixes)


@rule.check
def unseeded_generator(document: DocumentView) -> Iterator[Draft]:
    """The first draw from each global generator that nothing seeds; trainings draw from their framework's."""
    trainings = [(event, _framework(event)) for event in _once(document.events(Fit))]
    if not trainings or _only_times(document):
        return
    if any(framework == "tensorflow" for _, framework in trainings) and not _imports_keras(document):
        trainings = [(event, framework) for event, framework in trainings if framework != "tensorflow"]
    trained = {framework for _, framework in trainings} | {"numpy", "random"}
    used = _what_matters(document)
    draws = [
        (event, event.generator)
        for event in _once(document.events(Random))
        if event.generator in trained and not event.seeded and not event.shown and not _SHOWS.match(event.function)
        and (event.generator != "numpy" or (not event.seed and _matters(event, used)))
    ]  # fmt: skip
    seeded = _Seeds(document)
    rank = seeded.rank
    first: dict[str, Called] = {}
    for event, generator in (*draws, *trainings):
        if not generator or event.idle or seeded.reach(event, generator):
            continue
        if generator not in first or rank(event) < rank(first[generator]):
            first[generator] = event
    for generator, event in first.items():
        owner, module, alias, function = _OWNERS[generator]
        call = event.call.rpartition(".")[2] if isinstance(event, Fit) else event.call
        yield rule.at(
            event, message=_TRAINS if isinstance(event, Fit) else _DRAWS, call=call, owner=owner, module=module,
            alias=alias, function=function, seeding=f"{alias or module}.{function}(SEED)", keyword="",
            fixes=["seed-above", "draw-from-a-generator"] if generator == "numpy" and _have_equals(document) else ["seed-above"],
        )  # fmt: skip


def _only_times(document: DocumentView) -> bool:
    """Whether a document only takes the time of what it runs: by its name, and for it judges and saves no model."""
    if words(document.path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]).isdisjoint(_TIMED):
        return False
    return not document.events(Save) and not any(_RESULTS.search(call.call) for call in document.events(Call))


def _have_equals(document: DocumentView) -> bool:
    """Whether all that the document draws from NumPy's generator can be drawn from one of its own."""
    calls = (event.call for event in document.events(Random) if event.generator == "numpy" and not event.seed)
    return all(call.removeprefix("numpy.random.") in EQUIVALENT for call in calls if call.startswith("numpy."))


class _Seeds:
    """Which generators are seeded where."""

    def __init__(self, document: DocumentView) -> None:
        self.order = {cell: number for number, cell in enumerate(document.order)}
        self.set = [event for event in document.events(Seed) if not event.idle]
        self.inside = {(event.function, event.generator) for event in document.events(Seed)}

    def rank(self, event: Event) -> tuple[int, bool, int]:
        """Its place in the order of the document."""
        return self.order.get(event.cell, 0), isinstance(event, Fit), event.index

    def reach(self, event: Event, generator: str) -> bool:
        """Whether a seed set above reaches a draw; in a function that nothing here calls, one set anywhere may."""
        for known in (generator, "all"):
            if event.function and (event.function, known) in self.inside:
                return True
            if any(
                one.generator == known and (event.idle or self.order[one.cell] <= self.order[event.cell])
                for one in self.set
            ):
                return True
        return False


def _once(events: Iterable[E]) -> list[E]:
    """The events without those of a function's own walk, if a call of it is seen as well."""
    found = list(events)
    called = {event.function for event in found if not event.idle}
    return [event for event in found if not event.idle or event.function not in called]


def _is_fixed(event: Random) -> bool:
    """Whether its other arguments leave nothing to chance: given centres, points without noise in their order."""
    if event.call == "sklearn.cluster.KMeans":
        start = event.keyword("init")
        return start is not None and not start.text
    if event.call in ("sklearn.datasets.make_circles", "sklearn.datasets.make_moons"):
        shuffle, noise = event.keyword("shuffle"), event.keyword("noise")
        return shuffle is not None and shuffle.constant is False and noise is None
    return False


def _is_seeded_by_another(document: DocumentView, event: Random) -> bool:
    """Whether it is the base of an ensemble that has a seed, and hands seeds of its own to its members."""
    alone = any(fit.estimator.name == event.call for fit in document.events(Fit))
    for call in document.events(Call):
        if not call.call.startswith(_ENSEMBLES) or (call.cell != event.cell and alone):
            continue
        base = call.argument(0, "estimator") or call.keyword("base_estimator")
        given = call.keyword("random_state")
        if base is None or base.name != event.call or given is None or (given.known and given.constant is None):
            continue
        if not alone or _lies_in(document.place_of(event), document.place_of(call)):
            return True
    return False


def _lies_in(inner: Place, outer: Place) -> bool:
    one, other = inner.span, outer.span
    return (
        inner[:2] == outer[:2]
        and (other.line, other.column) <= (one.line, one.column)
        and (one.end_line, one.end_column) <= (other.end_line, other.end_column)
    )


def _is_a_look(event: Random) -> bool:
    """Whether a few rows are drawn to be looked at."""
    rows = event.argument(0, "n")
    return event.shown or (
        not event.keyword("frac") and (rows is None or (rows.number is not None and rows.number <= 20))
    )


def _is_to_plot(document: DocumentView, event: Random) -> bool:
    """Whether what is drawn is called after the plot that it is for: ``plot_df = frame.sample(500)``."""
    place = document.place_of(event)
    return _PLOTTED.match(document.facts(place.cell).lines[document.line_of(place)]) is not None


def _matters(event: Random, used: frozenset[Anchor]) -> bool:
    """Whether what NumPy draws goes into data, a split or a training."""
    return event.call.endswith((".shuffle", ".permutation")) or event.anchor in used


def _what_matters(document: DocumentView) -> frozenset[Anchor]:
    """The draws that trainings, splits and written data come from."""
    values = [value for fit in document.events(Fit) for value in (fit.data, fit.target)]
    values += [value for split in document.events(Split) for value in split.data]
    values += [write.value for write in document.events(Write)]
    return frozenset(anchor for value in values for anchor in value.origins if anchor.kind == "Random")


def _imports_keras(document: DocumentView) -> bool:
    roots = {name.partition(".")[0] for name in document.imports().values()}
    return not roots.isdisjoint({"keras", "tensorflow", "tf_keras"})


def _framework(event: Fit) -> str:
    """The framework whose global generator a training draws from."""
    if event.estimator.kind == "transformer":
        return ""  # a tokenizer counts
    if event.call.endswith(".backward"):
        return "torch" if event.loop else ""
    if event.call.startswith("lightning.") or event.call.endswith((".fit_one_cycle", ".fine_tune")):
        return "torch"
    if event.call.startswith("keras.") or event.estimator.name.startswith("keras."):
        return "tensorflow"
    own = ":" in event.estimator.name or event.estimator.kind == "unknown"
    return "tensorflow" if own and any(key in _KERAS for key, _ in event.keywords) else ""


@rule.fix("Pass `{keyword}=SEED`", safe=True)
def pass_seed(target: Target) -> CellEdits:
    """Pass the document's seed."""
    name, edits = seed(target)
    yield from edits
    yield from set_keyword(target, target.span, target.fact("keyword"), name)


@rule.fix("Pass the sampler that is the default, with a seed", safe=True)
def pass_sampler(target: Target) -> CellEdits:
    """Pass Optuna's ``TPESampler`` with the document's seed."""
    function = call_at(target, target.span).func
    if not isinstance(function, ast.Attribute):
        raise Unfixable("`optuna` has no name here")
    optuna = target.segment(target.span_of(function.value))
    name, edits = seed(target)
    yield from edits
    yield from set_keyword(target, target.span, "sampler", f"{optuna}.samplers.TPESampler(seed={name})")


@rule.fix("Call `{seeding}` first", safe=False)
def seed_above(target: Target) -> CellEdits:
    """Seed the global generator above the first draw."""
    name, edits = seed(target)
    yield from edits
    module, imports = ensure_import(target, target.fact("module"), alias=target.fact("alias"))
    yield from imports
    yield from insert_above(target, target.span, f"{module}.{target.fact('function')}({name})")


@rule.fix("Draw from a generator made by `{alias}.random.default_rng(SEED)`", safe=False)
def draw_from_a_generator(target: Target) -> CellEdits:
    """Leave the global generator alone."""
    yield from draw_from_own(target)
