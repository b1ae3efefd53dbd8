"""What names tell of scores, and how a comparison with a score is spelled."""

from __future__ import annotations

import re

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_LAST = re.compile(r"\[\s*['\"]([\w .-]+)['\"]\s*\]\s*$|([A-Za-z_]\w*)(?:\[[^\]]*\]|\([^)]*\))*\s*$")

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
    match = _LAST.search(text)
    return (match[1] or match[2]) if match else ""


def names_score(text: str) -> bool:
    """Whether an expression's name says, as whole words, that it is a score."""
    said = words(last_name(text))
    return bool(said & SCORE_WORDS) and not said & OTHER_WORDS


def names_threshold(name: str) -> bool:
    """Whether a name says that it is a decision threshold."""
    said = words(name)
    return bool(said & THRESHOLD_WORDS)
