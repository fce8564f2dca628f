"""Invocation of the command line: operations on stacks, each reported, and the failures among them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from queue import SimpleQueue

import typer

from rehearsal.commands.report import Report
from rehearsal.commands.takedown import takedown_order
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.options import OperationOptions
from rehearsal.engine.records import Resource
from rehearsal.release import TAG, images_key, release


class Invocation:
    """One invocation: its engine, its report, and whether anything has failed."""

    def __init__(self, engine: Engine, report: Report) -> None:
        self.engine = engine
        self.store = engine.store
        self.report = report
        self.results: list[Result] = []
        self.failures: list[str] = []

    def chosen(self, stacks: Sequence[str] | None, replacing: Sequence[str] | None = None) -> list[str]:
        """Stacks named by the user, or all, in the order in which they read each other. Raises FailedError.

        Where resources are to be replaced, it is those stacks that have them.
        """
        if replacing:
            return self._having(replacing, stacks)
        known = self.engine.stacks()
        unknown = [stack for stack in stacks or () if stack not in known and not self.store.state(stack)]
        if unknown:
            raise FailedError(f"no stack is called {unknown[0]}; there are {', '.join(known)}")
        removed = [stack for stack in stacks or () if stack not in known]
        return [stack for stack in known if not stacks or stack in stacks] + removed

    def _having(self, urns: Sequence[str], stacks: Sequence[str] | None) -> list[str]:
        having: dict[str, None] = {}
        for urn in urns:
            found = [it for it in self.chosen(stacks) if urn in {one.urn for one in self.engine.records(it)}]
            if not found:
                raise FailedError(f"--replace {urn}: no such resource; `show` lists those of a stack")
            having[found[0]] = None
        return [stack for stack in self.engine.stacks() if stack in having]

    def up(
        self,
        stack: str,
        config: Sequence[str] | None,
        skip_preview: bool,
        replacing: Collection[str] = (),
    ) -> Result:
        """Preview of a stack, and update if the preview is clean."""
        return self.add(self._up(self.engine, stack, config, skip_preview, replacing))

    def _up(
        self,
        engine: Engine,
        stack: str,
        config: Sequence[str] | None,
        skip_preview: bool,
        replacing: Collection[str] = (),
    ) -> Result:
        """The update's result, not reported yet; the preview's, if there is something against the update."""
        if not skip_preview:
            previewed = self.run("preview", stack, config, engine, replacing)
            if previewed.failed:
                return previewed
        return self.run("update", stack, config, engine, replacing)

    def run_and_report(self, operation: str, stack: str, config: Sequence[str] | None = None) -> Result:
        """Runs an operation and reports it."""
        return self.add(self.run(operation, stack, config))

    def refresh(self, stack: str, exclude: Sequence[str]) -> None:
        """Refreshes a stack without the excluded URNs, and reports it."""
        with self.report.progress("refresh", stack):
            result = self.engine.refresh(stack, OperationOptions(excludes=tuple(exclude)))
        self.add(result)

    def run(
        self,
        operation: str,
        stack: str,
        config: Sequence[str] | None,
        engine: Engine | None = None,
        replacing: Collection[str] = (),
    ) -> Result:
        """Runs an operation, on the invocation's engine if no other is given, and shows its progress."""
        engine = engine or self.engine
        values = self._config(stack, config) if operation in ("preview", "update") else {}
        options = OperationOptions(replaces=tuple(replacing))
        run: dict[str, Callable[[], Result]] = {
            "preview": lambda: engine.preview(stack, values, options),
            "update": lambda: engine.update(stack, values, options),
            "destroy": lambda: engine.destroy(stack),
        }
        with self.report.progress(operation, stack):
            return run[operation]()

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
        for time in range(times):
            self.report.say(
                f"\n=== {'first' if time == 0 else 'next'} time: all stacks, from "
                f"{'nothing' if time == 0 else 'where they are'} ==="
            )
            with closing(self._ups(self.chosen(None), again=time > 0)) as results:
                for result in results:
                    self.add(result)
                    if time and result.changes:
                        self.fail(
                            f"{result.stack}: {result.changes} steps changed something, and nothing had changed"
                        )
            if time == 0:
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
                return self._up(engine, stack, None, skip_preview=again)
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
            self.run_and_report("update", stack, [f"{key}={value}" for key, value in retired.items()])
            self.run_and_report("destroy", stack)
        for thing in self.engine.cloud.living():
            self.fail(f"{thing.type} {thing.id} is left, and belongs to no stack: {thing.urn}")
        self.kept()

    def resources(self, stack: str) -> list[Resource]:
        """Resources that a stack has in the cloud after an update."""
        result = self.run("update", stack, None)
        if result.failed:
            self.add(result)
        return [r for r in result.resources if r.custom and not r.external and not r.is_provider]

    def show(self, stack: str) -> None:
        """Reports the resources and outputs of a stack."""
        self.report.stack(self.engine.recorded(stack))

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

    def _config(self, stack: str, config: Sequence[str] | None) -> dict[str, str]:
        pairs = [text.partition("=") for text in config or ()]
        for key, equals, _ in pairs:
            if not equals:
                raise FailedError(f"--config {key}: write KEY=VALUE, for example castle:retire=true")
        return self.engine.project.config(stack, {key: value for key, _, value in pairs})


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
