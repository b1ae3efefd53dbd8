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

One finding per document, at its first such request. Left out: documents that look at a status somewhere, answers that are
checked with an assert or a schema, readers that raise by themselves (`pandas.read_csv`, `urlopen`).

*Sculley et al., 2015, section 7: Dealing with changes in the external world (monitoring and testing: up-stream producers).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.flow.events import Read
from paydown.rule import INFORMATION, Draft, Rule
from paydown.view import DocumentView

rule = Rule(
    __name__,
    "HTD707",
    severity=INFORMATION,
    principal=15,
    message="what `{call}` answers goes on without a look at its status: call `raise_for_status()`, check what came",
    in_tests=False,
)
_CHECKED = re.compile(
    r"raise_for_status|status_code|\.ok\b|\.status\b|\bassert\b|jsonschema|pandera|pydantic|model_validate|HTTPError|RequestException|raise_on_status"
)
_CLIENTS = ("requests.", "httpx.", "urllib3.", "aiohttp.")


@rule.check
def unchecked(document: DocumentView) -> Iterator[Draft]:
    """The first request of a document that never looks at a status."""
    reads = [event for event in document.events(Read) if event.what == "response" and event.call.startswith(_CLIENTS)]
    if not reads or any(_CHECKED.search(cell.text) for cell in document.cells if cell.kind == "code"):
        return
    first, *others = {(event.cell, event.function or event.index): event for event in reads}.values()
    yield rule.at(first, related=[(event, "nor this one") for event in others], call=first.call)
