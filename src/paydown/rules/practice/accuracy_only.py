"""A classifier is judged by its accuracy alone.

With nine in ten rows of one class, a model that always says so is right in nine of ten cases. Whether errors fall on the
rare class, and which of them cost something, nobody sees; and a change for the worse goes unnoticed.

```python bad
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

model = LogisticRegression().fit(X_train, y_train)
print(accuracy_score(y_test, model.predict(X_test)))  # debt: accuracy alone judges this classifier: add a confusion matrix, or precision and recall
```

```python good
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, classification_report

model = LogisticRegression().fit(X_train, y_train)
print(accuracy_score(y_test, model.predict(X_test)))
print(classification_report(y_test, model.predict(X_test)))
```

**How to pay it off.** Look at errors by class (`classification_report`, a confusion matrix), and at the scores
(`roc_auc_score`, `average_precision_score`, a calibration curve) where they are used.

**When to accept it.** When the classes are balanced and all errors cost the same.

One finding per document, at the first accuracy; what `score` gives of a classifier on data that was held out is one. Left out: benchmarks known to be balanced (MNIST, CIFAR, iris …), a metric
that a function's caller chooses, the `score` of a class of one's own.

*Sculley et al., 2015, section 8: Other areas of ML-related debt (data testing debt).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.flow.events import Call, Fit, Name, Read
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.scores import words
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD831",
    severity=INFORMATION,
    principal=20,
    message="accuracy alone judges this classifier: add a confusion matrix, or precision and recall",
    in_tests=False,
)
_OTHERS = frozenset(
    ["f1", "fbeta", "precision", "recall", "auc", "roc", "confusion", "report", "loss", "logloss", "brier", "calibration",
     "calibrated", "matthews", "mcc", "kappa", "jaccard", "hamming", "gini", "hinge", "balanced", "sensitivity",
     "specificity", "cost", "profit", "lift"]
)  # fmt: skip
_BALANCED = frozenset(
    ["mnist", "cifar", "cifar10", "cifar100", "iris", "digits", "imagenet", "imdb", "svhn", "newsgroups", "20newsgroups", "moons",
     "blobs", "circles", "penguins", "wine"]
)  # fmt: skip

# What `score` gives of these is their accuracy.
_CLASSIFIES = re.compile(
    r"^sklearn\..*(?:(?<!Dummy)Classifier|LogisticRegression|SVC|NB|Perceptron|DiscriminantAnalysis)(?:CV)?$|^xgboost.*Classifier$|^lightgbm.*Classifier$"
)


def _says(name: str, wanted: frozenset[str]) -> bool:
    said = words(name)
    if wanted is _BALANCED and name.endswith("make_classification"):
        return True
    return bool(said & wanted) or (wanted is _OTHERS and bool(re.search(r"f1|fbeta|auc\b", name.lower())))


@rule.check
def alone(document: DocumentView) -> Iterator[Draft]:
    """The first accuracy of a document that has no other metric of classification."""
    calls = document.events(Call)
    first = next((event for event in calls if _is_accuracy(event) and not _is_the_callers(document, event)), None)
    if first is None or not any(fit.estimator.kind != "transformer" for fit in document.events(Fit)):
        return
    for event in calls:
        said = event.call.rpartition(".")[2]
        if _says(said, _OTHERS) or _says(event.call, _BALANCED) or _names_other(event) or _counts_both(event):
            return
    for read in document.events(Read):
        if _says(f"{read.call} {read.reference.location if read.reference is not None else ''}", _BALANCED):
            return
    used = {event.name for event in document.events(Name)}
    if any(_says(name, _OTHERS) or _says(name, _BALANCED) for name in used):
        return
    yield rule.at(first)


def _is_accuracy(event: Call) -> bool:
    if event.call.endswith((".accuracy_score", ".metrics.Accuracy", ".MulticlassAccuracy", ".BinaryAccuracy")):
        return True
    if event.call.endswith(".score") and event.receiver.kind in ("estimator", "search"):
        data = event.argument(0, "X")
        held_out = data is not None and data.marks & {"train", "test", "validation"} in ({"test"}, {"validation"})
        return held_out and _CLASSIFIES.search(event.receiver.name) is not None
    scoring = event.keyword("scoring")
    return scoring is not None and scoring.text == "accuracy"


def _is_the_callers(document: DocumentView, event: Call) -> bool:
    """Whether others choose the metric: it is a parameter's default (``scoring(y, found)``), or what a class of the
    document gives as its own ``score``."""
    if not event.function:
        return False
    if event.function.rpartition(".")[2] == "score":
        return True
    place = document.place_of(event)
    facts = document.facts(place.cell)
    for node in facts.every(ast.FunctionDef):
        if node.name == event.function.rpartition(".")[2]:
            line = facts.lines[document.line_of(place)][place.span.column :]
            return any(line.startswith(f"{one.arg}(") for one in (*node.args.args, *node.args.kwonlyargs))
    return False


def _counts_both(event: Call) -> bool:
    """Whether it is a cross table of what was predicted; one of columns that were read only looks at the data."""
    if not event.call.endswith(".crosstab"):
        return False
    values = (*event.arguments, *(value for key, value in event.keywords if key in ("index", "columns")))
    return any(not value.origins or any(one.kind != "Read" for one in value.origins) for value in values)


def _names_other(event: Call) -> bool:
    """Whether a call is told to judge by another metric: ``scoring="f1"``, ``metrics=["AUC"]``."""
    for key in ("scoring", "metrics", "eval_metric", "metric"):
        value = event.keyword(key)
        if value is None:
            continue
        texts = [value.text, *(item.text for item in value.items if hasattr(item, "text"))]
        if any(text and _says(text, _OTHERS) for text in texts):
            return True
    return False
