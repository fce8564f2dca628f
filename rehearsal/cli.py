"""The command line of the rehearsal."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from rehearsal import drilling, provider, real
from rehearsal.cloud import Cloud, seed
from rehearsal.engine import export as exporting
from rehearsal.engine.events import FailedError
from rehearsal.engine.forkserver import ForkServer
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.sdk import Sdk
from rehearsal.invocation import Options, mistakes
from rehearsal.project import Project
from rehearsal.report import Report
from rehearsal.store import Store, emptied
from rehearsal.takedown import down

app = typer.Typer(
    name="rehearsal",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Runs the project's own program, unchanged, against a pretend cloud: no account, no plugin, no network.\n\n"
    "Stacks are named as for `pulumi`; none named means all of them, in the order in which they read each "
    "other. What was created stays in the state folder until it is destroyed.",
)

Stacks = Annotated[
    list[str] | None,
    typer.Argument(metavar="[STACK]...", help="Stacks to work on; all of them if none is named."),
]
Config = Annotated[
    list[str] | None,
    typer.Option(
        "--config", "-c", metavar="KEY=VALUE", help="A config value for this run alone; may be repeated."
    ),
]


@app.callback()
def options(
    context: typer.Context,
    cwd: Annotated[Path, typer.Option("--cwd", "-C", help="The folder with Pulumi.yaml.")] = Path(),
    state: Annotated[
        Path | None,
        typer.Option(help="Where the rehearsal remembers; .rehearsal/state under --cwd if not given."),
    ] = None,
    policy_pack: Annotated[
        Path | None, typer.Option(help="The policy pack; policy/ under --cwd if not given.")
    ] = None,
    policy_pack_config: Annotated[
        Path | None,
        typer.Option(help="Config for the pack, in the CLI's form; castle.json in the default pack."),
    ] = None,
    policies: Annotated[bool, typer.Option(help="Whether to judge with the policy pack.")] = True,
) -> None:
    own = cwd / "policy"
    pack = policy_pack or (own if own.is_dir() else None)
    config = policy_pack_config
    if config is None and pack == own and (own / "castle.json").exists():
        config = own / "castle.json"
    context.obj = Options(cwd, state, pack if policies else None, config)


@app.command()
def up(
    context: typer.Context,
    stacks: Stacks = None,
    config: Config = None,
    skip_preview: Annotated[bool, typer.Option(help="Update without a preview first.")] = False,
) -> None:
    """Previews each stack and, if nothing speaks against it, makes it what the program says."""
    with _work(context) as work:
        for stack in work.chosen(stacks):
            work.up(stack, config, skip_preview)
        work.platform()


@app.command()
def preview(context: typer.Context, stacks: Stacks = None, config: Config = None) -> None:
    """Shows what `up` would do. Changes nothing."""
    with _work(context) as work:
        for stack in work.chosen(stacks):
            work.do("preview", stack, config)


@app.command()
def refresh(
    context: typer.Context,
    stacks: Stacks = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="URN", help="A resource that isn't asked for; may be repeated."),
    ] = None,
) -> None:
    """Takes over into each stack's records what its things look like in the cloud now."""
    with _work(context) as work:
        chosen = work.chosen(stacks)
        strange = [urn for urn in exclude or () if not any(urn in work.store.state(s) for s in chosen)]
        if strange:
            raise FailedError(f"--exclude {strange[0]}: no such resource in {', '.join(chosen)}")
        for stack in chosen:
            work.refresh(stack, [urn for urn in exclude or () if urn in work.store.state(stack)])


@app.command()
def destroy(context: typer.Context, stacks: Stacks = None) -> None:
    """Deletes all that the stacks have, the last of them first.

    Refused while anything is protected: lift that with `up STACK -c castle:retire=true` first.
    """
    with _work(context) as work:
        for stack in reversed(work.chosen(stacks)):
            if work.store.state(stack) or stacks:
                work.do("destroy", stack)
        work.kept()


@app.command()
def show(context: typer.Context, stacks: Stacks = None) -> None:
    """Shows the resources and the outputs that each stack has now."""
    with _work(context) as work:
        for stack in work.chosen(stacks):
            work.show(stack)


@app.command()
def export(context: typer.Context, stack: Annotated[str, typer.Argument(help="The stack.")]) -> None:
    """Prints a stack as `pulumi stack export` would, for tools that read that; secrets are left out."""
    with _work(context) as work:
        (chosen,) = work.chosen([stack])
        typer.echo(json.dumps(exporting.deployment(work.engine.shown(chosen).resources), indent=4))


@app.command()
def rehearse(
    context: typer.Context, times: Annotated[int, typer.Option(min=1, help="How often.")] = 2
) -> None:
    """Brings all stacks up from nothing, then again: from the second time on nothing may change."""
    options: Options = context.obj
    state = options.state or options.folder / ".rehearsal" / "rehearse"
    context.obj = Options(options.folder, state, options.pack, options.pack_config)
    with mistakes(Report()), emptied(state), _work(context) as work:
        work.rehearse(times)


@app.command(name="rehearse-engine")
def rehearse_engine(context: typer.Context) -> None:
    """Rehearses on the Pulumi CLI's own engine: up, up again, refresh, every drill, and down to nothing.

    For whoever has the Pulumi CLI on PATH. It works in a copy of the project under .rehearsal/engine, with a
    backend of its own, and asks nothing of a network.
    """
    options: Options = context.obj
    report = Report()
    if why := real.missing():
        report.error(why)
        raise typer.Exit(1)
    home = options.state or options.folder / ".rehearsal" / "engine"
    with mistakes(report), emptied(home):
        project = Project.read(options.folder)
        with (
            real.RealEngine(project, home, options.source, watch=report.watch) as engine,
            _ended(Work(engine, report)) as work,
        ):
            work.rehearse(2)
            for stack in work.chosen(None):
                work.refresh(stack, [])
            if not drilling.all_held(engine, home.with_name(f"{home.name}-drills"), report):
                work.fail("a drill didn't hold; see above")
            work.take_down()


@app.command()
def coverage(context: typer.Context) -> None:
    """Shows how each resource type of the program is known to the pretend cloud.

    Brings all stacks up in a state folder of its own, without policies, to see which types there are.
    """
    options: Options = context.obj
    state = options.state or options.folder / ".rehearsal" / "coverage"
    context.obj = Options(options.folder, state, None, None)
    with mistakes(Report()), emptied(state), _work(context) as work:
        types = Counter(type_ for stack in work.chosen(None) for type_ in work.types(stack))
        work.report.coverage(
            {token: (count, work.engine.cloud.coverage(token)) for token, count in types.items()}
        )


app.command("drill")(drilling.drill)


@app.command(context_settings={"ignore_unknown_options": True})
def attach(
    context: typer.Context, command: Annotated[list[str], typer.Argument(metavar="COMMAND...")]
) -> None:
    """Runs a command, for example `pulumi up --stack us-east-1`, with the pretend cloud as its providers.

    For whoever has the Pulumi CLI: its engine, its state and its policies, our cloud. Put `--` before the command.
    """
    given: Options = context.obj
    store = Store(given.state or given.folder / ".rehearsal" / "attached", seed.things())
    cloud = Cloud(store.things, given.folder / ".cache" / "schema")
    forks = ForkServer(Sdk(["rehearsal.engine.remote", "rehearsal.cloud.eks"], []))
    with closing(forks), provider.serve(store, cloud, forks) as env:
        status = subprocess.run(command, cwd=given.folder, env=os.environ | env, check=False).returncode
    raise typer.Exit(status)


class Work:
    """One invocation: its engine, its report, and whether anything has failed."""

    def __init__(self, engine: Engine, report: Report) -> None:
        self.engine = engine
        self.store = engine.store
        self.report = report
        self.results: list[Result] = []
        self.failures: list[str] = []

    def chosen(self, stacks: Sequence[str] | None) -> list[str]:
        """The stacks that are meant, in the order in which they read each other. Raises FailedError."""
        known = self.engine.stacks()
        unknown = [stack for stack in stacks or () if stack not in known and not self.store.state(stack)]
        if unknown:
            raise FailedError(f"no stack is called {unknown[0]}; there are {', '.join(known)}")
        gone = [stack for stack in stacks or () if stack not in known]
        return [stack for stack in known if not stacks or stack in stacks] + gone

    def up(self, stack: str, config: Sequence[str] | None, skip_preview: bool) -> Result:
        """A preview, and an update if it is clean."""
        if not skip_preview:
            found = self.run("preview", stack, config)
            if found.failed:
                return self.take(found)
        return self.do("update", stack, config)

    def do(self, operation: str, stack: str, config: Sequence[str] | None = None) -> Result:
        """Runs an operation and reports it."""
        return self.take(self.run(operation, stack, config))

    def refresh(self, stack: str, exclude: Sequence[str]) -> None:
        """Refreshes a stack but for some URNs, and reports it."""
        with self.report.progress("refresh", stack):
            result = self.engine.refresh(stack, exclude)
        self.take(result)

    def run(self, operation: str, stack: str, config: Sequence[str] | None) -> Result:
        """Runs an operation, with progress."""
        values = self._config(stack, config) if operation in ("preview", "update") else {}
        run: dict[str, Callable[[], Result]] = {
            "preview": lambda: self.engine.preview(stack, values),
            "update": lambda: self.engine.update(stack, values),
            "destroy": lambda: self.engine.destroy(stack),
        }
        with self.report.progress(operation, stack):
            return run[operation]()

    def take(self, result: Result) -> Result:
        """Reports a result. Raises Abandoned if it failed: what comes after builds on it."""
        self.report.result(result)
        self.results.append(result)
        if result.failed:
            raise Abandoned
        return result

    def rehearse(self, times: int) -> None:
        """Brings all stacks up so often; only the first time anything may change."""
        for time in range(times):
            self.report.say(
                f"\n=== {'first' if time == 0 else 'next'} time: all stacks, from "
                f"{'nothing' if time == 0 else 'where they are'} ==="
            )
            for stack in self.chosen(None):
                result = self.up(stack, None, skip_preview=False)
                if time and result.changes:
                    self.fail(f"{stack}: {result.changes} steps changed something, and nothing had changed")
        self.platform()

    def take_down(self) -> None:
        """Retires and destroys everything; what is left then must be what AWS keeps."""
        self.report.say("\n=== down: each stack is retired, then destroyed ===")
        project = self.engine.project
        for stack, config in down(project, self.chosen(None)):
            retired = {**config, f"{project.name}:retire": "true"}
            self.do("update", stack, [f"{key}={value}" for key, value in retired.items()])
            self.do("destroy", stack)
        for thing in self.engine.cloud.living():
            self.fail(f"{thing.type} {thing.id} is left, and belongs to no stack: {thing.urn}")
        self.kept()

    def types(self, stack: str) -> list[str]:
        """Updates a stack, and tells the types of what it then has in the cloud, each as often as there are."""
        result = self.run("update", stack, None)
        if result.failed:
            self.take(result)
        return [r.type for r in result.resources if r.custom and not r.external and not r.is_provider]

    def show(self, stack: str) -> None:
        """Reports what a stack has."""
        self.report.stack(self.engine.shown(stack))

    def kept(self) -> None:
        """Reports what AWS keeps of things that were deleted."""
        for thing in self.engine.cloud.kept():
            self.report.say(f"kept by AWS: {thing.type}  {thing.id}  {thing.region}")

    def platform(self) -> None:
        """Judges all stacks together, if all of them are there."""
        stacks = self.engine.stacks()
        if all(self.engine.records(stack) for stack in stacks):
            violations = self.engine.platform(stacks)
            if violations is not None:
                self.report.platform(violations)
                self.failures += [f"{v.rule} is mandatory" for v in violations if v.mandatory]

    def fail(self, why: str) -> None:
        """Notes a failure that no result has."""
        self.failures.append(why)

    def _config(self, stack: str, config: Sequence[str] | None) -> dict[str, str]:
        pairs = [text.partition("=") for text in config or ()]
        for key, equals, _ in pairs:
            if not equals:
                raise FailedError(f"--config {key}: write KEY=VALUE, for example castle:retire=true")
        return self.engine.project.config(stack, {key: value for key, _, value in pairs})


class Abandoned(Exception):  # noqa: N818 not an error: the report has told of it
    """An operation failed; nothing more is begun."""


@contextmanager
def _work(context: typer.Context) -> Iterator[Work]:
    """Opens project, state and engine."""
    report = Report()
    given: Options = context.obj
    with (
        mistakes(report),
        given.engine(given.remembered, report.watch) as engine,
        _ended(Work(engine, report)) as work,
    ):
        yield work


@contextmanager
def _ended(work: Work) -> Iterator[Work]:
    """At the end says what happened, and sets the exit status."""
    with suppress(Abandoned):
        yield work
    if len(work.results) > 1:
        work.report.summary(work.results)
    for why in work.failures:
        work.report.error(why)
    if work.failures or any(result.failed for result in work.results):
        raise typer.Exit(1)
