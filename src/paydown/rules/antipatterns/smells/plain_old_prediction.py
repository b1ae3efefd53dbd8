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

Counted are routes, handlers and Azure's `run` that return what a model predicts as a number, a list or a text, bare or in the
envelope of an answer (`Response`, `{"statusCode": 200, "body": …}`). What is returned in a dict or in an object has a name.

*Sculley et al., 2015, section 5: ML-system anti-patterns (common smells: plain-old-data type).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.services import Service, services
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
        "numpy",
        "cpu",
        "detach",
        "join",
        "map",
        "Response",
        "JSONResponse",
        "PlainTextResponse",
        "HttpResponse",
        "JsonResponse",
        "make_response",
    }
)
_MODULES = frozenset({"json", "np", "numpy", "flask", "jsonify", "responses", "func"})
_BODIES = frozenset({"content", "response", "body", "data"})  # what the answer of a web framework holds

# What an unknown `predict` returns may well have names; what is cut to an item or made a list of numbers has none.
_PLAINLY = re.compile(
    r"predict\w*\((?:[^()]|\([^()]*\))*\)\s*\[|\.tolist\(\)|\.item\(\)|predict_proba|decision_function|\b(?:float|int)\("
)


@rule.check_where("@", "handler", "def init(")
def bare(cell: CellView) -> Iterator[Draft]:
    """Routes that return what a model predicts, and nothing else."""
    for service in (*services(cell), *_scorers(cell)):
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


def _scorers(cell: CellView) -> Iterator[Service]:
    """Azure's entry script: ``run`` beside ``init``, which loads the model."""
    functions = {node.name: node for node in cell.facts.tree.body if isinstance(node, ast.FunctionDef)}
    if (
        "init" in functions
        and "run" in functions
        and any(isinstance(one, ast.Global) for one in functions["init"].body)
    ):
        yield Service(functions["run"], ast.unparse(functions["run"]), "run")


def _is_prediction(node: ast.expr, predicted: set[str]) -> bool:
    """Whether an expression is what a model predicts, perhaps as another plain type or in the envelope of an answer."""
    held: ast.expr | None = node
    while held is not None:
        if isinstance(held, ast.Name):
            return held.id in predicted
        if isinstance(held, ast.Call) and _PREDICTS.search(ast.unparse(held.func) + "("):
            return True
        held = _held(held)
    return False


def _held(node: ast.expr) -> ast.expr | None:
    """What a plain type or an envelope is made of; nothing when it has names."""
    match node:
        case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant()), args=[inner]):
            return inner
        case ast.Call(func=ast.Name(id="map"), args=[_, inner]):
            return inner
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in _PLAIN:
            return _argument(arguments, keywords)
        case ast.Call(func=ast.Attribute(attr=name, value=ast.Name(id=module)), args=arguments, keywords=keywords) if (
            name in _PLAIN and module in _MODULES
        ):
            return _argument(arguments, keywords)
        case ast.Call(func=ast.Attribute(attr=name, value=inner)) if name in _PLAIN:
            return inner
        case ast.Subscript(value=inner) | ast.Tuple(elts=[inner, ast.Constant(value=int())]):  # with its status
            return inner
        case ast.ListComp(elt=element, generators=[ast.comprehension(iter=inner)]):
            return None if isinstance(element, ast.Dict) else inner
        case ast.GeneratorExp(generators=[ast.comprehension(iter=inner)]):
            return inner
        case ast.Dict(keys=keys, values=values):  # the envelope of a function in the cloud
            pairs = {key.value: value for key, value in zip(keys, values, strict=True) if isinstance(key, ast.Constant)}
            return pairs.get("body") if "statusCode" in pairs else None
    return None


def _argument(arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr | None:
    """What a call wraps: its first argument, or the body of an answer; what has another name has a name."""
    if arguments:
        return arguments[0]
    return next((one.value for one in keywords if one.arg in _BODIES), None)
