"""``python -m paydown_lsp``."""

import sys

from paydown_lsp.server import main

sys.exit(main())
