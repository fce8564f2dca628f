"""Pending operations: steps that an operation had begun when it was killed, and whose outcome nobody knows."""

from __future__ import annotations

from rehearsal.engine.events import Diagnostic
from rehearsal.engine.session import Session


def warn_of_pending(session: Session) -> None:
    """Warns of pending operations, and drops those that say nothing any more: all but creations."""
    pending = session.snapshot.pending
    if not pending or session.run.preview:
        return
    listed = "".join(f"  * {urn}, interrupted while {operation}\n" for urn, operation in pending.items())
    session.emit(
        Diagnostic(
            "warning",
            f"Attempting to deploy or update resources with {len(pending)} pending operations from previous "
            f"deployment.\n{listed}Whether they were carried out isn't known. Look for these resources in the cloud; "
            "then `refresh` clears what is pending, and with --clear-pending-creates also what was being created.",
        )
    )
    with session.run.store.change():
        session.snapshot.forget_pending(())


def clear_pending(session: Session) -> None:
    """Drops pending operations, as a refresh does: creations only where the options say so."""
    with session.run.store.change():
        session.snapshot.forget_pending(["creating"] if session.run.options.clear_pending_creates else ())
