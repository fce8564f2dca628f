"""Plain data, which is what JSON holds: parsed from a text, and walked to its leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

_DEEPEST: Final = 100  # levels, which is also what protobuf reads


def from_json(text: str) -> Any:
    """Parses JSON text; None for a text that is none, or is nested deeper than an input of Pulumi's can be."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    level = [found]
    for _ in range(_DEEPEST):
        level = [item for it in level for item in _parts(it)]
        if not level:
            return found
    return None


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each part of a value that is no container, with its dotted path below that of the value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}.{index}")
    else:
        yield path, value
