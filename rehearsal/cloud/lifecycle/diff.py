"""Diff of a resource's inputs against the recorded state, as a bridged provider makes it."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

from rehearsal import property_paths
from rehearsal.cloud.provider_verbs import DiffResult, PropertyDiff
from rehearsal.cloud.types.formats import path_steps, value_at
from rehearsal.values import UNKNOWN, Value, Values, reveal

_NOTHING: Final = object()
_EMPTY: Final = (None, "", [], {})

Steps = tuple[str | int, ...]


def changed_paths(
    old_inputs: Values,
    state: Values,
    new_inputs: Values,
    watch: Iterable[str] = (),
    whole: Container[str] = (),
) -> Iterator[Steps]:
    """Paths of the parts that differ. `watch`: inputs that count as removed if only the state has them.

    `whole`: maps of which an entry that only the state has is a difference, too.
    """
    old_inputs, state, new_inputs = reveal(old_inputs), reveal(state), reveal(new_inputs)
    for name in dict.fromkeys((*new_inputs, *old_inputs)):
        if name.startswith("__"):
            continue
        old = old_inputs.get(name)
        new, now = new_inputs.get(name), state.get(name, old)
        yield from _differ(new, now, old, (name,))
        if name in whole and isinstance(new, dict) and isinstance(now, dict):
            yield from ((name, entry) for entry in now if entry not in new)
    for name in watch:
        if name not in new_inputs and name not in old_inputs and state.get(name) not in _EMPTY:
            yield (name,)


def _differ(new: Value, now: Value, old: Value, path: Steps) -> Iterator[Steps]:
    """Paths at which the new value differs from the present one; `old` is the input it came from."""
    if new is UNKNOWN:
        yield path
    elif isinstance(new, dict) and isinstance(now, dict):
        before = old if isinstance(old, dict) else {}
        for name in dict.fromkeys((*new, *before)):
            was = before.get(name)
            yield from _differ(new.get(name), now.get(name, was), was, (*path, name))
    elif isinstance(new, list) and isinstance(now, list):
        if len(new) != len(now):
            yield path
            return
        before = old if isinstance(old, list) and len(old) == len(new) else [None] * len(new)
        for index, (item, is_, was) in enumerate(zip(new, now, before, strict=True)):
            yield from _differ(item, is_, was, (*path, index))
    elif not _same(new, now):
        yield path


def _same(new: Value, now: Value) -> bool:
    if any(new is none or new == none for none in _EMPTY):
        return any(now is none or now == none for none in _EMPTY)
    if isinstance(new, str) and isinstance(now, str) and new != now and new[:1] in "{[" and now[:1] in "{[":
        try:
            return json.loads(new) == json.loads(now)
        except ValueError:
            return False
    return new == now and isinstance(new, bool) == isinstance(now, bool)


def ignored(path: Steps, ignore: Sequence[Steps]) -> bool:
    """Returns whether an `ignore_changes` path covers this one."""
    return any(_covers(pattern, path) for pattern in ignore)


def _covers(pattern: Steps, path: Steps) -> bool:
    return len(pattern) <= len(path) and all(a in ("*", b) for a, b in zip(pattern, path, strict=False))


def is_fixed(path: Steps, patterns: Iterable[Steps]) -> bool:
    """Returns whether AWS can't change what is at a path, or inside it: list indexes don't matter."""
    names = tuple(step for step in path if isinstance(step, str))
    return any(names[: len(pattern)] == pattern[: len(names)] for pattern in patterns)


def difference(
    old_inputs: Values,
    state: Values,
    new_inputs: Values,
    ignore_changes: Sequence[str],
    *,
    fixed: Iterable[str] = (),
    watch: Iterable[str] = (),
    whole: Container[str] = (),
    name: str = "",
) -> DiffResult:
    """Diff of an update: the inputs that change, and those of them that need a replacement (`fixed`).

    `watch`: inputs that count as removed when only the recorded state has them. `whole`: maps that are compared with
    all their entries. `name`: the input with the physical name; where the program chose it, the old resource must go
    before a new one can have it.
    """
    ignore = [path_steps(path) for path in ignore_changes]
    pinned = [path_steps(path) for path in fixed]
    changed: dict[str, bool] = {}
    detailed = []
    for path in changed_paths(old_inputs, state, new_inputs, watch, whole):
        if not ignored(path, ignore):
            top, replacing = str(path[0]), is_fixed(path, pinned)
            changed[top] = changed.get(top, False) or replacing
            detailed.append(PropertyDiff(property_paths.text(path), replacing))
    replaces = tuple(top for top, replacing in changed.items() if replacing)
    keeps_its_name = bool(replaces) and _keeps_its_name(name, old_inputs, new_inputs)
    return DiffResult(tuple(changed), replaces, keeps_its_name, tuple(detailed))


def _keeps_its_name(name: str, old_inputs: Values, new_inputs: Values) -> bool:
    """Returns whether the program chose the name, and chooses the same again."""
    if not name or name in new_inputs.get("__defaults", ()):
        return False
    new = value_at(reveal(new_inputs), name)
    return new is not None and new == value_at(reveal(old_inputs), name)
