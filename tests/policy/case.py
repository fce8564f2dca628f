"""The shape of the cases: for every rule four, or the reason why one can't exist, and any further ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.policy.asking import Res, Stack, Stacks, Verdict

Subject = Res | Stack | Stacks | Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A subject, as the properties of one resource or as resources, and what the rule must say of it."""

    subject: Subject
    expect: Verdict
    config: Mapping[str, Any] = field(default_factory=dict)


def kept(subject: Subject, **config: Any) -> Case:
    return Case(subject, Verdict.KEPT, config)


def broken(subject: Subject, **config: Any) -> Case:
    return Case(subject, Verdict.BROKEN, config)


def undecided(subject: Subject, **config: Any) -> Case:
    return Case(subject, Verdict.UNDECIDED, config)


@dataclass(frozen=True)
class Never:
    """Why a case can't exist."""

    reason: str


@dataclass(frozen=True)
class Cases:
    """A rule's cases. `on` is the type of the subjects that are written as bare properties."""

    on: str
    compliant: Subject | Case | Never
    violating: Subject | Case
    missing: Case | Never
    unknown: Subject | Case | Never
    more: Mapping[str, Case] = field(default_factory=dict)

    def all(self) -> dict[str, Case]:
        """Each case by what it shows."""
        four = {
            "compliant": _case(self.compliant, Verdict.KEPT),
            "violating": _case(self.violating, Verdict.BROKEN),
            "missing": self.missing,
            "unknown": _case(self.unknown, Verdict.UNDECIDED),
        }
        return {what: case for what, case in four.items() if isinstance(case, Case)} | dict(self.more)

    def reasons(self) -> list[str]:
        """Why some of the four can't exist."""
        return [it.reason for it in (self.compliant, self.missing, self.unknown) if isinstance(it, Never)]

    def subject(self, case: Case) -> Res | Stack | Stacks:
        """The case's subject as resources."""
        subject = case.subject
        if isinstance(subject, Mapping) and not all(
            isinstance(it, (list, tuple)) and _resources(it) for it in subject.values()
        ):
            return Res(self.on, subject)
        return Res(self.on) if subject == {} else subject


def _resources(items: Any) -> bool:
    return bool(items) and all(isinstance(it, Res) for it in items)


def _case(subject: Subject | Case | Never, expect: Verdict) -> Case | Never:
    return subject if isinstance(subject, (Case, Never)) else Case(subject, expect)
