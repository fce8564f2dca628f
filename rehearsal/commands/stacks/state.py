"""Commands `state delete`, `rename`, `protect`, `unprotect`, `taint`, `untaint` and `move`, as the CLI has them.

They change a stack's records, and nothing in the cloud.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from rehearsal.commands.invocation import Invocation, opened
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.state_edits import commit, edits
from rehearsal.engine.state_edits.move import Move, move

app = typer.Typer(
    no_args_is_help=True,
    help="Edits a stack's records, and nothing in the cloud. Resources are named by URN: `show --urns` has them.",
)

Urns = Annotated[list[str] | None, typer.Argument(metavar="URN...", help="Resources, by URN.")]
Stack = Annotated[
    str | None, typer.Option("--stack", "-s", help="The stack; that of the URNs if it isn't named.")
]
All = Annotated[bool, typer.Option("--all", help="All resources of the stack.")]


@app.command()
def delete(
    context: typer.Context,
    urns: Urns = None,
    stack: Stack = None,
    force: Annotated[bool, typer.Option("--force", help="Delete protected resources, too.")] = False,
    target_dependents: Annotated[
        bool, typer.Option("--target-dependents", help="Delete what depends on them, too.")
    ] = False,
    every: All = False,
) -> None:
    """Forgets resources. They stay in the cloud, and belong to no stack any more."""
    with opened(context) as invocation:
        named = _named(urns, every, "cannot specify a resource URN when deleting all resources")

        def edit(resources: Sequence[Resource]) -> list[Resource]:
            kept = edits.delete(resources, named, force=force, target_dependents=target_dependents)
            left = {one.key for one in kept}
            for one in resources:
                if one.protect and one.key not in left:
                    invocation.report.say(
                        f"warning: deleting protected resource {one.urn} due to presence of --force"
                    )
            return kept

        _edit(invocation, stack, named, edit, releases=True)
        count = len({*named}) if named is not None else 0
        invocation.report.say(
            "Resources deleted"
            if named is None
            else "Resource deleted"
            if count == 1
            else f"{count} resources deleted"
        )


@app.command()
def rename(
    context: typer.Context,
    urn: Annotated[str, typer.Argument(metavar="URN", help="The resource, by URN.")],
    name: Annotated[str, typer.Argument(help="Its new name.")],
    stack: Stack = None,
) -> None:
    """Renames a resource, and what refers to it along with it, so that the program may rename it, too."""
    with opened(context) as invocation:
        _edit(invocation, stack, [urn], lambda resources: edits.rename(resources, urn, name))
        invocation.report.say("Resource renamed")


@app.command()
def protect(context: typer.Context, urns: Urns = None, stack: Stack = None, every: All = False) -> None:
    """Protects resources from deletion, until the program is run that doesn't protect them."""
    _mark(context, urns, stack, every, "protected", protect=True)


@app.command()
def unprotect(context: typer.Context, urns: Urns = None, stack: Stack = None, every: All = False) -> None:
    """Lifts the protection of resources, until the program is run that protects them."""
    _mark(context, urns, stack, every, "unprotected", protect=False)


@app.command()
def taint(context: typer.Context, urns: Urns = None, stack: Stack = None) -> None:
    """Has the next update replace resources."""
    _mark(context, urns, stack, False, "tainted", taint=True)


@app.command()
def untaint(context: typer.Context, urns: Urns = None, stack: Stack = None, every: All = False) -> None:
    """Takes back that the next update is to replace resources."""
    _mark(context, urns, stack, every, "untainted", taint=False)


@app.command(name="move")
def move_command(
    context: typer.Context,
    urns: Annotated[list[str], typer.Argument(metavar="URN...", help="Resources of the source, by URN.")],
    dest: Annotated[str, typer.Option("--dest", help="The stack to move them to.")],
    source: Annotated[
        str | None,
        typer.Option("--source", help="The stack that has them; that of the URNs if it isn't named."),
    ] = None,
    include_parents: Annotated[
        bool, typer.Option("--include-parents", help="Move their parents, too.")
    ] = False,
) -> None:
    """Moves resources, and all that is in them, to another stack of the project, with their providers."""
    with opened(context) as invocation:
        origin, store = invocation.chosen_one(source, urns), invocation.store
        (target,) = invocation.chosen([dest])
        if origin == target:
            raise FailedError(f"{target} has them already: --dest is the stack to move them to")
        with store.hold(origin), store.hold(target), store.change():
            before, there = invocation.engine.records(origin), invocation.engine.records(target)
            project = invocation.engine.project.name
            done = move(before, there, urns, project=project, stack=target, include_parents=include_parents)
            commit.commit(store, target, there, done.destination, {})  # first: what is in both isn't lost
            commit.commit(store, origin, before, done.source, {})
        _say(invocation, done, origin, target)


def _say(invocation: Invocation, done: Move, origin: str, target: str) -> None:
    say = invocation.report.say
    for urn in done.missing:
        say(f"warning: Resource {urn} not found in source stack")
    say(f"Moved from {origin} to {target}:\n")
    for urn in done.moved:
        say(f"  - {urn}")
    for cut, words in (
        (done.cut_in_source, f"remaining in {origin} had dependencies on resources moved to {target}"),
        (done.cut_in_destination, f"moved to {target} had dependencies on resources in {origin}"),
    ):
        if cut:
            say(f"\nThe following resources {words}:\n")
        for line in cut:
            say(f"  - {line}")
    if done.cut_in_source or done.cut_in_destination:
        say(
            "\nIt is necessary to create the appropriate inputs and outputs in the program for the stack the "
            "resources are moved to."
        )
    say(f"\nSuccessfully moved resources from {origin} to {target}")


def _mark(
    context: typer.Context, urns: list[str] | None, stack: str | None, every: bool, done: str, **marks: bool
) -> None:
    with opened(context) as invocation:
        named = _named(None if every else urns, every, "")
        _edit(invocation, stack, named, lambda resources: edits.marked(resources, named, **marks))
        invocation.report.say(f"All resources {done}" if named is None else f"{len(named)} resources {done}")


def _named(urns: list[str] | None, every: bool, too_many: str) -> list[str] | None:
    """URNs that the user named; None for all of them. Raises FailedError for both, and for none."""
    if every and urns:
        raise FailedError(too_many)
    if not every and not urns:
        raise FailedError("Must supply <resource URN>")
    return urns or None


def _edit(
    invocation: Invocation,
    stack: str | None,
    named: list[str] | None,
    edit: Callable[[Sequence[Resource]], list[Resource]],
    *,
    releases: bool = False,
) -> None:
    """Edits the records of a stack; with `releases` what is no longer recorded belongs to no stack any more."""
    chosen, store = invocation.chosen_one(stack, named or ()), invocation.store
    with store.hold(chosen), store.change():
        before = invocation.engine.records(chosen)
        after = edit(before)
        owners = commit.ownership(invocation.engine.cloud, before, after) if releases else {}
        commit.commit(store, chosen, before, after, owners)
