"""Commit of a state edit: the records that differ, as one line, and what is a stack's in the cloud by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import Changes, CloudResource, ResourceIdentity
from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.state.store import Store


def commit(
    store: Store, stack: str, before: Iterable[Resource], after: Iterable[Resource], cloud: Changes
) -> None:
    """Records a stack as it is after an edit. Within `store.change` only."""
    old, new = ({resource.key: resource for resource in some} for some in (before, after))
    records = {key: resource.record() for key, resource in new.items() if old.get(key) != resource}
    store.commit(stack, {**dict.fromkeys(old.keys() - new.keys()), **records}, cloud)


def ownership(cloud: Cloud, before: Sequence[Resource], after: Sequence[Resource]) -> Changes:
    """Changes of what belongs to a stack: what is no longer recorded belongs to none, and what is new does.

    The things themselves stay as they are.
    """
    old, new = ({(one.urn, one.id): one for one in _owned(some)} for some in (before, after))
    changes: dict[str, CloudResource | None] = {}
    for urn, id_ in old.keys() - new.keys():
        changes |= cloud.release(urn, str(id_))
    providers = {one.urn: one for one in after if one.is_provider}
    for urn, id_ in new.keys() - old.keys():
        one = new[urn, id_]
        provider = providers.get(urns.split_reference(one.provider)[0])
        target = ResourceIdentity(urn, one.type, provider.inputs if provider else {})
        changes |= cloud.adopt(target, str(id_), one.inputs, one.outputs)
    return changes


def _owned(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Resources that are things in the cloud, and the stack's."""
    for one in resources:
        if one.custom and not one.is_provider and not one.external and not one.pending_replacement:
            yield one
