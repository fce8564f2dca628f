"""Allow-list of `ignoreChanges`: inputs of mandatory rules that a program may ignore, each with its reason.

All of them are changed by AWS, or by an operator, after the resource exists: above all by a failover. A program
that doesn't ignore them undoes the failover, or destroys the resource that took over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from controls.language.facts import Node

Exemption = tuple[str, Callable[[Node], bool]]


def always(_: Node) -> bool:
    return True


def joins_datastore(node: Node) -> bool:
    """Returns whether a replication group joins a global datastore, from which it takes its settings."""
    return node.has("globalReplicationGroupId")


_INHERITED: Final = (
    "a joining member takes it from the global datastore, and AWS refuses it there",
    joins_datastore,
)

_DATABASE: Final[Mapping[str, Exemption]] = {
    "replicationSourceIdentifier": (
        "a switchover sets it on the old writer and clears it on the new one",
        always,
    ),
    "globalClusterIdentifier": ("read back empty after a detach; a change would detach the member", always),
    "engineVersion": ("upgrades go through the global cluster", always),
    "masterPassword": ("rotated outside of the program after the first day", always),
    "masterPasswordWo": ("rotated outside of the program after the first day", always),
    "masterUsername": ("a joining member takes it from the writer", always),
    "databaseName": ("a joining member takes it from the writer", always),
    "availabilityZones": ("AWS fills up to three zones, whatever was asked", always),
}

IGNORABLE: Final[Mapping[str, Mapping[str, Exemption]]] = {
    "aws:rds/cluster:Cluster": _DATABASE,
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": {
        "primaryReplicationGroupId": (
            "a failover changes it, and a difference would replace the datastore",
            always,
        ),
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "automaticFailoverEnabled": ("the global datastore rules it for all its members", always),
        "engineVersion": ("upgrades go through the global datastore", always),
        "engine": _INHERITED,
        "parameterGroupName": _INHERITED,
        "nodeType": _INHERITED,
        "numNodeGroups": _INHERITED,
        "atRestEncryptionEnabled": _INHERITED,
        "transitEncryptionEnabled": _INHERITED,
    },
    "aws:dynamodb/table:Table": {
        "replicas": ("replicas that other stacks make on their own would be deleted", always),
    },
    "aws:dynamodb/tableReplica:TableReplica": {
        "kmsKeyArn": ("AWS reads it back in another form, and a change would replace the replica", always),
    },
}


def may_ignore(node: Node, path: str) -> bool:
    """Returns whether this resource may ignore the input at a path, or something inside of it."""
    excuse = IGNORABLE.get(node.type, {}).get(path.partition(".")[0])
    return excuse is not None and excuse[1](node)
