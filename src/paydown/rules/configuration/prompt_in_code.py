'''A prompt is written inside the call that sends it.

A prompt is a setting of the model like any other, and the one that is changed most often. Inside a call it can't be
reviewed, versioned, compared or tested by itself.

```python bad
from openai import OpenAI

client = OpenAI()
answer = client.chat.completions.create(
    model="gpt-4o-2024-08-06",
    messages=[
        {
            "role": "system",
            "content": """You are a support agent.  # debt: a prompt of 5 lines stands inside the call of `create`: give it a name, or a file of its own
Answer in one paragraph.
Name the product.
Do not promise refunds.
Sign as Ada.""",
        }
    ],
)
```

```python good
from pathlib import Path

from openai import OpenAI

client = OpenAI()
instructions = Path("prompts/support.md").read_text()
answer = client.chat.completions.create(
    model="gpt-4o-2024-08-06",
    messages=[{"role": "system", "content": instructions}],
)
```

**How to pay it off.** Keep prompts in files (or at least in named constants), with a version that is logged with each call.

**When to accept it.** In a demonstration of the call itself.

Counted are texts of five lines or more in a call to a hosted model, or in a prompt template's constructor.

*Sculley et al., 2015, section 6: Configuration debt.*
'''

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.rule import HINT, Draft, Rule
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD608",
    severity=HINT,
    principal=15,
    message="a prompt of {lines} lines stands inside the call of `{function}`: give it a name, or a file of its own",
)

_QUICK = re.compile(
    r"\.(?:create|acreate|parse|stream|generate_content|generate_content_async|invoke|ainvoke|completion|send_message|predict"
    r"|complete|chat|converse|from_template|from_messages)\(|\b(?:completion|acompletion|PromptTemplate|invoke_model)\("
)
_CALLS = frozenset(
    ["create", "acreate", "parse", "stream", "generate_content", "generate_content_async", "invoke", "ainvoke", "completion",
     "acompletion", "send_message", "complete", "chat", "converse", "from_template", "from_messages", "PromptTemplate",
     "generate"]
)  # fmt: skip
_PROMPTS = frozenset(
    {"messages", "prompt", "input", "contents", "content", "system", "instructions", "template", "query"}
)
_PLACES = re.compile(
    r"(?:chat|completions?|messages|responses|llm|model|client|openai|anthropic|prompt|chain|agent|gemini|bedrock|genai|litellm)",
    re.IGNORECASE,
)
_LINES = 5


@rule.check_where('"""', "'''", "\\n")
def inline(cell: CellView) -> Iterator[Draft]:
    """Long texts inside calls to hosted models."""
    if cell.text.count("\n") < _LINES - 1:
        return
    if not _QUICK.search(cell.text):
        return
    for node in cell.nodes():
        if isinstance(node, ast.Call) and (function := _called(node)):
            given = [*node.args, *(one.value for one in node.keywords if one.arg in _PROMPTS)]
            for text, lines in _texts(given):
                yield rule.at(cell.place(text), lines=lines, function=function)


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name, value=owner) if name in _CALLS and _PLACES.search(ast.unparse(owner)):
            return name
        case ast.Name(id="completion" | "acompletion" | "PromptTemplate" as name):
            return name
    return ""


def _texts(given: list[ast.expr]) -> Iterator[tuple[ast.expr, int]]:
    pending = list(given)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines = node.value.strip().count("\n") + 1
        elif isinstance(node, ast.JoinedStr):
            lines = (
                "".join(str(one.value) for one in node.values if isinstance(one, ast.Constant)).strip().count("\n") + 1
            )
        else:
            if isinstance(node, (ast.List, ast.Tuple, ast.Dict, ast.BinOp)):
                pending += [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
            elif isinstance(node, ast.Call) and not _called(node):
                pending += [*node.args, *(one.value for one in node.keywords)]
            continue
        if lines >= _LINES:
            yield node, lines
