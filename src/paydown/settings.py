"""From the tables that users write to a ``Configuration``, and clear words about what in them makes no sense."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from paydown.configuration import FOLDERS, Configuration, Declared, Problem, frozen, section_of, selects
from paydown.libraries.own import together, told
from paydown.rule import SECTIONS, Rule, Severity, all_rules

LISTS = ("select", "extend-select", "ignore", "exclude", "extend-exclude", "extend-libraries")
TABLES = ("severity", "per-file-ignores", "libraries", "data", "options")
SEVERITIES = {severity.name.lower(): severity for severity in Severity} | {"info": Severity.INFORMATION}
_LARGEST = 10_000_000
_DECLARED = ("producer", "producers", "consumer", "consumers", "version")


def from_toml(base: Configuration, text: str | bytes, file: str) -> tuple[Configuration, tuple[Problem, ...]]:
    """The configuration that the text of a TOML file says: its ``[tool.paydown]``; in other files than
    ``pyproject.toml`` the whole file when it has no such table."""
    import tomllib

    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        data = tomllib.loads(text)
    except UnicodeDecodeError:
        return base, (Problem("the file is not UTF-8", 0, "", file),)
    except tomllib.TOMLDecodeError as error:
        return base, (_syntax(str(error), file),)
    except RecursionError:
        return base, (Problem("the file is nested too deeply", 0, "", file),)
    tool = data.get("tool")
    table = tool.get("paydown") if isinstance(tool, dict) else None
    prefix: tuple[str, ...] = ("tool", "paydown")
    if table is None:
        if file.rpartition("/")[2] == "pyproject.toml" or "tool" in data:
            return base, ()
        table, prefix = data, ()
    configuration, problems = configured(base, table)
    return configuration, tuple(
        problem._replace(line=_line_of(text, (*prefix, *_parts(problem.key)), problem.message), file=file)
        for problem in problems
    )


def configured(
    base: Configuration, table: Mapping[str, Any], *, lenient: bool = False
) -> tuple[Configuration, tuple[Problem, ...]]:
    """``base`` with the settings of ``table`` on top. ``lenient`` passes over keys that say nothing about rules."""
    if not isinstance(table, Mapping):
        return base, (Problem("`[tool.paydown]` should be a table"),)
    problems: list[Problem] = []
    said = {_kebab(key): value for key, value in table.items()}
    lists = {key: tuple(_strings(said, key, problems)) for key in LISTS}
    tables = {key: dict(_table(said, key, problems)) for key in TABLES}
    for key in said.keys() - set(LISTS) - set(TABLES):
        if isinstance(said[key], Mapping):
            tables["options"][key] = said[key]
        elif _rule(key) is not None:
            problems.append(Problem(f"`{key}` should be a table, not {_kind(said[key])}", key=_key(key)))
        elif not lenient:
            problems.append(Problem(f"unknown setting `{key}`{_meant(key, (*LISTS, *TABLES))}", key=_key(key)))
    for key in ("select", "extend-select", "ignore"):
        lists[key] = tuple(_selectors(lists[key], key, problems))
    configuration = replace(
        base,
        select=lists["select"] or base.select,
        extend_select=base.extend_select + lists["extend-select"],
        ignore=base.ignore + lists["ignore"],
        exclude=base.exclude + lists["exclude"] + lists["extend-exclude"],
        extend_libraries=base.extend_libraries + lists["extend-libraries"],
        severities=_over(base.severities, _severities(tables["severity"], problems)),
        per_file_ignores=base.per_file_ignores + tuple(_per_file(tables["per-file-ignores"], problems)),
        options=_over(base.options, _options(tables["options"], base.options, problems, lenient=lenient)),
        frozen_libraries=_libraries(base, tables["libraries"], problems),
        data=base.data + tuple(_declared(tables["data"], problems)),
    )
    return configuration, tuple(problems)


def merged(base: Configuration, table: Mapping[str, Any]) -> tuple[Configuration, tuple[Problem, ...]]:
    """``base`` with an editor's or a command line's settings on top.

    ``select`` replaces, ``ignore``, ``extend-select`` and lists of globs add, severities and numbers win key by
    key. Keys may be spelt in camelCase; those that say nothing about rules are left alone.
    """
    return configured(base, table, lenient=True)


def _strings(said: Mapping[str, Any], key: str, problems: list[Problem]) -> Iterator[str]:
    value = said.get(key, ())
    if isinstance(value, str):
        value = value.split(",")
    if value is None:
        return
    if not isinstance(value, (list, tuple)):
        problems.append(Problem(f"`{key}` should be a list of strings", key=_key(key)))
        return
    for one in value:
        if not isinstance(one, (str, int)) or isinstance(one, bool):
            problems.append(Problem(f"`{key}` should hold strings only, not {_kind(one)}", key=_key(key)))
        elif str(one).strip():
            yield str(one).strip()


def _table(said: Mapping[str, Any], key: str, problems: list[Problem]) -> Mapping[str, Any]:
    value = said.get(key) or {}
    if isinstance(value, Mapping):
        return value
    problems.append(Problem(f"`{key}` should be a table, not {_kind(value)}", key=_key(key)))
    return {}


def _selectors(selectors: Iterable[str], key: str, problems: list[Problem]) -> Iterator[str]:
    """All of them, for what selects nothing does no harm; and a word about those that select nothing."""
    for selector in selectors:
        if not _plausible(selector) and not any(selects(selector, rule) for rule in all_rules().values()):
            problems.append(Problem(_unknown_rule(selector), key=_key(key)))
        yield selector


def _plausible(selector: str) -> bool:
    """A section is one even while no rule of it exists."""
    return bool(section_of(selector)) or (selector.upper().startswith("HTD") and selector[3:] in {"", *SECTIONS})


def _unknown_rule(selector: str) -> str:
    rules = all_rules()
    if re.fullmatch(r"[A-Za-z]{1,4}\d{1,4}", selector):
        if selector.upper().startswith("HTD"):
            return f"no rule has a code like `{selector}`; `paydown rules` lists them all"
        return f"`{selector}` is another tool's code; paydown's begin with HTD"
    folders = {part for rule in rules.values() for part in rule.module.split(".")[2:-1]}
    return f"unknown rule `{selector}`{_meant(selector, (*rules, *FOLDERS, *sorted(folders)))}"


def _severities(table: Mapping[str, Any], problems: list[Problem]) -> Iterator[tuple[str, Severity]]:
    for selector, word in table.items():
        severity = SEVERITIES.get(word.lower()) if isinstance(word, str) else None
        key = _key("severity", selector)
        if severity is None:
            advice = "; to switch a rule off, put it under `ignore`" if word in ("off", "none", False) else ""
            message = f"severity `{word}` of `{selector}` should be one of warning, information, hint{advice}"
            problems.append(Problem(message, key=key))
            continue
        refused: list[Problem] = []
        for known in _selectors([selector], "severity", refused):
            yield known, severity
        problems += [problem._replace(key=key) for problem in refused]


def _per_file(table: Mapping[str, Any], problems: list[Problem]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern, selectors in table.items():
        here: list[Problem] = []
        known = tuple(_selectors(_strings({pattern: selectors}, pattern, here), pattern, here))
        problems += [problem._replace(key=_key("per-file-ignores", pattern)) for problem in here]
        if known:
            yield pattern, known


def _options(
    table: Mapping[str, Any],
    before: tuple[tuple[str, tuple[tuple[str, int], ...]], ...],
    problems: list[Problem],
    *,
    lenient: bool,
) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    """The numbers of rules; those said before stay where they are not said again."""
    for name, numbers in table.items():
        rule = _rule(name)
        if rule is None:
            if not lenient:
                problems.append(
                    Problem(f"unknown setting `{name}`{_meant(name, (*TABLES, *all_rules()))}", key=_key(name))
                )
            continue
        if not isinstance(numbers, Mapping):
            problems.append(
                Problem(f"`{name}` should be a table such as `{{ {_example(rule)} }}`", key=_key("options", name))
            )
            continue
        known = dict(dict(before).get(rule.name, ()))
        for option, value in numbers.items():
            key = _key(name, option)
            if option not in rule.options:
                choice = f"; it has {_listed(rule.options)}" if rule.options else "; it has none"
                problems.append(Problem(f"`{rule.name}` has no option `{option}`{choice}", key=key))
            elif not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
                problems.append(
                    Problem(f"`{rule.name}.{option}` should be a whole number, not {_kind(value)}", key=key)
                )
            else:
                known[option] = value
        yield rule.name, tuple(sorted(known.items()))


def _declared(table: Mapping[str, Any], problems: list[Problem]) -> Iterator[Declared]:
    for pattern, value in table.items():
        said = {"producer": value} if isinstance(value, str) else value
        if not isinstance(said, Mapping):
            problems.append(
                Problem(f"`data.{pattern}` should be a table or the producer's path", key=_key("data", pattern))
            )
            continue
        for key in said.keys() - set(_DECLARED):
            problems.append(
                Problem(f"unknown key `{key}` of data `{pattern}`{_meant(key, _DECLARED)}", key=_key("data", pattern))
            )
        names = {
            key: tuple(name for one in (key, key + "s") for name in _strings(said, one, problems))
            for key in ("producer", "consumer")
        }
        version = said.get("version", "")
        yield Declared(pattern, names["producer"], names["consumer"], str(version) if version else "")


def _libraries(base: Configuration, table: Mapping[str, Any], problems: list[Problem]) -> Any:
    if not table:
        return base.frozen_libraries
    own, complaints = told(table)
    problems += [Problem(message, key=_key("libraries", *keys)) for message, keys in complaints]
    return frozen(together(base.libraries, own))


def own_library(text: str, file: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """What a file of ``extend-libraries`` tells of calls, and what in it makes no sense."""
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {}, (_syntax(str(error), file),)
    except RecursionError:
        return {}, (Problem("the file is nested too deeply", 0, "", file),)
    own, complaints = told(table)
    return own, tuple(
        Problem(message, _line_of(text, keys, message), "extend-libraries", file) for message, keys in complaints
    )


def _over(before: tuple[tuple[str, Any], ...], after: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """``after`` over ``before``, key by key."""
    return tuple({**dict(before), **dict(after)}.items())


def _rule(name: str) -> Rule | None:
    rules = all_rules()
    return rules.get(name) or next((rule for rule in rules.values() if rule.code == name.upper()), None)


def _example(rule: Rule) -> str:
    return ", ".join(f"{option} = {value}" for option, value in rule.options.items()) or "option = 1"


def _meant(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), list(known), 1, 0.6)
    return f"; did you mean `{close[0]}`?" if close else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _kind(value: Any) -> str:
    words = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    kind = words.get(type(value), "a date" if hasattr(value, "isoformat") else "nothing")
    return f"`{value}`" if isinstance(value, (int, float)) and not isinstance(value, bool) else kind


def _kebab(key: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda match: "-" + match[1].lower(), str(key)).replace("_", "-")


_SEPARATOR = "\0"


def _key(*parts: str) -> str:
    return _SEPARATOR.join(parts)


def _parts(key: str) -> tuple[str, ...]:
    return tuple(key.split(_SEPARATOR)) if key else ()


def _syntax(message: str, file: str) -> Problem:
    """What is wrong with the TOML itself, its line taken out of the parser's message."""
    found = re.search(r" \(at line (\d+), column \d+\)", message)
    if not found:
        return Problem(f"no valid TOML: {message}", 0, "", file)
    return Problem(f"no valid TOML: {message[: found.start()]}", int(found[1]), "", file)


def _line_of(text: str, keys: tuple[str, ...], message: str) -> int:
    """The one-based line of a key, or of the word in its value that the message quotes; 0 when not found.

    Good enough for a message: it reads the file line by line, and knows headers, dotted and quoted keys.
    """
    lines = text.splitlines()
    table: tuple[str, ...] = ()
    entries: Counter[tuple[str, ...]] = Counter()
    best, depth = 0, 0
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[\[?\s*(.+?)\s*\]\]?\s*(?:#.*)?$", line)
        if header and "=" not in line.partition("#")[0]:
            table = _dotted(header[1])
            if line.lstrip().startswith("[["):
                entries[table] += 1
                table = (*table, str(entries[table] - 1))
            here = table
        else:
            setting = re.match(
                r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=", line
            )
            if not setting:
                continue
            here = (*table, *_dotted(setting[1]))
        shared = next((i for i, (one, two) in enumerate(zip(here, keys, strict=False)) if _kebab(one) != two), None)
        if shared is None and min(len(here), len(keys)) > depth:
            best, depth = number, min(len(here), len(keys))
    quoted = re.search(r"`([^`]*)`", message)
    if best and quoted:
        for number in range(best, min(best + 200, len(lines) + 1)):
            if number > best and re.match(r"\s*(\[\w|[\w-]+\s*=)", lines[number - 1]):
                break
            if f'"{quoted[1]}"' in lines[number - 1] or f"'{quoted[1]}'" in lines[number - 1]:
                return number
    return best


def _dotted(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r"[\w-]+|\"[^\"]*\"|'[^']*'", key))
