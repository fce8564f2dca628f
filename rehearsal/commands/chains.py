"""Command `chains`: the longest dependency chains of stacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from rehearsal.commands.chain_report import ChainReport
from rehearsal.commands.invocation import Invocation, reporting_at_the_end
from rehearsal.commands.options import Options, reporting_user_errors
from rehearsal.commands.report import Report
from rehearsal.engine.dependency_chains import Dependencies
from rehearsal.release import images_key, release
from rehearsal.state.locks import emptied_folder


def chains_command(
    context: typer.Context,
    stacks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STACK]...", help="Stacks whose chains are shown; all of them if none is named."
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many chains of each stack.")] = 5,
) -> None:
    """Shows the longest chains of resources that are registered one after another, and who asks for each link.

    A link is asked for by an input, by `depends_on`, by `deletedWith`, by the provider or by the parent. Something
    that depends on a component depends on all that is in it. `saves` is by how many resources the chain would be
    shorter without this link alone.

    The stack is brought up, with the stacks that it reads and without policies, in a state folder of its own; its
    images, which come later, are part of what is shown.
    """
    given: Options = context.obj
    folder = given.state or given.folder / ".rehearsal" / "chains"
    report = Report()
    with (
        reporting_user_errors(report),
        emptied_folder(folder),
        replace(given, pack=None, pack_config=None).engine(folder, report.watch) as engine,
        reporting_at_the_end(Invocation(engine, report)) as invocation,
    ):
        asked, known = invocation.chosen(stacks), invocation.chosen(None)
        for stack in known[: known.index(asked[-1]) + 1]:
            brought_up = invocation.run("update", stack)
            if brought_up.failed:
                invocation.add(brought_up)
        if images_key(engine.project):
            release(engine)
        for stack in asked:
            previewed = invocation.run("update", stack, preview=True)
            if previewed.failed:
                invocation.add(previewed)
            ChainReport(report).stack(stack, Dependencies(previewed.resources), count)
