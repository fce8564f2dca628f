"""The alarms of one Valkey cache."""

from __future__ import annotations

from dataclasses import replace

import pulumi

from components.alarms import Watch, alarm

# What the primary of a global datastore writes is usually with the others within a second.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
MAX_LAG_SECONDS = 5


def cache_alarms(
    name: str,
    group_id: pulumi.Input[str],
    topic_arn: pulumi.Input[str],
    *,
    in_datastore: bool,
    parent: pulumi.Resource,
) -> None:
    """Memory, evictions and processor of any node of a replication group, by which CloudWatch also adds them up.

    A member of a datastore is also watched for how far it is behind the primary; a primary reports nothing.
    """

    def above(metric: str, threshold: float, tells: str) -> Watch:
        return Watch(
            tells=tells,
            namespace="AWS/ElastiCache",
            metric=metric,
            dimensions={"ReplicationGroupId": group_id},
            statistic="Maximum",
            is_="above",
            threshold=threshold,
        )

    evictions = above("Evictions", 0, "The cache throws out what hasn't expired, for want of memory")
    watches = {
        "memory": above("DatabaseMemoryUsagePercentage", 80, "A node of the cache is nearly full"),
        "evictions": replace(evictions, statistic="Sum"),
        "processor": above(
            "EngineCPUUtilization",
            80,
            "The one thread of a node that serves requests is nearly busy all the time",
        ),
    }
    if in_datastore:
        watches["late"] = above(
            "GlobalDatastoreReplicationLag",
            MAX_LAG_SECONDS,
            "This member is behind the primary of the global cache",
        )
    for what, watch in watches.items():
        alarm(f"{name}-{what}", watch, topic_arn, pulumi.ResourceOptions(parent=parent))
