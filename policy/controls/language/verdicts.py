"""What a rule can say. A rule that says nothing has been kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Fail:
    """The rule is broken: what is wrong, on which property, and what to write instead.

    It never repeats a value from the program, which may be a secret: Pulumi hands secrets over in clear.
    """

    says: str
    urn: str = ""


@dataclass(frozen=True)
class Undecided:
    """The rule can't be judged yet: the path of the value that only an update will know."""

    what: str
    urn: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """The rule can't be judged from this stack alone: what else has to be seen."""

    why: str


@dataclass(frozen=True)
class Excepted:
    """The rule is broken, and an exception allows it: which one, and until when. No rule says this itself."""

    by: str


Verdict = Fail | Undecided | Elsewhere
Verdicts = Iterator[Verdict]
