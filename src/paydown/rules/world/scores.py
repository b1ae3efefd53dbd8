"""What names tell of scores, and how a comparison with a score is spelled."""

from __future__ import annotations

import re

from paydown.flow.events import Call, Compare
from paydown.flow.learning import SCORED
from paydown.flow.values import Value

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_COLUMN = re.compile(r"\[\s*['\"]([\w .-]+)['\"]\s*\]\s*$")
_LAST = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\]|\([^)]*\))*\s*$")

SCORE_WORDS = frozenset(
    [
        "score",
        "scores",
        "proba",
        "probas",
        "prob",
        "probs",
        "probability",
        "probabilities",
        "confidence",
        "confidences",
        "conf",
        "similarity",
        "similarities",
        "sim",
        "cosine",
        "likelihood",
        "certainty",
        "relevance",
        "toxicity",
        "propensity",
        "iou",
        "jaccard",
        "softmax",
        "sigmoid",
    ]
)
# Words that make something else of a score: how many, how long, how it changes, what it is drawn from.
OTHER_WORDS = frozenset(
    [
        "count",
        "counts",
        "num",
        "n",
        "number",
        "len",
        "length",
        "size",
        "rank",
        "ranks",
        "std",
        "var",
        "diff",
        "delta",
        "trend",
        "change",
        "improvement",
        "time",
        "weight",
        "weights",
        "loss",
        "random",
        "rand",
        "rng",
        "drop",
        "dropout",
        "keep",
        "sample",
        "sampling",
        "augment",
        "aug",
        "flip",
        "mutation",
        "crossover",
        "epsilon",
        "eps",
        "p",
        "pval",
        "pvalue",
        "value",
        "values",
        "board",
        "game",
        "player",
        "team",
        "sport",
        "points",
        "flag",
        "level",
        "scale",
        "index",
        "idx",
        "id",
        "ids",
        "name",
        "names",
        "z",
        "home",
        "away",
        "goals",
        "review",
        "credit",
        "exam",
        "wrong",
        "log",
        "correct",
        "error",
        "errors",
        "student",
        "test",
    ]
)
THRESHOLD_WORDS = frozenset({"threshold", "thresh", "thr", "thres", "cutoff"})
PREDICTION_WORDS = frozenset({"pred", "preds", "prediction", "predictions", "yhat", "yhats", "oof", "predicted"})
METRIC_WORDS = frozenset(
    [
        "f1",
        "auc",
        "auroc",
        "accuracy",
        "acc",
        "precision",
        "recall",
        "r2",
        "ndcg",
        "rmse",
        "mape",
        "bleu",
        "rouge",
        "psi",
        "drift",
    ]
)
_NO_PREDICTION = OTHER_WORDS - {"test", "n", "home"}
# What is done to a value on the way to a comparison, and leaves it what it is.
_PASSED = re.compile(
    r"(?:\.(?:flatten|squeeze|item|numpy|cpu|detach|ravel|float|mean|max|min|values|data|view|reshape|abs|to_numpy)(?:\([^()]*\))?)+$"
)
_PREDICTS = re.compile(r"\.predict(?:_proba|_on_batch)?\([^()]*\)(?:\[[^\]]*\])*(?:\.\w+\(\))*$")
_WRAPPED = re.compile(
    r"^(?:(?:np|numpy|pd|torch|tf)\.)?(?:array|asarray|float|abs|squeeze|ravel|Series|tensor)\((.+)\)$"
)
_KEY = re.compile(r"(?:^|\.)(?:col|column|get)\(['\"]([\w .-]+)['\"]\)$")


def words(name: str) -> set[str]:
    """The words of an identifier, in lower case."""
    return {word.lower() for word in WORDS.findall(name)}


def last_name(text: str) -> str:
    """The last identifier or column of an expression's text: ``row["score"]`` → ``score``, ``det.conf`` → ``conf``."""
    match = _COLUMN.search(text) or _LAST.search(text)
    return match[1] if match else ""


def said_of(text: str) -> set[str]:
    """The words of the name of what an expression compares: of ``pred.flatten()`` those of ``pred``."""
    wrapped = _WRAPPED.match(text)
    text = wrapped[1] if wrapped else text
    key = _KEY.search(text)
    name = key[1] if key else last_name(_PASSED.sub("", text))
    return words(name) | set(name.lower().split("_"))  # ``f1`` is one word


def names_score(text: str) -> bool:
    """Whether an expression's name says, as whole words, that it is a score."""
    said = said_of(text)
    return bool(said & SCORE_WORDS) and not said & OTHER_WORDS


def names_prediction(text: str) -> bool:
    """Whether an expression's name says that it holds predictions."""
    said = said_of(text)
    return (bool(said & PREDICTION_WORDS) or said >= {"y", "hat"}) and not said & _NO_PREDICTION


def names_metric(text: str) -> bool:
    """Whether an expression's name says that it is a quality metric, and nothing else."""
    said = said_of(text)
    return bool(said & METRIC_WORDS) and not said & OTHER_WORDS - {"test", "score", "value"}


def names_threshold(name: str) -> bool:
    """Whether a name says that it is a decision threshold."""
    said = words(name)
    return bool(said & THRESHOLD_WORDS)


def decides(event: Compare, number: float) -> bool:
    """Whether a comparison with a number is a decision by a score, or by a quality metric."""
    left = event.left
    fraction = 0.001 < number < 1
    if not fraction and left.kind != "score":
        return False
    match left.kind:
        case "score":
            return fraction or ("similarity" in left.marks and number > 1)
        case "prediction":
            # Close to 0 or 1 it asks whether training has converged.
            return 0.02 < number < 0.98 and not left.name.startswith("sklearn.")
        case "metric":
            return gates(event)
        case "unknown" | "frame" | "array" | "tensor":
            if " - " in event.text:
                return False  # a difference of scores is none
            return (
                names_score(event.text)
                or said_of(event.text) == {"risk"}
                or (0.02 < number < 0.98 and _PREDICTS.search(event.text) is not None)
                or (0.02 < number < 0.98 and f"{SCORED}{last_name(event.text)}" in left.marks)
                or (0.02 < number < 0.98 and names_prediction(event.text))
                or (gates(event) and left.kind == "unknown" and names_metric(event.text))
            )
    return False


def handed(call: Call, number: float) -> str | int | None:
    """The keyword, or the position, under which a call is given a number that stands in it as a literal."""
    given: list[tuple[str | int, Value]] = [*enumerate(call.arguments), *call.keywords]
    for key, value in given:
        if value.number == number and value.marks.isdisjoint({"named", "setting"}):
            return key
    return None


def gates(event: Compare) -> bool:
    """Whether a comparison decides what is done next, as a metric does that is good enough or isn't."""
    return bool({"if", "choice"} & set(event.context)) and "filter" not in event.context
