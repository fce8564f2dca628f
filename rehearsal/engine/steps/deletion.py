"""Deletion, in reverse dependency order: nothing at all if one of the resources is protected."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rehearsal.cloud.provider_verbs import Changes, RefusedError
from rehearsal.engine import records
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session


def delete_all(session: Session, resources: Iterable[Resource]) -> None:
    """Deletes resources from the cloud and from the stack, each before all that it needs.

    Raises FailedError at the first refusal.
    """
    order = list(reversed(records.in_dependency_order(resources)))
    deleted = {resource.urn for resource in order if not resource.pending_deletion}
    for resource in order:
        if resource.protect and not resource.pending_deletion:
            session.emit(Step("delete", resource.urn, refused=True))
            raise session.fail(_protected(resource))
    for resource in order:
        try:
            with session.run.store.change():
                changes = {} if session.run.preview else delete_in_cloud(session, resource, deleted)
                session.commit({resource.key: None}, changes)
        except RefusedError as error:
            session.emit(Step(_op(resource), resource.urn, refused=True))
            raise session.fail(error, resource.urn) from error
        if not resource.pending_replacement:
            session.emit(Step(_op(resource), resource.urn))


def delete_in_cloud(session: Session, resource: Resource, deleted: Collection[str]) -> Changes:
    """Changes in the cloud when a resource is deleted there. Raises RefusedError.

    None for components and providers, for what isn't owned, for what was deleted before its replacement, and for
    what AWS deletes with another resource (`deletedWith` one of `deleted`). With `retainOnDelete` the thing stays,
    and belongs to no stack any more.
    """
    if not resource.custom or resource.is_provider or resource.external:
        return {}
    if resource.pending_replacement or resource.deleted_with in deleted:
        return {}
    if resource.retain_on_delete:
        return session.run.cloud.release(resource.urn, str(resource.id))
    target = session.target(resource)
    if target is None:
        return {}
    return session.run.cloud.delete(target, resource.id, resource.inputs, resource.outputs).changes


def _op(resource: Resource) -> str:
    if resource.external:
        return "discard"
    return "delete-replaced" if resource.pending_deletion else "delete"


def _protected(resource: Resource) -> FailedError:
    return FailedError(
        f'resource "{resource.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either '
        "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the "
        f"command:\n`pulumi state unprotect '{resource.urn}'`",
        resource.urn,
    )
