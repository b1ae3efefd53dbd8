"""Glue code."""
