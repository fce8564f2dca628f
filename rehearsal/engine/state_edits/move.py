"""Move of resources from one stack's records to another's, with the providers that they need.

Parents stay behind unless they are asked for, children go along. A dependency between what moves and what stays is
cut, and said. Nothing in the cloud changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rehearsal.engine import records, urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource


@dataclass(frozen=True)
class Move:
    """Outcome of a move: the records of both stacks afterwards, and what there is to say about it."""

    source: list[Resource]
    destination: list[Resource]
    moved: list[str]  # URNs that they had
    missing: list[str]  # named, and not in the source
    cut_in_source: list[str]  # dependencies of what has stayed on what has moved, in words
    cut_in_destination: list[str]  # and those of what has moved


def move(
    source: Iterable[Resource],
    destination: Iterable[Resource],
    named: Collection[str],
    *,
    project: str,
    stack: str,
    include_parents: bool = False,
) -> Move:
    """Moves the named resources to the stack `stack`, whose records are `destination`.

    Raises FailedError for a provider, which goes along by itself, if nothing named is in the source, and for what
    the destination has already.
    """
    known = records.in_dependency_order(source)
    moving = _moving(known, named, include_parents)
    staying = {one.urn for one in known} - moving
    needed = {one.provider for one in known if one.urn in moving}
    left, cut_in_source = _cut([one for one in known if one.urn in staying], moving)
    providers = [one for one in known if one.urn in staying and f"{one.urn}::{one.id}" in needed]
    arriving, cut_in_destination = _cut([*providers, *(one for one in known if one.urn in moving)], staying)
    arrivals = _Arrivals(destination, project, stack)
    for one in arriving:
        arrivals.take(one if one.parent in moving else replace(one, parent=arrivals.root))
    return Move(
        left,
        arrivals.resources,
        [one.urn for one in known if one.urn in moving],
        [urn for urn in named if urn not in moving | staying],
        cut_in_source,
        cut_in_destination,
    )


class _Arrivals:
    """Records of the destination, to which resources are added in their order."""

    def __init__(self, destination: Iterable[Resource], project: str, stack: str) -> None:
        self.resources = list(destination)
        self._project, self._stack = project, stack
        self._now: dict[str, str] = {}  # URN, or reference to a provider, in the source: in the destination
        root = next((one for one in self.resources if one.type == urns.STACK_TYPE), None)
        if root is None:
            urn = urns.make(stack, project, "", urns.STACK_TYPE, f"{project}-{stack}")
            root = Resource(urn=urn, type=urns.STACK_TYPE, custom=False)
            self.resources.append(root)
        self.root = root.urn
        self._before = {one.urn: one for one in self.resources}

    def take(self, resource: Resource) -> None:
        """Adds a resource under its URN of here. A provider that is here already stands for the other's."""
        own = self._renamed(resource)
        there = self._before.get(own.urn)
        self._now[resource.urn] = own.urn
        if resource.is_provider:
            self._now[f"{resource.urn}::{resource.id}"] = f"{own.urn}::{(there or own).id}"
            if there is not None and (there.id == own.id or there.inputs == own.inputs):
                return
        if there is not None:
            kind = "provider" if resource.is_provider else "resource"
            raise FailedError(f"{kind} {own.urn} already exists in destination stack", own.urn)
        self.resources.append(own)

    def _renamed(self, resource: Resource) -> Resource:
        def here(urn: str) -> str:
            return self._now.get(urn) or urns.in_stack(urn, self._stack) if urn else ""

        parent = here(resource.parent)
        return replace(
            resource,
            urn=urns.make(self._stack, self._project, parent, resource.type, resource.name),
            parent=parent,
            provider=here(resource.provider),
            deleted_with=here(resource.deleted_with),
            replace_with=[here(urn) for urn in resource.replace_with],
            dependencies=[here(urn) for urn in resource.dependencies],
            property_dependencies={
                k: [here(u) for u in v] for k, v in resource.property_dependencies.items()
            },
        )


def _moving(known: Sequence[Resource], named: Collection[str], include_parents: bool) -> set[str]:
    """URNs of the resources that move: the named ones, all that is in them, and their parents, if asked for."""
    chosen = [one for one in known if one.urn in named]
    if any(one.is_provider for one in chosen):
        raise FailedError(
            "cannot move providers. Only resources can be moved, and providers will be included automatically"
        )
    if not chosen:
        missing = [f"Resource {urn} not found in source stack" for urn in named]
        raise FailedError("\n".join([*missing, "no resources found to move"]))
    moving = {one.urn for one in chosen}
    if include_parents:
        parents = {one.urn: one.parent for one in known}
        for one in chosen:
            urn = one.parent
            while urn:
                moving.add(urn)
                urn = parents.get(urn, "")
    # A stack itself never moves, but all of it does that is in a chosen one.
    roots = {one.urn for one in known if one.type == urns.STACK_TYPE}
    if not roots & {one.urn for one in chosen}:
        moving -= roots
    for one in known:  # parents come first
        if one.parent in moving and not one.is_provider:
            moving.add(one.urn)
    return moving - roots


def _cut(resources: Iterable[Resource], gone: Collection[str]) -> tuple[list[Resource], list[str]]:
    """Resources without their dependencies on what is gone, and these in words. Parents and providers stay."""
    kept, cut = [], []
    for one in resources:
        cut += [f"{one.urn} has a dependency on {urn}" for urn in one.dependencies if urn in gone]
        cut += [
            f"{one.urn} ({key}) has a property dependency on {urn}"
            for key, many in one.property_dependencies.items()
            for urn in many
            if urn in gone
        ]
        cut += [f"{one.urn} is marked as replace with {urn}" for urn in one.replace_with if urn in gone]
        if one.deleted_with in gone:
            cut.append(f"{one.urn} is marked as deleted with {one.deleted_with}")
        properties = {
            key: rest
            for key, many in one.property_dependencies.items()
            if (rest := [urn for urn in many if urn not in gone])
        }
        kept.append(
            replace(
                one,
                dependencies=[urn for urn in one.dependencies if urn not in gone],
                property_dependencies=properties,
                replace_with=[urn for urn in one.replace_with if urn not in gone],
                deleted_with="" if one.deleted_with in gone else one.deleted_with,
            )
        )
    return kept, cut
