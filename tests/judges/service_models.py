"""Service models of botocore: the inputs of operations, and the documentation of their members."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.judges.nodes import NO_LIMIT, Bound, Node, folder_of, telling


@functools.cache
def service_model(service: str) -> dict[str, Any]:
    """Newest model of a service, as botocore has it."""
    newest = max((folder_of("botocore") / "data" / service).iterdir())
    return json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))


@functools.cache
def services() -> tuple[str, ...]:
    """Services of which botocore has a model."""
    data = folder_of("botocore") / "data"
    return tuple(sorted(path.name for path in data.iterdir() if any(path.glob("*/service-2.json.gz"))))


@dataclass(frozen=True)
class Shape:
    """A shape of a service model."""

    service: str
    name: str
    where: str

    @functools.cached_property
    def _raw(self) -> dict[str, Any]:
        return service_model(self.service)["shapes"][self.name]

    @property
    def members(self) -> Mapping[str, Node]:
        return self._members

    @functools.cached_property
    def _members(self) -> Mapping[str, Node]:
        if self._raw["type"] != "structure":
            return {}
        return {
            name: _shape(self.service, one["shape"], f"{self.where}.{name}")
            for name, one in self._raw["members"].items()
        }

    @property
    def item(self) -> Node | None:
        inside = self._raw.get("member") or self._raw.get("value")
        return None if inside is None else _shape(self.service, inside["shape"], f"{self.where}.*")

    @property
    def bound(self) -> Bound:
        return self._bound

    @functools.cached_property
    def _bound(self) -> Bound:
        raw, kind = self._raw, self._raw["type"]
        bound: Bound = {name: raw[name] for name in ("pattern", "enum") if name in raw}
        if kind == "blob":  # its limits are of bytes, after decoding
            return bound
        least, most = raw.get("min"), raw.get("max")
        names = {
            "string": ("minLength", "maxLength"),
            "list": ("minItems", "maxItems"),
            "map": ("minItems", "maxItems"),
        }
        low, high = names.get(kind, ("minimum", "maximum"))
        if least is not None and (least > 0 or low == "minimum"):
            bound[low] = least
        if most is not None and most < NO_LIMIT:
            bound[high] = most
        return telling(bound)


@functools.cache
def _shape(service: str, name: str, where: str) -> Shape:
    return Shape(service, name, where)


def operation_input(service: str, operation: str) -> Shape:
    """Input of an operation. Raises KeyError for one that the service doesn't have."""
    found = service_model(service)["operations"][operation]
    return _shape(service, found["input"]["shape"], f"{service}:{operation}")


def operations(service: str) -> dict[str, str]:
    """Operations of a service that take an input, with its shape's name."""
    found = service_model(service)["operations"]
    return {name: one["input"]["shape"] for name, one in found.items() if "input" in one}


def documentation_hash(where: str) -> str:
    """Hash of what a model says of a member, `ec2:CreateSubnet.CidrBlock`; empty where it says nothing."""
    head, _, path = where.partition(".")
    service, _, operation = head.partition(":")
    shapes = service_model(service)["shapes"]
    here: dict[str, Any] = {"shape": service_model(service)["operations"][operation]["input"]["shape"]}
    for step in path.split("."):
        shape = shapes[here["shape"]]
        here = (shape.get("member") or shape["value"]) if step == "*" else shape["members"][step]
    text = here.get("documentation") or shapes[here["shape"]].get("documentation", "")
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


def regions() -> list[str]:
    """Regions of the partition `aws`."""
    partitions = json.loads((folder_of("botocore") / "data" / "endpoints.json").read_text())["partitions"]
    return sorted(next(one for one in partitions if one["partition"] == "aws")["regions"])
