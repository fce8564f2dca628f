"""Selection: the resources that an operation is about, by `--target` or `--exclude` and those that depend on them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rehearsal.engine.events import Diagnostic, FailedError
from rehearsal.engine.options import OperationOptions
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session


class Selection:
    """Selection of one operation. With `--target-dependents` and `--exclude-dependents` it grows by what is met."""

    def __init__(self, options: OperationOptions) -> None:
        if options.targets and options.excludes:
            raise FailedError("--target and --exclude can't be used together")
        self._targets = options.targets
        self._excludes = options.excludes
        self._target_dependents = options.target_dependents
        self._exclude_dependents = options.exclude_dependents
        self._met: set[str] = set()  # of what was met, those that are targeted, or excluded

    def includes(self, resource: Resource) -> bool:
        """Returns whether an operation is about a resource, by itself or by what it needs."""
        if self._targets:
            return matches(resource.urn, self._targets) or (
                self._target_dependents and self._any(resource.needs(), self._targets)
            )
        if self._excludes:
            return not matches(resource.urn, self._excludes) and not (
                self._exclude_dependents and self._any(resource.needs(), self._excludes)
            )
        return True

    def meet(self, resource: Resource, *, included: bool) -> None:
        """Has what depends on a resource be about the operation, or not, as it is itself."""
        if included == bool(self._targets):
            self._met.add(resource.urn)

    def _any(self, urns: Iterable[str], patterns: tuple[str, ...]) -> bool:
        return any(urn in self._met or matches(urn, patterns) for urn in urns)


def matches(urn: str, patterns: Iterable[str]) -> bool:
    """Returns whether a URN is among some, in which `*` stands for any text without `:`, and `**` for any at all."""
    return any(urn == each or ("*" in each and _expression(each).fullmatch(urn)) for each in patterns)


def must_be_known(session: Session, patterns: Iterable[str], known: Iterable[str]) -> None:
    """Raises FailedError, after it has told each, for URNs that no resource has."""
    strange = [each for each in patterns if "*" not in each and each not in set(known)]
    for urn in strange:
        session.emit(Diagnostic("error", f"Target '{urn}' could not be found in the stack."))
    if strange:
        session.errors += len(strange)
        raise FailedError("one or more targets could not be found in the stack")


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = ("[^:]*".join(map(re.escape, part.split("*"))) for part in pattern.split("**"))
    return re.compile(".*".join(parts))
