"""A document trains or predicts with two frameworks of the same kind.

Each has types, formats, devices and releases of its own: both have to be installed together, learnt and kept up to date, and data
goes back and forth between them.

```python bad
import lightgbm as lgb
import pandas as pd
import xgboost as xgb

frame = pd.read_csv("sales.csv")
X, y = frame.drop(columns="price"), frame["price"]
selector = xgb.XGBRegressor(n_estimators=50).fit(X, y)
chosen = X.columns[selector.feature_importances_ > 0.01]
model = lgb.LGBMRegressor().fit(X[chosen], y)  # debt: LightGBM beside XGBoost: two boosting libraries to install, learn and keep; neither compared nor combined, one will do
model.booster_.save_model("model.txt")
```

```python good
import lightgbm as lgb
import pandas as pd

frame = pd.read_csv("sales.csv")
X, y = frame.drop(columns="price"), frame["price"]
selector = lgb.LGBMRegressor(n_estimators=50).fit(X, y)
chosen = X.columns[selector.feature_importances_ > 0.01]
model = lgb.LGBMRegressor().fit(X[chosen], y)
model.booster_.save_model("model.txt")
```

**How to pay it off.** Settle on one of them for the whole of the document. Where a trained model of the other must stay, put it behind a
service or export it (ONNX), so that only its predictions come in.

**When to accept it.** While a document is moved from one to the other.

Deep learning (PyTorch, TensorFlow and Keras, JAX, MXNet) and gradient boosting (XGBoost, LightGBM, CatBoost) are looked at, where they train
or predict; imports, and models that come trained, don't count. It is no debt to compare them (both are judged by the same metric, or
the text speaks of a comparison or a benchmark), to combine them (their predictions meet in one value, or the text speaks of an
ensemble, of stacking or blending), or to write of both: a Markdown cell names them.

*Sculley et al., 2015, section 5: ML-system anti-patterns (glue code).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.flow.events import Call, Fit, Name, Predict, Score
from paydown.flow.values import Value
from paydown.rule import INFORMATION, Draft, Rule
from paydown.span import Span
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD503",
    severity=INFORMATION,
    principal=60,
    message="{second} beside {first}: two {kind} to install, learn and keep; neither compared nor combined, one will do",
    in_tests=False,
)
_ROOTS = {
    "torch": "PyTorch", "torchvision": "PyTorch", "lightning": "PyTorch", "fastai": "PyTorch", "tensorflow": "TensorFlow",
    "keras": "TensorFlow", "flax": "JAX", "jax": "JAX", "mxnet": "MXNet", "xgboost": "XGBoost", "lightgbm": "LightGBM",
    "catboost": "CatBoost",
}  # fmt: skip
_BOOSTING = frozenset({"XGBoost", "LightGBM", "CatBoost"})
# Calls that only those who train or predict by hand make.
_BY_HAND = {
    "apply_gradients": "TensorFlow", "jax.grad": "JAX", "jax.value_and_grad": "JAX", "torch.no_grad": "PyTorch",
    "torch.inference_mode": "PyTorch", "load_state_dict": "PyTorch",
}  # fmt: skip
_MEANT = re.compile(
    r"compar|benchmark|\bvs\b|versus|ensembl|blend|(?<![.\w])stack(?:ing|ed|er|net|_)|[a-z]_stack|voting|\bbagging\b|meta_?(?:model|learner|clf|reg)|averag\w*[ _](?:the[ _])?(?:models|pred)"
    r"|KERAS_BACKEND|framework|get_weights|\bonnx",
    re.IGNORECASE,
)
_Event = Fit | Predict | Call


@rule.check
def mixed(document: DocumentView) -> Iterator[Draft]:
    """The first event of the second framework of a kind."""
    events: list[Fit | Predict] = [event for event in document.events(Fit) if event.estimator.kind != "transformer"]
    events += [event for event in document.events(Predict) if not event.call.endswith("from_pretrained.__call__")]
    used: dict[str, list[_Event]] = {}
    backward: list[_Event] = []
    for event in events:
        if event.call == "any.backward":
            backward.append(event)
        elif name := _framework(event):
            used.setdefault(name, []).append(event)
    if backward or used.keys() - _BOOSTING:
        for call in document.events(Call):
            if name := _BY_HAND.get(call.call) or _BY_HAND.get(call.call.rpartition(".")[2], ""):
                used.setdefault(name, []).append(call)
        if backward and used.keys() - _BOOSTING:
            mx = any(path.startswith("mxnet") for path in document.imports().values())
            used.setdefault("MXNet" if mx else "PyTorch", []).extend(backward)
    for kind, names in (
        ("boosting libraries", used.keys() & _BOOSTING),
        ("deep-learning frameworks", used.keys() - _BOOSTING),
    ):
        if len(names) < 2:
            continue
        yield from _found(document, kind, {name: used[name] for name in used if name in names})


def _framework(event: Fit | Predict) -> str:
    """Whose model learns or predicts; nothing when that isn't known."""
    model = event.estimator
    if model.kind == "search":
        model = model.item("estimator") or model
    for name in (model.name, event.call):
        if name.startswith("transformers.TF"):
            return "TensorFlow"
        if found := _ROOTS.get(name.partition(".")[0]):
            return found
    return ""


def _found(document: DocumentView, kind: str, used: dict[str, list[_Event]]) -> Iterator[Draft]:
    if _meet(document, used) or _is_meant(document, used):
        return
    trainings = [[event for event in events if isinstance(event, Fit)] for events in used.values()]
    if all(events and all(_is_chosen(document, event) for event in events) for events in trainings):
        return
    order = {cell: number for number, cell in enumerate(document.order)}

    def position(event: _Event) -> tuple[int, Span]:
        place = document.place_of(event)
        return order[place.cell], place.span

    firsts = sorted(
        ((min(events, key=position), name) for name, events in used.items()), key=lambda one: position(one[0])
    )
    (_, name), (second, other), *_ = firsts
    yield rule.at(
        second,
        related=[(event, f"{called} here") for event, called in firsts if event is not second],
        first=name,
        second=other,
        kind=kind,
    )


def _meet(document: DocumentView, used: dict[str, list[_Event]]) -> bool:
    """Whether predictions of both come together in a value, or are judged by the same metric."""
    owner = {event.anchor: name for name, events in used.items() for event in events}

    def owners(*values: Value) -> set[str]:
        return {owner[one] for value in values for one in value.origins if one in owner}

    judged: dict[str, set[str]] = {}
    for score in document.events(Score):
        by = judged.setdefault(score.metric, set())
        by |= owners(score.receiver, *score.arguments, *(value for _, value in score.keywords))
    if any(len(names) > 1 for names in judged.values()):
        return True
    if any(len(owners(event.value)) > 1 for event in document.events(Name) if event.value.origins):
        return True
    return any(
        len(owners(call.receiver, *call.arguments, *(value for _, value in call.keywords))) > 1
        for call in document.events(Call)
    )


def _is_chosen(document: DocumentView, event: Fit) -> bool:
    """Whether a training is one of several behind an interface: a class's that follows another, or a branch's that a name opens."""
    place = document.place_of(event)
    line = document.line_of(place) + 1
    for node in nodes_of(document.facts(place.cell).tree):
        if not isinstance(node, (ast.ClassDef, ast.If)) or not node.lineno <= line <= (node.end_lineno or 0):
            continue
        if isinstance(node, ast.ClassDef) and node.bases:
            return True
        if isinstance(node, ast.If) and any(
            isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value != "__main__"
            for part in nodes_of(node.test)
        ):
            return True
    return False


def _is_meant(document: DocumentView, used: dict[str, list[_Event]]) -> bool:
    """Whether the text says that there are two of them on purpose."""
    names = [("TensorFlow", "Keras") if name == "TensorFlow" else (name,) for name in used]
    path = document.path.rpartition("/")[2]
    for text in (path, *(cell.text for cell in document.cells)):
        if _MEANT.search(text):
            return True
    prose = "\n".join(cell.text for cell in document.cells if cell.kind == "markdown").lower()
    return sum(any(word.lower() in prose for word in words) for words in names) > 1
