"""Rule on data residency: regions of resources and of their copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value, arn_region
from controls.language.graph import Graph
from controls.language.rules import HIGH, Config, Param, stack_rule
from controls.language.tokens import ANY, BACKUP_PLAN, FILE_REPLICATION, SECRET, TABLE
from controls.language.verdicts import Fail, Undecided, Verdicts

# Inputs of a resource that name the regions of its copies. A copy that is a resource of its own (a
# bucket, a key, a table's replica, a vault) has a tag and a region of its own.
_COPIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(SECRET, "replicas.*.region"),
    **dict.fromkeys(TABLE, "replicas.*.regionName"),
    **dict.fromkeys(BACKUP_PLAN, "rules.*.copyActions.*.destinationVaultArn"),
}


def inside_residency(graph: Graph, config: Config) -> Verdicts:
    """Resources of a listed residency, and their copies, are in its regions; any other spans all regions."""
    residencies = config["residencies"]
    for node in graph.nodes:
        label = node.tag(config["tag"]) if residencies and node.type.startswith("aws:") else MISSING
        if label is UNKNOWN:
            yield Undecided(f"tags.{config['tag']}", node.urn)
        elif isinstance(label, str) and label in residencies:
            for where, region in _places(graph, node):
                if region is UNKNOWN:
                    yield Undecided(where, node.urn)
                elif isinstance(region, str) and region not in residencies[label]:
                    yield Fail(
                        f"`{where}` lies outside of its residency: use {', '.join(residencies[label])}",
                        node.urn,
                    )


def _places(graph: Graph, node: Node) -> Iterator[tuple[str, Value]]:
    yield "region", node.region
    for path, value in node.find(_COPIES[node.type]) if node.type in _COPIES else ():
        yield path, arn_region(value) or value
    for replication in graph.referrers(FILE_REPLICATION, "sourceFileSystemId", node):
        yield "destination.region", replication.get("destination.region")


RULES: Final = (
    stack_rule(
        "data-inside-residency",
        HIGH,
        ANY,
        inside_residency,
        asks="What is tagged with a residency, and each copy that it names, lies in a region of it",
        fix="Choose a region of the residency, or keep the copy out",
        config={
            "tag": Param("residency", "Tag that names a resource's residency"),
            "residencies": Param({}, "Regions by residency; a residency that isn't listed spans all"),
        },
    ),
)
