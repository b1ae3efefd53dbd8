"""Configuration debt."""
