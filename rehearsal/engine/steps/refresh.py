"""Refresh: reads each recorded resource in the cloud, and records what it finds there, or that it is gone."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps import read
from rehearsal.engine.steps.secrecy import with_secret_outputs
from rehearsal.engine.steps.selection import Selection, must_be_known
from rehearsal.values import Values


def refresh_all(session: Session) -> None:
    """Refreshes the stack's resources, or those that the options select, each after all that it needs.

    A read that is refused fails the refresh, after the others. What needed a resource that is gone needs it no more,
    and what was in it has no parent then. Raises FailedError for an option that names no resource of the stack.
    """
    options, snapshot = session.run.options, session.snapshot
    known = {resource.urn for resource in snapshot.prior.values()}
    must_be_known(session, (*options.targets, *options.excludes), known)
    selection = Selection(options)
    found: dict[str, Resource | None] = {}
    errors = session.errors
    order = snapshot.in_order()
    for key, old in order:
        included = selection.includes(old)
        selection.meet(old, included=included)
        found[key] = old
        if not included:
            continue
        try:
            with session.run.store.change():
                step, found[key] = _refreshed(session, old)
        except (FailedError, RefusedError) as error:
            session.emit(Step("refresh", old.urn, refused=True))
            session.go_on_after(error, old.urn)
        else:
            if step is not None:
                session.emit(step)
    with session.run.store.change():
        snapshot.rebuild(_without_dangling_references(found))
    if session.errors > errors:
        raise session.fail(FailedError("refresh failed"))


def _refreshed(session: Session, old: Resource) -> tuple[Step | None, Resource | None]:
    """Step and new state of a resource: no step for what is never read, no state for what is gone.

    Components, providers, those that were deleted before their replacement, and those whose provider can't be asked
    yet, stay as they are recorded.
    """
    if not old.custom or old.is_provider or old.pending_replacement:
        return None, old
    if old.type != urns.REFERENCE_TYPE and session.target(old) is None:
        return None, old
    live = read.live(session, old, old.inputs, old.outputs)
    if live is None:
        return Step("delete", old.urn), None
    new = replace(old, id=live.id or old.id, inputs=live.inputs, outputs=live.outputs)
    recorded = with_secret_outputs(new)
    found = _different(old.outputs, recorded.outputs)
    return Step("refresh", old.urn, _changed(session, old, new), found=found), recorded


def _changed(session: Session, old: Resource, new: Resource) -> tuple[str, ...]:
    """Inputs that an update would change back; none of what isn't owned."""
    target = session.target(old)
    if old.external or target is None:
        return ()
    return session.run.cloud.diff(
        target, new.id, new.inputs, new.outputs, old.inputs, tuple(old.ignore_changes)
    ).changed


def _different(old: Values, new: Values) -> tuple[str, ...]:
    return tuple(sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)))


def _without_dangling_references(found: dict[str, Resource | None]) -> dict[str, Resource | None]:
    """Resources as they were found, in their order, without references to what is gone."""
    there: set[str] = set()
    kept: dict[str, Resource | None] = {}
    for key, resource in found.items():
        if resource is None:
            kept[key] = None
            continue
        now = replace(
            resource,
            parent=resource.parent if resource.parent in there else "",
            dependencies=[urn for urn in resource.dependencies if urn in there],
            property_dependencies={
                name: named
                for name, of in resource.property_dependencies.items()
                if (named := [urn for urn in of if urn in there])
            },
            replace_with=[urn for urn in resource.replace_with if urn in there],
            deleted_with=resource.deleted_with if resource.deleted_with in there else "",
        )
        there.add(now.urn)
        kept[key] = now
    return kept
