"""What the pretend cloud is asked and what it answers: the verbs of Pulumi's provider protocol as data.

Values are those of `rehearsal.values`: they may hold `UNKNOWN` (in a preview) and `Secret`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rehearsal.values import Value, Values


class RefusedError(Exception):
    """The cloud says no to a create, read, update, delete or invoke, with the service's own error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Target:
    """The resource that a verb is about, and the provider instance that it goes through."""

    urn: str
    type: str
    provider: Values = field(default_factory=dict)  # the checked inputs of the provider resource


@dataclass(frozen=True)
class Failure:
    """One input that check refuses: the path of the property and what is wrong with it."""

    path: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """The inputs as they will be recorded (auto-names, defaults and merged tags added), or why not."""

    inputs: Values
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What an update would change: top-level keys, and those among them that AWS can't change in place."""

    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True)
class Thing:
    """One resource that exists in the cloud, in one region ('' for a global service)."""

    type: str
    id: str
    region: str
    urn: str
    inputs: Values
    outputs: Values


# What a verb does to the cloud, not yet done: a resource to put under its key, or None to take it away.
Changes = Mapping[str, Thing | None]


@dataclass(frozen=True)
class Done:
    """The outcome of create, update or delete: the id and outputs to record, and the change to commit."""

    id: Value
    outputs: Values
    changes: Changes = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The outcome of read: what the resource looks like now, as inputs and outputs."""

    id: str
    inputs: Values
    outputs: Values
