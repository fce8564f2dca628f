"""Outcomes of a deployment so far: which of its resources were created, updated, replaced and so on, by URN."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from rehearsal.engine.records import Resource


class Outcome(Enum):
    """Outcome of a registration, as the program is told of it."""

    SUCCESS = "success"
    FAILED = "failed"  # its step failed, and the deployment goes on
    SKIPPED = "skipped"  # it depends on one that failed
    UNKNOWN = "unknown"  # it isn't among the targets, and doesn't exist


@dataclass(frozen=True)
class Registered:
    """Resource as a registration left it, and how that went."""

    resource: Resource
    outcome: Outcome = Outcome.SUCCESS


@dataclass
class Outcomes:
    """URNs by what happened to them. Those of `deletes`, only, are the URNs from before the deployment."""

    claimed: set[str] = field(default_factory=set)  # registered or read, whatever became of it
    creates: set[str] = field(default_factory=set)
    sames: set[str] = field(default_factory=set)
    updates: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    skipped_creates: set[str] = field(default_factory=set)  # left out by --target or --exclude
    failed: set[str] = field(default_factory=set)  # failed or skipped, where the deployment goes on
    adopted: dict[str, str] = field(default_factory=dict)  # old URN -> the new one that it has by an alias
    former: dict[str, str] = field(default_factory=dict)  # new URN -> the old one

    def kept(self, urn: str) -> bool:
        """Returns whether a resource of before goes on, under its URN or under a new one."""
        now = self.adopted.get(urn, urn)
        return any(now in urns for urns in (self.sames, self.updates, self.replaces, self.reads))

    def has_step(self, urn: str) -> bool:
        """Returns whether there was any step for this URN."""
        every = (self.creates, self.sames, self.updates, self.deletes, self.replaces, self.reads)
        return any(urn in urns for urns in every)
