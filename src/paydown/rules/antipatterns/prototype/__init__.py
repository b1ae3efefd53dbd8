"""Prototype smells."""
