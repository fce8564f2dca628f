"""Read of what a program doesn't own: stack references, and existing things by `.get`; and of its own resources."""

from __future__ import annotations

from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.state.store import Store
from rehearsal.values import Values


def read_outputs(session: Session, resource: Resource) -> Values:
    """Outputs of what exists under the resource's id. Raises FailedError if nothing does."""
    if resource.type == urns.REFERENCE_TYPE:
        return _stack_reference_outputs(session.run.store, resource.inputs["name"])
    target = session.target(resource)
    existing = target and session.run.cloud.read(target, resource.id, {}, resource.inputs)
    if existing is None:
        raise FailedError(f"resource '{resource.id}' does not exist", resource.urn)
    return existing.outputs


def get_resource(session: Session, urn: str) -> Values:
    """Answer to `pulumi:pulumi:getResource`, by which the SDK resolves a reference to a resource of this run."""
    with session.lock:
        resource = session.registered.get(urn)
    if resource is None:
        raise FailedError(f"unknown resource {urn}")
    return {"urn": urn, "id": resource.id, "state": resource.outputs}


def _stack_reference_outputs(store: Store, name: str) -> Values:
    records = store.state(name.rsplit("/", 1)[-1]).values()
    root = next((record for record in records if record["type"] == urns.STACK_TYPE), None)
    if root is None:
        raise FailedError(f'unknown stack "{name}"')
    return {"name": name, "outputs": root.get("outputs", {}), "secretOutputNames": []}
