"""Commands `stack export`, `stack import`, `stack output` and `stack history`, with the CLI's names and options."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rehearsal.commands.invocation import Invocation, opened
from rehearsal.engine import export as exporting
from rehearsal.engine.events import FailedError
from rehearsal.engine.state_edits import commit, exported
from rehearsal.state import history
from rehearsal.values import Secret, Value, rewrite

app = typer.Typer(no_args_is_help=True, help="Exports, imports and shows what a stack has recorded.")

Stack = Annotated[
    str | None, typer.Option("--stack", "-s", help="The stack; needn't be named if there is only one.")
]
ShowSecrets = Annotated[bool, typer.Option("--show-secrets", help="Write secrets in clear.")]
Json = Annotated[bool, typer.Option("--json", "-j", help="Print JSON.")]


def export(
    context: typer.Context,
    stack: Annotated[str, typer.Argument(help="The stack.")],
    show_secrets: ShowSecrets = False,
) -> None:
    """Prints a stack as `pulumi stack export` would, for tools that read that; secrets are left out."""
    with opened(context) as invocation:
        typer.echo(_exported(invocation, stack, show_secrets))


@app.command(name="export")
def stack_export(
    context: typer.Context,
    stack: Stack = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Where to write it, instead of printing.")
    ] = None,
    show_secrets: ShowSecrets = False,
) -> None:
    """Prints a stack's records in the CLI's form. Without --show-secrets they can't be imported again."""
    with opened(context) as invocation:
        text = _exported(invocation, stack, show_secrets)
        if file is None:
            typer.echo(text)
        else:
            file.write_text(text + "\n")


@app.command(name="import")
def import_stack(
    context: typer.Context,
    stack: Stack = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="The export; standard input if not given.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Import it in spite of errors in it (not recommended).")
    ] = False,
) -> None:
    """Replaces a stack's records by an export: that of `stack export --show-secrets`, or the CLI's.

    Nothing in the cloud changes, and pending operations are dropped. An export of another stack is refused, and one
    without its secrets.
    """
    with opened(context) as invocation:
        chosen = invocation.chosen_one(stack)
        resources = exported.read(_text(file))
        faults = list(exported.faults(resources, chosen))
        if faults and not force:
            faults.append("importing this file could be dangerous; rerun with --force to proceed anyway")
            raise FailedError("\n".join(faults))
        for fault in faults:
            invocation.report.say(f"warning: {fault}")
        store, cloud = invocation.store, invocation.engine.cloud
        with store.hold(chosen), store.change():
            before = invocation.engine.records(chosen)
            owners = commit.ownership(cloud, before, resources)
            commit.commit(store, chosen, before, resources, owners)
            store.commit(chosen, {}, {}, dict.fromkeys(store.pending.get(chosen, ())))
        invocation.report.say("Import complete.")


@app.command()
def output(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The output; all of them if none is named.")] = None,
    stack: Stack = None,
    as_json: Json = False,
    shell: Annotated[bool, typer.Option("--shell", help="Print lines for a shell.")] = False,
    show_secrets: ShowSecrets = False,
) -> None:
    """Shows a stack's outputs, or one of them alone."""
    with opened(context) as invocation:
        if as_json and shell:
            raise FailedError("only one of --json and --shell may be set")
        values = invocation.engine.recorded(invocation.chosen_one(stack)).outputs
        outputs = {key: _readable(value, show_secrets) for key, value in sorted(values.items())}
        if name is not None and name not in outputs:
            raise FailedError(f"current stack does not have output property '{name}'")
        if as_json:
            typer.echo(json.dumps(outputs if name is None else outputs[name], indent=2))
        elif shell:
            for key, value in outputs.items() if name is None else [(name, outputs[name])]:
                typer.echo(f"{key}={shlex.quote(_in_words(value))}")
        elif name is not None:
            typer.echo(_in_words(outputs[name]))
        else:
            typer.echo(f"Current stack outputs ({len(outputs)}):")
            width = max(map(len, ["OUTPUT", *outputs]))
            rows = [("OUTPUT", "VALUE"), *((key, _in_words(value)) for key, value in outputs.items())]
            for key, value in rows if outputs else [("No output values currently in this stack", "")]:
                typer.echo(f"    {key:<{width}}  {value}".rstrip())


@app.command(name="history")
def show_history(
    context: typer.Context,
    stack: Stack = None,
    as_json: Json = False,
    page_size: Annotated[int, typer.Option(min=1, help="Operations on a page.")] = 10,
    page: Annotated[int, typer.Option(min=1, help="The page; the first has the latest operations.")] = 1,
) -> None:
    """Shows which operations a stack has seen, the latest first: kind, result, steps, time and duration."""
    with opened(context) as invocation:
        entries = history.read(invocation.store.folder, invocation.chosen_one(stack))
        numbered = list(reversed(list(enumerate(entries, 1))))[(page - 1) * page_size : page * page_size]
        if as_json:
            typer.echo(json.dumps([_entry(version, entry) for version, entry in numbered], indent=2))
        elif not numbered:
            none = f"No stack updates found on page '{page}'" if page > 1 else "Stack has never been updated"
            typer.echo(none)
        else:
            for version, entry in numbered:
                typer.echo(_paragraph(version, entry))


def _exported(invocation: Invocation, stack: str | None, show_secrets: bool) -> str:
    resources = invocation.engine.recorded(invocation.chosen_one(stack)).resources
    return json.dumps(exporting.deployment(resources, show_secrets=show_secrets), indent=4)


def _text(file: Path | None) -> str:
    try:
        return sys.stdin.read() if file is None else file.read_text()
    except OSError as error:
        raise FailedError(f"could not open file: {error}") from None


def _readable(value: Value, show_secrets: bool) -> Any:
    """Value as JSON, with secrets in clear or as the word for one."""

    def shown(part: Value) -> Value:
        return (part.value if show_secrets else "[secret]") if isinstance(part, Secret) else part

    return exporting.plain(rewrite(value, shown), show_secrets)


def _in_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _entry(version: int, entry: history.Entry) -> dict[str, Any]:
    """Entry in the form of `pulumi stack history --json`, as far as a rehearsal knows it."""
    return {
        "version": version,
        "kind": entry.kind,
        "startTime": _time(entry.began),
        "message": "",
        "result": entry.result,
        "endTime": _time(entry.began + entry.seconds),
        "resourceChanges": dict(entry.changes),
    }


def _paragraph(version: int, entry: history.Entry) -> str:
    changes = Counter(entry.changes)
    return (
        f"Version: {version}\nUpdateKind: {entry.kind}\nStatus: {entry.result}\n"
        f"+{changes['create']}-{changes['delete']}~{changes['update']} {changes['same']} "
        f"Updated {_time(entry.began)} took {entry.seconds:.1f}s\n"
    )
