"""The rules, by section of the paper."""
