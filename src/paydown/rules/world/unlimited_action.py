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
from collections.abc import Iterator

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
    r"\.(?:predict|predict_proba|predict_one|decision_function|score_samples|classify)\(|\bpredict\w*\("
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
    r"limit|max_|_max|maximum|budget|quota|throttl|cap\b|count|break|\+= 1|sleep|cooldown|limiter|remaining|input\(|dry_run|confirm",
    re.IGNORECASE,
)
_WORDS = ("predict", "decision_function", "classify(", "score_samples")


@rule.check_where(*_WORDS)
def unlimited(cell: CellView) -> Iterator[Draft]:
    """Actions on a condition that a prediction decides, in a loop or in a route."""
    seen: set[ast.AST] = set()
    for loop in cell.statements():
        if isinstance(loop, (ast.For, ast.While, ast.AsyncFor)) and _may_predict(loop, cell.facts.lines):
            for action in _actions(loop):
                if action not in seen:
                    seen.add(action)
                    yield rule.at(cell.place(action), action=ast.unparse(action.func))
    for service in services(cell):
        for action in _actions(service.function):
            if action not in seen:
                seen.add(action)
                yield rule.at(
                    cell.place(action), message=_IN_ROUTE, action=ast.unparse(action.func), route=service.function.name
                )


def _may_predict(loop: ast.stmt, lines: list[str]) -> bool:
    """Whether a loop's own lines have a condition, and a word for predictions."""
    text = "\n".join(lines[loop.lineno - 1 : loop.end_lineno]).lower()
    return "if" in text and any(map(text.__contains__, _WORDS))


def _actions(scope: ast.stmt) -> Iterator[ast.Call]:
    """The first action of each condition in a scope that a prediction of the scope decides."""
    text = ast.unparse(scope)
    if not _PREDICTS.search(text) or _LIMITS.search(text):
        return
    predicted: set[str] = set()
    for node in nodes_of(scope):
        if isinstance(node, ast.Assign) and (
            _PREDICTS.search(ast.unparse(node.value)) or _names(node.value) & predicted
        ):
            predicted |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in nodes_of(scope):
        if isinstance(node, ast.If) and _decided(node.test, predicted):
            acting = (inner for inner in nodes_of(node) if isinstance(inner, ast.Call) and _acts(inner))
            first = next(acting, None)
            if first is not None:
                yield first
                return


def _acts(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if name.endswith(".execute") and call.args and isinstance(call.args[0], ast.Constant):
        return _WRITES.match(str(call.args[0].value)) is not None
    return _ACTIONS.search(name) is not None


def _names(node: ast.expr) -> set[str]:
    return {one.id for one in nodes_of(node) if isinstance(one, ast.Name)}


def _decided(test: ast.expr, predicted: set[str]) -> bool:
    return bool(_PREDICTS.search(ast.unparse(test))) or bool(_names(test) & predicted)
