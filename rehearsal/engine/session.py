"""Session: one operation on one stack while it runs, with the recorded and the newly registered resources."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import Changes, RefusedError, ResourceIdentity
from rehearsal.engine import records, urns
from rehearsal.engine.events import Diagnostic, Event, FailedError, Listener
from rehearsal.engine.options import EVERYTHING, OperationOptions
from rehearsal.engine.records import Resource
from rehearsal.state.store import Store
from rehearsal.values import Values, has_unknown


@dataclass(frozen=True, kw_only=True)
class Run:
    """Arguments of one operation: project, stack, config, and where it reads, writes and reports."""

    project: str
    stack: str
    folder: Path  # the program's
    config: Mapping[str, str]
    preview: bool
    store: Store
    cloud: Cloud
    listener: Listener
    options: OperationOptions = EVERYTHING


class Session:
    """State of one operation, guarded by `lock`: registrations come from many threads of the program.

    `recorded` has the resources from earlier operations and `registered` those of this one, by URN;
    `pending_deletions` those that were replaced and are still to be deleted, by key.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        prior = [records.from_record(record) for record in run.store.state(run.stack).values()]
        self.recorded = {resource.urn: resource for resource in prior if not resource.pending_deletion}
        self.pending_deletions = {resource.key: resource for resource in prior if resource.pending_deletion}
        self.registered: dict[str, Resource] = {}
        self.failure: FailedError | None = None
        self.refusals = 0  # errors of a preview after which it goes on, to show all of them
        self.lock = threading.RLock()

    # ---- events and failures

    def emit(self, event: Event) -> None:
        """Passes an event to the listener."""
        with self.lock:
            self.run.listener(event)

    def raise_failure(self) -> None:
        """Raises the first failure again, if there was one: nothing is begun after it."""
        if self.failure is not None:
            raise self.failure

    def fail(self, error: FailedError | RefusedError, urn: str = "", before: str = "") -> FailedError:
        """Keeps and emits the first failure; later ones are its consequences, and are dropped."""
        with self.lock:
            if self.failure is None:
                known = error.urn if isinstance(error, FailedError) else ""
                self.failure = FailedError(before + str(error), known or urn)
                self.emit(Diagnostic("error", self.failure.message, self.failure.urn))
            return self.failure

    def refuse(self, error: FailedError) -> None:
        """Raises the error in an update. A preview emits it and goes on, so that all errors are seen."""
        if not self.run.preview:
            raise error
        self.refusals += 1
        self.emit(Diagnostic("error", error.message, error.urn))

    # ---- recording

    def commit(self, records: Mapping[str, Resource | None], changes: Changes) -> None:
        """Records the changes of a step, in the stack and in the cloud, as one journal line; nothing in a preview."""
        if not self.run.preview and (records or changes):
            written = {key: resource and resource.record() for key, resource in records.items()}
            self.run.store.commit(self.run.stack, written, changes)

    def repoint_dependents(self, old: str, new: str) -> Iterable[Resource]:
        """Recorded resources that need a renamed one, changed to its new URN; only those not registered in this run.

        If a replaced predecessor with the old URN awaits its deletion, they depend on that, too: it is deleted last.
        """
        predecessor = [old] if any(each.urn == old for each in self.pending_deletions.values()) else []
        for resources in (self.recorded, self.pending_deletions):
            for key, resource in list(resources.items()):
                if resource.urn not in self.registered and old in resource.needs():
                    renamed = resource.renamed(old, new)
                    resources[key] = replace(renamed, dependencies=[*renamed.dependencies, *predecessor])
                    yield resources[key]

    # ---- looking up

    def provider(self, reference: str) -> Resource | None:
        """Provider that a reference names; None for no reference. Raises FailedError for an unknown one."""
        if not reference:
            return None
        urn = urns.split_reference(reference)[0]
        replaced = (resource for resource in self.pending_deletions.values() if resource.urn == urn)
        provider = self.registered.get(urn) or self.recorded.get(urn) or next(replaced, None)
        if provider is None:
            raise FailedError(f"unknown provider '{reference}'")
        return provider

    def target(self, resource: Resource) -> ResourceIdentity | None:
        """Address of the resource in the cloud; None while its provider's config is unknown, and can't be used."""
        provider = self.provider(resource.provider)
        inputs: Values = provider.inputs if provider else {}
        return None if has_unknown(inputs) else ResourceIdentity(resource.urn, resource.type, inputs)
