"""A service answers with a bare number.

Whoever receives it can't tell whether 0.7 is a probability, a margin or a price, nor which model said so: the smell that the
paper calls plain-old-data type.

```python bad
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/score", methods=["POST"])
def score():
    value = model.predict_proba(request.get_json())[:, 1]
    return jsonify(value.tolist())  # debt: `score` answers with a bare prediction: say what it is, in which unit, from which model version
```

```python good
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/score", methods=["POST"])
def score():
    value = model.predict_proba(request.get_json())[:, 1]
    return jsonify({"churn_probability": value.tolist(), "model": MODEL_VERSION})
```

**How to pay it off.** Return a type of its own (a pydantic model, a dict) with the name of what is predicted, its unit, and the
version of the model.

**When to accept it.** In a demonstration.

Counted are routes and handlers that return what a model predicts as a number, a list or a text. What is returned in a dict or
in an object has a name.

*Sculley et al., 2015, section 5: ML-system anti-patterns (common smells: plain-old-data type).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.services import services
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD524",
    severity=INFORMATION,
    principal=20,
    message="`{function}` answers with a bare prediction: say what it is, in which unit, from which model version",
    in_tests=False,
)
_PREDICTS = re.compile(r"\.(?:predict|predict_proba|predict_one|decision_function)\(")
_PLAIN = frozenset(
    {
        "str",
        "float",
        "int",
        "list",
        "round",
        "jsonify",
        "dumps",
        "tolist",
        "item",
        "array2string",
        "flatten",
        "argmax",
        "bool",
        "squeeze",
        "ravel",
        "astype",
    }
)

# What an unknown `predict` returns may well have names; what is cut to an item or made a list of numbers has none.
_PLAINLY = re.compile(
    r"predict\w*\((?:[^()]|\([^()]*\))*\)\s*\[|\.tolist\(\)|\.item\(\)|predict_proba|decision_function|\b(?:float|int)\("
)


@rule.check_where("@", "handler")
def bare(cell: CellView) -> Iterator[Draft]:
    """Routes that return what a model predicts, and nothing else."""
    for service in services(cell):
        predicted: set[str] = set()
        for node in nodes_of(service.function):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_prediction(value, predicted):
                    predicted.add(name)
        for node in nodes_of(service.function):
            if not isinstance(node, ast.Return) or node.value is None or not _PLAINLY.search(service.text):
                continue
            if _is_prediction(node.value, predicted):
                yield rule.at(cell.place(node), function=service.route)
                break


def _is_prediction(node: ast.expr, predicted: set[str]) -> bool:
    """Whether an expression is what a model predicts, perhaps as another plain type."""
    while True:
        match node:
            case ast.Name(id=name):
                return name in predicted
            case ast.Call(func=func) if _PREDICTS.search(ast.unparse(func) + "("):
                return True
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name, value=ast.Name(id="json" | "np" | "flask")),
                args=[inner],
            ) if name in _PLAIN:
                node = inner
            case ast.Call(func=ast.Attribute(attr=name, value=inner)) if name in _PLAIN:
                node = inner
            case ast.Subscript(value=inner):
                node = inner
            case _:
                return False
