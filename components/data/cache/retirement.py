"""Check before a cell retires: its member of the global cache must not be the primary while there are others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws


def refuse_to_retire_while_primary(
    global_id: pulumi.Input[str], replication_group: str, *, parent: pulumi.Resource
) -> None:
    """Looks the global datastore up, and fails early: AWS would refuse to delete its primary later, half-way.

    Only CloudFormation's description of it says who is the primary; the provider has no function of its own.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-globalreplicationgroup.html
    """
    found = aws.cloudcontrol.get_resource_output(
        type_name="AWS::ElastiCache::GlobalReplicationGroup",
        identifier=global_id,
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    found.properties.apply(
        lambda text: refuse_to_retire_the_primary(replication_group, json.loads(text)["Members"])
    )


def refuse_to_retire_the_primary(own: str, members: Sequence[dict[str, Any]]) -> None:
    """Raises `RunError` if the replication group `own` is the primary of several."""
    roles = {member["ReplicationGroupId"]: member.get("Role") for member in members}
    if roles.get(own) == "PRIMARY" and len(roles) > 1:
        others = ", ".join(sorted(set(roles) - {own}))
        raise pulumi.RunError(
            f"castle:retire: true, but {own} is the primary of the global cache, with {others} behind it; promote "
            "one of them first"
        )
