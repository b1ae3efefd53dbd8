"""Starts the language server that came with the extension, under any Python that is new enough."""

import sys
from pathlib import Path

# First, and in place of this script's folder: an older attrs in the user's environment would break the server.
sys.path[:1] = [str(Path(__file__).resolve().parents[1] / "libs")]

from paydown_lsp.server import main  # noqa: E402

sys.exit(main())
