"""Destroy: deletes all that a stack has, or those of its resources that the options select."""

from __future__ import annotations

from rehearsal.engine.events import Step
from rehearsal.engine.registration.callbacks import Callbacks
from rehearsal.engine.session import Session
from rehearsal.engine.steps.deletions import Deletions
from rehearsal.engine.steps.executor import ProtectedError, StepExecutor
from rehearsal.engine.steps.hooks import Hooks
from rehearsal.engine.steps.outcomes import Outcomes
from rehearsal.engine.steps.pending import warn_of_pending
from rehearsal.engine.steps.refresh import refresh_all
from rehearsal.engine.steps.selection import Selection, must_be_known


def destroy_all(session: Session) -> None:
    """Deletes the stack's resources; nothing if any of them is protected, as after the preview that the CLI makes.

    A preview shows all that would be deleted, and every protected one as an error.

    Raises FailedError for an option that names no resource of the stack, and for a deletion that was refused.
    """
    options, snapshot = session.run.options, session.snapshot
    warn_of_pending(session)
    known = {resource.urn for resource in snapshot.prior.values()}
    must_be_known(session, (*options.targets, *options.excludes), known)
    Selection(options)
    if options.refresh:
        refresh_all(session)
    outcomes = Outcomes()
    deletions = Deletions(session, outcomes, StepExecutor(session, outcomes, Hooks(session, Callbacks())))
    if options.exclude_protected:
        deletions.leave_out_protected()
    if session.run.preview:
        deletions.carry_out()
        return
    protected = [one for one in deletions.due() if one.protect and not one.pending_deletion]
    for one in protected:
        session.emit(Step("delete", one.urn, refused=True))
        session.go_on_after(ProtectedError(one.urn))
    if not protected:
        deletions.carry_out()
