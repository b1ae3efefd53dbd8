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

Counted are requests that change something, mails, messages, orders, payments and deletions on a condition that a prediction
decides, in a loop or in a route.

*Sculley et al., 2015, section 7: Dealing with changes in the external world (monitoring and testing: action limits).*
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.rule import WARNING, Draft, Rule
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD705",
    severity=WARNING,
    principal=60,
    message="a prediction triggers `{action}` in a loop, and nothing limits how often: count, stop at a limit, raise an alarm",
)
_PREDICTS = re.compile(r"\.(?:predict|predict_proba|predict_one|decision_function)\(")
_ACTIONS = re.compile(
    r"(?:requests|httpx|session)\.(?:post|put|patch|delete)$|\.(?:sendmail|send_message|send_email|send_mail|send_sms|chat_postMessage|place_order"
    r"|create_order|submit_order|market_order|publish|delete_one|delete_many|charge|refund)$|^(?:send_email|send_mail|send_alert|place_order|block_user)$"
)
_LIMITS = re.compile(
    r"limit|max_|_max|maximum|budget|quota|throttl|cap\b|count|break|\+= 1|sleep|cooldown|limiter|remaining",
    re.IGNORECASE,
)


@rule.check_where("predict", "decision_function")
def unlimited(cell: CellView) -> Iterator[Draft]:
    """Actions on a condition that a prediction decides, in a loop."""
    for loop in cell.statements():
        if not isinstance(loop, (ast.For, ast.While, ast.AsyncFor)):
            continue
        text = ast.unparse(loop)
        if not _PREDICTS.search(text) or _LIMITS.search(text):
            continue
        predicted = {
            target.id
            for node in nodes_of(loop)
            if isinstance(node, ast.Assign) and _PREDICTS.search(ast.unparse(node.value))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in nodes_of(loop):
            if not isinstance(node, ast.If) or not _decided(node.test, predicted):
                continue
            for inner in nodes_of(node):
                if isinstance(inner, ast.Call) and _ACTIONS.search(ast.unparse(inner.func)):
                    yield rule.at(cell.place(inner), action=ast.unparse(inner.func))
                    break
            break


def _decided(test: ast.expr, predicted: set[str]) -> bool:
    return bool(_PREDICTS.search(ast.unparse(test))) or any(
        isinstance(node, ast.Name) and node.id in predicted for node in nodes_of(test)
    )
