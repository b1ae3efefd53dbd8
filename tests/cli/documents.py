"""Documents for the tests of the command line: small ones with known debt, and nasty ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DEBT = "from sklearn.model_selection import train_test_split\ntrain, test = train_test_split([1, 2, 3])\n"
"""One finding, HTD811 on line 2, of 2 minutes, with a safe fix."""
CLEAN = (
    "from sklearn.model_selection import train_test_split\ntrain, test = train_test_split([1, 2, 3], random_state=1)\n"
)


def code(source: str | Sequence[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **more}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(*cells: Mapping[str, Any], language: str = "python", **more: Any) -> str:
    spec = {"name": language, "language": language, "display_name": language}
    data = {"cells": list(cells), "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5, **more}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def paydown(
    *arguments: str | Path, cwd: Path, stdin: bytes | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line as a user starts it."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    done = subprocess.run(
        [sys.executable, "-m", "paydown", *map(str, arguments)],
        cwd=cwd,
        input=stdin if stdin is not None else b"",
        capture_output=True,
        env={**kept, **environment},
        timeout=300,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def torture() -> dict[str, str | bytes]:
    """Files that break tools, by name: none of them may cost another file anything."""
    image = {"output_type": "display_data", "data": {"image/png": "A" * 5_000_000}, "metadata": {}}
    return {
        "attributes_3000.py": "x = df" + ".fillna(0)" * 3000 + "\n",
        "operators_20000.py": "x = " + "+".join(["a"] * 20000) + "\n",
        "brackets_5000.py": "x = " + "(" * 5000 + "1" + ")" * 5000 + "\n",
        "blocks_120.py": "".join(" " * depth + "if a:\n" for depth in range(120)) + " " * 120 + "pass\n",
        "nul.py": "x = 1\0\ny = 2\n",
        "blank.py": "   \n\t\n",
        "empty.py": "",
        "python2.py": 'import urllib2\nprint "a", 1\nexec "x=1"\nif 1 <> 2: pass\n',
        "python312.py": 'type Row[T] = dict[str, T]\nprint(f"{d["a"]} {f"{1+1}"}")\n',
        "latin1.py": "# -*- coding: latin-1 -*-\nname = 'Málaga'\n".encode("latin-1"),
        "latin1_unsaid.py": "name = 'Málaga'\n".encode("latin-1"),
        "carriage_returns.py": DEBT.replace("\n", "\r").encode(),
        "bom.py": b"\xef\xbb\xbf" + DEBT.encode(),
        "astral.py": "𝓍 = '😀😀'; " + DEBT.splitlines()[0] + "\ns = '😀'; a, b = train_test_split(𝓍)\n",
        "long_line.ipynb": notebook(code("data = [" + ",".join(["1"] * 300_000) + "]\n")),
        "outputs_25MB.ipynb": notebook(code(DEBT, outputs=[image] * 5)),
        "cells_3000.ipynb": notebook(*(code(f"x{index} = {index}\n") for index in range(3000))),
        "lone_surrogates.ipynb": (
            '{"cells":[{"cell_type":"code","metadata":{},"source":["s = \\"\\ud83d\\"\\n","# \\ude00\\n"],"outputs":[],'
            '"execution_count":1}],"metadata":{},"nbformat":4,"nbformat_minor":4}'
        ),
        "utf16.ipynb": b"\xff\xfe" + notebook(code(DEBT)).encode("utf-16-le"),
        "bom.ipynb": b"\xef\xbb\xbf" + notebook(code(DEBT)).encode(),
        "crlf.ipynb": notebook(code(DEBT.replace("\n", "\r\n"))).replace("\n", "\r\n"),
        "invalid_utf8.ipynb": notebook(code('x = "@@"')).encode().replace(b"@@", b"\xff\xfe"),
        "truncated.ipynb": notebook(code(DEBT))[:-40],
        "empty.ipynb": "",
        "object.ipynb": "{}",
        "list.ipynb": "[]",
        "null.ipynb": "null",
        "deep.ipynb": "[" * 100_000,
        "page.ipynb": "<!DOCTYPE html>\n<html></html>\n",
        "conflict.ipynb": '{\n "cells": [\n<<<<<<< HEAD\n  {}\n=======\n  {}\n>>>>>>> b\n ]}\n',
        "cells_null.ipynb": '{"cells":null,"metadata":{},"nbformat":4,"nbformat_minor":2}',
        "odd_cells.ipynb": notebook(
            {"cell_type": "code", "metadata": {}, "outputs": None, "execution_count": "7"},
            {"cell_type": "widget", "source": 5},
            None,  # type: ignore[arg-type]
            "x",  # type: ignore[arg-type]
            code(["a = 1\n", None, "b = 2"]),  # type: ignore[list-item]
        ),
        "nbformat_1.ipynb": json.dumps(
            {"cells": [{"cell_type": "code", "code": DEBT, "prompt_number": 1}], "nbformat": 1}
        ),
        "nbformat_2.ipynb": json.dumps(
            {"nbformat": 2, "worksheets": [{"cells": [{"cell_type": "code", "language": "python", "input": DEBT}]}]}
        ),
        "nbformat_3.ipynb": json.dumps(
            {
                "nbformat": 3,
                "metadata": {"name": ""},
                "worksheets": [
                    {"cells": [{"cell_type": "code", "language": "python", "input": DEBT.splitlines(True)}]}
                ],
            }
        ),
        "nbformat_99.ipynb": notebook(code(DEBT), nbformat=99),
        "r.ipynb": notebook(code("x <- c(1, 2)\n"), language="R"),
        " blanks and ünï#%20?/a b'\"&.ipynb": notebook(code(DEBT)),
        "bidi.py": "# \u202e reversed \u202c\nx = 1\n",
    }
