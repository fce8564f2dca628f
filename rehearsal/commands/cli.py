"""Command line of the rehearsal: `python -m rehearsal`."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from rehearsal import cli_engine, provider
from rehearsal.cloud import Cloud, baseline
from rehearsal.commands import operations
from rehearsal.commands.chains import chains_command
from rehearsal.commands.drill import drill_command, drills_hold
from rehearsal.commands.invocation import Invocation, opened, reporting_at_the_end
from rehearsal.commands.options import Options, reporting_user_errors
from rehearsal.commands.report import Report
from rehearsal.commands.stacks import stack, state
from rehearsal.commands.stacks.imports import import_command
from rehearsal.drills.registry import find
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.processes.sdk_preload import Preload
from rehearsal.project import Project
from rehearsal.release import TAG, images_key, release
from rehearsal.state.locks import emptied_folder
from rehearsal.state.store import Store

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


for command in (operations.up, operations.preview, operations.refresh, operations.destroy):
    app.command()(command)
app.command()(operations.show)
app.command()(stack.export)
app.command("import")(import_command)
app.add_typer(stack.app, name="stack")
app.add_typer(state.app, name="state")


@app.command()
def push(
    context: typer.Context,
    tag: Annotated[str, typer.Option(help="The images' tag; another tag stands for other images.")] = TAG,
) -> None:
    """Pushes an image to each repository, as a pipeline does, and sets the digests for later updates.

    Images are pushed after the first `up`, which makes the repositories; the next one deploys them.
    """
    with opened(context) as invocation:
        invocation.push(tag)


@app.command()
def rehearse(
    context: typer.Context, times: Annotated[int, typer.Option(min=1, help="How often.")] = 2
) -> None:
    """Brings all stacks up from nothing, with images as soon as they can be pushed, then again and again.

    From the second time on nothing may change.
    """
    options: Options = context.obj
    folder = options.state or options.folder / ".rehearsal" / "rehearse"
    context.obj = Options(options.folder, folder, options.pack, options.pack_config)
    with reporting_user_errors(Report()), emptied_folder(folder), opened(context) as invocation:
        invocation.rehearse(times)


@app.command(name="rehearse-engine")
def rehearse_engine(
    context: typer.Context,
    drill: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A drill to run; may be repeated. All of them if none is given."),
    ] = None,
) -> None:
    """Rehearses on the Pulumi CLI's own engine: up, up again, refresh, drills, and down to nothing.

    For whoever has the Pulumi CLI on PATH. It works in a copy of the project under .rehearsal/engine, with a
    backend of its own, and asks nothing of a network. All drills take long: each refreshes and previews every
    stack, some of them several times.
    """
    options: Options = context.obj
    report = Report()
    if why := cli_engine.missing_cli():
        report.error(why)
        raise typer.Exit(1)
    home = options.state or options.folder / ".rehearsal" / "engine"
    with reporting_user_errors(report), emptied_folder(home):
        project = Project.read(options.folder)
        wanted = [find(name).name for name in drill or ()]  # before the work of hours, not after it
        with (
            cli_engine.CliEngine(project, home, options.pack_source, watch=report.watch) as engine,
            reporting_at_the_end(Invocation(engine, report)) as invocation,
        ):
            invocation.rehearse(2)
            for stack in invocation.chosen(None):
                invocation.act("refresh", stack, skip_preview=True)
            if not drills_hold(engine, home.with_name(f"{home.name}-drills"), report, wanted):
                invocation.fail("a drill didn't hold; see above")
            invocation.take_down()


@app.command()
def coverage(
    context: typer.Context,
    properties: Annotated[bool, typer.Option("--properties", help="Show each property, too.")] = False,
) -> None:
    """Shows how each resource type of the program is known to the pretend cloud, and who judges its properties.

    Brings all stacks up in a state folder of its own, without policies, to see which types there are.
    """
    options: Options = context.obj
    folder = options.state or options.folder / ".rehearsal" / "coverage"
    context.obj = Options(options.folder, folder, None, None)
    with reporting_user_errors(Report()), emptied_folder(folder), opened(context) as invocation:
        for stack in invocation.chosen(None):
            invocation.run("update", stack)
        if images_key(invocation.engine.project):
            release(invocation.engine)
        resources = [one for stack in invocation.chosen(None) for one in invocation.resources(stack)]
        types = Counter(one.type for one in resources)
        cloud = invocation.engine.cloud
        judged = {
            (one.type, covered.path): covered
            for one in resources
            for covered in cloud.property_coverage(one.type, one.inputs)
        }
        invocation.report.coverage(
            {token: (count, cloud.coverage(token)) for token, count in types.items()}, judged
        )
        invocation.report.judges(judged, each=properties)


app.command("chains")(chains_command)
app.command("drill")(drill_command)


@app.command(context_settings={"ignore_unknown_options": True})
def attach(
    context: typer.Context, command: Annotated[list[str], typer.Argument(metavar="COMMAND...")]
) -> None:
    """Runs a command, for example `pulumi up --stack us-east-1`, with the pretend cloud as its providers.

    For whoever has the Pulumi CLI: its engine, its state and its policies, our cloud. Put `--` before the command.
    """
    given: Options = context.obj
    store = Store(given.state or given.folder / ".rehearsal" / "attached", baseline.resources())
    cloud = Cloud(store.resources, given.folder / ".cache" / "schema")
    forks = ForkServer(
        Preload(["rehearsal.engine.registration.remote_components", "rehearsal.cloud.eks_component"], [])
    )
    with closing(forks), provider.serve(store, cloud, forks) as env:
        status = subprocess.run(command, cwd=given.folder, env=os.environ | env, check=False).returncode
    raise typer.Exit(status)
