"""Command `import`: takes existing things of the cloud into a stack, with the CLI's options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from rehearsal.cloud.types.schema import Schemas
from rehearsal.commands import operation_options as opt
from rehearsal.commands.invocation import opened
from rehearsal.commands.stacks.snippets import snippet
from rehearsal.engine import urns
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.events import FailedError
from rehearsal.engine.imports import listed as listing
from rehearsal.engine.imports.listed import Listed
from rehearsal.engine.operations import Result


def import_command(
    context: typer.Context,
    type_: Annotated[
        str | None, typer.Argument(metavar="TYPE", help="Its type, such as aws:ec2/vpc:Vpc.")
    ] = None,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The name it gets in the program.")
    ] = None,
    id_: Annotated[str | None, typer.Argument(metavar="ID", help="Its id in the cloud.")] = None,
    stack: Annotated[
        str | None, typer.Option("--stack", "-s", help="The stack; needn't be named if there is only one.")
    ] = None,
    parent: Annotated[str, typer.Option(metavar="[NAME=]URN", help="Its parent.")] = "",
    provider: Annotated[str, typer.Option(metavar="[NAME=]URN", help="Its provider.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="A JSON file with many, in the CLI's form.")
    ] = None,
    protect: Annotated[bool, typer.Option(help="Whether to protect it from deletion.")] = True,
    generate_code: Annotated[bool, typer.Option(help="Print the text for the program.")] = True,
    config: opt.Config = None,
    skip_preview: Annotated[
        bool, typer.Option("--skip-preview", help="Act without a preview first.")
    ] = False,
    preview_only: opt.PreviewOnly = False,
) -> None:
    """Records an existing thing of the cloud as a resource of a stack, and prints what the program needs for it.

    Until the program has it, the next `up` would delete it again, which the protection keeps it from.
    """
    with opened(context) as invocation:
        chosen, project = invocation.chosen_one(stack), invocation.engine.project.name
        if file is not None and (type_ or parent or provider):
            raise FailedError("an inline resource may not be specified in conjunction with an import file")
        listed = _of_file(file) if file else _of_line((type_, name, id_), parent, provider)
        wanted = listing.imports(listed, chosen, project)
        engine = invocation.engine
        assert isinstance(engine, EmbeddedEngine)
        values = invocation.config(chosen, config)

        def run(*, preview: bool) -> Result:
            return invocation.shown(
                "import",
                chosen,
                lambda: engine.import_(chosen, values, wanted, protect=protect, preview=preview),
                preview=preview,
            )

        if preview_only or not skip_preview:
            previewed = run(preview=True)
            if preview_only or previewed.failed:
                invocation.add(previewed)
                return
        done = invocation.add(run(preview=False))
        if generate_code:
            recorded = {one.urn: one for one in done.resources}
            variables = {urn: label for label, urn in listed.table.items()}
            text = snippet(
                [recorded[one.urn] for one in wanted], variables, Schemas(engine.cloud.schema_cache)
            )
            invocation.report.say(f"\nPlease copy the following code into your program:\n\n{text}")


def _of_file(file: Path) -> Listed:
    try:
        return listing.read(file.read_text())
    except OSError as error:
        raise FailedError(f"could not read import file: {error}") from None


def _of_line(arguments: Sequence[str | None], parent: str, provider: str) -> Listed:
    """One resource of the command line, whose parent and provider are written as NAME=URN or as a URN alone."""
    names = ("type", "name", "id")
    if missing := [name for name, given in zip(names, arguments, strict=True) if not given]:
        raise FailedError(
            "an inline resource must be specified if no converter or import file is used, missing "
            + " and ".join(missing)
        )
    entry: dict[str, Any] = dict(zip(names, arguments, strict=True))
    table = {}
    for role, given in (("parent", parent), ("provider", provider)):
        label, equals, urn = given.partition("=")
        if not equals or not urns.is_valid(urn):
            label, urn = role, given
        if not given:
            continue
        if not urns.is_valid(urn):
            raise FailedError(f"invalid {role} URN: '{urn}'")
        if label in table:
            raise FailedError(f"provider and parent must have distinct names, both were '{label}'")
        table[label] = urn
        entry[role] = label
    return Listed([entry], table)
