"""Between paydown and the Language Server Protocol: the only module that knows the types of both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Protocol
from urllib.parse import quote

from lsprotocol import types

from paydown.configuration import Problem
from paydown.document import Cell, Document
from paydown.rule import Finding, Rule
from paydown.span import Edit, Span, split_lines
from paydown_lsp.actions import Entry
from paydown_lsp.identity import fingerprint
from paydown_lsp.positions import Encoding, column, units
from paydown_lsp.words import PAPER, page_markdown

Json = dict[str, Any]

SOURCE = "paydown"


class Places(Protocol):
    """An open document, as far as conversion looks: where its cells are to be found."""

    @property
    def uri(self) -> str: ...
    def uri_of(self, cell: str, /) -> str: ...
    def version_of(self, cell: str, /) -> int: ...
    def cell_at(self, uri: str, line: int, /) -> Cell | None: ...


@dataclass(frozen=True, slots=True)
class Client:
    """What the client can do, as far as it matters here.

    ``initializationOptions`` may say, besides the settings, ``syntaxErrors`` (tell what does not parse), ``commands`` (those
    of the client that actions may name, ``paydown.accept`` and ``paydown.terminal``, and hovers, ``paydown.explain``) and
    ``diagnosticsInHovers`` (the client puts the messages of the findings above a hover itself).
    """

    encoding: Encoding = "utf-16"
    related: bool = False
    tags: bool = False
    links: bool = False  # codeDescription
    versions: bool = False  # documentChanges
    creates: bool = False  # and makes new files
    lazy_edits: bool = False  # codeAction/resolve fills in `edit`
    markdown: bool = False
    configuration: bool = False
    watches: bool = False
    progress: bool = False
    refresh: bool = False  # workspace/diagnostic/refresh
    pulls: bool = False
    registers_pull: bool = False
    notebooks: bool = False
    syntax: bool = False  # it wants to be told what doesn't parse
    shows_messages: bool = False  # in its hovers
    runs: frozenset[str] = frozenset()  # commands of its own that actions and hovers may name

    @classmethod
    def of(cls, params: types.InitializeParams, encoding: str) -> Client:
        """The client that says ``initialize``."""
        said = params.capabilities
        text, workspace = said.text_document, said.workspace
        shows = text.publish_diagnostics if text else None
        acts = text.code_action if text else None
        hovers = text.hover if text else None
        resolves = acts.resolve_support.properties if acts and acts.resolve_support else ()
        diagnostic = text.diagnostic if text else None
        options = params.initialization_options if isinstance(params.initialization_options, dict) else {}
        commands = options.get("commands")
        return cls(
            encoding="utf-8" if encoding == "utf-8" else "utf-32" if encoding == "utf-32" else "utf-16",
            related=bool(shows and shows.related_information),
            tags=bool(shows and shows.tag_support and types.DiagnosticTag.Unnecessary in shows.tag_support.value_set),
            links=bool(shows and shows.code_description_support),
            versions=bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes),
            creates=_makes_files(workspace.workspace_edit if workspace else None),
            lazy_edits="edit" in resolves and bool(acts and acts.data_support),
            markdown=bool(hovers and hovers.content_format and hovers.content_format[0] == types.MarkupKind.Markdown),
            configuration=bool(workspace and workspace.configuration),
            watches=bool(
                workspace
                and workspace.did_change_watched_files
                and workspace.did_change_watched_files.dynamic_registration
            ),
            progress=bool(said.window and said.window.work_done_progress),
            refresh=bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support),
            pulls=diagnostic is not None,
            registers_pull=bool(diagnostic and diagnostic.dynamic_registration),
            notebooks=said.notebook_document is not None,
            syntax=options.get("syntaxErrors") is True,
            shows_messages=options.get("diagnosticsInHovers") is True,
            runs=frozenset(one for one in commands if isinstance(one, str))
            if isinstance(commands, list)
            else frozenset(),
        )


def _makes_files(edits: types.WorkspaceEditClientCapabilities | None) -> bool:
    return bool(
        edits and edits.document_changes and types.ResourceOperationKind.Create in (edits.resource_operations or ())
    )


# ------------------------------------------------------------------------------------------------ places


@lru_cache(maxsize=256)
def _lines(text: str) -> list[str]:
    return split_lines(text)


def _end(cell: Cell, line: int, column: int, encoding: Encoding) -> Json:
    if not cell.text.isascii():
        lines = _lines(cell.text)
        if line < len(lines):
            column = units(lines[line], column, encoding)
    return {"line": cell.line + line, "character": column}


def json_range(cell: Cell, span: Span, encoding: Encoding) -> Json:
    """The range of ``span`` in the text that holds ``cell``."""
    return {
        "start": _end(cell, span.line, span.column, encoding),
        "end": _end(cell, span.end_line, span.end_column, encoding),
    }


def to_range(cell: Cell, span: Span, encoding: Encoding) -> types.Range:
    """The range of ``span`` in the text that holds ``cell``."""
    made = json_range(cell, span, encoding)
    return types.Range(types.Position(**made["start"]), types.Position(**made["end"]))


# ------------------------------------------------------------------------------------------- diagnostics


def diagnostic(finding: Finding, document: Document, places: Places, client: Client) -> Json:
    """The ``Diagnostic`` of a finding, as plain JSON: it leaves at every key, and attrs objects cost 0.1 ms each."""
    cell = document.by_id[finding.cell]
    related = [
        {"uri": places.uri_of(one.cell), "range": json_range(owner, one.span, client.encoding), "message": one.message}
        for one in finding.related
        if (owner := document.by_id.get(one.cell)) is not None
    ]
    made: Json = {
        "range": json_range(cell, finding.span, client.encoding),
        "severity": int(finding.severity),
        "code": finding.code,
        "source": SOURCE,
        "message": finding.message,
        "data": {
            **_about(finding.name),
            "principal": finding.principal,
            "fingerprint": fingerprint(document, finding),
            "fixes": [fix._asdict() for fix in finding.fixes if client.creates or not fix.creates],
            "related": related,
        },
    }
    if client.links:
        made["codeDescription"] = {"href": PAPER}  # the rule's own page is in the hover
    if client.tags and finding.unnecessary:
        made["tags"] = [1]
    if client.related and related:
        made["relatedInformation"] = [
            {"location": {"uri": one["uri"], "range": one["range"]}, "message": one["message"]} for one in related
        ]
    return made


def syntax_diagnostic(cell: Cell, span: Span, message: str, client: Client) -> Json:
    """What doesn't parse: for clients that have nobody else to say so, and ask with ``syntaxErrors``."""
    return {
        "range": json_range(cell, span, client.encoding),
        "severity": int(types.DiagnosticSeverity.Information),
        "code": "syntax-error",
        "source": SOURCE,
        "message": message,
    }


@cache
def _about(name: str) -> Json:
    from paydown.rule import rule_named

    rule = rule_named(name)
    return {"name": name, "section": rule.section, "sectionTitle": rule.section_title}


def problem_diagnostic(problem: Problem) -> Json:
    """What a settings file holds that makes no sense, where it stands."""
    line = max(0, problem.line - 1)
    return {
        "range": {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}},
        "severity": int(types.DiagnosticSeverity.Warning),
        "code": "settings",
        "source": SOURCE,
        "message": problem.message,
    }


# ------------------------------------------------------------------------------------------------- edits


def workspace_edit(
    edits: Mapping[str, Sequence[Edit]], files: Mapping[str, str], document: Document, places: Places, client: Client
) -> types.WorkspaceEdit:
    """Edits by cell id, over as many texts as it takes, after the making of new files."""
    by_uri: dict[str, list[types.TextEdit]] = {}
    versions: dict[str, int] = {}
    for name, some in edits.items():
        cell, uri = document.by_id[name], places.uri_of(name)
        versions[uri] = places.version_of(name)
        by_uri.setdefault(uri, []).extend(
            types.TextEdit(to_range(cell, edit.span, client.encoding), _like(cell.text, edit.text)) for edit in some
        )
    if not client.versions:
        return types.WorkspaceEdit(changes={uri: some for uri, some in by_uri.items() if some})
    made = [one for path, text in files.items() for one in _new_file(places.uri, document.path, path, text)]
    changed = [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=versions[uri]), some)
        for uri, some in by_uri.items()
        if some
    ]
    return types.WorkspaceEdit(document_changes=[*made, *changed])


def _new_file(uri: str, beside: str, path: str, text: str) -> list[types.CreateFile | types.TextDocumentEdit]:
    """The making of a file in the folder of the document at ``uri`` and ``beside``, or in one inside it."""
    within = quote(path[len(beside.rpartition("/")[0]) + 1 :])
    new = f"{uri.rpartition('/')[0]}/{within}"
    start = types.Position(0, 0)
    return [
        types.CreateFile(new, options=types.CreateFileOptions(overwrite=False, ignore_if_exists=False)),
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri=new), [types.TextEdit(types.Range(start, start), text)]
        ),
    ]


def text_edits(before: str, after: str) -> list[Edit]:
    """The changed lines between two texts, so that cursors elsewhere stay where they are."""
    from difflib import SequenceMatcher

    from paydown_lsp.positions import lines_of

    old, new = lines_of(before), lines_of(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Edit(_stretch(old, start, end), "".join(new[new_start:new_end]))
        for kind, start, end, new_start, new_end in matcher.get_opcodes()
        if kind != "equal"
    ]


def _stretch(lines: Sequence[str], start: int, end: int) -> Span:
    """The lines from ``start`` to ``end``; the end of the last line stands in it, as it has no line below."""
    if end == len(lines):
        last = len(lines) - 1
        return Span(min(start, last), 0 if start <= last else len(lines[last]), last, len(lines[last]))
    return Span(start, 0, end, 0)


def _like(text: str, new: str) -> str:
    """``new`` with the line ends that ``text`` has."""
    return re.sub(r"(?<!\r)\n", "\r\n", new) if "\r\n" in text else new


# ---------------------------------------------------------------------------------- hovers and pages


def hover_result(text: str, findings: Sequence[Finding], cell: Cell, client: Client) -> types.Hover:
    """A hover in the form the client prefers, over the first of the findings."""
    kind = types.MarkupKind.Markdown if client.markdown else types.MarkupKind.PlainText
    place = to_range(cell, findings[0].span, client.encoding) if findings else None
    return types.Hover(types.MarkupContent(kind, text), place)


def page(rule: Rule) -> Json:
    """The answer to ``paydown/explain``."""
    return {
        "name": rule.name,
        "code": rule.code,
        "title": rule.summary,
        "section": rule.section,
        "sectionTitle": rule.section_title,
        "markdown": page_markdown(rule.page),
    }


def rule_line(rule: Rule) -> Json:
    """A rule in the answer to ``paydown/rules``."""
    return {
        "name": rule.name,
        "code": rule.code,
        "summary": rule.summary,
        "section": rule.section,
        "sectionTitle": rule.section_title,
        "severity": int(rule.severity),
        "principal": rule.principal,
    }


# ---------------------------------------------------------------------------------------------- actions


def code_action(entry: Entry, asked: Iterable[types.Diagnostic]) -> types.CodeAction:
    """The ``CodeAction`` of an entry; its edit is filled in later."""
    about = {(finding.code, finding.fingerprint) for finding in entry.findings}
    return types.CodeAction(
        title=entry.title,
        kind=entry.kind,
        diagnostics=[
            one
            for one in asked
            if isinstance(one.data, dict) and (one.code, str(one.data.get("fingerprint")).partition("@")[0]) in about
        ]
        or None,
        is_preferred=True if entry.preferred else None,
        command=types.Command(entry.title, entry.command[0], arguments=entry.command[1]) if entry.command else None,
        data=entry.data or None,
    )


def spot_in(cell: Cell, position: types.Position, encoding: Encoding) -> Span:
    """Where a position in a text stands in the one of its cells that holds it."""
    line = position.line - cell.line
    lines = _lines(cell.text)
    at = column(lines[line], position.character, encoding) if 0 <= line < len(lines) else 0
    return Span(line, at, line, at)


def nearness(
    places: Places, document: Document, uri: str, place: types.Range, encoding: Encoding
) -> Callable[[Finding], bool]:
    """Whether a finding touches a range of the text at ``uri``."""
    first, last = places.cell_at(uri, place.start.line), places.cell_at(uri, place.end.line)
    if first is None or last is None:
        return lambda finding: False
    start = spot_in(first, place.start, encoding).below(first.line)
    end = spot_in(last, place.end, encoding).below(last.line)
    asked = Span(start.line, start.column, end.line, end.column)

    def is_near(finding: Finding) -> bool:
        cell = document.by_id[finding.cell]
        return places.uri_of(cell.id) == uri and finding.span.below(cell.line).touches(asked)

    return is_near
