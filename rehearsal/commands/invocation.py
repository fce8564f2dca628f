"""Invocation of the command line: operations on stacks, each reported, and the failures among them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from queue import SimpleQueue

import typer

from rehearsal.commands.options import Options, reporting_user_errors
from rehearsal.commands.report import Report
from rehearsal.commands.takedown import takedown_order
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.options import EVERYTHING, OperationOptions
from rehearsal.engine.records import Resource
from rehearsal.release import TAG, images_key, release
from rehearsal.state import history


class Invocation:
    """One invocation: its engine, its report, and whether anything has failed."""

    def __init__(self, engine: Engine, report: Report) -> None:
        self.engine = engine
        self.store = engine.store
        self.report = report
        self.results: list[Result] = []
        self.failures: list[str] = []

    def chosen(self, stacks: Sequence[str] | None) -> list[str]:
        """Stacks named by the user, or all, in the order in which they read each other. Raises FailedError."""
        known = self.engine.stacks()
        unknown = [stack for stack in stacks or () if stack not in known and not self.store.state(stack)]
        if unknown:
            raise FailedError(f"no stack is called {unknown[0]}; there are {', '.join(known)}")
        removed = [stack for stack in stacks or () if stack not in known]
        return [stack for stack in known if not stacks or stack in stacks] + removed

    def chosen_one(self, stack: str | None, named: Iterable[str] = ()) -> str:
        """The stack named by the user, or that of the named URNs, or the only one. Raises FailedError."""
        stacks = [stack] if stack else sorted({urns.stack_of(urn) for urn in named if urns.is_valid(urn)})
        chosen = self.chosen(stacks)
        if len(chosen) > 1:
            raise FailedError(f"name the stack with --stack; there are {', '.join(chosen)}")
        return chosen[0]

    def act(
        self,
        operation: str,
        stack: str,
        config: Sequence[str] | None = None,
        options: OperationOptions = EVERYTHING,
        *,
        skip_preview: bool = False,
        preview_only: bool = False,
    ) -> Result:
        """Preview of an operation and, if nothing speaks against it, the operation; reports what was done last."""
        if preview_only or not skip_preview:
            previewed = self.run(operation, stack, config, options, preview=True)
            if preview_only or previewed.failed:
                return self.add(previewed)
        return self.add(self.run(operation, stack, config, options))

    def run(
        self,
        operation: str,
        stack: str,
        config: Sequence[str] | None = None,
        options: OperationOptions = EVERYTHING,
        *,
        preview: bool = False,
        engine: Engine | None = None,
    ) -> Result:
        """Runs an update, refresh or destroy, or a preview of it, on the invocation's engine if no other is given.

        Shows its progress, and adds what isn't a preview to the history.
        """
        engine = engine or self.engine
        values = self.config(stack, config) if operation == "update" else {}
        run: dict[str, Callable[[], Result]] = {
            "update": lambda: (engine.preview if preview else engine.update)(stack, values, options),
            "refresh": lambda: engine.refresh(stack, options, preview=preview),
            "destroy": lambda: engine.destroy(stack, options, preview=preview),
        }
        return self.shown(operation, stack, run[operation], preview=preview)

    def shown(self, operation: str, stack: str, run: Callable[[], Result], *, preview: bool) -> Result:
        """Result of a run whose progress is shown; what isn't a preview is added to the history."""
        title = operation
        if preview:
            title = "preview" if operation == "update" else f"preview of {operation}"
        began = time.time()
        with self.report.progress(title, stack):
            result = replace(run(), operation=title)
        if not preview:
            kept = history.Entry(
                stack=stack,
                kind="resource-import" if operation == "import" else operation,
                began=began,
                seconds=result.seconds,
                result="failed" if result.failed else "succeeded",
                changes=dict(result.counts()),
            )
            history.append(self.store.folder, kept)
        return result

    def add(self, result: Result) -> Result:
        """Reports a result. Raises Abandoned if it failed: what comes after builds on it."""
        self.report.result(result)
        self.results.append(result)
        if result.failed:
            raise Abandoned
        return result

    def rehearse(self, times: int) -> None:
        """Brings all stacks up, so many times; from the second time on nothing may change.

        Only the first time has previews: that an update changes nothing says what a preview of it would.
        """
        for round_ in range(times):
            self.report.say(
                f"\n=== {'first' if round_ == 0 else 'next'} time: all stacks, from "
                f"{'nothing' if round_ == 0 else 'where they are'} ==="
            )
            with closing(self._ups(self.chosen(None), again=round_ > 0)) as results:
                for result in results:
                    self.add(result)
                    if round_ and result.changes:
                        self.fail(
                            f"{result.stack}: {result.changes} steps changed something, and nothing had changed"
                        )
            if round_ == 0:
                self.release()
        self.platform()

    def release(self) -> None:
        """Pushes images, and brings all stacks up with them; nothing for a project that deploys none."""
        if not images_key(self.engine.project):
            return
        self.push(TAG)
        with closing(self._ups(self.chosen(None), again=True)) as results:
            for result in results:
                self.add(result)

    def push(self, tag: str) -> None:
        """Pushes an image to each repository, and says which config from now on deploys them."""
        digests = release(self.engine, tag)
        self.report.say("\n=== images are pushed, and replicated ===")
        for repository, digest in digests.items():
            self.report.say(f"{repository}:{tag}  {digest}")
        for stack, config in self.engine.project.released.items():
            self.report.say(
                f"{stack}: {', '.join(config)} has these digests from now on, in this state folder"
            )

    def _ups(self, stacks: Sequence[str], *, again: bool) -> Generator[Result]:
        """Results of bringing the stacks up, in their order, until it is closed.

        When it is done again, side by side, if the engine lets them: each reads what the others exported before.
        There is one more at work than there are cores, for engine and program wait for each other.
        """
        engines = [self.engine]
        if again:
            others = (self.engine.beside() for _ in range(min(os.cpu_count() or 1, len(stacks) - 1)))
            engines += [engine for engine in others if engine]
        free = SimpleQueue[Engine]()
        for engine in engines:
            free.put(engine)

        def up(stack: str) -> Result:
            engine = free.get()
            try:
                previewed = None if again else self.run("update", stack, preview=True, engine=engine)
                return (
                    previewed if previewed and previewed.failed else self.run("update", stack, engine=engine)
                )
            finally:
                free.put(engine)

        if len(engines) == 1:
            yield from map(up, stacks)
            return
        with ThreadPoolExecutor(len(engines)) as pool:
            yield from pool.map(up, stacks)
        self.store.catch_up()

    def take_down(self) -> None:
        """Retires and destroys all stacks; then only what AWS keeps may be left."""
        self.report.say("\n=== down: each stack is retired, then destroyed ===")
        project = self.engine.project
        for stack, config in takedown_order(project, self.chosen(None)):
            retired = {**config, f"{project.name}:retire": "true"}
            self.act("update", stack, [f"{key}={value}" for key, value in retired.items()], skip_preview=True)
            self.act("destroy", stack, skip_preview=True)
        for thing in self.engine.cloud.living():
            self.fail(f"{thing.type} {thing.id} is left, and belongs to no stack: {thing.urn}")
        self.kept()

    def resources(self, stack: str) -> list[Resource]:
        """Resources that a stack has in the cloud after an update."""
        result = self.run("update", stack)
        if result.failed:
            self.add(result)
        return [r for r in result.resources if r.custom and not r.external and not r.is_provider]

    def show(self, stack: str, *, urns: bool = False) -> None:
        """Reports the resources and outputs of a stack, with the resources' URNs if asked for."""
        self.report.stack(self.engine.recorded(stack), show_urns=urns)

    def kept(self) -> None:
        """Reports deleted things that AWS keeps."""
        for thing in self.engine.cloud.retained():
            self.report.say(f"kept by AWS: {thing.type}  {thing.id}  {thing.region}")

    def platform(self) -> None:
        """Evaluates the platform rules over all stacks, and their roles, if all of them are up."""
        stacks = self.engine.stacks()
        if all(self.engine.records(stack) for stack in stacks):
            violations = self.engine.platform(stacks)
            if violations is not None:
                self.report.platform(violations)
                self.failures += [f"{v.rule} is mandatory" for v in violations if v.mandatory]
            self.failures += [f"{it.urn}: {why}" for it, why in self.engine.cloud.without_effect()]

    def fail(self, why: str) -> None:
        """Adds a failure that is in no result."""
        self.failures.append(why)

    def config(self, stack: str, config: Sequence[str] | None) -> dict[str, str]:
        """Config of a stack, with the values given as KEY=VALUE. Raises FailedError for another form."""
        pairs = [text.partition("=") for text in config or ()]
        for key, equals, _ in pairs:
            if not equals:
                raise FailedError(f"--config {key}: write KEY=VALUE, for example castle:retire=true")
        return self.engine.project.config(stack, {key: value for key, _, value in pairs})


@contextmanager
def opened(context: typer.Context) -> Iterator[Invocation]:
    """Invocation over the project, the state folder and an engine; its end reports and sets the exit status."""
    report = Report()
    given: Options = context.obj
    with (
        reporting_user_errors(report),
        given.engine(given.state_folder, report.watch) as engine,
        reporting_at_the_end(Invocation(engine, report)) as invocation,
    ):
        yield invocation


class Abandoned(Exception):  # noqa: N818 not an error: it is reported already
    """End of an invocation after a failed operation."""


@contextmanager
def reporting_at_the_end(invocation: Invocation) -> Iterator[Invocation]:
    """Reports all results and failures at the end, and sets the exit status."""
    with suppress(Abandoned):
        yield invocation
    if len(invocation.results) > 1:
        invocation.report.summary(invocation.results)
    for why in invocation.failures:
        invocation.report.error(why)
    if invocation.failures or any(result.failed for result in invocation.results):
        raise typer.Exit(1)
