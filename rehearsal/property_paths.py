"""Property paths, as `ignoreChanges` and `replaceOnChanges` write them: `a.b[0].c`, `a["b.c"]`, `a[*].b`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rehearsal.values import Secret, Value, Values

Path = tuple[str | int, ...]  # '*' stands for every key or index

_PART = re.compile(r'\.?(?:\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\[\]]+))')


def parse(text: str) -> Path:
    """The parts of a path. Raises ValueError for what is none."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is no property path")
        quoted, index, name = match.groups()
        if quoted is not None:
            parts.append(quoted.replace('\\"', '"'))
        elif index is not None:
            parts.append("*" if index == "*" else int(index))
        else:
            parts.append(name)
        at = match.end()
    return tuple(parts)


def contains(path: Path, other: Path) -> bool:
    """Whether `other` is the path or lies inside it."""
    return len(path) <= len(other) and all(mine in ("*", its) for mine, its in zip(path, other, strict=False))


def with_old_values(new: Values, old: Values, ignored: Sequence[str]) -> Values:
    """The new inputs with every ignored path as it was before: changed back, added back, or taken out."""
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
