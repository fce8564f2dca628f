"""The embedded engine: it runs the program, serves its resource monitor and records its steps, without the CLI."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rehearsal.cloud import Cloud, baseline
from rehearsal.engine import records
from rehearsal.engine.events import Diagnostic, Event, FailedError
from rehearsal.engine.imports.importer import import_all
from rehearsal.engine.imports.listed import Import
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.options import EVERYTHING, OperationOptions
from rehearsal.engine.policies.analyzer import NoAnalyzer
from rehearsal.engine.policies.pack import Pack
from rehearsal.engine.processes.forkserver import Child
from rehearsal.engine.records import Resource
from rehearsal.engine.registration import remote_components
from rehearsal.engine.resource_monitor import ResourceMonitor, serve
from rehearsal.engine.session import Run, Session
from rehearsal.engine.steps.deployment import Deployment
from rehearsal.engine.steps.destroy import destroy_all
from rehearsal.engine.steps.pending import clear_pending, warn_of_pending
from rehearsal.engine.steps.refresh import refresh_all
from rehearsal.project import ORGANIZATION, Config
from rehearsal.state.store import Store


@dataclass
class EmbeddedEngine(Engine):
    """Engine in this process, over the journals of a state folder."""

    def refresh(self, stack: str, options: OperationOptions = EVERYTHING, *, preview: bool = False) -> Result:
        with self._session("refresh", stack, {}, options, preview=preview) as (session, result):
            clear_pending(session)
            refresh_all(session)
        return result

    def destroy(self, stack: str, options: OperationOptions = EVERYTHING, *, preview: bool = False) -> Result:
        with self._session("destroy", stack, {}, options, preview=preview) as (session, result):
            destroy_all(session)
        return result

    def import_(
        self,
        stack: str,
        config: Mapping[str, str],
        imports: Sequence[Import],
        *,
        protect: bool,
        preview: bool = False,
    ) -> Result:
        """Import of existing things into the stack's records; a preview only says what it would record."""
        with self._session("import", stack, config, EVERYTHING, preview=preview) as (session, result):
            import_all(session, imports, protect=protect)
        return result

    def records(self, stack: str) -> list[Resource]:
        return [records.from_record(record) for record in self.store.state(stack).values()]

    def copied(self, folder: Path) -> EmbeddedEngine:
        with self.store.change():
            shutil.copytree(self.store.folder, folder)
        return replace(self._over(folder), pack=None)

    def beside(self) -> EmbeddedEngine:
        # With a store of its own, as another process has: nothing in memory is shared but the fork server.
        return self._over(self.store.folder)

    def _over(self, folder: Path) -> EmbeddedEngine:
        store = Store(folder, baseline.resources())
        cloud = Cloud(store.resources, self.project.folder / ".cache" / "schema")
        return replace(self, store=store, cloud=cloud, server=self._fork_server())

    # ---- preview and update: a subclass may take the program's requests from elsewhere

    def monitor(self, deployment: Deployment, session: Session) -> ResourceMonitor:
        """Resource monitor that takes the requests of one run."""
        return ResourceMonitor(
            deployment,
            session,
            ORGANIZATION,
            partial(remote_components.construct_in_process, self._fork_server()),
        )

    def evaluate(self, monitor: ResourceMonitor, pack: Pack | None) -> None:
        """Runs the program, which registers its resources with the monitor, to its end. Raises FailedError."""
        with serve(monitor) as address, ExitStack() as open_:
            child = self._program(monitor.session.run, address)
            open_.callback(child.kill)
            if pack is not None:
                pack.start()
            self._wait_for(child, monitor.session)

    def _deploy(
        self, operation: str, stack: str, config: Mapping[str, str], options: OperationOptions
    ) -> Result:
        server = self._fork_server()
        preview = operation == "preview"
        with (
            self._session(operation, stack, config, options, preview=preview) as (session, result),
            ExitStack() as open_,
        ):
            pack = None
            if self.pack is not None:
                pack = Pack(self.pack, session, server, ORGANIZATION)
                open_.callback(pack.close)
                result.verdicts = pack.verdicts
            deployment = Deployment(session, pack or NoAnalyzer())
            if options.refresh:
                refresh_all(session)
            else:
                warn_of_pending(session)
            try:
                self.evaluate(self.monitor(deployment, session), pack)
                session.raise_failure()
            except FailedError:
                deployment.record_stack_outputs()
                raise
            deployment.finish()
            if result.verdicts and result.verdicts.mandatory:
                result.failed = True
        return result

    def _program(self, run: Run, address: str) -> Child:
        return self._fork_server().fork(
            "rehearsal.engine.processes.language_host:run",
            self.project.folder,
            {
                "PULUMI_CONFIG": json.dumps(dict(run.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps(sorted(run.secret_keys)),
            },
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
        """Waits for the program's end. Raises FailedError with its error, unless the session has failed already."""
        output = child.output.read().decode(errors="replace").rstrip()
        report = child.report.read()
        if output and session.failure is None:
            session.emit(Diagnostic("info", output))
        error = json.loads(report)["error"] if report else f"the program ended without a word:\n{output}"
        if error and session.failure is None:
            raise session.fail(FailedError(error))

    @contextmanager
    def _session(
        self,
        operation: str,
        stack: str,
        config: Mapping[str, str],
        options: OperationOptions,
        *,
        preview: bool,
    ) -> Iterator[tuple[Session, Result]]:
        """Locks the stack for one operation, and completes the result at its end, also after a failure."""
        result = Result(operation, stack)
        began = time.monotonic()

        def listen(event: Event) -> None:
            result.events.append(event)
            self.watch(stack, event)

        with self.store.hold(stack):
            session = Session(
                Run(
                    project=self.project.name,
                    stack=stack,
                    folder=self.project.folder,
                    config=config,
                    secret_keys=config.secret if isinstance(config, Config) else frozenset(),
                    preview=preview,
                    store=self.store,
                    cloud=self.cloud,
                    listener=listen,
                    options=options,
                )
            )
            try:
                yield session, result
            except FailedError as error:
                session.fail(error)
            result.failed = result.failed or session.failed
            if not preview:
                self.store.compact(stack)
            everything = [*session.snapshot.prior.values(), *session.snapshot.new.values()]
            result.owners = {r.urn: r.parent if r.custom else r.urn for r in everything}
            previewed = operation == "preview" and not result.failed
            recorded = map(records.from_record, self.store.state(stack).values())
            self._describe(result, session.snapshot.new.values() if previewed else recorded)
        result.seconds = time.monotonic() - began
