"""Functions and classes of the document: a value passes through them without getting lost.

Calling one walks its body with the arguments' values; what it emits there stands in its own text and tells the calls
it happened in. One that nothing in its cell calls is walked once at the end of the cell, with its defaults.
"""

from __future__ import annotations

import ast
from typing import Any, TypeGuard

from paydown.flow.events import Call
from paydown.flow.run import MOST_DEPTH, Definition, Frame, Run
from paydown.flow.values import NOTHING, UNKNOWN, Value, derived, joined, mixed

_ANNOTATIONS = {
    "pandas.DataFrame": "frame", "pandas.Series": "frame", "polars.DataFrame": "frame", "polars.LazyFrame": "frame",
    "numpy.ndarray": "array", "torch.Tensor": "tensor", "pyspark.sql.DataFrame": "frame",
}  # fmt: skip


def _qualified(run: Run, node: Any, name: str) -> str:
    """Its name with those around it, unique in its cell."""
    known = run.qualnames.get(id(node))
    if known is not None:
        return known
    outer = run.frames[-1].definition.qualname + "." if run.frames else ""
    qualname = base = outer + name
    number = 1
    while qualname in run.definitions:
        number += 1
        qualname = f"{base}#{number}"
    run.qualnames[id(node)] = qualname
    return qualname


def _definition(run: Run, node: Any, name: str) -> Definition:
    owner = run.frames[-1].definition if run.frames else None
    qualname = _qualified(run, node, name)
    cell = owner.cell if owner else run.cell
    if cell == run.cell:
        run.definitions[qualname] = node.lineno
    lines, ascii_ = (owner.lines, owner.ascii) if owner else (run.lines, run.ascii)
    return Definition(node, cell, qualname, node.lineno, lines, ascii_)


def define(run: Run, node: Any, name: str) -> Value:
    """The value of a function or lambda; it is walked later unless something calls it."""
    definition = _definition(run, node, name)
    key = f"{definition.cell}:{definition.qualname}"
    source = "\n".join(definition.lines[node.lineno - 1 : node.end_lineno])
    run.own[key] = definition
    pending = run.frames[-1].pending if run.frames else run.pending
    if all(known != key for known, _ in pending):
        pending.append((key, definition))
    return Value("function", key, source)


def define_class(run: Run, node: ast.ClassDef) -> Value:
    """The value of a class: its bases and the attributes its body binds; its methods are walked later."""
    definition = _definition(run, node, node.name)
    key = f"{definition.cell}:{definition.qualname}"
    bases = tuple(run.evaluate(base) for base in node.bases)
    for keyword in node.keywords:
        run.evaluate(keyword.value)
    frame = Frame(definition)
    run.frames.append(frame)
    run.body([statement for statement in node.body if not _is_function(statement)])
    attributes = tuple(frame.locals.items())
    for statement in node.body:
        if _is_function(statement):
            run.own[f"{key}.{statement.name}"] = _definition(run, statement, statement.name)
    run.frames.pop()
    run.own[key] = definition
    if not run.frames:
        run.pending.append((key, definition))
    source = "\n".join(definition.lines[node.lineno - 1 : node.end_lineno or node.lineno])
    return Value("class", key, source, NOTHING, NOTHING, (("__bases__", Value("tuple", items=bases)), *attributes))


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def invoke(
    run: Run, function: Value, arguments: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...], node: Any,
    owner: Value | None = None,
) -> tuple[Value, Value | None]:  # fmt: skip
    """Call a function of the document: what it returns, and its object afterwards (of a method)."""
    definition = run.definition_of(function.name)
    anchor = run.emit(Call, node, "." + function.name.partition(":")[2], owner or UNKNOWN, arguments, keywords)
    if definition is None or isinstance(definition.node, ast.ClassDef):
        return mixed(arguments), owner
    run.walked.add(function.name)
    busy = any(frame.definition.node is definition.node for frame in run.frames)
    if busy or len(run.frames) >= MOST_DEPTH:
        return UNKNOWN, owner
    key = (function, arguments, keywords, owner)
    known = run.remembered.get(key)
    if known is not None:
        return known
    run.via, before = (*run.via, anchor), run.via
    found = _walk(run, definition, arguments, keywords, owner)
    run.via = before
    run.remembered[key] = found
    return found


def _walk(
    run: Run,
    definition: Definition,
    arguments: tuple[Value, ...],
    keywords: tuple[tuple[str, Value], ...],
    owner: Value | None,
) -> tuple[Value, Value | None]:
    node = definition.node
    saved = (run.function, run.context, run.branch, run.guards)
    run.function, run.context, run.branch, run.guards = definition.qualname, [], 0, []
    frame = Frame(definition)
    defaults = _defaults(run, node.args) | _options(run, node)
    run.frames.append(frame)
    own = _bind_parameters(run, node.args, arguments, keywords, owner, defaults)
    if isinstance(node, ast.Lambda):
        result: Value | None = run.evaluate(node.body)
    else:
        run.body(node.body)
        result = frame.result
    walk_pending(run, frame.pending)
    run.frames.pop()
    run.function, run.context, run.branch, run.guards = saved
    after = frame.locals.get(own) if own else None
    return (result if result is not None else UNKNOWN), (after if after is not None else owner)


def _defaults(run: Run, parameters: ast.arguments) -> dict[str, Value]:
    positional = [*parameters.posonlyargs, *parameters.args]
    found = {}
    for parameter, default in zip(
        positional[len(positional) - len(parameters.defaults) :], parameters.defaults, strict=True
    ):
        found[parameter.arg] = run.evaluate(default)
    for parameter, given in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if given is not None:
            found[parameter.arg] = run.evaluate(given)
    return found


def _options(run: Run, node: Any) -> dict[str, Value]:
    """What a command's options hold by default: ``@click.option("--path", default="a.csv")``."""
    found = {}
    for one in getattr(node, "decorator_list", ()):
        if not isinstance(one, ast.Call) or getattr(one.func, "attr", getattr(one.func, "id", "")) != "option":
            continue
        names = [part.value for part in one.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        given = next((keyword.value for keyword in one.keywords if keyword.arg == "default"), None)
        if names and given is not None:
            long = next((name for name in names if name.startswith("--")), names[-1])
            bare = next((name for name in names if name.isidentifier()), long.lstrip("-").replace("-", "_"))
            value = run.evaluate(given)
            found[bare] = value._replace(marks=value.marks | {"setting"})
    return found


def decorated(run: Run, function: Value, *names: str) -> bool:
    """Whether a function of the document has one of these decorators."""
    definition = run.definition_of(function.name)
    found = getattr(definition.node, "decorator_list", ()) if definition is not None else ()
    return any(getattr(one, "attr", getattr(one, "id", "")) in names for one in found)


def _bind_parameters(
    run: Run, parameters: ast.arguments, arguments: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...],
    owner: Value | None, defaults: dict[str, Value],
) -> str:  # fmt: skip
    """Bind the parameters; returns the name of the one that holds the method's object."""
    positional = [*parameters.posonlyargs, *parameters.args]
    own = ""
    if owner is not None and positional:
        own = positional.pop(0).arg
        run.bind(own, owner, parameters)
    given = dict(keywords)
    for position, parameter in enumerate(positional):
        if position < len(arguments):
            value = arguments[position]
        else:
            value = given.get(parameter.arg) or defaults.get(parameter.arg) or _annotated(run, parameter)
        run.bind(parameter.arg, value, parameter)
    for parameter in parameters.kwonlyargs:
        value = given.get(parameter.arg) or defaults.get(parameter.arg) or _annotated(run, parameter)
        run.bind(parameter.arg, value, parameter)
    if parameters.vararg:
        rest = arguments[len(positional) :]
        run.bind(parameters.vararg.arg, mixed(rest, "tuple")._replace(items=tuple(rest)), parameters.vararg)
    if parameters.kwarg:
        run.bind(parameters.kwarg.arg, Value("dict", "open"), parameters.kwarg)
    return own


def _annotated(run: Run, parameter: ast.arg) -> Value:
    """What a parameter's annotation tells."""
    node = parameter.annotation
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return UNKNOWN
    hint = run.evaluate(node)
    kind = _ANNOTATIONS.get(hint.name) if hint.kind == "symbol" else None
    return Value(kind) if kind else UNKNOWN


def instance_kind(run: Run, bases: tuple[Value, ...]) -> str:
    """What objects of a class with these bases are: ``estimator`` for a torch module, ``instance`` when nothing tells."""
    for base in bases:
        if base.kind == "symbol":
            effect = run.libraries.effect(base.name)
            if effect is not None and effect.returns in ("estimator", "transformer", "splitter"):
                return effect.returns
        elif base.kind == "class":
            found = base.item("__bases__")
            kind = instance_kind(run, found.items) if found is not None else "instance"
            if kind != "instance":
                return kind
    return "instance"


def instantiate(
    run: Run, made: Value, arguments: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...], node: Any
) -> Value:
    """An object of a class of the document: its attributes as ``__init__`` leaves them."""
    bases = made.item("__bases__")
    kind = instance_kind(run, bases.items if bases is not None else ())
    attributes = tuple((key, value) for key, value in made.items if key != "__bases__")
    given = tuple((key, value) for key, value in keywords if any(key == name for name, _ in attributes))
    attributes = tuple((key, value) for key, value in attributes if all(key != name for name, _ in given)) + given
    owner = Value(kind, made.name, None, NOTHING, NOTHING, attributes)
    key = made.name + ".__init__"
    if run.definition_of(key) is not None:
        _, after = invoke(run, Value("function", key, made.constant), arguments, keywords, node, owner)
        owner = after if after is not None else owner
    else:
        run.emit(Call, node, "." + made.name.partition(":")[2], UNKNOWN, arguments, keywords)
    run.walked.add(made.name)
    run.instances[made.name] = owner
    return owner


def method(run: Run, owner: Value, name: str) -> Value | None:
    """The method of an object of a class of the document, if it has one."""
    if ":" not in owner.name:
        return None
    key = f"{owner.name}.{name}"
    definition = run.definition_of(key)
    if definition is None:
        return None
    node = definition.node
    return Value("function", key, "\n".join(definition.lines[node.lineno - 1 : node.end_lineno]))


def walk_pending(run: Run, pending: list[tuple[str, Definition]]) -> None:
    """Walk the functions and classes that no call has been through, the last defined first: it calls the others."""
    run.idle += 1
    for key, definition in reversed(list(pending)):
        if isinstance(definition.node, ast.ClassDef):
            _walk_class(run, key, definition)
        elif key not in run.walked:
            run.walked.add(key)
            _walk(run, definition, (), (), None)
    run.idle -= 1
    pending.clear()


def _walk_class(run: Run, key: str, definition: Definition) -> None:
    owner = run.instances.get(key)
    if owner is None:
        bases = tuple(run.evaluate(base) for base in definition.node.bases)
        owner = Value(instance_kind(run, bases), key)
        maker = run.definition_of(key + ".__init__")
        if maker is not None and key + ".__init__" not in run.walked:
            run.walked.add(key + ".__init__")
            _, after = _walk(run, maker, (), (), owner)
            owner = after if after is not None else owner
    for statement in definition.node.body:
        name = f"{key}.{statement.name}" if _is_function(statement) else ""
        made = run.definition_of(name) if name else None
        if made is not None and name not in run.walked:
            run.walked.add(name)
            static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in statement.decorator_list)
            _walk(run, made, (), (), None if static else owner)


def passed_along(run: Run, function: Value, given: list[Value], node: Any) -> Value:
    """Call a function that was handed to a library call (``apply``, ``map``) with what it will get."""
    definition = run.definition_of(function.name)
    if definition is None or isinstance(definition.node, ast.ClassDef):
        return UNKNOWN
    parts = tuple(derived(value, "unknown" if value.kind == "frame" else None) for value in given)
    result, _ = invoke(run, function, parts, (), node)
    return result


def returned(run: Run, value: Value) -> None:
    """A ``return`` in the function that is being walked."""
    frame = run.frames[-1]
    frame.result = value if frame.result is None else joined(frame.result, value)
