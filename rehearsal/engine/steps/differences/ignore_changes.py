"""ignoreChanges: the paths that it names keep their recorded values, before a resource is checked and diffed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rehearsal.property_paths import Path, parse
from rehearsal.values import Secret, Value, Values

_ABSENT: Final = object()


def with_ignored_changes(new: Values, old: Values, ignored: Sequence[str]) -> tuple[Values, list[str]]:
    """New inputs in which each ignored path is as in the old ones: changed back, added back, or removed.

    The second part are the paths of which only one of both has what leads there, so that nothing can be ignored. A
    value that was secret, by itself or by what it lay in, stays secret.
    """
    unfollowed = []
    for text in ignored:
        try:
            path = parse(text)
        except ValueError:
            continue  # as with the CLI; validation has refused it
        way = _Way()
        new = way.reset(path, old, new, _Within())
        if not way.followed:
            unfollowed.append(text)
    return new, unfollowed


class _Within(NamedTuple):
    """Secrecy of what a value lies within, in the old inputs and in the new ones."""

    old_secret: bool = False
    new_secret: bool = False

    def kept(self, value: Value) -> Value:
        """A value of the old inputs, as it is put into the new ones: what was secret stays so."""
        marks = self.old_secret and not self.new_secret and value is not _ABSENT
        return Secret(value) if marks and not isinstance(value, Secret) else value


@dataclass
class _Way:
    """Way along one path through old and new inputs, and whether both could be followed to its end."""

    followed: bool = True

    def reset(self, path: Path, old: Value, new: Value, within: _Within) -> Value:
        """The new value in which what the path names is as in the old one."""
        while isinstance(old, Secret):
            old, within = old.value, within._replace(old_secret=True)
        if isinstance(new, Secret):
            return Secret(self.reset(path, old, new.value, within._replace(new_secret=True)))
        key, rest = path[0], path[1:]
        if key == "*":
            return self._all_of(rest, old, new, within)
        return self._part_of(path, old, new, within) if rest else self._leaf(key, old, new, within)

    def _part_of(self, path: Path, old: Value, new: Value, within: _Within) -> Value:
        key, rest = path[0], path[1:]
        before, now = _part(old, key), _part(new, key)
        if now is not _ABSENT and (before is not _ABSENT or (isinstance(key, str) and isinstance(old, dict))):
            return _with_part(new, key, self.reset(rest, None if before is _ABSENT else before, now, within))
        kind = list if isinstance(key, int) else dict
        alike = isinstance(old, kind) == isinstance(new, kind)
        neither = before is _ABSENT and now is _ABSENT and (isinstance(key, str) or not isinstance(new, list))
        self.followed = alike and neither
        return new

    def _leaf(self, key: str | int, old: Value, new: Value, within: _Within) -> Value:
        before, now = _part(old, key), _part(new, key)
        if isinstance(key, str) and isinstance(new, dict):
            return _with_part(new, key, within.kept(before))
        if isinstance(key, int) and before is not _ABSENT and now is not _ABSENT:
            return _with_part(new, key, within.kept(before))
        alike = isinstance(key, str) or isinstance(old, list) == isinstance(new, list)
        self.followed = alike and before is now
        return new

    def _all_of(self, rest: Path, old: Value, new: Value, within: _Within) -> Value:
        if not isinstance(new, (dict, list)) or not isinstance(old, type(new)):
            self.followed = isinstance(new, (dict, list)) and not rest
            return new
        if isinstance(old, dict) and not rest:
            return {key: within.kept(value) for key, value in old.items()}
        keys: Sequence[str | int] = list(old) if isinstance(old, dict) else range(min(len(old), len(new)))
        for key in keys:
            now = _part(new, key)
            if now is _ABSENT:
                self.followed = False
            if not self.followed:
                return new
            before = _part(old, key)
            mine = self.reset(rest, before, now, within) if rest else within.kept(before)
            new = _with_part(new, key, mine)
        self.followed = self.followed and (isinstance(new, dict) or len(old) == len(new))
        return new


def _part(value: Value, key: str | int) -> Value:
    if isinstance(key, str):
        return value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT
    return value[key] if isinstance(value, list) and key < len(value) else _ABSENT


def _with_part(value: Value, key: str | int, part: Value) -> Value:
    """A copy of a map or list in which the part is another one; of a map, also with or without it."""
    if isinstance(value, list):
        return [part if at == key else item for at, item in enumerate(value)]
    others = {name: item for name, item in value.items() if name != key}
    return others if part is _ABSENT else {**others, key: part}
