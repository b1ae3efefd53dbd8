"""What names tell of scores, and how a comparison with a score is spelled."""

from __future__ import annotations

import re

from paydown.flow.events import Compare

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
        "max",
        "min",
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
        "student",
        "test",
    ]
)
THRESHOLD_WORDS = frozenset({"threshold", "thresh", "thr", "thres", "cutoff"})


def words(name: str) -> set[str]:
    """The words of an identifier, in lower case."""
    return {word.lower() for word in WORDS.findall(name)}


def last_name(text: str) -> str:
    """The last identifier or column of an expression's text: ``row["score"]`` → ``score``, ``det.conf`` → ``conf``."""
    match = _COLUMN.search(text) or _LAST.search(text)
    return match[1] if match else ""


def names_score(text: str) -> bool:
    """Whether an expression's name says, as whole words, that it is a score."""
    said = words(last_name(text))
    return bool(said & SCORE_WORDS) and not said & OTHER_WORDS


def names_threshold(name: str) -> bool:
    """Whether a name says that it is a decision threshold."""
    said = words(name)
    return bool(said & THRESHOLD_WORDS)


def decides(event: Compare, number: float) -> bool:
    """Whether a comparison with a number is a decision by a score, or by a quality metric."""
    left = event.left
    fraction = 0 < number < 1
    match left.kind:
        case "score":
            return fraction or ("similarity" in left.marks and number > 1)
        case "prediction":
            # Close to 0 or 1 it asks whether training has converged.
            return 0.02 < number < 0.98 and not left.name.startswith("sklearn.")
        case "metric":
            return fraction and bool({"if", "choice"} & set(event.context)) and "filter" not in event.context
        case "unknown" | "frame" | "array" | "tensor":
            return fraction and names_score(event.text)
    return False
