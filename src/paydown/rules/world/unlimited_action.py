"""A prediction acts on the world, and nothing limits how often.

One bad batch, or one changed column, and the service blocks every customer or orders every product. A limit turns that into
an alarm (Sculley et al., 2015: action limits).

```python bad
import requests

for customer in customers:
    if model.predict([customer.features])[0] == 1:
        requests.post(BLOCK_URL, json={"id": customer.id})  # debt: a prediction triggers `requests.post` in a loop, and nothing limits how often: count, stop at a limit, raise an alarm
```

```python good
import requests

blocked = 0
for customer in customers:
    if model.predict([customer.features])[0] == 1:
        if blocked >= MAX_BLOCKED_PER_RUN:
            raise RuntimeError("more customers would be blocked than ever before")
        requests.post(BLOCK_URL, json={"id": customer.id})
        blocked += 1
```

**How to pay it off.** Count the actions, stop at a limit that normal days don't reach, and tell a person.

**When to accept it.** When what receives the action has such a limit itself.

Counted are requests that change something, mails, messages, events that are published, orders, payments, deletions and writes to a
database, on a condition that a prediction decides, in a loop or in a service's route. Whatever looks like a limit, a counter or a
pause counts as one.

*Sculley et al., 2015, section 7: Dealing with changes in the external world (monitoring and testing: action limits).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from paydown.facts import nodes_of
from paydown.rule import WARNING, Draft, Rule
from paydown.rules.world.services import services
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD705",
    severity=WARNING,
    principal=60,
    message="a prediction triggers `{action}` in a loop, and nothing limits how often: count, stop at a limit, raise an alarm",
)
_IN_ROUTE = "a prediction triggers `{action}` in `{route}`, and nothing limits how often: count, stop at a limit, raise an alarm"
_PREDICTS = re.compile(
    r"\.(?:predict|predict_proba|predict_one|decision_function|score_samples|classify)\(|\bpredict\w*\(|\b(?:model|classifier|pipe)\("
)
_ACTIONS = re.compile(
    r"(?:requests|httpx|session|client|http)\.(?:post|put|patch|delete)$"
    r"|\.(?:sendmail|send_message|send_email|send_mail|send_sms|send_notification|send_raw_email|chat_postMessage|send_and_wait|produce|publish"
    r"|place_order|create_order|submit_order|market_order|create_market_order|order_market_buy|order_market_sell|create_limit_order"
    r"|delete_one|delete_many|delete_object|update_one|update_many|insert_one|charge|refund|block|ban|suspend)$"
    r"|(?:messages|Refund|Charge|PaymentIntent|calls)\.create$|(?:producer|webhook|queue|bot|smtp|server|slack)\.send$"
    r"|^(?:send_\w*(?:email|mail|alert|sms|message|notification|offer)|place_order|block_\w+|ban_\w+|suspend_\w+|notify_\w+|refund_\w+)$"
    r"|^(?:os\.(?:remove|unlink)|shutil\.rmtree)$"
)
_WRITES = re.compile(r"\s*(?:UPDATE|DELETE|INSERT|REPLACE)\b", re.IGNORECASE)
_LIMITS = re.compile(
    r"limit|max_|_max|maximum|budget|quota|throttl|(?<![a-z])cap\b(?!\.)|(?<![a-z])count|break|\+= 1|sleep|cooldown|limiter|remaining|input\(|dry_run|confirm",
    re.IGNORECASE,
)
_ACTING = (
    "post(", "put(", "patch(", "delete", "send", "publish", "produce(", "order", "update_", "insert_", "charge", "refund",
    "block", "ban", "suspend", ".create(", "notify_", "remove(", "unlink(", "rmtree(", "execute(", "postmessage(",
)  # fmt: skip
_QUITS = re.compile(r"if [^\n]*(?:waitKey|ord\()[^\n]*:\n\s*break")  # a person does
_WORDS = ("predict", "decision_function", "classify(", "score_samples", "model(", "classifier(", "pipe(")


@rule.check_where(*_WORDS)
def unlimited(cell: CellView) -> Iterator[Draft]:
    """Actions on a condition that a prediction decides, in a loop or in a route."""
    if not cell.mentions(*_ACTING):
        return
    seen: set[ast.AST] = set()
    known = _Known(cell)
    for loop in cell.statements():
        if isinstance(loop, (ast.For, ast.While, ast.AsyncFor)) and known.may_decide(loop):
            for action in known.actions(loop):
                if action not in seen:
                    seen.add(action)
                    yield rule.at(cell.place(action), action=ast.unparse(action.func))
    for service in services(cell):
        for action in known.actions(service.function):
            if action not in seen:
                seen.add(action)
                yield rule.at(
                    cell.place(action), message=_IN_ROUTE, action=ast.unparse(action.func), route=service.function.name
                )


class _Known:
    """What a cell holds of predictions: names, keys of columns, and functions that act by themselves."""

    def __init__(self, cell: CellView) -> None:
        self.lines = cell.facts.lines
        self.names: set[str] = set()
        self.keys: set[str] = set()
        self.functions: dict[str, ast.FunctionDef] = {}
        for statement in cell.statements():
            if isinstance(statement, ast.FunctionDef):
                self.functions[statement.name] = statement
            elif (
                isinstance(statement, ast.Assign)
                and self._mentions(statement)
                and _PREDICTS.search(ast.unparse(statement.value))
            ):
                self._bind(statement.targets[0])

    def _mentions(self, statement: ast.stmt) -> bool:
        return any(map("\n".join(self._of(statement)).lower().__contains__, _WORDS))

    def _of(self, statement: ast.stmt) -> list[str]:
        return self.lines[statement.lineno - 1 : statement.end_lineno]

    def _bind(self, target: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self.names.add(name)
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                self.keys.add(key)

    def may_decide(self, loop: ast.stmt) -> bool:
        """Whether a loop's own lines speak of predictions, or call what does."""
        text = "\n".join(self._of(loop))
        lower = text.lower()
        return any(map(lower.__contains__, _WORDS)) or any(
            one in text for one in (*self.names, *self.keys, *self.functions)
        )

    def actions(self, scope: ast.stmt) -> Iterator[ast.Call]:
        """The first action of a scope, or of a function that it calls, that a prediction decides and nothing limits."""
        text = _QUITS.sub("", ast.unparse(scope))
        if _LIMITS.search(text):
            return
        if isinstance(scope, ast.For) and self._chosen(scope.iter):
            yield from _first(node for one in scope.body for node in nodes_of(one))
            return
        yield from self._decided(scope, text)
        for node in nodes_of(scope):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.functions:
                function = self.functions[node.func.id]
                inner = ast.unparse(function)
                if function is not scope and not _LIMITS.search(inner):
                    yield from self._decided(function, inner)

    def _chosen(self, iterated: ast.expr) -> bool:
        """Whether it goes over the rows of a frame for which a prediction holds: ``frame[frame["label"] == 1]``."""
        return any(
            isinstance(node, ast.Compare) and any(f"{key!r}" in ast.unparse(node) for key in self.keys)
            for node in nodes_of(iterated)
        )

    def _decided(self, scope: ast.stmt, text: str) -> Iterator[ast.Call]:
        predicted = set(self.names)
        if not _PREDICTS.search(text) and not predicted & _names(scope):
            return
        if isinstance(scope, ast.For) and (_PREDICTS.search(ast.unparse(scope.iter)) or _names(scope.iter) & predicted):
            predicted |= _loop_names(scope, predicted)
        for node in nodes_of(scope):
            if isinstance(node, ast.Assign) and (
                _PREDICTS.search(ast.unparse(node.value)) or _names(node.value) & predicted
            ):
                predicted |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        for node in nodes_of(scope):
            if isinstance(node, ast.If) and _decides(node.test, predicted):
                for action in _first(nodes_of(node)):
                    yield action
                    return


def _loop_names(loop: ast.For, predicted: set[str]) -> set[str]:
    """The loop's names that hold predictions: in ``for row, label in zip(rows, labels)`` the second."""
    match loop.iter, loop.target:
        case ast.Call(func=ast.Name(id="zip"), args=parts), ast.Tuple(elts=names) if len(parts) == len(names):
            pairs = zip(parts, names, strict=True)
            held = [name for part, name in pairs if _PREDICTS.search(ast.unparse(part)) or _names(part) & predicted]
            return {name.id for name in held if isinstance(name, ast.Name)}
    return _names(loop.target)


def _first(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    acting = (node for node in nodes if isinstance(node, ast.Call) and _acts(node))
    action = next(acting, None)
    if action is not None:
        yield action


def _acts(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if name.endswith(".execute") and call.args and isinstance(call.args[0], ast.Constant):
        return _WRITES.match(str(call.args[0].value)) is not None
    return _ACTIONS.search(name) is not None


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in nodes_of(node) if isinstance(one, ast.Name)}


def _decides(test: ast.expr, predicted: set[str]) -> bool:
    return bool(_PREDICTS.search(ast.unparse(test))) or bool(_names(test) & predicted)
