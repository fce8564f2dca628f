"""Deleting: each resource before all that it needs, and nothing at all if one of them is protected."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rehearsal.cloud.provider_verbs import Changes, RefusedError
from rehearsal.engine import records
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session


def delete_all(session: Session, doomed: Iterable[Resource]) -> None:
    """Deletes resources from the cloud and from the stack. Raises FailedError at the first refusal."""
    order = list(reversed(records.in_dependency_order(doomed)))
    gone = {resource.urn for resource in order if not resource.condemned}
    for resource in order:
        if resource.protect and not resource.condemned:
            session.tell(Step("delete", resource.urn, refused=True))
            raise session.failed(_protected(resource))
    for resource in order:
        try:
            with session.run.store.change():
                changes = {} if session.run.preview else in_cloud(session, resource, gone)
                session.commit({resource.key: None}, changes)
        except RefusedError as error:
            session.tell(Step(_op(resource), resource.urn, refused=True))
            raise session.failed(error, resource.urn) from error
        if not resource.pending_replacement:
            session.tell(Step(_op(resource), resource.urn))


def in_cloud(session: Session, resource: Resource, gone: Collection[str]) -> Changes:
    """What deleting the thing behind a resource changes in the cloud.

    Nothing for what is no thing (components, providers), isn't owned, is gone already, or goes with another one that
    is being deleted (`gone`). What is to stay is let go. Raises RefusedError.
    """
    if not resource.custom or resource.is_provider or resource.external:
        return {}
    if resource.pending_replacement or resource.deleted_with in gone:
        return {}
    if resource.retain_on_delete:
        return session.run.cloud.let_go(resource.urn, str(resource.id))
    target = session.target(resource)
    if target is None:
        return {}
    return session.run.cloud.delete(target, resource.id, resource.inputs, resource.outputs).changes


def _op(resource: Resource) -> str:
    if resource.external:
        return "discard"
    return "delete-replaced" if resource.condemned else "delete"


def _protected(resource: Resource) -> FailedError:
    return FailedError(
        f'resource "{resource.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either '
        "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the "
        f"command:\n`pulumi state unprotect '{resource.urn}'`",
        resource.urn,
    )
