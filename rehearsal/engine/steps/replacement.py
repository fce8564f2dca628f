"""Making room: what must go before its successor can come, and what else falls with it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from rehearsal.cloud.provider_verbs import Difference
from rehearsal.engine import records, urns
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps import deletion
from rehearsal.engine.steps.comparison import Comparison
from rehearsal.values import UNKNOWN

PROTECTED = (
    "as it is currently marked for protection. To unprotect the resource, remove the `protect` flag from the "
    "resource in your Pulumi program and run `pulumi up`"
)


class Room:
    """What one deployment has deleted early, to make room for successors.

    `seen` has the URNs that the program has registered already; those stay where they are.
    """

    def __init__(self, session: Session, comparison: Comparison, seen: Set[str]) -> None:
        self._session = session
        self._comparison = comparison
        self._seen = seen
        self.made: dict[str, Difference] = {}  # URN of what was deleted -> what replacing it would change

    def make(self, old: Resource) -> None:
        """Deletes what must go before its successor comes, and before it all that would be replaced with it.

        Raises FailedError, before anything is deleted, if something of that is protected.
        """
        falling = self._falling_with(old)
        for dependent, _ in falling:
            if dependent.protect:
                raise FailedError(
                    f'unable to replace resource "{dependent.urn}" as part of replacing "{old.urn}" {PROTECTED}',
                    dependent.urn,
                )
        self.made[old.urn] = Difference()
        self.made.update((resource.urn, difference) for resource, difference in falling)
        for resource in [*(resource for resource, _ in reversed(falling)), old]:
            if not resource.pending_replacement:
                self._delete(resource)

    def _delete(self, resource: Resource) -> None:
        session = self._session
        changes = {} if session.run.preview else deletion.in_cloud(session, resource, self.made)
        gone = replace(resource, pending_replacement=True)
        session.olds[gone.urn] = gone
        session.commit({gone.key: gone}, changes)
        session.tell(Step("delete-replaced", resource.urn))

    def _falling_with(self, root: Resource) -> list[tuple[Resource, Difference]]:
        """What depends on a resource in a way that a new one in its place would replace, in order of need.

        With each: by which of its inputs.
        """
        fallen = {root.urn}
        found = []
        for resource in records.in_dependency_order(self._session.olds.values()):
            if resource.urn in self._seen or resource.urn in self.made:
                continue
            if not resource.custom or resource.external:
                continue
            difference = self._falls(resource, fallen)
            if difference is not None:
                fallen.add(resource.urn)
                found.append((resource, difference))
        return found

    def _falls(self, resource: Resource, fallen: set[str]) -> Difference | None:
        provider = urns.split_reference(resource.provider)[0] if resource.provider else ""
        if resource.deleted_with in fallen or provider in fallen:
            return Difference()
        touched = {key for key, of in resource.property_dependencies.items() if fallen.intersection(of)}
        if not touched & resource.inputs.keys() or resource.is_provider:
            return None
        inputs = {key: UNKNOWN if key in touched else value for key, value in resource.inputs.items()}
        found = self._comparison.difference(resource, replace(resource, inputs=inputs))
        return Difference(replaces=found.replaces) if found.replaces else None
