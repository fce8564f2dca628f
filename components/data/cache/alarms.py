"""Alarms of one Valkey cache: memory, evictions, processor, and lag behind the primary of a global datastore."""

from __future__ import annotations

from dataclasses import replace

import pulumi

from components.alarms import AlarmSpec, alarm

# Writes of the primary of a global datastore usually reach the other members within a second.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
MAX_LAG_SECONDS = 5
MAX_MEMORY_PERCENT = 80  # of a node; the rest is the time in which to add shards
MAX_EVICTIONS = 0  # keys a minute
MAX_PROCESSOR_PERCENT = 80  # of the engine's one thread


def cache_alarms(
    name: str,
    group_id: pulumi.Input[str],
    topic_arn: pulumi.Input[str],
    *,
    in_global_datastore: bool,
    parent: pulumi.Resource,
) -> None:
    """Memory, evictions and processor of any node of a replication group, whose nodes CloudWatch aggregates.

    A member of a global datastore has an alarm on its lag, too, of which a primary reports nothing.
    """

    def above(metric: str, threshold: float, description: str) -> AlarmSpec:
        return AlarmSpec(
            description=description,
            namespace="AWS/ElastiCache",
            metric=metric,
            dimensions={"ReplicationGroupId": group_id},
            statistic="Maximum",
            comparison="above",
            threshold=threshold,
        )

    evictions = above(
        "Evictions", MAX_EVICTIONS, "The cache throws out what hasn't expired, for want of memory"
    )
    specs = {
        "memory": above(
            "DatabaseMemoryUsagePercentage", MAX_MEMORY_PERCENT, "A node of the cache is nearly full"
        ),
        "evictions": replace(evictions, statistic="Sum"),
        "processor": above(
            "EngineCPUUtilization",
            MAX_PROCESSOR_PERCENT,
            "The one thread of a node that serves requests is nearly busy all the time",
        ),
    }
    if in_global_datastore:
        specs["late"] = above(
            "GlobalDatastoreReplicationLag",
            MAX_LAG_SECONDS,
            "This member is behind the primary of the global cache",
        )
    for ending, spec in specs.items():
        alarm(f"{name}-{ending}", spec, topic_arn, pulumi.ResourceOptions(parent=parent))
