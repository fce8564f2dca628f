"""Parameter groups of the ledger's Aurora cluster and instances, the same in every member: each may come to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_aws as aws

FAMILY = "aurora-postgresql17"

# Dynamic parameters, which new sessions get.
CLUSTER = {
    "log_statement": "ddl",  # changes of the schema, which are few; queries would be many, and have values in them
    "log_min_duration_statement": "1000",  # milliseconds
    "log_lock_waits": "1",  # the sessions that a deadlock was between
}
# Static parameters, which AWS applies at a restart alone and refuses to apply at once. The last four are what a
# zero-ETL integration needs of its source, which is whichever member writes.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/zero-etl.setting-up.html
CLUSTER_AT_RESTART = {
    # Dynamic, but 1 is this family's default, and AWS doesn't keep the method of a value that is the default: with
    # another one than this, every `up` would find a difference.
    "rds.force_ssl": "1",
    "shared_preload_libraries": "pg_stat_statements",
    "rds.logical_replication": "1",
    "aurora.enhanced_logical_replication": "1",
    "aurora.logical_replication_backup": "0",
    "aurora.logical_replication_globaldb": "0",
}
INSTANCE = {"pg_stat_statements.track": "ALL"}  # statements inside functions, too
INSTANCE_AT_RESTART = {
    "track_activity_query_size": "4096"
}  # bytes of a statement that Database Insights shows


def cluster_parameters(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The name of the parameter group of a whole cluster."""
    return aws.rds.ClusterParameterGroup(
        name,
        family=FAMILY,
        description="TLS only; slow statements are logged",
        parameters=[
            aws.rds.ClusterParameterGroupParameterArgs(name=key, value=value, apply_method=method)
            for key, value, method in _parameters(CLUSTER, CLUSTER_AT_RESTART)
        ],
        opts=opts,
    ).name


def instance_parameters(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The name of the parameter group of each instance of a cluster."""
    return aws.rds.ParameterGroup(
        name,
        family=FAMILY,
        description="What is seen of statements",
        parameters=[
            aws.rds.ParameterGroupParameterArgs(name=key, value=value, apply_method=method)
            for key, value, method in _parameters(INSTANCE, INSTANCE_AT_RESTART)
        ],
        opts=opts,
    ).name


def _parameters(
    at_once: Mapping[str, str], at_restart: Mapping[str, str]
) -> list[tuple[str, str, Literal["immediate", "pending-reboot"]]]:
    return [
        *((key, value, "immediate") for key, value in at_once.items()),
        *((key, value, "pending-reboot") for key, value in at_restart.items()),
    ]
