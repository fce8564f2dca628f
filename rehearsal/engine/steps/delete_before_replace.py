"""Delete-before-replace: deletes a resource before its replacement is created, and first the dependents that go
along: those that the new resource would replace, too.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from rehearsal.cloud.provider_verbs import DiffResult
from rehearsal.engine import records, urns
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps import deletion
from rehearsal.engine.steps.diff import Differ
from rehearsal.values import UNKNOWN

PROTECTED = (
    "as it is currently marked for protection. To unprotect the resource, remove the `protect` flag from the "
    "resource in your Pulumi program and run `pulumi up`"
)


class DeleteBeforeReplace:
    """Resources that one deployment has deleted before their replacements are created.

    `registered` has the URNs that the program has registered already: they are up to date, and stay.
    """

    def __init__(self, session: Session, differ: Differ, registered: Set[str]) -> None:
        self._session = session
        self._differ = differ
        self._registered = registered
        self.deleted: dict[str, DiffResult] = {}  # by URN, with the keys that replace it

    def delete(self, old: Resource) -> None:
        """Deletes a resource that is to be replaced, after the dependents that are replaced with it.

        Raises FailedError, before anything is deleted, if one of them is protected.
        """
        dependents = self._replaced_dependents(old)
        for dependent, _ in dependents:
            if dependent.protect:
                raise FailedError(
                    f'unable to replace resource "{dependent.urn}" as part of replacing "{old.urn}" {PROTECTED}',
                    dependent.urn,
                )
        self.deleted[old.urn] = DiffResult()
        self.deleted.update((resource.urn, difference) for resource, difference in dependents)
        for resource in [*(resource for resource, _ in reversed(dependents)), old]:
            if not resource.pending_replacement:
                self._delete(resource)

    def _delete(self, resource: Resource) -> None:
        session = self._session
        changes = {} if session.run.preview else deletion.delete_in_cloud(session, resource, self.deleted)
        deleted = replace(resource, pending_replacement=True)
        session.recorded[deleted.urn] = deleted
        session.commit({deleted.key: deleted}, changes)
        session.emit(Step("delete-replaced", resource.urn))

    def _replaced_dependents(self, root: Resource) -> list[tuple[Resource, DiffResult]]:
        """Dependents that a replacement of a resource replaces, in dependency order, with the replacing keys."""
        replaced = {root.urn}
        dependents = []
        for resource in records.in_dependency_order(self._session.recorded.values()):
            if resource.urn in self._registered or resource.urn in self.deleted:
                continue
            if not resource.custom or resource.external:
                continue
            difference = self._replacing_difference(resource, replaced)
            if difference is not None:
                replaced.add(resource.urn)
                dependents.append((resource, difference))
        return dependents

    def _replacing_difference(self, resource: Resource, replaced: set[str]) -> DiffResult | None:
        provider = urns.split_reference(resource.provider)[0] if resource.provider else ""
        if resource.deleted_with in replaced or provider in replaced:
            return DiffResult()
        touched = {key for key, of in resource.property_dependencies.items() if replaced.intersection(of)}
        if not touched & resource.inputs.keys() or resource.is_provider:
            return None
        inputs = {key: UNKNOWN if key in touched else value for key, value in resource.inputs.items()}
        difference = self._differ.diff(resource, replace(resource, inputs=inputs))
        return DiffResult(replaces=difference.replaces) if difference.replaces else None
