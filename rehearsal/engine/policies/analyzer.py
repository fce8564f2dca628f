"""Analyzer: Pulumi's term for what checks resources against policies; and the verdicts that it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from rehearsal.engine.events import Violation
from rehearsal.engine.records import Resource


class Analyzer(Protocol):
    """Analyzer of registrations and of whole stacks. Violations are emitted; mandatory ones raise FailedError."""

    def analyze(self, resource: Resource, provider: Resource | None) -> Resource: ...

    def analyze_stack(self, resources: list[tuple[Resource, Resource | None]]) -> None: ...


class NoAnalyzer:
    """Analyzer of operations without policies: no remediation, no violation."""

    def analyze(self, resource: Resource, provider: Resource | None) -> Resource:  # noqa: ARG002 a protocol's
        """Returns the resource as it is."""
        return resource

    def analyze_stack(self, resources: list[tuple[Resource, Resource | None]]) -> None:
        """Reports nothing."""


@dataclass
class Verdicts:
    """Verdicts of the rules: for each of them, the violations, and the resources that it could not decide."""

    rules: list[str] = field(default_factory=list)
    failed: dict[str, list[Violation]] = field(default_factory=dict)
    undecided: dict[str, set[str]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)

    @property
    def passed(self) -> list[str]:
        """Rules without violation, undecided resource or decision over several stacks."""
        return [r for r in self.rules if r not in {*self.failed, *self.undecided, *self.elsewhere}]

    @property
    def mandatory(self) -> list[Violation]:
        """Violations that stop a deployment."""
        return [v for violations in self.failed.values() for v in violations if v.mandatory]
