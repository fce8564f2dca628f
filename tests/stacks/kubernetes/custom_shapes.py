"""Returns whether a custom object fits what `custom_kinds.yaml` says of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

KINDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "custom_kinds.yaml").read_text())

_TEXTS = {
    "text": re.compile(r"[\s\S]+"),
    "quantity": re.compile(r"\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?"),
    "duration": re.compile(r"(\d+(h|m|s))+|Never"),
}


def misfits(manifest: dict[str, Any]) -> list[str]:
    """Where an object doesn't fit its kind. A kind that isn't listed is a misfit itself."""
    kind = f"{manifest['apiVersion']} {manifest['kind']}"
    if kind not in KINDS:
        return [f"{kind} isn't in custom_kinds.yaml"]
    return list(_fields(manifest.get("spec", {}), KINDS[kind], "spec"))


def _fields(values: Any, shape: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(values, dict):
        yield f"{path} must be an object"
        return
    fields = {name.rstrip("!"): each for name, each in shape.items()}
    yield from (f"{path}.{name} is missing" for name in _missing(values, shape))
    for name, value in values.items():
        if name in fields:
            yield from _value(value, fields[name], f"{path}.{name}")
        else:
            yield f"{path}.{name} is no field"


def _missing(values: dict[str, Any], shape: dict[str, Any]) -> list[str]:
    return [name[:-1] for name in shape if name.endswith("!") and name[:-1] not in values]


def _value(value: Any, shape: Any, path: str) -> Iterator[str]:
    if isinstance(shape, dict):
        yield from _fields(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path} must be a list"
            return
        for number, item in enumerate(value):
            yield from _value(item, shape[0], f"{path}[{number}]")
    elif not _fits(value, shape):
        yield f"{path} must be {shape}, not {value!r}"


def _fits(value: Any, shape: str) -> bool:
    if shape == "flag":
        return isinstance(value, bool)
    if shape == "whole":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
    if shape == "map":
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if shape in _TEXTS:
        return isinstance(value, str) and _TEXTS[shape].fullmatch(value) is not None
    return value in shape.split(" | ")
