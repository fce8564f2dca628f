"""Check: the cloud validates a resource's inputs, and completes them as they will be recorded."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session


def check(session: Session, new: Resource, old: Resource | None) -> Resource:
    """The resource with its inputs as they will be recorded. Raises FailedError for refused inputs."""
    if not new.custom or new.package == "pulumi":  # the engine's own provider, of stack references
        return new
    if new.is_provider:
        checked = session.run.cloud.check_config(new.package, new.inputs)
    elif (target := session.target(new)) is None:
        return new
    else:
        owned = old is not None and not old.external
        checked = session.run.cloud.check(target, old.inputs if old and owned else None, new.inputs)
    if checked.failures:
        raise FailedError("\n".join(f"{f.path}: {f.reason}" for f in checked.failures), new.urn)
    return replace(new, inputs=checked.inputs)
