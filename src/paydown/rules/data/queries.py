"""What becomes of the results of queries."""

from __future__ import annotations

from paydown.flow.events import Call, Convert, Fit
from paydown.rule import Anchor
from paydown.view import DocumentView

_FRAMES = frozenset(
    f"query.{name}"
    for name in (
        "df",
        "fetchdf",
        "to_df",
        "fetch_df",
        "pl",
        "arrow",
        "to_dataframe",
        "to_arrow",
        "fetch_arrow_table",
        "fetchnumpy",
    )
)


def framed(document: DocumentView) -> frozenset[Anchor]:
    """The reads whose result becomes a frame or is learned from. What else asks a database is a service's own business."""
    values = [call.receiver for call in document.events(Call) if call.call in _FRAMES]
    values += [one.value for one in document.events(Convert) if one.into in ("frame", "array")]
    values += [value for fit in document.events(Fit) for value in (fit.data, fit.target)]
    return frozenset[Anchor]().union(*(value.origins for value in values))
