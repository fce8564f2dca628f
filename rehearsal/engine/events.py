"""Events of an operation: steps, policy violations, remediations and diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Step:
    """One step, in the CLI's words: `op` is create, update, same, delete, read, refresh, import, discard,
    create-replacement, replace, delete-replaced and the like.

    `changed` are the inputs that differ; in a refresh those that an update would change back. `refused`: it was
    begun, and failed. `found`: outputs that a refresh found to be others than recorded.
    """

    op: str
    urn: str
    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    refused: bool = False
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Violation:
    """Violation of a rule by one resource, or by the stack as a whole (then the URN is the stack's)."""

    rule: str
    urn: str
    message: str
    mandatory: bool
    severity: str = ""


@dataclass(frozen=True)
class Remediation:
    """Remediation: a rule changed a resource's inputs; `changed` has their keys."""

    rule: str
    urn: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Diagnostic:
    """Diagnostic message about a resource, or about none. Severity is info, warning or error."""

    severity: str
    message: str
    urn: str = ""


Event = Step | Violation | Remediation | Diagnostic


class Listener(Protocol):
    """Listener to the events of an operation; called from one thread at a time."""

    def __call__(self, event: Event, /) -> None: ...


class FailedError(Exception):
    """Failure of a step or of the program, with the URN of the resource ('' for none)."""

    def __init__(self, message: str, urn: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.urn = urn
