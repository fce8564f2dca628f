"""Check: the cloud validates a resource's inputs, and completes them as they will be recorded."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.cloud.provider_verbs import Naming
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.values import Values


def check(
    session: Session, new: Resource, old_inputs: Values | None, naming: Naming | None = None
) -> Resource:
    """The resource with its inputs as they will be recorded. Raises FailedError for refused inputs.

    `old_inputs` are those of before, from which generated names are taken over; None for none.
    """
    if not new.custom or new.package == "pulumi":  # the engine's own provider, of stack references
        return new
    if new.is_provider:
        checked = session.run.cloud.check_config(new.package, new.inputs)
    elif (target := session.target(new)) is None:
        return new
    else:
        checked = session.run.cloud.check(target, old_inputs, new.inputs, naming)
    if checked.failures:
        raise FailedError("\n".join(f"{f.path}: {f.reason}" for f in checked.failures), new.urn)
    return replace(new, inputs=checked.inputs)
