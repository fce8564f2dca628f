"""What an operation tells whoever watches it: its steps, its policies' verdicts, its diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Step:
    """One step, in the CLI's words: `op` is create, update, same, delete, read, refresh, discard,
    create-replacement, replace or delete-replaced. `refused` says that it was begun, and came to nothing."""

    op: str
    urn: str
    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True)
class Violation:
    """A rule said no: of one resource, or of the stack as a whole (then the URN is the stack's)."""

    rule: str
    urn: str
    message: str
    mandatory: bool
    severity: str = ""


@dataclass(frozen=True)
class Remediation:
    """A rule had a resource's inputs changed, instead of saying no: which of them."""

    rule: str
    urn: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Diagnostic:
    """A line for people, about a resource or about none. Severity is info, warning or error."""

    severity: str
    message: str
    urn: str = ""


Event = Step | Violation | Remediation | Diagnostic


class Listener(Protocol):
    """Takes events as they come; called from one thread at a time."""

    def __call__(self, event: Event, /) -> None: ...


class FailedError(Exception):
    """A step, or the program, can't go on: what happened, and to which resource ('' for none)."""

    def __init__(self, message: str, urn: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.urn = urn
