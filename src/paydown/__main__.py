"""``python -m paydown``."""

import sys

from paydown.cli import main

sys.exit(main())
