"""One operation on one stack while it runs: what the stack remembered, what it is becoming, and the record of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import Changes, RefusedError, Target
from rehearsal.engine import records, urns
from rehearsal.engine.events import Diagnostic, Event, FailedError, Listener
from rehearsal.engine.records import Resource
from rehearsal.state.store import Store
from rehearsal.values import Values, has_unknown


@dataclass(frozen=True)
class Run:
    """What is settled before an operation begins."""

    project: str
    stack: str
    folder: Path  # the program's
    config: Mapping[str, str]
    preview: bool
    store: Store
    cloud: Cloud
    listener: Listener


class Session:
    """The state of one operation. `turn` guards it: registrations come from many threads of the program."""

    def __init__(self, run: Run) -> None:
        self.run = run
        prior = [records.from_record(record) for record in run.store.state(run.stack).values()]
        self.olds = {resource.urn: resource for resource in prior if not resource.condemned}
        self.condemned = {resource.key: resource for resource in prior if resource.condemned}
        self.news: dict[str, Resource] = {}
        self.failure: FailedError | None = None
        self.objections = 0  # what a preview would be refused for, and goes on after to show the rest
        self.turn = threading.RLock()

    # ---- telling

    def tell(self, event: Event) -> None:
        """Passes an event on."""
        with self.turn:
            self.run.listener(event)

    def go_on(self) -> None:
        """Raises the first failure again, if there was one: nothing is begun after it."""
        if self.failure is not None:
            raise self.failure

    def failed(self, error: FailedError | RefusedError, urn: str = "", before: str = "") -> FailedError:
        """Keeps and tells the first failure; whatever fails later does so because of it."""
        with self.turn:
            if self.failure is None:
                known = error.urn if isinstance(error, FailedError) else ""
                self.failure = FailedError(before + str(error), known or urn)
                self.tell(Diagnostic("error", self.failure.message, self.failure.urn))
            return self.failure

    def object_to(self, error: FailedError) -> None:
        """Fails an update. A preview tells the error and goes on, so that all of it is seen."""
        if not self.run.preview:
            raise error
        self.objections += 1
        self.tell(Diagnostic("error", error.message, error.urn))

    # ---- recording

    def commit(self, records: Mapping[str, Resource | None], changes: Changes) -> None:
        """Writes down, as one line, what a step did to the stack and to the cloud; nothing in a preview."""
        if not self.run.preview and (records or changes):
            written = {key: resource and resource.record() for key, resource in records.items()}
            self.run.store.commit(self.run.stack, written, changes)

    def following(self, old: str, new: str) -> Iterable[Resource]:
        """What still names a renamed resource by its old URN, named anew; only what the run hasn't come to yet.

        A predecessor of it that waits for its deletion keeps the old URN, and is needed as before: it goes last.
        """
        leftover = [old] if any(each.urn == old for each in self.condemned.values()) else []
        for remembered in (self.olds, self.condemned):
            for key, resource in list(remembered.items()):
                if resource.urn not in self.news and old in resource.needs():
                    now = resource.renamed(old, new)
                    remembered[key] = replace(now, dependencies=[*now.dependencies, *leftover])
                    yield remembered[key]

    # ---- looking up

    def provider(self, reference: str) -> Resource | None:
        """The provider that a reference names; None for no reference. Raises FailedError for an unknown one."""
        if not reference:
            return None
        urn = urns.split_reference(reference)[0]
        condemned = (resource for resource in self.condemned.values() if resource.urn == urn)
        found = self.news.get(urn) or self.olds.get(urn) or next(condemned, None)
        if found is None:
            raise FailedError(f"unknown provider '{reference}'")
        return found

    def target(self, resource: Resource) -> Target | None:
        """Whom to ask in the cloud; None while the provider's own config is unknown: then it can't be asked."""
        provider = self.provider(resource.provider)
        inputs: Values = provider.inputs if provider else {}
        return None if has_unknown(inputs) else Target(resource.urn, resource.type, inputs)
