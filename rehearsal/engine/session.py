"""Session: one operation on one stack while it runs, with what is recorded, emitted and failed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import RefusedError, ResourceIdentity
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Event, FailedError, Listener
from rehearsal.engine.options import EVERYTHING, OperationOptions
from rehearsal.engine.records import Resource
from rehearsal.engine.snapshot import Snapshot
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
    secret_keys: frozenset[str] = frozenset()  # of the config


class Session:
    """State of one operation, guarded by `lock`: registrations come from many threads of the program."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.snapshot = Snapshot(
            run.store, run.stack, preview=run.preview, records_begun=run.options.pending_operations
        )
        self.failure: FailedError | None = None  # the first, after which nothing is begun
        self.errors = 0  # after which it goes on: a preview, so that all are seen, and --continue-on-error
        self.lock = threading.RLock()
        self._emitting = threading.Lock()  # apart from `lock`: a hook that a step waits for may log

    # ---- events and failures

    def emit(self, event: Event) -> None:
        """Passes an event to the listener."""
        with self._emitting:
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

    def go_on_after(self, error: FailedError | RefusedError, urn: str = "") -> None:
        """Emits an error that doesn't end the operation, but makes it fail."""
        with self.lock:
            self.errors += 1
        known = error.urn if isinstance(error, FailedError) else ""
        self.emit(Diagnostic("error", str(error), known or urn))

    def refuse(self, error: FailedError) -> None:
        """Raises the error in an update. A preview emits it and goes on, so that all errors are seen."""
        if not self.run.preview:
            raise error
        self.go_on_after(error)

    @property
    def failed(self) -> bool:
        """Failure of any kind: of the operation as a whole, or an error after which it went on."""
        return self.failure is not None or self.errors > 0

    # ---- looking up

    def provider(self, reference: str) -> Resource | None:
        """Provider that a reference names; None for no reference. Raises FailedError for an unknown one."""
        if not reference:
            return None
        urn, id_ = urns.split_reference(reference)
        snapshot = self.snapshot
        candidates = [snapshot.new.get(urn), snapshot.recorded(urn), *self._replaced(urn)]
        known = [provider for provider in candidates if provider is not None]
        exact = (provider for provider in known if provider.id == id_)
        provider = next(exact, known[0] if known else None)
        if provider is None:
            raise FailedError(f"unknown provider '{reference}'")
        return provider

    def _replaced(self, urn: str) -> list[Resource]:
        return [it for key, it in self.snapshot.prior.items() if it.urn == urn and key != urn]

    def target(self, resource: Resource) -> ResourceIdentity | None:
        """Address of the resource in the cloud; None while its provider's config is unknown, and can't be used."""
        provider = self.provider(resource.provider)
        inputs: Values = provider.inputs if provider else {}
        return None if has_unknown(inputs) else ResourceIdentity(resource.urn, resource.type, inputs)
