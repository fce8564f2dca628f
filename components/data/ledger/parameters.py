"""The parameter groups of a member of the ledger. They are the same in every member: each may become the writer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_aws as aws

FAMILY = "aurora-postgresql17"

# What sessions get anew.
CLUSTER = {
    "rds.force_ssl": "1",
    "log_min_duration_statement": "1000",  # milliseconds
    "log_lock_waits": "1",  # whom a deadlock, of which an alarm tells, was between
}
# What AWS takes at a restart alone; it refuses to apply them at once. The last four are what a zero-ETL integration
# needs of its source, which is whichever member writes.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/zero-etl.setting-up.html
CLUSTER_AT_RESTART = {
    "shared_preload_libraries": "pg_stat_statements",
    "rds.logical_replication": "1",
    "aurora.enhanced_logical_replication": "1",
    "aurora.logical_replication_backup": "0",
    "aurora.logical_replication_globaldb": "0",
}
INSTANCE = {"pg_stat_statements.track": "ALL"}  # also what functions run
INSTANCE_AT_RESTART = {"track_activity_query_size": "4096"}  # bytes of a statement that insights show


def cluster_parameters(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The name of the group that holds for a whole cluster."""
    return aws.rds.ClusterParameterGroup(
        name,
        family=FAMILY,
        description="TLS only; slow statements are logged",
        parameters=[
            aws.rds.ClusterParameterGroupParameterArgs(name=key, value=value, apply_method=method)
            for key, value, method in _rows(CLUSTER, CLUSTER_AT_RESTART)
        ],
        opts=opts,
    ).name


def instance_parameters(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The name of the group that holds for each of its instances."""
    return aws.rds.ParameterGroup(
        name,
        family=FAMILY,
        description="What is seen of statements",
        parameters=[
            aws.rds.ParameterGroupParameterArgs(name=key, value=value, apply_method=method)
            for key, value, method in _rows(INSTANCE, INSTANCE_AT_RESTART)
        ],
        opts=opts,
    ).name


def _rows(
    at_once: Mapping[str, str], at_restart: Mapping[str, str]
) -> list[tuple[str, str, Literal["immediate", "pending-reboot"]]]:
    return [
        *((key, value, "immediate") for key, value in at_once.items()),
        *((key, value, "pending-reboot") for key, value in at_restart.items()),
    ]
