"""Property paths, as `ignoreChanges` and `replaceOnChanges` write them: `a.b[0].c`, `a["b.c"]`, `a[*].b`."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]  # '*' stands for every key or index

_PLAIN = re.compile(r"\w+")
_PART = re.compile(r'\.?(?:\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\[\]]+))')


def parse(text: str) -> Path:
    """Keys and indexes of a path. Raises ValueError for a text that is no property path."""
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


def text(path: Path) -> str:
    """The text of a path."""
    parts = []
    for at, part in enumerate(path):
        if isinstance(part, int) or part == "*":
            parts.append(f"[{part}]")
        elif _PLAIN.fullmatch(part):
            parts.append(f".{part}" if at else part)
        else:
            escaped = part.replace('"', '\\"')
            parts.append(f'["{escaped}"]')
    return "".join(parts)


def contains(path: Path, other: Path) -> bool:
    """Returns whether `other` is the path or lies inside it."""
    return len(path) <= len(other) and all(mine in ("*", its) for mine, its in zip(path, other, strict=False))
