"""Data comes over HTTP and goes on unchecked.

An error page is an answer like any other: without a look at the status it is parsed, stored, and learned from.

```python bad
import pandas as pd
import requests

answer = requests.get("https://api.example.org/prices")  # debt: what `requests.get` answers goes on without a look at its status: call `raise_for_status()`, check what came
prices = pd.DataFrame(answer.json())
```

```python good
import pandas as pd
import requests

answer = requests.get("https://api.example.org/prices", timeout=30)
answer.raise_for_status()
prices = pd.DataFrame(answer.json())
```

**How to pay it off.** Call `raise_for_status()`, and check what came (columns, number of rows, ranges) before it goes on.

**When to accept it.** In a one-off look at a page.

One finding per document, at its first such request. Messages of a queue (Kafka, Pub/Sub, SQS, Kinesis, RabbitMQ, Redis
streams) that a model predicts from or learns from count as well when nothing looks at them before. Left out: documents that
look at a status somewhere, answers that are checked with an assert or a schema, answers nobody uses, images (what is none
does not open), readers that raise by themselves (`pandas.read_csv`, `urlopen`, databases' drivers).

*Sculley et al., 2015, section 7: Dealing with changes in the external world (monitoring and testing: up-stream producers).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.flow.events import Call, Fit, Predict
from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.lines import line_of
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD707",
    severity=INFORMATION,
    principal=15,
    message="what `{call}` answers goes on without a look at its status: call `raise_for_status()`, check what came",
    in_tests=False,
)
_MESSAGES = "what `{call}` delivers goes to the model unchecked: check its fields and ranges before it is used"
_CHECKED = re.compile(
    r"raise_for_status|status_code|\.ok\b|\.status\b|\bassert\b|jsonschema|pandera|pydantic|model_validate|HTTPError|RequestException"
    r"|raise_on_status|raise_for_response|[\"']errors?[\"'] in |\.get\([\"']errors?[\"']|[\"']status[\"']\]|\bif (?:not )?(?:r|res|resp|response|answer|result|reply)\s*:"
)
_LOOKED_AT = re.compile(
    r"\bassert\b|jsonschema|pandera|pydantic|model_validate|validat|\.error\(\)|isinstance\(|\bschema\b|great_expectations|"
    r"except \(?\w*(?:Key|Value|Decode|Schema)\w*Error|\bnot in \w|\.isna\(|\.isnull\("
)
_CLIENTS = (
    "requests.",
    "httpx.",
    "urllib3.",
    "aiohttp.",
    "requests_html.",
    "requests_cache.",
    "treq.",
    "niquests.",
    "cloudscraper.",
)
_IMAGE = re.compile(
    r"Image\.open|\bImage\(|imread|imdecode|decode_image|decode_jpeg|load_image|\bimg_|HTML\(|\.(?:jpe?g|png|gif)\b"
)
_LOCAL = re.compile(r"//(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])\b")
_CHANGES = frozenset({"post", "put", "patch", "delete"})
_TAKEN = re.compile(
    r"\.json\(\)\s*\[|json\.loads\([^()]*\.(?:text|content)(?:\.decode\(\))?\)\s*\[|DataFrame\([^()]*\.json\(\)"
)
_QUEUES = frozenset(
    ["kafka.KafkaConsumer", "confluent_kafka.Consumer", "confluent_kafka.DeserializingConsumer", "aiokafka.AIOKafkaConsumer",
     "google.cloud.pubsub_v1.SubscriberClient", "google.cloud.pubsub.SubscriberClient", "azure.eventhub.EventHubConsumerClient",
     "pika.BlockingConnection", "pulsar.Client", "paho.mqtt.client.Client", "nats.connect"]
)  # fmt: skip
_DELIVERS = frozenset({"receive_message", "get_records", "basic_consume", "xread", "xreadgroup", "receive_messages"})


@rule.check
def unchecked(document: DocumentView) -> Iterator[Draft]:
    """The first request of a document that never looks at a status."""
    calls = [
        event
        for event in document.events(Call)
        if event.result == "response" and event.used and event.call.startswith(_CLIENTS)
    ]
    if not calls:
        return
    texts = {cell.id: cell.text for cell in document.cells if cell.kind == "code"}
    if any(_CHECKED.search(text) for text in texts.values()):
        return
    calls = [event for event in calls if _goes_on(event, *_text(document, event, texts))]
    if not calls:
        return
    first, *others = {(event.cell, event.function or event.index): event for event in calls}.values()
    yield rule.at(first, related=[(event, "nor this one") for event in others], call=first.call)


def _text(document: DocumentView, event: Call, texts: dict[str, str]) -> tuple[str, str]:
    """The text of the cell that a request stands in, and its line."""
    line = line_of(document, event)
    text = texts.get(line.cell, "")
    return text, text.split("\n")[line.number - 1] if text else ""


def _goes_on(event: Call, text: str, line: str) -> bool:
    """Whether an answer is used as data, as one is not that is printed, nor an image, which opens or doesn't."""
    if line.lstrip().startswith("print("):
        return False
    address = event.argument(0, "url")
    if address is not None and _LOCAL.search(address.known_part):
        return False
    if event.call.rpartition(".")[2] in _CHANGES:
        return _TAKEN.search(text) is not None
    return _IMAGE.search(text) is None


@rule.check
def delivered(document: DocumentView) -> Iterator[Draft]:
    """The first queue of a document whose messages reach a model, when nothing in it looks at them."""
    queues = [
        event
        for event in document.events(Call)
        if event.call in _QUEUES or (event.call.rpartition(".")[2] in _DELIVERS and not event.call.startswith("."))
    ]
    if not queues or not any(map(document.events, (Predict, Fit))):
        return
    if any(cell.kind == "code" and _LOOKED_AT.search(cell.text) for cell in document.cells):
        return
    first, *others = queues
    related = [(event, "nor here") for event in others]
    yield rule.at(first, message=_MESSAGES, related=related, call=first.call.replace("unknown.", ""))
