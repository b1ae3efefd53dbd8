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

Counted are texts of five lines or more in a call to a hosted model or an agent, in a prompt template's constructor or in a
list of messages; in the middle of a function that sends it; and those that are filled in (an f-string) in the cell that sends
them. Left out: prompts that are constants with a name of their own, functions that only make a prompt, data between two tags, answers
of the model.

*Sculley et al., 2015, section 6: Configuration debt.*
'''

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from paydown.facts import nodes_of
from paydown.rule import HINT, Draft, Rule
from paydown.view import CellView, statements

rule = Rule(
    __name__,
    "HTD608",
    severity=HINT,
    principal=15,
    message="a prompt of {lines} lines stands inside the call of `{function}`: give it a name, or a file of its own",
)
_IN_FUNCTION = (
    "a prompt of {lines} lines stands in the middle of `{function}`: keep it as a named template, or in a file"
)
_IN_MESSAGES = "a prompt of {lines} lines stands inside a list of messages: give it a name, or a file of its own"
_FILLED = (
    "a prompt of {lines} lines is filled in where it is sent: keep it as a named template, or in a file of its own"
)

# Calls that reach a hosted model (or an agent around one), on something whose name says so.
_CALLS = frozenset(
    ["create", "acreate", "parse", "stream", "generate_content", "generate_content_async", "invoke", "ainvoke", "completion",
     "acompletion", "send_message", "send_message_async", "complete", "acomplete", "chat", "converse", "converse_stream",
     "from_template", "from_messages", "from_string", "generate", "generate_text", "generate_text_async", "predict",
     "apredict", "run", "arun", "query", "batch", "invoke_model", "invoke_model_with_response_stream", "text_generation",
     "chat_completion", "count_tokens"]
)  # fmt: skip
_PLACES = re.compile(
    r"chat|completion|messages|responses|assistants|threads|llm|model|client|openai|anthropic|claude|prompt|chain|agent"
    r"|gemini|bedrock|genai|litellm|ollama|cohere|\bco\b|mistral|groq|together|replicate|gpt",
    re.IGNORECASE,
)
_MAKERS = frozenset(
    ["completion", "acompletion", "PromptTemplate", "ChatPromptTemplate", "FewShotPromptTemplate", "SystemMessage",
     "HumanMessage", "AIMessage", "ChatMessage", "SystemMessagePromptTemplate", "HumanMessagePromptTemplate", "LLMChain",
     "Agent", "AssistantAgent", "create_react_agent", "create_agent", "GenerativeModel", "ClaudeAgentOptions",
     "ClaudeCodeOptions", "AgentDefinition"]
)  # fmt: skip
_GIVEN = frozenset(
    ["messages", "prompt", "input", "inputs", "contents", "content", "system", "instructions", "template", "query", "message",
     "system_message", "system_instruction", "system_prompt", "backstory", "body"]
)  # fmt: skip
_SAYING = frozenset(
    {"prompt", "system_prompt", "system_instruction", "user_prompt", "system_message"}
)  # whoever takes it
_ROLES = frozenset({"system", "user", "developer", "human"})
_LINES = 5
_SAID = re.compile(r"^(?!\s*</?\w+>\s*$).*\w.*$", re.MULTILINE)  # a line that is no mere tag
_SAID_LINES = 3
_OTHER = re.compile(
    r"(?:select|with \w+ as|create|insert|update|merge|drop|alter)\s|<(?:!doctype|html|div|svg|style)|[{\[]\s*[\"{]",
    re.IGNORECASE,
)


@rule.check_where("prompt", "role", "messages", "llm", "chat", "generate_content", "instructions", "template", "invoke")
def inline(cell: CellView) -> Iterator[Draft]:
    """Long texts inside calls to hosted models, lists of messages, and functions that send prompts."""
    if cell.text.count("\n") < _LINES - 1 or not cell.mentions('"""', "'''", "\\n"):
        return
    seen: set[ast.expr] = set()
    for node in cell.nodes():
        for text, lines, message, function in _prompts(node):
            if text not in seen:
                seen.add(text)
                yield rule.at(cell.place(text), message=message, lines=lines, function=function)


def _prompts(node: ast.AST) -> Iterator[tuple[ast.expr, int, str | None, str]]:
    """The long texts that a node sends or keeps as a prompt: the text, its lines, the message, the function."""
    match node:
        case ast.Call():
            function = _called(node)
            for given in node.args if function else ():
                yield from _found(given, None, function)
            for keyword in node.keywords:
                if (function and keyword.arg in _GIVEN) or keyword.arg in _SAYING:
                    name = function or ast.unparse(node.func).rpartition(".")[2]
                    yield from _found(keyword.value, None, name)
        case ast.Dict() if _is_message(node):
            yield from _found(node, _IN_MESSAGES, "")
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            sent = _sent(node)
            for statement in statements(node) if sent else ():
                if value := _bound(statement, sent, by_name=True):
                    yield from _found(value, _IN_FUNCTION, node.name)
        case ast.Module():
            sent = _sent(node)
            for statement in node.body if sent else ():
                value = _bound(statement, sent, by_name=False)
                if isinstance(value, ast.JoinedStr) and any(
                    isinstance(one, ast.FormattedValue) for one in value.values
                ):
                    yield from _found(value, _FILLED, "")


def _bound(statement: ast.stmt, sent: set[str], *, by_name: bool) -> ast.expr | None:
    """What a statement binds to the name of a prompt: one that says so, or that is sent."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AugAssign(target=ast.Name(id=name), value=value)
        ):
            return value if name in sent or (by_name and "prompt" in name.lower()) else None
    return None


def _sent(scope: ast.AST) -> set[str]:
    """The names that the calls of a scope hand to hosted models, or that its messages hold if it posts them itself."""
    nodes = nodes_of(scope)
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    given = [
        value
        for node in calls
        if _reaches_model(node)
        for value in (*node.args, *(one.value for one in node.keywords if one.arg in _GIVEN))
    ]
    if any(isinstance(node.func, ast.Attribute) and node.func.attr == "post" for node in calls):
        given += [node for node in nodes if isinstance(node, ast.Dict) and _is_message(node)]
    return {name.id for value in given for name in nodes_of(value) if isinstance(name, ast.Name)}


def _reaches_model(node: ast.Call) -> bool:
    function = _called(node)
    return bool(function) and function not in ("run", "query", "batch", "predict", "generate", "parse", "stream")


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name, value=owner) if name in _CALLS and _PLACES.search(ast.unparse(owner)):
            return name
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _MAKERS:
            return name
    return ""


def _is_answer(node: ast.Dict) -> bool:
    """Whether it is what a chat model said: ``{"role": "assistant", "content": …}``."""
    pairs = zip(node.keys, node.values, strict=True)
    return any(
        isinstance(key, ast.Constant)
        and key.value == "role"
        and isinstance(role, ast.Constant)
        and role.value in ("assistant", "model", "ai")
        for key, role in pairs
    )


def _is_message(node: ast.Dict) -> bool:
    """Whether it is a message to a chat model: ``{"role": "user", "content": …}``."""
    keys = {
        key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
    }
    role = keys.get("role")
    return isinstance(role, ast.Constant) and role.value in _ROLES and ("content" in keys or "parts" in keys)


def _found(given: ast.expr, message: str | None, function: str) -> Iterator[tuple[ast.expr, int, str | None, str]]:
    """The long texts of an expression."""
    pending = [given]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.strip()
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(one.value) for one in node.values if isinstance(one, ast.Constant)).strip()
        else:
            if isinstance(node, ast.BinOp):  # the parts of one text: the longest stands for them all
                parts = [one for side in (node.left, node.right) for one in _found(side, message, function)]
                yield from sorted(parts, key=lambda one: -one[1])[:1]
            elif isinstance(node, ast.Dict) and _is_answer(node):
                continue  # an answer to learn from, or what was said before
            elif isinstance(node, (ast.List, ast.Tuple, ast.Dict)):
                pending += [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
            elif isinstance(node, ast.Call) and not _called(node):
                pending += [*node.args, *(one.value for one in node.keywords)]
                if isinstance(node.func, ast.Attribute):  # a template that is filled in: `"…".format(x)`
                    pending.append(node.func.value)
            continue
        lines = text.count("\n") + 1
        if lines >= _LINES and not _OTHER.match(text) and len(_SAID.findall(text)) >= _SAID_LINES:
            yield node, lines, message, function
