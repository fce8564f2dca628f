"""Read of what a program doesn't own: stack references, and existing things by `.get`; and of its own resources."""

from __future__ import annotations

from rehearsal.cloud.provider_verbs import ReadResult
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.state.store import Store
from rehearsal.values import UNKNOWN, Values, has_secret


def read(session: Session, resource: Resource) -> ReadResult:
    """Thing that exists under the resource's id. Raises FailedError if nothing does."""
    found = live(session, resource, {}, resource.inputs)
    if found is None:
        raise FailedError(f"resource '{resource.id}' does not exist", resource.urn)
    return found


def live(session: Session, resource: Resource, inputs: Values, outputs: Values) -> ReadResult | None:
    """Inputs and outputs of a resource as it is now; None if it isn't there any more.

    As long as its id isn't known, or its provider's config, nothing is.
    """
    if resource.type == urns.REFERENCE_TYPE:
        return ReadResult("", resource.inputs, _referred_outputs(session.run.store, resource.inputs["name"]))
    target = session.target(resource)
    if target is None or resource.id is UNKNOWN:
        return ReadResult("", inputs, {})
    return session.run.cloud.read(target, resource.id, inputs, outputs)


def get_resource(session: Session, urn: str) -> Values:
    """Answer to `pulumi:pulumi:getResource`, by which the SDK resolves a reference to a resource of this run."""
    with session.lock:
        resource = session.snapshot.new.get(urn)
    if resource is None:
        raise FailedError(f"unknown resource {urn}")
    return {"urn": urn, "id": resource.id, "state": resource.outputs}


def _referred_outputs(store: Store, name: str) -> Values:
    records = store.state(name.rsplit("/", 1)[-1]).values()
    root = next((record for record in records if record["type"] == urns.STACK_TYPE), None)
    if root is None:
        raise FailedError(f'unknown stack "{name}"')
    outputs = root.get("outputs", {})
    secret = sorted(name for name, value in outputs.items() if has_secret(value))
    return {"name": name, "outputs": outputs, "secretOutputNames": secret}
