"""Options of an operation, with the names and the meaning that they have on the CLI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class OperationOptions:
    """Options of one preview, update, refresh or destroy. Resources are named by URN, `*` and `**` match parts of it.

    Without `targets` and `excludes` an operation is about all resources; both at once is refused.
    """

    targets: tuple[str, ...] = ()  # only these
    target_dependents: bool = False  # and all that depends on them
    excludes: tuple[str, ...] = ()  # all but these
    exclude_dependents: bool = False  # and all that depends on them
    replaces: tuple[str, ...] = ()  # to be replaced, changed or not
    refresh: bool = False  # read every resource in the cloud first
    parallel: int = 0  # steps at a time; 0: as many as there are
    continue_on_error: bool = False  # go on with what doesn't depend on a failed step
    exclude_protected: bool = False  # destroy all but what is protected, and what that depends on
    clear_pending_creates: bool = False  # in a refresh: take what was being created for not created
    # No option of the CLI, which always does so: record that a step is begun, before the cloud is asked, so that a
    # killed operation leaves what one of the CLI leaves. Else a step is recorded with its change, and leaves nothing.
    pending_operations: bool = False


EVERYTHING: Final = OperationOptions()
