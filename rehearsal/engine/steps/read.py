"""What a program reads and doesn't own: other stacks' outputs, things that exist, its own resources as they are."""

from __future__ import annotations

from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.state.store import Store
from rehearsal.values import Values


def read_outputs(session: Session, resource: Resource) -> Values:
    """What there is to be read under the resource's id. Raises FailedError if there is nothing."""
    if resource.type == urns.REFERENCE_TYPE:
        return _stack_reference_outputs(session.run.store, resource.inputs["name"])
    target = session.target(resource)
    found = target and session.run.cloud.read(target, resource.id, {}, resource.inputs)
    if found is None:
        raise FailedError(f"resource '{resource.id}' does not exist", resource.urn)
    return found.outputs


def get_resource(session: Session, urn: str) -> Values:
    """A resource of this run, as the SDK asks for one that was handed on as a reference."""
    with session.lock:
        found = session.registered.get(urn)
    if found is None:
        raise FailedError(f"unknown resource {urn}")
    return {"urn": urn, "id": found.id, "state": found.outputs}


def _stack_reference_outputs(store: Store, name: str) -> Values:
    records = store.state(name.rsplit("/", 1)[-1]).values()
    root = next((record for record in records if record["type"] == urns.STACK_TYPE), None)
    if root is None:
        raise FailedError(f'unknown stack "{name}"')
    return {"name": name, "outputs": root.get("outputs", {}), "secretOutputNames": []}
