"""One test part both chooses the best of several models and gives its score.

The best of many scores on the same rows is the luckiest one too. The more candidates are compared, the more the score
promises that no new data will keep.

```python bad
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
best_score, best_model = 0, None
for neighbors in range(1, 20):
    model = KNeighborsClassifier(neighbors).fit(X_train, y_train)
    score = model.score(X_test, y_test)
    if score > best_score:  # debt: the best of several models is chosen by the test part that gives its score: choose by cross-validation
        best_score, best_model = score, model
```
```python good
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier

X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": range(1, 20)}).fit(X_train, y_train)
print(search.score(X_test, y_test))
```

How to pay it off: choose by cross-validation on the train part (`GridSearchCV`, `cross_val_score`) or by a validation part, and
score only what was chosen on the test part.

When to accept it: the score is not reported, and what is chosen is judged on other data later.

An epoch that is kept because `test_acc` was best in it is a choice, too, and so is the seed of the split that scored best.

Left out: scores that are only printed or plotted for a person to compare, choices by a validation part or by folds,
documents with a further hold-out.

*Sculley et al., 2015, section 2: Complex models erode boundaries (entanglement).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.fixes.target import walk_own
from paydown.flow.events import Call, Choice, Predict, Score, Split
from paydown.rule import INFORMATION, Anchor, Draft, Rule
from paydown.rules.boundaries.leaks import has_hold_out, reached
from paydown.view import CellView, DocumentView

rule = Rule(
    __name__,
    "HTD206",
    severity=INFORMATION,
    principal=60,
    message="the best of several {what} is chosen by the test part that gives its score: choose by cross-validation",
)

_LUCK = (
    "the best of several random splits is kept, so its score is luck: keep one split, and choose by cross-validation"
)
_EPOCHS = "the best epoch is kept by `{score}`, so the test part no longer judges it: choose by a validation part"
_TESTED = re.compile(
    r"test_?(?:acc|loss|f1|auc|score|err|rmse|mse|map|iou|dice)|(?:acc|accuracy|loss|f1|auc|score|error)_?test"
)
_KEPT = re.compile(r"best|max|min|high|low")
_ROUNDS = re.compile(r"epoch|iteration|step")

_BEST = frozenset(
    {"argmax", "argmin", "argsort", "nanargmax", "nanargmin", "idxmax", "idxmin", "nlargest", "nsmallest"}
)


@rule.check
def chosen(document: DocumentView) -> Iterator[Draft]:
    """Choices among scores on one test part; the first of each part."""
    scores = document.events(Score)
    if not scores:
        return
    choices = [(event, event.value) for event in reached(document.events(Choice))]
    for call in reached(document.events(Call)):
        if call.used and call.call.rpartition(".")[2] in _BEST:
            choices += [(call, value) for value in (call.receiver, *call.arguments[:1]) if value.origins]  # type: ignore[misc]
    done: set[Anchor] = set()
    for event, value in choices:
        judged = [score for score in document.origins(value, Score) if score.anchor in value.origins]
        each = isinstance(event, Choice) and event.how == "each"
        several = each or len(judged) > 1 or any(score.loop for score in judged)
        split = _test_part(document, judged) if several else None
        if split is None or split.anchor in done or has_hold_out(document) or (each and split.function):
            continue
        done.add(split.anchor)
        related = [(score, "scored here") for score in judged[:4]]
        what = "thresholds" if _is_one_model(document, judged) else "models"
        yield rule.at(event, related=[*related, (split, "split here")], what=what)


@rule.check
def luckiest(document: DocumentView) -> Iterator[Draft]:
    """Seeds of a split of which the best is kept."""
    done: set[Anchor] = set()
    for event in reached(document.events(Choice)):
        for score in document.origins(event.value, Score):
            given = (*score.arguments, *(value for _, value in score.keywords))
            splits = (split for value in given if "test" in value.marks for split in document.origins(value, Split))
            for split in splits:
                seed = split.keyword("random_state")
                if seed is None or seed.known or not split.loop or split.folds or split.anchor in done:
                    continue
                done.add(split.anchor)
                related = [(score, "scored here"), (split, "split here")]
                yield rule.at(event, related=related, message=_LUCK, what="splits")


@rule.check_where("test")
def kept(cell: CellView) -> Iterator[Draft]:
    """Epochs of which the best is kept by a score whose name says that the test part gives it (``test_acc > best``)."""
    if not _TESTED.search(cell.lower) or not _KEPT.search(cell.lower) or _HELD_OUT.search(cell.lower):
        return
    for loop in cell.nodes():
        if not isinstance(loop, (ast.For, ast.While)) or not _ROUNDS.search(_head(loop)):
            continue
        for node in walk_own(loop.body):
            if isinstance(node, ast.If) and (score := _score_kept(node)):
                yield rule.at(cell.place(node.test), score=score, message=_EPOCHS)
                return


_HELD_OUT = re.compile(r"(?<![a-z])(?:val|valid|validation|dev)(?![a-z])")


def _head(loop: ast.For | ast.While) -> str:
    return ast.unparse(loop.target if isinstance(loop, ast.For) else loop.test).lower()


def _score_kept(node: ast.If) -> str:
    """The score of the test part that a condition compares with the best so far, which its body then sets to it."""
    for test in nodes_of(node.test):
        match test:
            case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[right]):
                one, other = ast.unparse(left), ast.unparse(right)
            case _:
                continue
        for score, best in ((one, other), (other, one)):
            set_here = any(
                isinstance(inner, ast.Assign)
                and ast.unparse(inner.targets[0]) == best
                and ast.unparse(inner.value) == score
                for inner in node.body
            )
            if set_here and _TESTED.search(score.lower()) and _KEPT.search(best.lower()):
                return score
    return ""


def _is_one_model(document: DocumentView, judged: list[Score]) -> bool:
    """Whether all scores are of what one model once predicted."""
    predictions = {
        predict for score in judged for value in score.arguments for predict in document.origins(value, Predict)
    }
    return len(predictions) == 1 and not any(predict.loop or predict.via for predict in predictions)


def _test_part(document: DocumentView, judged: list[Score]) -> Split | None:
    """The split on whose one test part all of several scores are made."""
    found: Split | None = None
    for score in judged:
        given = [
            value for value in (*score.arguments, *(value for _, value in score.keywords)) if "test" in value.marks
        ]
        splits = [split for value in given for split in document.origins(value, Split)]
        if not splits or any(split.folds or split.loop for split in splits):
            return None
        if found is not None and found != splits[-1]:
            return None
        found = splits[-1]
    return found
