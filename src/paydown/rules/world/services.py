"""Functions that serve predictions: routes of web services, scheduled jobs, consumers of streams."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from paydown.facts import nodes_of
from paydown.view import CellView

_ROUTES = re.compile(
    r"\.(?:route|post|get|put|websocket|task|agent|on_event|expose|predict|api|subscriber)\(|^(?:task|flow|service\.api|bentoml\.\w+|serve\.deployment|csrf_exempt|api_view)\b"
)
_SERVES = re.compile(
    r"^[ \t]*@(?:[\w.]+\.)?(?:route|post|get|put|websocket|task|flow|dag|agent|expose|subscriber|deployment|api_view|api|asset)\b"
    r"|^[ \t]*(?:async )?def (?:lambda_handler|handler|handle_request|predict_fn|output_fn)\(|^while True:"
    r"|\bschedule\.every\(|\b(?:Background|Blocking|AsyncIO)Scheduler\(|\bKafkaConsumer\(|\.readStream\b|\bPythonOperator\("
    r"|^import streamlit\b|\bgr(?:adio)?\.(?:Interface|Blocks|ChatInterface)\(",
    re.MULTILINE,
)
_HANDLERS = frozenset({"lambda_handler", "handler", "handle_request"})
_PREDICTS = re.compile(
    r"\.(?:predict|predict_proba|predict_one|decision_function)\(|\b(?:model|predictor|classifier|pipeline|pipe)\("
)
_SAYS = re.compile(r"predict|infer(?!_?schema)|classify|score")
_TASK = re.compile(r"^(?:\w+\.)?task\b")
_QUICK = re.compile(r"predict|model\(|pipeline\(|classifier\(")


def serves(text: str) -> bool:
    """Whether a code runs on by itself: a service, a scheduled job, a consumer of a stream."""
    return _SERVES.search(text) is not None


class Service(NamedTuple):
    """A function that serves predictions, and its text together with that of the cell's functions that it calls."""

    function: ast.FunctionDef | ast.AsyncFunctionDef
    text: str
    route: str


def services(cell: CellView) -> Iterator[Service]:
    """The routes and handlers of a cell that predict."""
    if not _QUICK.search(cell.text):
        return
    functions = {
        node.name: node for node in cell.statements() if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    for function in functions.values():
        decorators = [ast.unparse(one) for one in function.decorator_list]
        if not any(_ROUTES.search(one) for one in decorators) and function.name not in _HANDLERS:
            continue
        if any("/invocations" in one for one in decorators):
            continue  # SageMaker can record what goes in and out
        if all(_TASK.search(one) for one in decorators) and decorators and not _SAYS.search(function.name):
            continue  # a step of a pipeline, which hands on what it makes
        text = ast.unparse(function)
        called = {
            node.func.id
            for node in nodes_of(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        text += "".join(
            "\n" + ast.unparse(functions[name]) for name in sorted(called & functions.keys()) if name != function.name
        )
        if _PREDICTS.search(text):
            yield Service(function, text, function.name)


def head(cell: CellView, function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
    """A place for a finding about a whole function: what predicts in it, or else its first statement."""
    for node in nodes_of(function):
        if isinstance(node, ast.Call) and _PREDICTS.search(ast.unparse(node.func) + "("):
            return node
    for node in nodes_of(function):  # or a helper that does, by its name
        if isinstance(node, ast.Call) and _SAYS.search(ast.unparse(node.func).rpartition(".")[2]):
            return node
    return function.body[0]
