"""``paydown server``: the language server."""

from __future__ import annotations

import argparse


def run(options: argparse.Namespace) -> int:
    """Serve until the client goes."""
    from paydown_lsp.server import main

    return main() or 0
