"""Verdicts that a rule yields. A rule that yields none holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Fail:
    """Violation of a rule: what is wrong, on which property, and what to write instead.

    It never repeats a value from the program, which may be a secret: Pulumi hands secrets over in clear.
    """

    message: str
    urn: str = ""


@dataclass(frozen=True)
class Undecided:
    """Verdict that has to wait: the path of the value that only an update will know."""

    path: str
    urn: str = ""


@dataclass(frozen=True)
class NeedsOtherStack:
    """Verdict that this stack alone doesn't allow: what else has to be seen."""

    needs: str


@dataclass(frozen=True)
class Excepted:
    """Violation that an exception allows: which exception, and until when. No rule yields this itself."""

    exception: str


Verdict = Fail | Undecided | NeedsOtherStack
Verdicts = Iterator[Verdict]
