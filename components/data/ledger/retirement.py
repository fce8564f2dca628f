"""Check before a cell retires: its member of the ledger must not be the writer while there are others."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws


def refuse_to_retire_while_writer(
    global_cluster_identifier: str, cluster_arn: str, *, parent: pulumi.Resource
) -> None:
    """Looks the global database up, and fails early: AWS would refuse to delete the writer later, half-way."""
    global_cluster = aws.rds.get_global_cluster_output(
        identifier=global_cluster_identifier, opts=pulumi.InvokeOutputOptions(parent=parent)
    )
    global_cluster.members.apply(
        lambda members: refuse_to_retire_the_writer(
            cluster_arn, {member.db_cluster_arn: member.is_writer for member in members}
        )
    )


def refuse_to_retire_the_writer(own: str, members: Mapping[str, bool]) -> None:
    """Raises `RunError` if the cluster `own` is the writer of several. `members` has by ARN whether it writes."""
    if members.get(own) and len(members) > 1:
        others = ", ".join(sorted(set(members) - {own}))
        raise pulumi.RunError(
            f"castle:retire: true, but {own} writes the ledger for {others}; switch over to one of them first"
        )
