"""Tells, as one line of JSON, what the interpreter that runs it has to offer. Any Python can run it, however old."""

import json
import sys


def found(module):
    try:
        from importlib.util import find_spec

        return find_spec(module) is not None
    except Exception:
        return False


print(
    json.dumps(
        {
            "version": list(sys.version_info[:3]),
            "executable": sys.executable,
            "paydown": found("paydown_lsp"),
        }
    )
)
