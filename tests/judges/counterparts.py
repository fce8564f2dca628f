"""Counterparts of a resource type: its type in CloudFormation and the operations that make it, by rule or by line.

Lines stand in `mapping.yaml`, for what no rule finds or finds wrongly.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.judges.nodes import Node
from tests.judges.resource_schemas import Property, resource_schema, types_of_region
from tests.judges.service_models import operation_input, operations, services

FILE: Final = Path(__file__).with_name("mapping.yaml")


@functools.cache
def mapping() -> dict[str, Any]:
    """All lines that were written by hand."""
    return yaml.safe_load(FILE.read_text())


def plain(name: str) -> str:
    """Letters and digits of a name in lower case, by which names are compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(name: str) -> list[str]:
    """Words of a name in camel case, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)]


@dataclass(frozen=True)
class Kind:
    """A resource type of the SDK, taken apart: `aws:lb/targetGroup:TargetGroup` is module lb, name targetGroup."""

    token: str

    @property
    def module(self) -> str:
        return self.token.split(":")[1].split("/")[0]

    @property
    def name(self) -> str:
        return self.token.split(":")[1].split("/")[1]

    @functools.cached_property
    def nouns(self) -> tuple[str, ...]:
        """Words that the judges write before a property's or the type's name."""
        own = [plain(self.name), words(self.name)[-1], plain(self.module)]
        before = [noun + plain(self.name) for noun in self.noise]
        return tuple(dict.fromkeys((*own, *self.noise, *before)))

    @functools.cached_property
    def noise(self) -> tuple[str, ...]:
        """Words of the module that the judges write into names, and the SDK doesn't."""
        return tuple(mapping()["nouns"].get(self.module, ()))


_ENDINGS: Final = ("rule", "configuration", "config")
_BEGINNINGS: Final = ("web", "function", "metric", "topic", "listener")


def _names(kind: Kind) -> Iterator[str]:
    """Names that a type may have elsewhere, the likeliest first."""
    own = plain(kind.name)
    yield own
    for noun in (*mapping()["nouns"].get(kind.module, ()), plain(kind.module), "scalable", "scaling"):
        yield noun + own
        yield noun + own.removeprefix("cluster")
    for ending in _ENDINGS:
        if own.endswith(ending):
            yield own.removesuffix(ending)
    for beginning in _BEGINNINGS:
        if own.startswith(beginning):
            yield own.removeprefix(beginning)


# ---- CloudFormation ----------------------------------------------------------------------------------


@functools.cache
def _cloudformation() -> dict[str, dict[str, str]]:
    """Types by service and name, both plain."""
    found: dict[str, dict[str, str]] = {}
    for type_ in types_of_region("us-east-1"):
        vendor, service, *rest = type_.split("::")
        if vendor == "AWS" and len(rest) == 1:
            found.setdefault(plain(service), {})[plain(rest[0])] = type_
    return found


@functools.cache
def resource_by_rule(token: str) -> str | None:
    """Type in CloudFormation by rule; None if none is found."""
    kind = Kind(token)
    modules = mapping()["modules"].get(kind.module, {}).get("cfn", [kind.module])
    tables = [_cloudformation().get(plain(module), {}) for module in modules]
    for name in _names(kind):
        for table in tables:
            if name in table:
                return table[name]
    for service, operation, *_ in operations_by_rule(token):
        action = f"{mapping()['modules'].get(service, {}).get('prefix', service)}:{operation}".lower()
        for table in tables:
            for type_ in table.values():
                handlers = resource_schema(type_).get("handlers", {})
                if action in (one.lower() for one in handlers.get("create", {}).get("permissions", ())):
                    return type_
    return None


def resource_of(token: str) -> str | None:
    """Type in CloudFormation; None where there is none."""
    line = mapping()["types"].get(token, {})
    return line["cfn"] if "cfn" in line else resource_by_rule(token)


# ---- operations --------------------------------------------------------------------------------------

_VERBS: Final = (
    *(
        "Create",
        "Put",
        "Register",
        "Request",
        "Allocate",
        "Associate",
        "Attach",
        "Add",
        "Update",
        "Modify",
        "Set",
    ),
    *("Enable", "Accept", "Subscribe"),
)


@functools.cache
def operations_by_rule(token: str) -> tuple[tuple[str, str], ...]:
    """Service and name of the operation that makes a resource, by rule; none or one."""
    kind = Kind(token)
    for service in mapping()["modules"].get(kind.module, {}).get("botocore", [kind.module]):
        if service not in services():
            continue
        known = {plain(name): name for name in operations(service)}
        for name in _names(kind):
            for verb in _VERBS:
                for ending in ("", "s"):
                    if (found := known.get(plain(verb) + name + ending)) is not None:
                        return ((service, found),)
    return ()


def operations_of(token: str) -> list[str]:
    """Places in inputs of operations where a resource's own begin: `backup:CreateBackupPlan.BackupPlan`."""
    line = mapping()["types"].get(token, {})
    if "operations" in line:
        return line["operations"]
    return [f"{service}:{name}" for service, name in operations_by_rule(token)]


# ---- nodes -------------------------------------------------------------------------------------------


def at(start: Node, path: str) -> Node:
    """Node at a path from another: names of members, `*` for a list's item. Raises KeyError where there is none."""
    node = start
    for step in path.split(".") if path else ():
        if step == "*":
            if node.item is None:
                raise KeyError(f"{node.where} is no list, so it has no {path}")
            node = node.item
        elif step in node.members:
            node = node.members[step]
        else:
            raise KeyError(f"{node.where} has no {step}; it has {', '.join(node.members)}")
    return node


def begin(place: str) -> Node:
    """Node of a place: `backup:CreateBackupPlan.BackupPlan`, `AWS::S3::Bucket.LoggingConfiguration`."""
    head, _, path = place.partition(".")
    if head.startswith("AWS::"):
        return at(Property.of(head), path)
    service, _, operation = head.partition(":")
    return at(operation_input(service, operation), path)


def places_of(token: str) -> dict[str, list[str]]:
    """Places at which the judges describe a type's inputs, by judge."""
    line = mapping()["types"].get(token, {})
    resource = resource_of(token)
    inside = line.get("inside", [""])
    return {
        "botocore": operations_of(token),
        "cfn-lint": [] if resource is None else [f"{resource}.{one}".rstrip(".") for one in inside],
    }
