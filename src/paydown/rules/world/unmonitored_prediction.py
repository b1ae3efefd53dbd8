"""A service predicts and keeps no record of it.

When the world changes, the distribution of the predictions changes first. Without a record nobody can see that, nor look up
later why a customer was refused.

```python bad
from fastapi import FastAPI
import joblib

app = FastAPI()
model = joblib.load("model.joblib")

@app.post("/score")
def score(features: dict):
    value = model.predict([list(features.values())])[0]  # debt: `score` serves predictions and keeps no record of them: log inputs, prediction and model version
    return {"risk": float(value)}
```

```python good
import logging

from fastapi import FastAPI
import joblib

app = FastAPI()
model = joblib.load("model.joblib")
log = logging.getLogger(__name__)

@app.post("/score")
def score(features: dict):
    value = model.predict([list(features.values())])[0]
    log.info("risk %s of %s", value, features)
    return {"risk": float(value)}
```

**How to pay it off.** Log input, prediction and the model's version, or count them in a metric, and compare the distribution of
predictions with that of the labels (prediction bias).

**When to accept it.** In a demonstration, or when what calls the service keeps the record.

Counted are routes of web services, tasks and handlers that predict, in which nothing looks like a logger, a metric, a table or
a monitoring client; the functions that they call in the same document count as theirs. Left out: handlers of platforms that can
record by themselves (`predict_fn` of SageMaker, `run` of Azure), routes whose predictions are made in another module.

*Sculley et al., 2015, section 7: Dealing with changes in the external world (monitoring and testing).*
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from paydown.rule import INFORMATION, Draft, Rule
from paydown.rules.world.services import head, services
from paydown.view import CellView

rule = Rule(
    __name__,
    "HTD704",
    severity=INFORMATION,
    principal=60,
    message="`{function}` serves predictions and keeps no record of them: log inputs, prediction and model version",
    in_tests=False,
)
_RECORDS = re.compile(
    r"\blog\w*\.|logg|\blog_?\w*\(|print\(|metric|counter|gauge|histogram|\.inc\(|\.observe\(|insert|\.save|\.add\(|write|to_csv|to_sql|put_record|publish"
    r"|\b(?:save|add_to|append_to|persist|upload)_\w+|send|\brecord(?:er|ing|_\w+)?\(|\.record|put_record|callback|track|monitor|capture|mlflow|wandb|evidently|collector|execute\(|commit\(|store|\.to_(?:csv|sql|parquet|gbq|pickle|feather|delta|excel|hdf)\(|emit|arize|whylogs|dump\(",
    re.IGNORECASE,
)


@rule.check_where("@", "handler")
def unrecorded(cell: CellView) -> Iterator[Draft]:
    """Services that predict and record nothing."""
    for service in services(cell):
        if not _RECORDS.search(service.text):
            yield rule.at(cell.place(head(cell, service.function)), function=service.route)
