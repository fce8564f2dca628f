"""Arguments and results of the verbs of Pulumi's provider protocol: check, diff, create, read, update, delete.

Values are those of `rehearsal.values`: they may hold `UNKNOWN` (in a preview) and `Secret`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rehearsal.values import Value, Values, reveal_top


class RefusedError(Exception):
    """Refusal of a create, read, update, delete or invoke, with the service's own error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class ResourceIdentity:
    """Resource that a verb is about, and the provider instance that the call goes through."""

    urn: str
    type: str
    provider: Values = field(default_factory=dict)  # the checked inputs of the provider resource


@dataclass(frozen=True)
class Naming:
    """Naming that the stack's config asks of a provider, where the program gives no name.

    Mode 'propose' and 'enforce' have a name, 'disable' has none: none is made up then.
    """

    name: str
    mode: str


@dataclass(frozen=True)
class Failure:
    """Input that check refuses: the path of the property, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True)
class CheckResult:
    """Result of check: the inputs to record (auto-names, defaults and merged tags added), or the failures."""

    inputs: Values
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class PropertyDiff:
    """Difference at one property path, and whether only a replacement can make it."""

    path: str
    replaces: bool = False


@dataclass(frozen=True)
class DiffResult:
    """Result of diff: the top-level keys that change, and those among them that AWS can't change in place.

    `detailed` has the paths of the single differences. `keyless` is a difference that has no key.
    """

    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_before_replace: bool = False
    detailed: tuple[PropertyDiff, ...] = ()
    keyless: bool = False


@dataclass(frozen=True)
class CloudResource:
    """Resource that exists in the cloud, in one region ('' for a global service)."""

    type: str
    id: str
    region: str
    urn: str
    inputs: Values
    outputs: Values


# Changes that a verb asks its caller to make: by key, the resource to put there, or None to remove it.
Changes = Mapping[str, CloudResource | None]


@dataclass(frozen=True)
class ChangeResult:
    """Result of create, update or delete: the id and outputs to record, and the changes to commit."""

    id: Value
    outputs: Values
    changes: Changes = field(default_factory=dict)


@dataclass(frozen=True)
class ReadResult:
    """Result of read: the resource's present inputs and outputs."""

    id: str
    inputs: Values
    outputs: Values


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    return json.loads(text)


def provider_setting(provider: Values, name: str) -> Any:
    """A provider's setting, which arrives as a JSON string. UNKNOWN and plain strings as they are."""
    value = reveal_top(provider.get(name))
    if not isinstance(value, str):
        return value
    try:
        return _parsed(value)
    except ValueError:
        return value
