"""Command `drill`: runs drills on copies of stacks that are up."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from rehearsal.commands.drill_report import DrillReport
from rehearsal.commands.options import Options, reporting_user_errors
from rehearsal.commands.report import Report
from rehearsal.drills import registry, timeline
from rehearsal.drills.drill import Drill, Stage
from rehearsal.drills.runner import play
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Engine
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.processes.sdk_preload import preload_of
from rehearsal.release import images_key, release
from rehearsal.state.locks import emptied_folder


def drill_command(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The drill; all are listed if none is named.")
    ] = None,
    parameter: Annotated[
        str | None, typer.Argument(metavar="[REGION]", help="The region, for a drill that takes one.")
    ] = None,
    stack: Annotated[
        list[str] | None,
        typer.Option(
            "--stack", "-s", metavar="STACK", help="A stack to refresh and preview; all if none is given."
        ),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List all drills.")] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Run every drill, and lose every region in turn.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Drill on stacks brought up for it, not on a copy of what is up.")
    ] = False,
) -> None:
    """Changes the cloud as AWS would, then shows what every stack would do about it.

    A drill works on a copy of the state folder: what is up stays as it is. The exit status is 1 if any stack
    would replace, delete or detach something, or change anything that the drill doesn't expect, and if a traffic
    class takes longer than its budget.
    """
    report = DrillReport(Report())
    given: Options = context.obj
    with reporting_user_errors(report.report):
        if list_ or (name is None and not all_):
            report.drills(registry.DRILLS.values())
            return
        if name is not None and all_:
            raise FailedError("--all runs every drill; leave the name out")
        with _drill_stacks(given, report, fresh=fresh) as stacks_up:
            wanted = stacks_up.every() if all_ else [stacks_up.named(name or "", parameter or "")]
            held = {label: stacks_up.run(drill, argument, stack or []) for label, drill, argument in wanted}
        if len(held) > 1:
            report.summary(held)
    if not all(held.values()):
        raise typer.Exit(1)


def drills_hold(engine: Engine, folder: Path, report: Report, names: Collection[str] = ()) -> bool:
    """Returns whether all drills hold, run on copies, made under `folder`, of the stacks that an engine has up.

    `names` are those of the drills to run; none stands for every drill.
    """
    drills = DrillReport(report)
    with emptied_folder(folder):
        stacks_up = DrillStacks(engine, folder, drills)
        chosen = [
            (label, drill, argument)
            for label, drill, argument in stacks_up.every()
            if drill.name in names or not names
        ]
        held = {label: stacks_up.run(drill, argument, []) for label, drill, argument in chosen}
    drills.summary(held)
    return all(held.values())


@contextmanager
def _drill_stacks(given: Options, report: DrillReport, *, fresh: bool) -> Iterator[DrillStacks]:
    """Stacks for drills: a copy of those that the user has up, or, if `fresh`, stacks that are brought up now."""
    folder = given.folder / ".rehearsal" / "drills"
    source = given.engine(given.state_folder, report.report.watch)
    with closing(ForkServer(preload_of(source.project.folder))) as server:
        source.server = server  # all engines here share it
        if not fresh and not _up(source):
            raise FailedError(
                f"nothing is up in {given.state_folder}; run `python -m rehearsal up` first, or give --fresh to have "
                "all stacks brought up for the drill alone"
            )
        with emptied_folder(folder):
            if fresh:
                engine = replace(given.engine(folder / "platform", report.report.watch), server=server)
                _bring_up(engine, report.report)
            else:
                engine = replace(source.copied(folder / "platform"), pack=source.pack)
            _refresh(engine, report.report)
            yield DrillStacks(engine, folder, report)


def _bring_up(engine: Engine, report: Report) -> None:
    """Brings all stacks up, and again with images, if the project has some."""
    for again in (False, True) if images_key(engine.project) else (False,):
        if again:
            release(engine)
        for stack in engine.stacks():
            with report.progress("update", stack):
                result = replace(engine, pack=None).update(stack, engine.project.config(stack, {}))
            if result.failed:
                report.result(result)
                raise FailedError(f"{stack} doesn't come up, so there is nothing to drill on")


def _refresh(engine: Engine, report: Report) -> None:
    """Refreshes the stacks, so that drills show no changes that came with stacks brought up later."""
    for stack in _up(engine):
        with report.progress("refresh", stack):
            result = engine.refresh(stack)
        if result.failed:
            report.result(result)
            raise FailedError(f"{stack} can't be refreshed, so there is nothing to drill on")


@dataclass(frozen=True)
class DrillStacks:
    """Stacks that are up and stay unchanged: each drill changes a copy of them."""

    engine: Engine
    folder: Path
    report: DrillReport

    def named(self, name: str, argument: str) -> tuple[str, Drill, str]:
        """Drill of a name, with label and argument. Raises FailedError for a name or argument that doesn't fit."""
        drill = registry.find(name)
        if drill.parameter and not argument:
            raise FailedError(
                f"{name} needs a {drill.parameter}: `drill {name} {drill.parameter.upper()}`, of "
                f"{', '.join(self.regions())}"
            )
        if argument and not drill.parameter:
            raise FailedError(
                f"{name} takes no parameter, and {argument} was given; name stacks with --stack"
            )
        return name, drill, argument

    def every(self) -> list[tuple[str, Drill, str]]:
        """All drills, each with its label; one that takes a region comes once for each."""
        regions = self.regions()
        return [
            (f"{drill.name} {argument}".strip(), drill, argument)
            for drill in registry.DRILLS.values()
            for argument in (regions if drill.parameter else [""])
        ]

    def regions(self) -> list[str]:
        """Regions of the stacks that are up."""
        stage = Stage(self.engine, _up(self.engine), [])
        return list(
            dict.fromkeys(region for stack in stage.stacks for region in sorted(stage.regions(stack)))
        )

    def run(self, drill: Drill, argument: str, stacks: Sequence[str]) -> bool:
        """Runs one drill on a copy. Returns whether it held; one that can't be run hasn't."""
        try:
            return self._play(drill, argument, stacks)
        except FailedError as error:
            self.report.report.error(str(error))
            return False

    def _play(self, drill: Drill, argument: str, stacks: Sequence[str]) -> bool:
        folder = self.folder / "now"
        shutil.rmtree(folder, ignore_errors=True)
        scenes = []
        # Without policies: they analyze the program, which is the same as before.
        with self.engine.copied(folder) as engine:
            stage = Stage(engine, _up(engine), _chosen(engine, drill, stacks), argument)
            self.report.begins(drill, argument)
            for played in play(drill, stage, self.report.report.progress, self.report.happens):
                self.report.scene(played)
                scenes.append(played)
        return self._in_time(drill) and not any(played.findings for played in scenes)

    def _in_time(self, drill: Drill) -> bool:
        """Returns whether every traffic class that the drill moves is within its budget; true without a
        policy pack.
        """
        moves = self.engine.moves(_up(self.engine))
        if moves is None:
            self.report.report.say(
                "no timeline: it is read by the policy pack, which is off or can't read it"
            )
            return True
        rows = list(timeline.rows(moves, timeline.budgets(self.engine), drill.traffic_classes))
        self.report.timeline(rows)
        return not any(row.fails for row in rows)


def _up(engine: Engine) -> list[str]:
    return [stack for stack in engine.stacks() if engine.records(stack)]


def _chosen(engine: Engine, drill: Drill, stacks: Sequence[str]) -> list[str]:
    up = _up(engine)
    if unknown := [stack for stack in stacks if stack not in up]:
        raise FailedError(f"--stack {unknown[0]}: it isn't up; up are {', '.join(up)}")
    if stacks and drill.needs_every_stack:
        raise FailedError(f"{drill.name} works on every stack; leave --stack out")
    return [stack for stack in up if not stacks or stack in stacks]
