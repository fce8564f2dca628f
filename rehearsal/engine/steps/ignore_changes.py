"""ignoreChanges: the paths that it names keep their recorded values, before a resource is checked and diffed."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.property_paths import Path, parse
from rehearsal.values import Secret, Value, Values


def with_ignored_changes(new: Values, old: Values, ignored: Sequence[str]) -> Values:
    """New inputs in which each ignored path is as in the old ones: changed back, added back, or removed."""
    result = new
    for text in ignored:
        result = _reset(result, old, parse(text))
    return result


_ABSENT = object()


def _reset(new: Value, old: Value, path: Path) -> Value:
    if not path:
        return old
    new, old = _open(new), _open(old)
    head, rest = path[0], path[1:]
    if isinstance(new, dict) and isinstance(old, dict):
        keys = (new.keys() | old.keys()) if head == "*" else {head}
        changed = dict(new)
        for key in keys:
            value = _reset_part(new.get(key, _ABSENT), old.get(key, _ABSENT), rest)
            if value is _ABSENT:
                changed.pop(key, None)
            else:
                changed[key] = value
        return changed
    if isinstance(new, list) and isinstance(old, list):
        indexes = range(len(new)) if head == "*" else [head]
        changed = list(new)
        for index in indexes:
            if isinstance(index, int) and index < len(new) and index < len(old):
                changed[index] = _reset_part(new[index], old[index], rest)
        return changed
    return new


def _reset_part(new: Value, old: Value, rest: Path) -> Value:
    if not rest:
        return old
    return new if new is _ABSENT or old is _ABSENT else _reset(new, old, rest)


def _open(value: Value) -> Value:
    return value.value if isinstance(value, Secret) else value
