"""The operations on one stack: preview, update, refresh, destroy. Each is a run of its own and leaves a Result."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.provider_verbs import RefusedError, Target
from rehearsal.engine import export, records, urns
from rehearsal.engine.events import Diagnostic, Event, FailedError, Step, Violation
from rehearsal.engine.policies.pack import NoJudge, Pack, PackSource, Verdicts
from rehearsal.engine.processes import sdk
from rehearsal.engine.processes.forkserver import Child, ForkServer
from rehearsal.engine.records import Resource
from rehearsal.engine.registration import remote
from rehearsal.engine.registration.monitor import Monitor, serve
from rehearsal.engine.session import Run, Session
from rehearsal.engine.steps import deletion
from rehearsal.engine.steps.deployment import Deployment
from rehearsal.project import ORGANIZATION, Project
from rehearsal.state.store import Store
from rehearsal.values import Values


@dataclass
class Result:
    """What an operation did and found. `failed` says whether it failed, for whatever reason."""

    operation: str
    stack: str
    events: list[Event] = field(default_factory=list)
    verdicts: Verdicts | None = None
    outputs: Values = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)  # URN -> that of the component it is, or is part of
    seconds: float = 0.0
    failed: bool = False

    @property
    def steps(self) -> list[Step]:
        """The steps that were taken, in their order; the engine's own, on default providers, left out."""
        taken = [event for event in self.events if isinstance(event, Step) and not event.refused]
        return [step for step in taken if not urns.is_default_provider(step.urn)]

    def counts(self) -> Counter[str]:
        """How many steps there were of each kind."""
        return Counter(step.op for step in self.steps)

    @property
    def changes(self) -> int:
        """How many steps changed anything."""
        return sum(step.op not in ("same", "read") for step in self.steps)


@dataclass
class Engine:
    """The embedded engine over one project, one state folder and one pretend cloud.

    `watch` is told of every event as it comes. Use it as a context: it owns the server that starts programs,
    unless it is given one.
    """

    project: Project
    store: Store
    cloud: Cloud
    pack: PackSource | None = None
    watch: Callable[[str, Event], None] = lambda stack, event: None  # noqa: ARG005 told to nobody
    server: ForkServer | None = None

    def __post_init__(self) -> None:
        self._own_server: ForkServer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._own_server is not None:
            self._own_server.close()

    # ---- the operations

    def preview(self, stack: str, config: Mapping[str, str]) -> Result:
        """What an update would do; nothing is changed."""
        return self._deploy("preview", stack, config)

    def update(self, stack: str, config: Mapping[str, str]) -> Result:
        """Makes the stack what the program says. Mandatory violations stop it before the resource at fault."""
        return self._deploy("update", stack, config)

    def refresh(self, stack: str, exclude: Collection[str] = ()) -> Result:
        """Takes over into the stack's records what its things look like in the cloud now.

        Resources whose URNs are in `exclude` aren't asked for, and stay as they are recorded.
        """
        with self._session("refresh", stack, {}) as (session, result):
            if unknown := sorted(set(exclude) - session.olds.keys()):
                raise FailedError(f"--exclude {unknown[0]}: the stack {stack} has no such resource")
            for old in records.in_dependency_order(session.olds.values()):
                if old.urn in exclude:
                    continue
                with self.store.change():
                    step, new = self._looked_at(session, old)
                    session.commit({} if new == old else {old.key: new}, {})
                if step is not None:
                    session.tell(step)
        return result

    def records(self, stack: str) -> list[Resource]:
        """What is remembered of each of the stack's resources; empty for a stack that isn't up."""
        return [records.from_record(record) for record in self.store.state(stack).values()]

    def copied(self, folder: Path) -> Engine:
        """The same engine over a copy, in a new folder, of all that is remembered; without policies."""
        with self.store.change():
            shutil.copytree(self.store.folder, folder)
        store = Store(folder, baseline.things())
        cloud = Cloud(store.things, self.project.folder / ".cache" / "schema")
        return replace(self, store=store, cloud=cloud, pack=None, server=self._forks())

    def silent(self, stack: str) -> list[str]:
        """The URNs of the stack's resources that can't be read now: what a refresh has to leave out."""
        records = {resource.key: resource for resource in self.records(stack)}
        found = []
        for resource in records.values():
            if not resource.custom or resource.is_provider or resource.external:
                continue
            provider = records.get(urns.split_reference(resource.provider)[0]) if resource.provider else None
            target = Target(resource.urn, resource.type, provider.inputs if provider else {})
            if self.cloud.silent(target, resource.inputs, resource.outputs):
                found.append(resource.urn)
        return sorted(found)

    def destroy(self, stack: str) -> Result:
        """Deletes all that the stack has. Refused, before the first delete, while anything is protected."""
        with self._session("destroy", stack, {}) as (session, result):
            deletion.delete_all(session, [*session.olds.values(), *session.condemned.values()])
        return result

    def stacks(self) -> list[str]:
        """The project's stacks, each after those that it reads: what its `settings.stacks` says of its config.

        A project without `settings` has the stacks that it has files for.
        """
        folder = self.project.folder
        if not (folder / "settings").is_dir() and not (folder / "settings.py").exists():
            return sorted(path.name.split(".")[1] for path in folder.glob("Pulumi.*.yaml"))
        return self._forks().ask("settings:stacks", folder, {"config": self.project.defaults()})

    def shown(self, stack: str) -> Result:
        """What the stack has now; nothing is run."""
        result = Result("show", stack)
        self._describe(result, self.records(stack))
        return result

    def platform(self, stacks: Iterable[str]) -> list[Violation] | None:
        """What the pack's platform rules, whose evidence lies in several stacks, find in these stacks.

        None if the pack has no such rules, which it offers as `controls.pack.exported:findings`.
        """
        if self.pack is None:
            return None
        config = str(self.pack.config.resolve()) if self.pack.config else None
        found = self._asked("findings", stacks, config=config)
        return (
            None
            if found is None
            else [
                Violation(f["rule"], f["urn"], f"{f['message']}\n{f['fix']}", f["mandatory"], f["severity"])
                for f in found
            ]
        )

    def moves(self, stacks: Iterable[str]) -> list[dict[str, Any]] | None:
        """How traffic moves when a region is lost, and how fast, as these stacks declare it.

        It is the pack that computes it, by the arithmetic of its own rules, which it offers as
        `controls.pack.exported:moves`. None if it has none.
        """
        return self._asked("moves", stacks)

    def _asked(self, what: str, stacks: Iterable[str], **more: str | None) -> list[dict[str, Any]] | None:
        """What a function of the pack's answers about the exports of these stacks; None for a pack without it."""
        if self.pack is None or not (self.pack.folder / "controls" / "pack" / "exported.py").exists():
            return None
        with tempfile.TemporaryDirectory() as folder:
            files = {}
            for stack in stacks:
                file = Path(folder) / f"{stack}.json"
                file.write_text(json.dumps(export.deployment(self.shown(stack).resources)))
                files[stack] = str(file)
            return self._forks().ask(
                f"controls.pack.exported:{what}", self.pack.folder, {"stacks": files, **more}
            )

    # ---- where an update's requests come from

    def monitor(self, deployment: Deployment, session: Session) -> Monitor:
        """What takes the requests of one run."""
        return Monitor(deployment, session, ORGANIZATION, partial(remote.constructed, self._forks()))

    def evaluate(self, monitor: Monitor, pack: Pack | None) -> None:
        """Runs the program to its end: all that it wants, it asks the monitor. Raises FailedError if it fails."""
        with serve(monitor) as address, ExitStack() as open_:
            child = self._program(monitor.session.run, address)
            open_.callback(child.kill)
            if pack is not None:
                pack.start()
            self._wait_for(child, monitor.session)

    # ---- their parts

    def _deploy(self, operation: str, stack: str, config: Mapping[str, str]) -> Result:
        server = self._forks()
        with self._session(operation, stack, config) as (session, result), ExitStack() as open_:
            pack = None
            if self.pack is not None:
                pack = Pack(self.pack, session, server, ORGANIZATION)
                open_.callback(pack.close)
                result.verdicts = pack.verdicts
            deployment = Deployment(session, pack or NoJudge())
            self.evaluate(self.monitor(deployment, session), pack)
            session.go_on()
            deployment.finish()
            if result.verdicts and result.verdicts.mandatory:
                result.failed = True
        return result

    def _program(self, run: Run, address: str) -> Child:
        return self._forks().fork(
            "rehearsal.engine.processes.program:run",
            self.project.folder,
            {"PULUMI_CONFIG": json.dumps(dict(run.config)), "PULUMI_CONFIG_SECRET_KEYS": "[]"},
            {
                "project": run.project,
                "stack": run.stack,
                "organization": ORGANIZATION,
                "address": address,
                "preview": run.preview,
            },
        )

    @staticmethod
    def _wait_for(child: Child, session: Session) -> None:
        """Waits for the program's end. Raises FailedError with its error, if that isn't told already."""
        said = child.output.read().decode(errors="replace").rstrip()
        report = child.report.read()
        if said and session.failure is None:
            session.tell(Diagnostic("info", said))
        error = json.loads(report)["error"] if report else f"the program ended without a word:\n{said}"
        if error and session.failure is None:
            raise session.failed(FailedError(error))

    @contextmanager
    def _session(
        self, operation: str, stack: str, config: Mapping[str, str]
    ) -> Iterator[tuple[Session, Result]]:
        """Holds the stack for one operation, and closes the result whatever comes."""
        result = Result(operation, stack)
        began = time.monotonic()

        def listen(event: Event) -> None:
            result.events.append(event)
            self.watch(stack, event)

        preview = operation == "preview"
        with self.store.hold(stack):
            session = Session(
                Run(
                    self.project.name,
                    stack,
                    self.project.folder,
                    config,
                    preview,
                    self.store,
                    self.cloud,
                    listen,
                )
            )
            try:
                yield session, result
            except FailedError as error:
                session.failed(error)
            result.failed = result.failed or session.failure is not None or session.objections > 0
            if not preview:
                self.store.compact(stack)
            everything = [*session.olds.values(), *session.news.values()]
            result.owners = {r.urn: r.parent if r.custom else r.urn for r in everything}
            imagined = preview and not result.failed
            recorded = map(records.from_record, self.store.state(stack).values())
            self._describe(result, session.news.values() if imagined else recorded)
        result.seconds = time.monotonic() - began

    @staticmethod
    def _describe(result: Result, resources: Iterable[Resource]) -> None:
        result.resources = list(resources)
        for resource in result.resources:
            if resource.type == urns.STACK_TYPE:
                result.outputs = resource.outputs

    def _looked_at(self, session: Session, old: Resource) -> tuple[Step | None, Resource | None]:
        if not old.custom or old.is_provider or old.external:
            return None, old
        target = session.target(old)
        if target is None:
            return None, old
        try:
            found = self.cloud.read(target, old.id, old.inputs, old.outputs)
        except RefusedError as error:
            raise session.failed(error, old.urn) from error
        if found is None:
            return Step("delete", old.urn), None
        new = replace(old, inputs=found.inputs, outputs=found.outputs)
        changed = sorted(
            key
            for key in old.outputs.keys() | new.outputs.keys()
            if old.outputs.get(key) != new.outputs.get(key)
        )
        return Step("refresh", old.urn, tuple(changed)), new

    def _forks(self) -> ForkServer:
        if self.server is None:
            self.server = self._own_server = ForkServer(sdk.used_by(self.project.folder))
        return self.server
