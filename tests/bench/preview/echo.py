"""Echo of inputs: a cloud that answers at once, with what it is asked about, and that creates nothing.

It serves previews of stacks that don't exist yet. What it costs is next to nothing, so that a preview's time is
that of the engine and the program. Invokes are answered as ever.
"""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import ChangeResult, CheckResult, Failure, Naming, ResourceIdentity
from rehearsal.values import UNKNOWN, Values


class Echo(Cloud):
    """Cloud that finds nothing wrong, and gives a new resource its inputs for outputs, and its URN for an id."""

    def check_config(self, package: str, inputs: Values) -> CheckResult:
        return CheckResult(inputs)

    def check(
        self, target: ResourceIdentity, old: Values | None, new: Values, asked: Naming | None = None
    ) -> CheckResult:
        return CheckResult(new)

    def check_paths(self, token: str, paths: Sequence[str]) -> tuple[Failure, ...]:
        return ()

    def create(self, target: ResourceIdentity, inputs: Values, preview: bool) -> ChangeResult:
        return ChangeResult(UNKNOWN if preview else target.urn, inputs)
