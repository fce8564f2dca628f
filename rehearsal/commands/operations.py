"""Commands that work on stacks: up, preview, refresh and destroy, with the CLI's options; and show."""

from __future__ import annotations

from typing import Annotated

import typer

from rehearsal.commands import operation_options as opt
from rehearsal.commands.invocation import Invocation, opened
from rehearsal.engine.options import OperationOptions


def up(
    context: typer.Context,
    stacks: opt.Stacks = None,
    config: opt.Config = None,
    skip_preview: opt.SkipPreview = False,
    target: opt.Target = None,
    target_dependents: opt.TargetDependents = False,
    target_replace: opt.TargetReplace = None,
    exclude: opt.Exclude = None,
    exclude_dependents: opt.ExcludeDependents = False,
    replace: opt.Replace = None,
    refresh: opt.Refresh = False,
    parallel: opt.Parallel = 0,
    continue_on_error: opt.ContinueOnError = False,
    pending_operations: opt.PendingOperations = False,
) -> None:
    """Previews each stack and, if nothing speaks against it, makes it what the program says."""
    options = OperationOptions(
        targets=(*(target or ()), *(target_replace or ())),
        target_dependents=target_dependents,
        excludes=tuple(exclude or ()),
        exclude_dependents=exclude_dependents,
        replaces=(*(replace or ()), *(target_replace or ())),
        refresh=refresh,
        parallel=parallel,
        continue_on_error=continue_on_error,
        pending_operations=pending_operations,
    )
    with opened(context) as invocation:
        for stack, own in _by_stack(invocation, stacks, options):
            invocation.act("update", stack, config, own, skip_preview=skip_preview)
        invocation.platform()


def preview(
    context: typer.Context,
    stacks: opt.Stacks = None,
    config: opt.Config = None,
    target: opt.Target = None,
    target_dependents: opt.TargetDependents = False,
    target_replace: opt.TargetReplace = None,
    exclude: opt.Exclude = None,
    exclude_dependents: opt.ExcludeDependents = False,
    replace: opt.Replace = None,
    refresh: opt.Refresh = False,
    parallel: opt.Parallel = 0,
) -> None:
    """Shows what `up` would do. Changes nothing."""
    options = OperationOptions(
        targets=(*(target or ()), *(target_replace or ())),
        target_dependents=target_dependents,
        excludes=tuple(exclude or ()),
        exclude_dependents=exclude_dependents,
        replaces=(*(replace or ()), *(target_replace or ())),
        refresh=refresh,
        parallel=parallel,
    )
    with opened(context) as invocation:
        for stack, own in _by_stack(invocation, stacks, options):
            invocation.act("update", stack, config, own, preview_only=True)


def refresh(
    context: typer.Context,
    stacks: opt.Stacks = None,
    skip_preview: opt.SkipPreview = False,
    preview_only: opt.PreviewOnly = False,
    target: opt.Target = None,
    target_dependents: opt.TargetDependents = False,
    exclude: opt.Exclude = None,
    exclude_dependents: opt.ExcludeDependents = False,
    parallel: opt.Parallel = 0,
    clear_pending_creates: opt.ClearPendingCreates = False,
) -> None:
    """Takes over into each stack's records what its things look like in the cloud now, after a preview."""
    options = OperationOptions(
        targets=tuple(target or ()),
        target_dependents=target_dependents,
        excludes=tuple(exclude or ()),
        exclude_dependents=exclude_dependents,
        parallel=parallel,
        clear_pending_creates=clear_pending_creates,
    )
    with opened(context) as invocation:
        for stack, own in _by_stack(invocation, stacks, options):
            invocation.act("refresh", stack, None, own, skip_preview=skip_preview, preview_only=preview_only)


def destroy(
    context: typer.Context,
    stacks: opt.Stacks = None,
    skip_preview: opt.SkipPreview = False,
    preview_only: opt.PreviewOnly = False,
    target: opt.Target = None,
    target_dependents: opt.TargetDependents = False,
    exclude: opt.Exclude = None,
    exclude_protected: opt.ExcludeProtected = False,
    refresh: opt.Refresh = False,
    parallel: opt.Parallel = 0,
    continue_on_error: opt.ContinueOnError = False,
    pending_operations: opt.PendingOperations = False,
) -> None:
    """Deletes all that the stacks have, the last of them first, after a preview.

    Refused while anything is protected: lift that with `up STACK -c castle:retire=true` first.
    """
    options = OperationOptions(
        targets=tuple(target or ()),
        target_dependents=target_dependents,
        excludes=tuple(exclude or ()),
        exclude_protected=exclude_protected,
        refresh=refresh,
        parallel=parallel,
        continue_on_error=continue_on_error,
        pending_operations=pending_operations,
    )
    with opened(context) as invocation:
        for stack, own in reversed(_by_stack(invocation, stacks, options)):
            if invocation.store.state(stack) or stacks:
                invocation.act(
                    "destroy", stack, None, own, skip_preview=skip_preview, preview_only=preview_only
                )
        invocation.kept()


def show(
    context: typer.Context,
    stacks: opt.Stacks = None,
    urns: Annotated[bool, typer.Option("--urns", help="Show each resource's URN, too.")] = False,
) -> None:
    """Shows the resources and the outputs that each stack has now."""
    with opened(context) as invocation:
        for stack in invocation.chosen(stacks):
            invocation.show(stack, urns=urns)


def _by_stack(
    invocation: Invocation, stacks: list[str] | None, options: OperationOptions
) -> list[tuple[str, OperationOptions]]:
    chosen = invocation.chosen(stacks)
    records = {stack: [one.urn for one in invocation.engine.records(stack)] for stack in chosen}
    return list(opt.options_by_stack(records, options).items())
