"""paydown: hidden technical debt of machine-learning notebooks and scripts, found as they are edited."""

__version__ = "0.1.0"
