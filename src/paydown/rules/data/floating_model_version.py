"""A hosted model is named by an alias that moves.

The vendor points the alias at a new model when it likes. Answers, costs and every threshold tuned on them then change
with no change in the code, and the results of last month can't be had again.

```python bad
from openai import OpenAI

client = OpenAI()
answer = client.chat.completions.create(model="gpt-4o", messages=[])  # debt: `gpt-4o` is an alias that its vendor moves: name a dated version, such as `gpt-4o-2024-08-06`
```
```python good
from openai import OpenAI

client = OpenAI()
answer = client.chat.completions.create(model="gpt-4o-2024-08-06", messages=[])
```

How to pay it off: name the dated version, as a setting, and change it on purpose, with an evaluation.

When to accept it: a playground, or a product that wants the newest model and evaluates it all the time.

It knows the aliases of OpenAI, Anthropic, Google, Mistral and Cohere, in calls of their clients and of the common
frameworks around them. Models without dated versions are left alone, and so are Azure's deployments, whose names are
the user's own.

*Sculley et al., 2015, section 3: Data dependencies cost more than code dependencies (unstable data dependencies).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.flow.events import Call
from paydown.rule import WARNING, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD311",
    severity=WARNING,
    principal=5,
    message="`{model}` is an alias that its vendor moves: name a dated version{example}",
)

_VENDORS = frozenset(
    [
        "openai",
        "anthropic",
        "google",
        "vertexai",
        "mistralai",
        "cohere",
        "litellm",
        "instructor",
        "dspy",
        "groq",
        "aisuite",
        "autogen",
        "crewai",
        "langchain",
        "langchain_openai",
        "langchain_anthropic",
        "langchain_community",
        "langchain_google_genai",
        "langchain_google_vertexai",
        "langchain_mistralai",
        "langchain_cohere",
        "llama_index",
        "semantic_kernel",
        "guidance",
        "marvin",
        "pydantic_ai",
        "smolagents",
        "agents",
        "haystack",
        "ragas",
        "langchain_groq",
        "langchain_xai",
        "langchain_deepseek",
        "langchain_core",
        "langchain_aws",
        "xai_sdk",
        "deepeval",
        "agno",
        "phi",
        "mem0",
        "pandasai",
        "browser_use",
    ]
)
_KEYWORDS = ("model", "model_name", "model_id", "engine", "chat_model", "llm")
_SNAPSHOTS = {
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125", "gpt-3.5-turbo-16k": "gpt-3.5-turbo-16k-0613",
    "gpt-4": "gpt-4-0613", "gpt-4-32k": "gpt-4-32k-0613", "gpt-4-turbo": "gpt-4-turbo-2024-04-09",
    "gpt-4-turbo-preview": "gpt-4-0125-preview", "gpt-4-vision-preview": "gpt-4-1106-vision-preview",
    "gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18", "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14", "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-4.5-preview": "gpt-4.5-preview-2025-02-27", "o1": "o1-2024-12-17", "o1-mini": "o1-mini-2024-09-12",
    "o1-preview": "o1-preview-2024-09-12", "o3": "o3-2025-04-16", "o3-mini": "o3-mini-2025-01-31",
    "o4-mini": "o4-mini-2025-04-16", "gpt-5": "gpt-5-2025-08-07", "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5-nano": "gpt-5-nano-2025-08-07", "chatgpt-4o-latest": "gpt-4o-2024-08-06",
    "claude-sonnet-4-0": "claude-sonnet-4-20250514", "claude-opus-4-0": "claude-opus-4-20250514",
    "claude-opus-4-1": "claude-opus-4-1-20250805", "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-3-5-sonnet-latest": "claude-3-5-sonnet-20241022", "claude-3-5-haiku-latest": "claude-3-5-haiku-20241022",
    "claude-3-7-sonnet-latest": "claude-3-7-sonnet-20250219", "claude-3-opus-latest": "claude-3-opus-20240229",
    "gemini-pro": "gemini-1.5-pro-002", "gemini-1.0-pro": "gemini-1.0-pro-002", "gemini-1.5-pro": "gemini-1.5-pro-002",
    "gemini-1.5-flash": "gemini-1.5-flash-002", "gemini-2.0-flash": "gemini-2.0-flash-001",
    "gemini-2.0-flash-lite": "gemini-2.0-flash-lite-001", "text-bison": "text-bison@002", "chat-bison": "chat-bison@002",
    "code-bison": "code-bison@002", "textembedding-gecko": "textembedding-gecko@003",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001", "claude-opus-4-5": "claude-opus-4-5-20251101",
    "gpt-4o-audio-preview": "gpt-4o-audio-preview-2024-12-17", "gpt-4o-realtime-preview": "gpt-4o-realtime-preview-2024-12-17",
    "gpt-4o-search-preview": "gpt-4o-search-preview-2025-03-11", "o1-pro": "o1-pro-2025-03-19", "o3-pro": "o3-pro-2025-06-10",
    "gpt-4o-mini-search-preview": "gpt-4o-mini-search-preview-2025-03-11", "gpt-5-pro": "gpt-5-pro-2025-10-06",
    "command-r": "command-r-08-2024", "command-r-plus": "command-r-plus-08-2024",
}  # fmt: skip
_LATEST = re.compile(
    r"(?:claude|gemini|mistral|ministral|codestral|pixtral|magistral|devstral|open-mistral|gpt|chatgpt|grok|deepseek)"
    r"[\w.-]*-latest"
)


# Calls that reach a model by a client that comes from elsewhere (a parameter, another module).
_SENDS = frozenset(["create", "acreate", "parse", "stream", "generate_content", "complete", "completion", "converse"])
# Functions whose first argument is the model.
_FIRST = frozenset(["completion", "acompletion", "init_chat_model", "from_pretrained", "get_model"])


@rule.check
def floating(document: DocumentView) -> Iterator[Draft]:
    """Calls of vendors' clients with an alias for a model."""
    found: dict[str, list[Call]] = {}
    foreign: list[tuple[str, Call]] = []
    azure = False  # its deployments have names of the user's own
    for event in document.events(Call):
        root, _, rest = event.call.partition(".")
        if "zure" in event.call:
            azure = True
        elif root in _VENDORS:
            alias = _alias(event)
            if alias:
                found.setdefault(alias, []).append(event)
        elif event.receiver.kind == "unknown" and rest.rpartition(".")[2] in _SENDS:
            alias = _alias(event)
            if alias:
                foreign.append((alias, event))
    for alias, event in foreign if not azure else ():
        found.setdefault(alias, []).append(event)
    for alias, (first, *others) in found.items():
        snapshot = _SNAPSHOTS.get(alias.rpartition("/")[2].rpartition(":")[2], "")
        example = f", such as `{snapshot}`" if snapshot else ""
        places = {document.place_of(event): event for event in reversed(others)}  # a helper's call has one
        places.pop(document.place_of(first), None)
        related = [(event, "here too") for event in reversed(places.values())]
        yield rule.at(first, model=alias, example=example, related=related)


def _alias(event: Call) -> str:
    given = [value for name in _KEYWORDS if (value := event.keyword(name)) is not None]
    last = event.call.rpartition(".")[2]
    if not given and event.arguments and (last[:1].isupper() or last in _FIRST):
        given = [event.arguments[0]]
    for value in given:
        text = value.text or ""
        bare = text.rpartition("/")[2].rpartition(":")[2]
        if bare in _SNAPSHOTS or _LATEST.fullmatch(bare):
            return text
    return ""
