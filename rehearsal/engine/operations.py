"""Engine operations on one stack: preview, update, refresh, destroy. Each runs by itself and returns a Result."""

from __future__ import annotations

import json
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import Changes, ResourceIdentity
from rehearsal.cloud.types import schema_filling
from rehearsal.engine import export, urns
from rehearsal.engine.events import Event, Step, Violation
from rehearsal.engine.options import EVERYTHING, OperationOptions
from rehearsal.engine.policies import entries
from rehearsal.engine.policies.analyzer import Verdicts
from rehearsal.engine.policies.pack import PackSource
from rehearsal.engine.processes import sdk_preload
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from rehearsal.state.store import EXTERNAL_JOURNAL, Store
from rehearsal.values import Values


@dataclass
class Result:
    """Result of an operation: its events, verdicts, outputs and resources, and whether it failed for any reason."""

    operation: str
    stack: str
    events: list[Event] = field(default_factory=list)
    verdicts: Verdicts | None = None
    outputs: Values = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)
    owners: dict[str, str] = field(
        default_factory=dict
    )  # URN -> URN of the component that it is, or is part of
    seconds: float = 0.0
    failed: bool = False

    @property
    def steps(self) -> list[Step]:
        """Steps that were taken, in their order; those on default providers are left out, as by the CLI."""
        taken = [event for event in self.events if isinstance(event, Step) and not event.refused]
        return [step for step in taken if not urns.is_default_provider(step.urn)]

    def counts(self) -> Counter[str]:
        """Number of steps by operation."""
        return Counter(step.op for step in self.steps)

    @property
    def changes(self) -> int:
        """Number of steps that changed anything."""
        return sum(step.op not in ("same", "read") for step in self.steps)


@dataclass
class Engine(ABC):
    """Engine over one project, one state folder and one pretend cloud: the embedded one, or the Pulumi CLI's.

    `watch` gets every event as it comes. Use it as a context: it owns the server that starts programs, unless it
    is given one.
    """

    project: Project
    store: Store
    cloud: Cloud
    pack: PackSource | None = None
    watch: Callable[[str, Event], None] = lambda stack, event: None  # noqa: ARG005 nobody watches
    server: ForkServer | None = None

    def __post_init__(self) -> None:
        self._own_server: ForkServer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._own_server is not None:
            self._own_server.close()

    # ---- the operations

    def preview(
        self, stack: str, config: Mapping[str, str], options: OperationOptions = EVERYTHING
    ) -> Result:
        """Preview: the steps that an update would take; nothing is changed."""
        return self._deploy("preview", stack, config, options)

    def update(self, stack: str, config: Mapping[str, str], options: OperationOptions = EVERYTHING) -> Result:
        """Update of the stack to what the program declares. A mandatory violation stops it before its resource."""
        return self._deploy("update", stack, config, options)

    @abstractmethod
    def _deploy(
        self, operation: str, stack: str, config: Mapping[str, str], options: OperationOptions
    ) -> Result:
        """Runs the program for a preview or an update."""

    @abstractmethod
    def refresh(self, stack: str, options: OperationOptions = EVERYTHING, *, preview: bool = False) -> Result:
        """Refresh: records the stack's resources as the cloud has them now; a preview only says what differs."""

    @abstractmethod
    def destroy(self, stack: str, options: OperationOptions = EVERYTHING, *, preview: bool = False) -> Result:
        """Destroy: deletes all resources of the stack; a preview only says which.

        Refused, before the first deletion, if any is protected.
        """

    def change_cloud(self, changes: Changes) -> None:
        """Makes a change of the cloud that no stack makes."""
        with self.store.change():
            self.store.commit(EXTERNAL_JOURNAL, {}, changes)

    # ---- what is recorded

    @abstractmethod
    def records(self, stack: str) -> list[Resource]:
        """State of each of the stack's resources; empty for a stack that isn't up."""

    @abstractmethod
    def copied(self, folder: Path) -> Engine:
        """Engine over a copy, in a new folder, of state and cloud; without policies."""

    @abstractmethod
    def beside(self) -> Engine | None:
        """Engine over the same state and cloud that may run while this one does, on another stack.

        None for an engine that runs one operation at a time.
        """

    def unreadable(self, stack: str) -> list[str]:
        """URNs of the stack's resources that can't be read now, so that a refresh has to exclude them."""
        records = {resource.key: resource for resource in self.records(stack)}
        unreadable = []
        for resource in records.values():
            if not resource.custom or resource.is_provider or resource.external:
                continue
            provider = records.get(urns.split_reference(resource.provider)[0]) if resource.provider else None
            target = ResourceIdentity(resource.urn, resource.type, provider.inputs if provider else {})
            if self.cloud.is_unreachable(target, resource.inputs, resource.outputs):
                unreadable.append(resource.urn)
        return sorted(unreadable)

    def stacks(self) -> list[str]:
        """Names of the project's stacks, each after those that it reads: `settings.stacks`, called with its config.

        A project without `settings` has the stacks that it has files for.
        """
        folder = self.project.folder
        if not (folder / "settings").is_dir() and not (folder / "settings.py").exists():
            return sorted(path.name.split(".")[1] for path in folder.glob("Pulumi.*.yaml"))
        return self._fork_server().ask("settings:stacks", folder, {"config": self.project.defaults()})

    def recorded(self, stack: str) -> Result:
        """Result with the stack's recorded resources and outputs; nothing is run."""
        result = Result("show", stack)
        self._describe(result, self.records(stack))
        return result

    def platform(self, stacks: Iterable[str]) -> list[Violation] | None:
        """Violations of the pack's platform rules, whose evidence lies in several stacks, in these stacks.

        None if the pack names no entry for them in its `entries.yaml`.
        """
        if self.pack is None:
            return None
        config = str(self.pack.config.resolve()) if self.pack.config else None
        found = self._asked(entries.PLATFORM_FINDINGS, stacks, config=config)
        return (
            None
            if found is None
            else [
                Violation(f["rule"], f["urn"], f"{f['message']}\n{f['fix']}", f["mandatory"], f["severity"])
                for f in found
            ]
        )

    def moves(self, stacks: Iterable[str]) -> list[dict[str, Any]] | None:
        """Moves of traffic when a region is lost, with their durations, as these stacks declare them.

        It is the pack that computes it, by the arithmetic of its own rules. None if the pack names no entry for
        it in its `entries.yaml`.
        """
        return self._asked(entries.FAILOVER_MOVES, stacks)

    def _asked(self, name: str, stacks: Iterable[str], **more: str | None) -> list[dict[str, Any]] | None:
        """Answer of an entry of the pack about the exports of these stacks; None for a pack without entries."""
        entry = entries.read(self.pack.folder).get(name) if self.pack else None
        if self.pack is None or entry is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            files = {}
            for stack in stacks:
                file = Path(folder) / f"{stack}.json"
                file.write_text(json.dumps(export.deployment(self.recorded(stack).resources)))
                files[stack] = str(file)
            return self._fork_server().ask(
                f"{entries.__name__}:call",
                self.pack.folder,
                {"name": name, "entry": entry, "arguments": {"stacks": files, **more}},
            )

    @staticmethod
    def _describe(result: Result, resources: Iterable[Resource]) -> None:
        result.resources = list(resources)
        for resource in result.resources:
            if resource.type == urns.STACK_TYPE:
                result.outputs = resource.outputs

    def _fork_server(self) -> ForkServer:
        if self.server is None:
            preload = sdk_preload.preload_of(self.project.folder)
            self.server = self._own_server = ForkServer(preload)
            if cache := self.cloud.schema_cache:
                # Reading them in this process would take all the imports that the server has done.
                arguments = {"cache": str(cache.resolve()), "classes": preload.classes}
                self.server.ask(f"{schema_filling.__name__}:fill", self.project.folder, arguments)
        return self.server
