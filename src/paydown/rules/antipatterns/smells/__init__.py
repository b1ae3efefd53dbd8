"""Common smells."""
