"""Feedback loops."""
