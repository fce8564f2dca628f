"""Options of the operations on stacks, as the command line takes them, and what of them is each stack's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.options import OperationOptions
from rehearsal.engine.steps.selection import matches

_PATTERNS = "`*` and `**` match parts of it; may be repeated."

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
SkipPreview = Annotated[bool, typer.Option("--skip-preview", "-f", help="Act without a preview first.")]
PreviewOnly = Annotated[bool, typer.Option("--preview-only", help="Only say what would be done.")]
Target = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        "-t",
        metavar="URN",
        help=f"A resource to work on, and no other; {_PATTERNS} Only the stacks that have one are worked on.",
    ),
]
TargetDependents = Annotated[
    bool, typer.Option("--target-dependents", help="Work on what depends on the targets, too.")
]
TargetReplace = Annotated[
    list[str] | None,
    typer.Option("--target-replace", metavar="URN", help="Short for --target URN --replace URN."),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", "-x", metavar="URN", help=f"A resource to leave as it is; {_PATTERNS}"),
]
ExcludeDependents = Annotated[
    bool, typer.Option("--exclude-dependents", help="Leave what depends on the excluded ones as it is, too.")
]
Replace = Annotated[
    list[str] | None,
    typer.Option(
        "--replace",
        metavar="URN",
        help=f"A resource to replace whether it has changed or not; {_PATTERNS} Only its stack is worked on.",
    ),
]
Refresh = Annotated[
    bool, typer.Option("--refresh", "-r", help="Read every resource in the cloud before anything else.")
]
Parallel = Annotated[
    int, typer.Option("--parallel", "-p", min=0, help="Steps at a time; 0 for as many as there are.")
]
ContinueOnError = Annotated[
    bool, typer.Option("--continue-on-error", help="Go on with what doesn't depend on a failed step.")
]
ExcludeProtected = Annotated[
    bool, typer.Option("--exclude-protected", help="Destroy all but what is protected, and what that needs.")
]

ClearPendingCreates = Annotated[
    bool,
    typer.Option("--clear-pending-creates", help="Take what a kill left half created for not created."),
]
PendingOperations = Annotated[
    bool,
    typer.Option(
        "--pending-operations", help="Record what is begun, so that a kill leaves what one of the CLI leaves."
    ),
]


def options_by_stack(
    records: Mapping[str, Collection[str]], options: OperationOptions
) -> dict[str, OperationOptions]:
    """Stacks to work on, of those with these URNs, each with those of the options that are about its resources.

    With targets it is those alone that have them, or else those with the resources to be replaced. Raises
    FailedError.
    """
    if options.targets and options.excludes:
        raise FailedError("--target and --exclude can't be used together")
    if options.targets and options.exclude_protected:
        raise FailedError("you cannot specify --target and --exclude-protected")
    targets = {urn: _having("--target", urn, records) for urn in options.targets}
    excludes = {urn: _having("--exclude", urn, records) for urn in options.excludes}
    replaces = {urn: _having("--replace", urn, records) for urn in options.replaces}
    narrowing = (targets or replaces).values()
    return {
        stack: replace(
            options,
            targets=tuple(urn for urn, having in targets.items() if stack in having),
            excludes=tuple(urn for urn, having in excludes.items() if stack in having),
            replaces=tuple(urn for urn, having in replaces.items() if stack in having),
        )
        for stack in records
        if not narrowing or any(stack in having for having in narrowing)
    }


def _having(option: str, urn: str, records: Mapping[str, Collection[str]]) -> Sequence[str]:
    """Stacks with a resource that a URN or a pattern names; all of them for a pattern that names none."""
    found = [stack for stack, known in records.items() if any(matches(one, [urn]) for one in known)]
    if found or "*" in urn:
        return found or list(records)
    if option == "--target" and urns.is_valid(urn) and urns.stack_of(urn) in records:
        return [urns.stack_of(urn)]  # the program may be about to make it
    raise FailedError(
        f"{option} {urn}: no such resource in {', '.join(records)}; `show --urns` lists those of a stack"
    )
