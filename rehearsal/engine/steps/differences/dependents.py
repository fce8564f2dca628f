"""Dependents that go along when a resource is deleted before its replacement: those that it replaces, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps.differences.diff import Differ, replaces
from rehearsal.engine.steps.outcomes import Outcomes
from rehearsal.values import UNKNOWN

Dependent = tuple[Resource, tuple[str, ...]]  # a resource, with the keys that replace it


class Dependents:
    """Dependents of the resources of one deployment, as they are recorded from before."""

    def __init__(self, session: Session, differ: Differ, outcomes: Outcomes) -> None:
        self._session = session
        self._differ = differ
        self._outcomes = outcomes

    def replaced_with(self, root: Resource, urn: str) -> list[Dependent]:
        """Dependents that the replacement of a resource, now at `urn`, replaces, too, in dependency order."""
        return [*self._by_inputs(root), *self._by_options(urn)]

    def _by_inputs(self, root: Resource) -> Iterator[Dependent]:
        replaced = {root.urn}
        reached = {root.urn}
        for key, resource in self._session.snapshot.in_order():
            if key == root.urn or self._outcomes.has_step(resource.urn):
                continue  # what is registered already needs only what was registered before it
            if not reached & (resource.needs() - {resource.parent}):
                continue
            reached.add(resource.urn)
            keys = self._replacing_keys(resource, replaced)
            if keys is not None:
                replaced.add(resource.urn)
                yield resource, keys

    def _replacing_keys(self, resource: Resource, replaced: set[str]) -> tuple[str, ...] | None:
        """Keys that replace a resource, if others are; None if it isn't replaced."""
        if not resource.custom or resource.external:
            return None
        provider = urns.split_reference(resource.provider)[0] if resource.provider else ""
        if provider in replaced or resource.deleted_with in replaced:
            return ()
        touched = {key for key, of in resource.property_dependencies.items() if replaced.intersection(of)}
        if not touched & resource.inputs.keys():
            return None
        inputs = {key: UNKNOWN if key in touched else value for key, value in resource.inputs.items()}
        difference = self._differ.provider_difference(resource, replace(resource, inputs=inputs))
        return difference.replaces if replaces(difference) else None

    def _by_options(self, urn: str) -> Iterator[Dependent]:
        for key, resource in self._session.snapshot.prior.items():
            if key == resource.urn and (urn in resource.replace_with or resource.deleted_with == urn):
                yield resource, ()
