"""The alarms of one Valkey cache."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.alarms import Watch, alarm

NAMESPACE = "AWS/ElastiCache"
# What the primary of a global datastore writes is usually with the others within a second.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
LATE_SECONDS = 5


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
    dimensions = {"ReplicationGroupId": group_id}
    watches: Mapping[str, Watch] = {
        "memory": Watch(
            tells="A node of the cache is nearly full",
            namespace=NAMESPACE,
            metric="DatabaseMemoryUsagePercentage",
            dimensions=dimensions,
            statistic="Maximum",
            is_="above",
            threshold=80,
        ),
        "evictions": Watch(
            tells="The cache throws out what hasn't expired, for want of memory",
            namespace=NAMESPACE,
            metric="Evictions",
            dimensions=dimensions,
            statistic="Sum",
            is_="above",
            threshold=0,
        ),
        "processor": Watch(
            tells="The one thread of a node that serves requests is nearly busy all the time",
            namespace=NAMESPACE,
            metric="EngineCPUUtilization",
            dimensions=dimensions,
            statistic="Maximum",
            is_="above",
            threshold=80,
        ),
    }
    if in_datastore:
        late = Watch(
            tells="This member is behind the primary of the global cache",
            namespace=NAMESPACE,
            metric="GlobalDatastoreReplicationLag",
            dimensions=dimensions,
            statistic="Maximum",
            is_="above",
            threshold=LATE_SECONDS,
        )
        watches = {**watches, "late": late}
    for what, watch in watches.items():
        alarm(f"{name}-{what}", watch, topic_arn, pulumi.ResourceOptions(parent=parent))
