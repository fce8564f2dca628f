"""Refresh: reads each recorded resource in the cloud, and records what it finds there, or that it is gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.engine import records
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session


def refresh_all(session: Session, exclude: Collection[str]) -> None:
    """Refreshes the stack's resources, each after all that it needs, but for those whose URNs are in `exclude`.

    Raises FailedError for a URN in `exclude` that the stack doesn't have, and for a refused read.
    """
    if unknown := sorted(set(exclude) - session.recorded.keys()):
        raise FailedError(f"--exclude {unknown[0]}: the stack {session.run.stack} has no such resource")
    for old in records.in_dependency_order(session.recorded.values()):
        if old.urn in exclude:
            continue
        with session.run.store.change():
            step, new = _refreshed(session, old)
            session.commit({} if new == old else {old.key: new}, {})
        if step is not None:
            session.emit(step)


def _refreshed(session: Session, old: Resource) -> tuple[Step | None, Resource | None]:
    """Step and new state of a resource: no step for what is never read, no state for what is gone.

    Components, providers, resources that are read and not owned, and those whose provider can't be asked yet, stay
    as they are recorded.
    """
    if not old.custom or old.is_provider or old.external:
        return None, old
    target = session.target(old)
    if target is None:
        return None, old
    try:
        live = session.run.cloud.read(target, old.id, old.inputs, old.outputs)
    except RefusedError as error:
        raise session.fail(error, old.urn) from error
    if live is None:
        return Step("delete", old.urn), None
    new = replace(old, inputs=live.inputs, outputs=live.outputs)
    changed = sorted(
        key for key in old.outputs.keys() | new.outputs.keys() if old.outputs.get(key) != new.outputs.get(key)
    )
    return Step("refresh", old.urn, tuple(changed)), new
