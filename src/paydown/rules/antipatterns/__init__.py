"""ML-system anti-patterns."""
