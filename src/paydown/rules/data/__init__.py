"""Data dependencies cost more than code dependencies."""
