"""``jupyter nbconvert --to paydown NOTEBOOK``: the notebook's audit as a page of HTML."""

from __future__ import annotations

import json
import os
from typing import Any

from nbconvert.exporters import Exporter
from traitlets import List, Unicode

from paydown.batch import Analyst, Plan
from paydown.project.files import joined, slashed
from paydown.report import Report
from paydown.report.html import render


class PaydownExporter(Exporter):
    """Writes each cell with the debt found in it beside it, and the totals on top."""

    export_from_notebook = "paydown"
    output_mimetype = "text/html"

    select = List(Unicode(), help="Only these rules: names, codes, their beginnings or sections.").tag(config=True)
    ignore = List(Unicode(), help="Not these rules.").tag(config=True)

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as every exporter does, it returns a text
        self, nb: Any, resources: Any = None, **options: Any
    ) -> tuple[str, Any]:
        """The page, and the resources as nbconvert wants them back."""
        node, resources = super().from_notebook_node(nb, resources, **options)
        metadata = resources.get("metadata", {})
        name = f"{metadata.get('name') or 'notebook'}.ipynb"
        path = joined(slashed(os.path.abspath(metadata.get("path") or ".")), name)
        overrides = {key: list(value) for key, value in (("select", self.select), ("ignore", self.ignore)) if value}
        analyst = Analyst(Plan(overrides, with_cells=True))
        audit = analyst.audit(path, name, json.dumps(node).encode())
        for problem in analyst.problems():
            self.log.warning("%s", problem)
        return render(Report((audit,))), resources
