"""YAML from a repository, read with bounds: no tags, no bombs of aliases, no depth that kills a C parser."""

from __future__ import annotations

from typing import Any

from paydown.project.files import contents

_BYTES = 4 << 20
_DEPTH = 60
_ALIASES = 500
_MERGED = 20_000


def read(path: str) -> Any:
    """The data of the YAML file at ``path``; ``None`` when there is none that is safe to read."""
    data = contents(path, _BYTES)
    return None if data is None else loads(data)


def loads(data: bytes) -> Any:
    """The data of a YAML text; ``None`` when it is broken or out of bounds."""
    import yaml

    class Bounded(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """A safe loader whose merge keys (``<<``) stay small."""

        merged = 0

        def flatten_mapping(self, node: Any) -> None:
            super().flatten_mapping(node)
            self.merged += len(node.value)
            if self.merged > _MERGED:
                raise yaml.YAMLError("too much is merged")

    try:
        text = data.decode("utf-8-sig")
        depth = aliases = 0
        for event in yaml.parse(text, Loader=Bounded):
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
            elif isinstance(event, yaml.AliasEvent):
                aliases += 1
            if depth > _DEPTH or aliases > _ALIASES:
                return None
        return yaml.load(text, Loader=Bounded)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError, AttributeError):
        return None
