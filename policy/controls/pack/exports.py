"""Exports of stacks, by `pulumi stack export`: their resources, and the platform rules over them.

    python -m controls.pack.exports [--config castle.json] us-east-1=east.json eu-west-1=west.json global=global.json

prints what the rules find whose evidence lies in several stacks, and exits with 1 if a finding is mandatory.
The configuration file is the one that the CLI takes for the pack.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from controls.language.facts import Node
from controls.language.graph import Platform
from controls.pack import configuration, exceptions, failover_moves, platform_rules, registry

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_PROVIDER: Final = "pulumi:providers:"


def nodes(export: Mapping[str, Any]) -> list[Node]:
    """Resources of one stack's export. What is encrypted in it is left out: no rule has to see a secret."""
    resources = [entry for entry in export["deployment"].get("resources") or () if not entry.get("delete")]
    providers = {entry["urn"]: entry for entry in resources if entry["type"].startswith(_PROVIDER)}
    return [_node(entry, providers) for entry in resources]


def findings(stacks: Mapping[str, str], config: str | None = None) -> list[dict[str, Any]]:
    """Findings of the platform rules in stacks' exports, given as files by stack; plain data, to be handed on.

    `config` is a policy configuration file.
    """
    graphs = {stack: nodes(json.loads(Path(file).read_text())) for stack, file in stacks.items()}
    given = json.loads(Path(config).read_text()) if config else None
    on = exceptions.today()
    waivers = exceptions.Waivers(exceptions.load(registry.rules(), on), on)
    return [asdict(finding) for finding in platform_rules.evaluate(graphs, given, waivers=waivers)]


def moves(stacks: Mapping[str, str]) -> list[dict[str, Any]]:
    """Moves of traffic when a region is lost, with their times, as stacks' exports declare them; plain data."""
    graphs = {stack: nodes(json.loads(Path(file).read_text())) for stack, file in stacks.items()}
    return [asdict(move) for move in failover_moves.moves(Platform(graphs))]


def _node(entry: Mapping[str, Any], providers: Mapping[str, Mapping[str, Any]]) -> Node:
    provider_urn = entry.get("provider", "").rpartition("::")[0]
    provider = providers.get(provider_urn, {})
    return Node(
        urn=entry["urn"],
        type=entry["type"],
        name=entry["urn"].rsplit("::", 1)[-1],
        inputs=_open({"id": entry.get("id"), **(entry.get("inputs") or {}), **(entry.get("outputs") or {})}),
        parent=entry.get("parent", ""),
        provider_type=provider.get("type", ""),
        provider_urn=provider_urn,
        provider_props=_open(provider.get("inputs") or {}),
        dependencies=tuple(entry.get("dependencies") or ()),
        property_dependencies={
            name: tuple(urns or ()) for name, urns in (entry.get("propertyDependencies") or {}).items()
        },
        protect=bool(entry.get("protect")),
        ignore_changes=tuple(entry.get("ignoreChanges") or ()),
    )


def _open(value: Any) -> Any:
    """The value without what is encrypted in it."""
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return None
        return {key: _open(item) for key, item in value.items()}
    return (
        [_open(item) for item in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else value
    )


def _stack(argument: str) -> tuple[str, str]:
    name, _, file = argument.partition("=")
    if not name or not Path(file).is_file():
        raise argparse.ArgumentTypeError(
            f"{argument}: no stack with a file that is there; write for example global=global.json"
        )
    return name, file


def main(arguments: Sequence[str]) -> int:
    """Prints the findings; 1 if one is mandatory, 2 for a wrong call or file."""
    parser = argparse.ArgumentParser(
        prog="python -m controls.pack.exports",
        description="The platform rules over the exported states of stacks.",
    )
    parser.add_argument("--config", metavar="FILE", help="what the CLI takes as --policy-pack-config")
    parser.add_argument(
        "stacks",
        metavar="STACK=FILE",
        nargs="+",
        type=_stack,
        help="a stack, and what `pulumi stack export` wrote",
    )
    asked = parser.parse_args(arguments)
    if asked.config and configuration.main(asked.config):
        return 2
    try:
        found = findings(dict(asked.stacks), asked.config)
    except exceptions.MalformedError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for finding in found:
        kind = "mandatory" if finding["mandatory"] else "advisory"
        print(f"{finding['rule']} ({kind}, {finding['severity']}): {finding['urn']}: {finding['message']}")  # noqa: T201 the result
    return int(any(finding["mandatory"] for finding in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
