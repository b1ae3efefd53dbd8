"""The arguments of a call, evaluated."""

from __future__ import annotations

import ast

from paydown.flow.run import Run
from paydown.flow.values import MOST_ITEMS, UNKNOWN, Value, marked


class Arguments:
    """The evaluated arguments of a call."""

    __slots__ = ("keywords", "positional")

    def __init__(self, positional: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> None:
        self.positional = positional
        self.keywords = keywords

    def find(self, position: int, name: str) -> Value | None:
        """The value passed under ``name``, or at ``position`` (negative: by name only)."""
        for key, value in self.keywords:
            if key == name:
                return value
        return self.positional[position] if 0 <= position < len(self.positional) else None

    def first(self, *names: str) -> Value:
        """The first positional argument, or the one passed under one of ``names``."""
        if self.positional:
            return self.positional[0]
        return next((value for key, value in self.keywords if key in names), UNKNOWN)

    def all(self) -> list[Value]:
        """Every argument's value."""
        if not self.keywords:
            return [*self.positional]
        return [*self.positional, *[value for _, value in self.keywords]]


def arguments_of(run: Run, node: ast.Call) -> Arguments:
    """What a call is given; what is spread (``*``, ``**``) as far as it is known."""
    positional: list[Value] = []
    keywords: list[tuple[str, Value]] = []
    for argument in node.args:
        if type(argument) is ast.Starred:
            value = run.evaluate(argument.value)
            if value.kind in ("tuple", "list") and value.items:
                positional += value.items
            else:
                keywords.append(("*", value))
        else:
            positional.append(run.evaluate(argument))
    for keyword in node.keywords:
        value = run.evaluate(keyword.value)
        if keyword.arg is not None:
            keywords.append((keyword.arg, value))
        elif value.kind == "dict" and value.name != "open" and value.items:
            whole = isinstance(keyword.value, ast.Dict)  # else the dict's name is one for what it holds
            keywords += [
                (key, item if whole or item.kind != "constant" else marked(item, "named"))
                for key, item in value.items
                if isinstance(key, str)
            ]
        else:
            keywords.append(("**", value))
    if len(positional) > MOST_ITEMS or len(keywords) > MOST_ITEMS:
        return Arguments(tuple(positional[:MOST_ITEMS]), tuple(keywords[:MOST_ITEMS]))
    return Arguments(tuple(positional), tuple(keywords))
