"""Statements: what they bind and in which circumstances."""

from __future__ import annotations

import ast
from collections.abc import Set
from typing import Any, NamedTuple

from paydown.flow.events import Branch, Store
from paydown.flow.expressions import combine, target_names
from paydown.flow.functions import define, define_class, returned
from paydown.flow.learning import holding, named_part
from paydown.flow.run import STATEMENTS, Run, source_text, with_item
from paydown.flow.values import UNKNOWN, Value, derived, element, joined, mixed, symbol


def _expression(run: Run, node: ast.Expr) -> None:
    run.context.append("statement")
    run.evaluate(node.value)
    run.context.pop()


def _import(run: Run, node: ast.Import) -> None:
    for alias in node.names:
        run.modules.imported(alias.name)
        if alias.asname:
            run.bind(alias.asname, symbol(run.libraries.canonical(alias.name)), alias, "import")
        else:
            root = alias.name.partition(".")[0]
            run.bind(root, symbol(root), alias, "import")


def _import_from(run: Run, node: ast.ImportFrom) -> None:
    module = "." * node.level + (node.module or "")
    table = run.modules.imported(module, [alias.name for alias in node.names])
    for alias in node.names:
        if alias.name == "*":
            _import_star(run, module, node)
            continue
        dotted = f"{module}.{alias.name}" if module.strip(".") else module + alias.name
        value = table.get(alias.name) if table is not None else None
        if value is None:
            run.modules.imported(dotted)
            value = symbol(run.libraries.canonical(dotted))
        run.bind(alias.asname or alias.name, value, alias, "import")


def _import_star(run: Run, module: str, node: Any) -> None:
    """A star import hides where names come from; nothing is guessed, but that it happened is remembered."""
    before = run.names.get("*") or run.incoming.get("*")
    if "*" not in run.names:
        run.reads.setdefault("*", run.incoming.get("*"))
    others = (symbol(before.name), *before.items) if before is not None else ()
    run.bind("*", symbol(module)._replace(items=tuple(one for one in others if one.name != module)[:8]), node, "import")


def _assign(run: Run, node: ast.Assign) -> None:
    first = node.targets[0]
    run.context.append("assign:" + first.id if isinstance(first, ast.Name) else "assign")
    outer, run.seen = run.seen, set()
    value = run.evaluate(node.value)
    used, run.seen = run.seen, outer
    outer |= used
    run.context.pop()
    single = len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    for target in node.targets:
        assign(run, target, value, used if single else frozenset())


def assign(run: Run, target: Any, value: Value, used: Set[str] = frozenset(), action: str = "bind") -> None:
    """Bind an assignment's target."""
    match target:
        case ast.Name(id=name):
            if value.marks and ("test" in value.marks or "validation" in value.marks):
                value = named_part(name, value)
            run.bind(name, value, target, action, own=name in used)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            _unpack(run, parts, value, action)
        case ast.Starred(value=inner):
            assign(run, inner, derived(value, "list"), action=action)
        case ast.Attribute(value=holder, attr=attr):
            receiver = run.evaluate(holder)
            run.emit(Store, target, source_text(holder), receiver, attr, value, True, False)
            if receiver.kind in ("instance", "class", "estimator", "transformer") and receiver.kind:
                _put_back(run, holder, with_item(receiver, attr, value))
            elif receiver.kind == "frame":
                _put_back(run, holder, mixed((receiver, value), "frame", receiver.name))
        case ast.Subscript(value=holder):
            _assign_item(run, target, holder, value)


def _assign_item(run: Run, target: ast.Subscript, holder: Any, value: Value) -> None:
    receiver = run.evaluate(holder)
    run.context.append("mask")
    index = run.evaluate(target.slice)
    run.context.pop()
    key = index.constant if index.kind == "constant" and isinstance(index.constant, str) else ""
    run.emit(Store, target, source_text(holder), receiver, key, value, False, False)
    if receiver.kind == "dict" and index.kind == "constant":
        _put_back(run, holder, with_item(receiver, index.constant, value))
    elif receiver.kind in ("frame", "array", "tensor", "dict", "list") or (
        receiver.kind == "unknown" and value.origins
    ):
        # The holder gets a part of something else: its own kind stays, lineage is gathered; a score in one column
        # does not make the whole frame a score.
        gathered = mixed((receiver, value), receiver.kind, receiver.name)
        if not key and index.kind == "tuple" and len(index.items) == 2:
            key = index.items[1].text or ""
        kept = (holding(receiver, key, value) if receiver.kind in ("frame", "unknown") else receiver.marks) | (
            value.marks & {"sampled"}
        )
        _put_back(run, holder, gathered._replace(items=receiver.items, marks=kept))


def _put_back(run: Run, holder: Any, value: Value) -> None:
    while isinstance(holder, ast.Attribute) and holder.attr in ("loc", "iloc", "at", "iat", "ix"):
        holder = holder.value
    run.store(holder, value)


def _unpack(run: Run, parts: list[Any], value: Value, action: str) -> None:
    items = value.items if value.kind in ("tuple", "list") else ()
    star = next((position for position, part in enumerate(parts) if isinstance(part, ast.Starred)), None)
    if items and star is None and len(items) == len(parts):
        for part, item in zip(parts, items, strict=True):
            assign(run, part, item, action=action)
        return
    if items and star is not None and len(items) >= len(parts) - 1:
        after = len(parts) - star - 1
        for part, item in zip(parts[:star], items[:star], strict=True):
            assign(run, part, item, action=action)
        middle = items[star : len(items) - after]
        assign(run, parts[star].value, mixed(middle, "list")._replace(items=tuple(middle)), action=action)
        for part, item in zip(parts[star + 1 :], items[len(items) - after :], strict=True):
            assign(run, part, item, action=action)
        return
    kind = value.kind if value.kind in ("array", "tensor", "frame", "score") else "unknown"
    if value.kind == "list" and value.name == "many" and value.items:
        part_value = value.items[0]
    else:
        part_value = derived(value, kind)
    for part in parts:
        assign(run, part, part_value, action=action)


def _annotated(run: Run, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(run, node.target, run.evaluate(node.value))


def _augmented(run: Run, node: ast.AugAssign) -> None:
    before = run.evaluate(node.target)
    value = run.evaluate(node.value)
    if before.kind == "constant" and value.kind == "constant" and run.loop == 0:
        from paydown.flow.expressions import _fold

        after = _fold(node.op, before, value)
    else:
        after = combine(before, value)
    match node.target:
        case ast.Name(id=name):
            run.bind(name, after, node.target, "update", own=True)
        case ast.Subscript(value=holder) | ast.Attribute(value=holder):
            receiver = run.evaluate(holder)
            attribute = isinstance(node.target, ast.Attribute)
            key = node.target.attr if isinstance(node.target, ast.Attribute) else _literal_key(node.target.slice)
            run.emit(Store, node.target, source_text(holder), receiver, key, after, attribute, True)
            if receiver.kind in ("frame", "array", "tensor"):
                _put_back(run, holder, mixed((receiver, value), receiver.kind, receiver.name))


def _literal_key(node: Any) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _if(run: Run, node: ast.If) -> None:
    run.context.append("if")
    test = run.evaluate(node.test)
    run.context.pop()
    # A branch that a literal rules out says nothing about what happens.
    literal = isinstance(node.test, ast.Constant) and test.kind == "constant"
    _known_branch(run, node)
    before = dict(run.scope())
    run.branch += 1
    run.guards.append((node.test, True))
    if not (literal and not test.constant):
        run.body(node.body)
    ended = _ends(node.body)
    then = run.scope()
    run.replace_scope(before)
    run.guards[-1] = node.test, False
    if not (literal and test.constant):
        run.body(node.orelse)
    run.guards.pop()
    run.branch -= 1
    if not ended and not (literal and not test.constant):
        merge(run, then, replace=_ends(node.orelse) or (literal and bool(test.constant)))


def _known_branch(run: Run, node: ast.If | ast.While) -> None:
    """Record a condition that is a literal, or a top-level name that holds one, alone or where that decides."""
    known = _known(run, node.test)
    if known is None or (isinstance(node, ast.While) and known.flag):
        return
    dead = node.orelse if known.truth else node.body
    if not dead:
        return
    lines = (dead[-1].end_lineno or 0) - dead[0].lineno + 1
    raises = isinstance(node.body[0], ast.Raise) or isinstance(dead[0], (ast.Raise, ast.Pass))
    which = "orelse" if known.truth else "body"
    run.emit(Branch, node.test, known.held, known.truth, known.flag, which, lines, raises)


class _Known(NamedTuple):
    """What a condition always is, and the literal, perhaps of a name, that makes it so."""

    truth: bool
    held: Value
    flag: str = ""


def _known(run: Run, test: ast.expr) -> _Known | None:
    match test:
        case ast.Constant():
            held, flag = run.evaluate(test), ""
        case ast.Name(id=flag):
            if any(flag in frame.locals for frame in run.frames):
                return None
            held = run.lookup(flag)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            known = _known(run, operand)
            return known and known._replace(truth=not known.truth)
        case ast.Compare(
            left=ast.Name() as name,
            ops=[ast.Eq() | ast.Is() | ast.NotEq() | ast.IsNot() as operator],
            comparators=[ast.Constant(value=bool(value))],
        ):
            known = _known(run, name)
            if known is None or known.held.name != "bool":
                return None
            return known._replace(truth=(known.truth is value) is isinstance(operator, (ast.Eq, ast.Is)))
        case ast.BoolOp(op=operation, values=operands):
            decides = isinstance(operation, ast.Or)
            found = (known for known in (_known(run, one) for one in operands) if known and known.truth is decides)
            return next(found, None)
        case _:
            return None
    if held.kind != "constant" or held.name not in ("bool", "int", "NoneType"):
        return None
    return _Known(bool(held.constant), held, flag)


def _ends(statements: list[Any]) -> bool:
    return bool(statements) and isinstance(statements[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def merge(run: Run, other: dict[str, Value], *, replace: bool = False) -> None:
    """Join the names' values with those that another path leaves."""
    if replace:
        run.replace_scope(other)
        return
    scope = run.scope()
    for name, value in other.items():
        mine = scope.get(name)
        if mine is None and not run.frames:
            mine = run.incoming.get(name)
            run.reads.setdefault(name, mine)
        scope[name] = value if mine is None else joined(mine, value)
    for name in scope.keys() - other.keys():
        outer = run.incoming.get(name) if not run.frames else None
        if outer is not None:
            run.reads.setdefault(name, outer)
            scope[name] = joined(scope[name], outer)


def _loop(run: Run, node: Any, walk: Any) -> None:
    """Walk a loop until its values settle: twice is enough, and once inside a loop that is itself walked twice, or when
    no value goes from one round to the next."""
    before = dict(run.scope())
    run.loop += 1
    run.branch += 1
    walk()
    if run.loop == 1 and _carries(run, before):
        merge(run, before)
        walk()
    run.branch -= 1
    run.loop -= 1
    merge(run, {name: value for name, value in before.items() if name in run.scope()})
    run.body(node.orelse)


def _carries(run: Run, before: dict[str, Value]) -> bool:
    """Whether a name that held something before a loop's body, or was asked for in it, now holds something else."""
    for name, value in run.scope().items():
        was = before.get(name)
        if was is None:
            if name in run.reads or name in run.incoming or (run.frames and name in run.names):
                return True
        elif was is not value and was != value:
            return True
    return False


def _for(run: Run, node: Any) -> None:
    iterated = run.evaluate(node.iter)
    item = element(iterated)

    def walk() -> None:
        assign(run, node.target, item, action="loop")
        run.body(node.body)

    _loop(run, node, walk)


def _while(run: Run, node: ast.While) -> None:
    def walk() -> None:
        run.context.append("while")
        run.evaluate(node.test)
        run.context.pop()
        run.body(node.body)

    if isinstance(node.test, ast.Constant) and not node.test.value:
        _known_branch(run, node)
        run.body(node.orelse)
        return
    _loop(run, node, walk)


def _with(run: Run, node: Any) -> None:
    for item in node.items:
        value = run.evaluate(item.context_expr)
        if item.optional_vars is not None:
            assign(run, item.optional_vars, value)
    run.body(node.body)


def _try(run: Run, node: Any) -> None:
    before = dict(run.scope())
    run.branch += 1
    run.body(node.body)
    run.body(node.orelse)
    then = run.scope()
    for handler in node.handlers:
        run.replace_scope(dict(before))
        if handler.type is not None:
            run.evaluate(handler.type)
        if handler.name:
            run.bind(handler.name, UNKNOWN, handler, "loop")
        run.body(handler.body)
        if not _ends(handler.body):
            path = run.scope()
            run.replace_scope(then)
            merge(run, path)
            then = run.scope()
    run.replace_scope(then)
    run.branch -= 1
    run.body(node.finalbody)


def _function(run: Run, node: Any) -> None:
    for decorator in node.decorator_list:
        run.evaluate(decorator)
    for default in (*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)):
        run.evaluate(default)
    run.bind(node.name, define(run, node, node.name), node, "define")


def _class(run: Run, node: ast.ClassDef) -> None:
    for decorator in node.decorator_list:
        run.evaluate(decorator)
    run.bind(node.name, define_class(run, node), node, "define")


def _return(run: Run, node: ast.Return) -> None:
    run.context.append("return")
    value = run.evaluate(node.value) if node.value is not None else UNKNOWN
    run.context.pop()
    if run.frames:
        returned(run, value)


def _assert(run: Run, node: ast.Assert) -> None:
    run.context.append("assert")
    run.evaluate(node.test)
    run.context.pop()
    if node.msg is not None:
        run.evaluate(node.msg)


def _delete(run: Run, node: ast.Delete) -> None:
    for target in node.targets:
        for name in target_names(target):
            if not run.frames:
                run.name_event(target, name, "delete")
                run.names[name] = UNKNOWN
            else:
                run.frames[-1].locals.pop(name, None)
        if isinstance(target, (ast.Subscript, ast.Attribute)):
            run.evaluate(target.value)


def _raise(run: Run, node: ast.Raise) -> None:
    for part in (node.exc, node.cause):
        if part is not None:
            run.evaluate(part)


def _global(run: Run, node: Any) -> None:
    if run.frames and isinstance(node, ast.Global):
        run.frames[-1].globals.update(node.names)


def _match(run: Run, node: ast.Match) -> None:
    run.evaluate(node.subject)
    before = dict(run.scope())
    joint: dict[str, Value] | None = None
    run.branch += 1
    for case in node.cases:
        run.replace_scope(dict(before))
        for part in ast.walk(case.pattern):
            name = getattr(part, "name", None) or getattr(part, "rest", None)
            if isinstance(name, str):
                run.bind(name, UNKNOWN, case.pattern, "loop")
        if case.guard is not None:
            run.evaluate(case.guard)
        run.body(case.body)
        path = run.scope()
        if joint is not None:
            run.replace_scope(joint)
            merge(run, path)
        joint = run.scope()
    run.branch -= 1


STATEMENTS.update(
    {
        ast.Expr: _expression, ast.Import: _import, ast.ImportFrom: _import_from, ast.Assign: _assign,
        ast.AnnAssign: _annotated, ast.AugAssign: _augmented, ast.If: _if, ast.For: _for, ast.AsyncFor: _for,
        ast.While: _while, ast.With: _with, ast.AsyncWith: _with, ast.Try: _try, ast.TryStar: _try,
        ast.FunctionDef: _function, ast.AsyncFunctionDef: _function, ast.ClassDef: _class, ast.Return: _return,
        ast.Assert: _assert, ast.Delete: _delete, ast.Raise: _raise, ast.Global: _global, ast.Match: _match,
    }
)  # fmt: skip
