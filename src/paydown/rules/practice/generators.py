"""Draws from NumPy's global generator, drawn from one of the document's own instead."""

from __future__ import annotations

import ast

from paydown.facts import nodes_of
from paydown.fixes import CellEdits, Stale, Target, Unfixable, insert_above, seed
from paydown.fixes.bindings import code_cells, imported_as, is_isolated, is_shadowed, is_taken
from paydown.fixes.target import facts_of
from paydown.span import Span

_AS_THEY_ARE = (
    "beta binomial bytes chisquare choice dirichlet exponential f gamma geometric gumbel hypergeometric laplace logistic "
    "lognormal logseries multinomial multivariate_normal negative_binomial noncentral_chisquare noncentral_f normal pareto "
    "permutation poisson power random rayleigh shuffle standard_cauchy standard_exponential standard_gamma standard_normal "
    "standard_t triangular uniform vonmises wald weibull zipf"
)
_RENAMED = {"randint": "integers", "random_sample": "random", "ranf": "random", "sample": "random"}
_OF_LENGTHS = {"rand": "random", "randn": "standard_normal"}  # whose arguments are lengths
EQUIVALENT = {name: name for name in _AS_THEY_ARE.split()} | _RENAMED | _OF_LENGTHS
"""The functions of ``numpy.random`` by what a generator's method of the same kind is called."""
_NAME = "rng"


def draw_from_own(target: Target) -> CellEdits:
    """Make a generator above the first draw, and draw from it wherever the document draws from the global one."""
    if is_taken(target, _NAME):
        raise Unfixable(f"`{_NAME}` means something here")
    draws: list[tuple[Target, ast.Call, str]] = []
    for cell in code_cells(target.document, "random"):
        if is_isolated(cell):
            raise Unfixable("a cell's names are not the notebook's")
        if any(path.startswith("numpy.random") for path in facts_of(cell.text).imports.values()):
            raise Unfixable("`numpy.random` has a name of its own")
        there = target.elsewhere(cell.id, Span(0, 0, 0, 0))
        called = 0
        for node in nodes_of(there.tree):
            match node:
                case ast.Call(func=ast.Attribute(attr=name, value=owner)) if _is_numpys(there, owner):
                    if name not in EQUIVALENT:
                        raise Unfixable(f"a generator has nothing like `{name}`")
                    draws.append((there.elsewhere(cell.id, there.span_of(node)), node, name))
                    called += 1
                case ast.Attribute(attr="random") if _is_numpys(there, node):
                    called -= 1
        if called:
            raise Unfixable("`numpy.random` is handed on")
    if not draws:
        raise Stale("the draws are gone")
    first = min(draws, key=lambda draw: (draw[0].cell.index, draw[0].span))
    constant, edits = seed(first[0])
    yield from edits
    assert isinstance(first[1].func, ast.Attribute)
    numpy = first[0].segment(first[0].span_of(first[1].func.value))
    yield from insert_above(first[0], first[0].span, f"{_NAME} = {numpy}.default_rng({constant})")
    for there, call, name in draws:
        yield from _renamed(there, call, name)


def _is_numpys(target: Target, node: ast.expr) -> bool:
    """Whether a node is ``np.random``."""
    match node:
        case ast.Attribute(attr="random", value=ast.Name(id=name)):
            return imported_as(target.document, name) == {"numpy"} and not is_shadowed(target, name)
    return False


def _renamed(target: Target, call: ast.Call, name: str) -> CellEdits:
    yield target.edit(target.span_of(call.func), f"{_NAME}.{EQUIVALENT[name]}")
    if name in _OF_LENGTHS and (len(call.args) > 1 or any(isinstance(one, ast.Starred) for one in call.args)):
        start, end = target.span_of(call.args[0])[:2], target.span_of(call.args[-1])[2:]
        yield target.insert(*start, "(")
        yield target.insert(*end, ",)" if len(call.args) == 1 else ")")


__all__ = ["EQUIVALENT", "draw_from_own"]
