"""Property names: camelCase on the wire, snake_case in Python, and the nearest valid one."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable


@functools.cache
def snake(name: str) -> str:
    """Python spelling of a wire name: `vpcConfig` is `vpc_config`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])|(?<!^)([A-Z])(?=[a-z])", r"_\1\2", name).lower()


def camel(name: str) -> str:
    """Wire spelling of a Python name: `vpc_config` is `vpcConfig`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """Valid wire name that is nearest to this one, however it is spelled; None if none is near."""
    spelled = {snake(candidate): candidate for candidate in valid}
    if near := difflib.get_close_matches(snake(camel(name)), spelled, n=1, cutoff=0.5):
        return spelled[near[0]]
    return None
