"""Dealing with changes in the external world."""
