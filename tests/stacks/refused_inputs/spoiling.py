"""Spoiled inputs: those of a resource with another value at a path, and the path's exact place."""

from __future__ import annotations

import re

from rehearsal.values import Value, Values, reveal_top

_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")


def spoiled(values: Values, path: str, wrong: Value) -> tuple[str, Values] | None:
    """The inputs with another value at the first place of a path, and that place's exact path."""
    return _spoiled(values, path.split("."), wrong, "")


def _spoiled(value: Value, steps: list[str], wrong: Value, so_far: str) -> tuple[str, Value] | None:
    value = reveal_top(value)
    if isinstance(value, list):
        for index, item in enumerate(value):
            if (found := _spoiled(item, steps, wrong, f"{so_far}[{index}]")) is not None:
                return found[0], [*value[:index], found[1], *value[index + 1 :]]
        return None
    if not steps:
        return None if value in (None, "") or isinstance(value, dict) else (so_far, wrong)
    if not isinstance(value, dict):
        return None
    for name in value if steps[0] == "*" else [steps[0]]:
        at = f"{so_far}.{name}" if so_far else name
        if name in value and (found := _spoiled(value[name], steps[1:], wrong, at)) is not None:
            return found[0], {**value, name: found[1]}
    return None


def written(values: Values, path: str, wrong: Value) -> tuple[str, Values]:
    """The inputs with a value, block or list at a path, whether or not there was one; without it for None.

    A list on the way is meant by its first item, unless the path has an index.
    """
    return _written(values, _STEP.findall(path), wrong, "")


def _written(value: Value, steps: list[str], wrong: Value, so_far: str) -> tuple[str, Value]:
    value = reveal_top(value)
    step, *rest = steps
    if isinstance(value, list):
        if not step.startswith("["):
            step, rest = "[0]", steps
        index, at = int(step[1:-1]), f"{so_far}{step}"
        exact, item = _written(value[index], rest, wrong, at) if rest else (at, wrong)
        return exact, [*value[:index], *([] if item is None else [item]), *value[index + 1 :]]
    at = f"{so_far}.{step}" if so_far else step
    exact, item = _written((value or {}).get(step), rest, wrong, at) if rest else (at, wrong)
    others = {name: one for name, one in (value or {}).items() if name != step}
    return exact, others if item is None else {**others, step: item}
