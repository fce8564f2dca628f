"""Engine, maintenance windows and parameter group of the Valkey caches."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

ENGINE = "valkey"
ENGINE_VERSION = "8.0"
PARAMETER_FAMILY = "valkey8"
SNAPSHOT_DAYS = 7
SNAPSHOT_WINDOW = "02:00-03:00"  # UTC, an hour at least, and not while AWS maintains
MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"


def parameter_group(
    name: str, *, eviction_policy: str, protect: bool = False, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The name of a cache's own parameter group. `eviction_policy` chooses the keys to evict when memory is full.

    It is to be protected where the cache can't take another.
    """
    values = {
        # Even with one shard, so that clients speak one way and shards can be added.
        "cluster-enabled": "yes",
        "maxmemory-policy": eviction_policy,
        # For snapshots and failovers, of a node's memory: AWS's own advice.
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html
        "reserved-memory-percent": "25",
        "slowlog-log-slower-than": "10000",  # microseconds
    }
    return aws.elasticache.ParameterGroup(
        f"{name}-parameters",
        family=PARAMETER_FAMILY,
        description=f"Cluster mode; evicts {eviction_policy}",
        parameters=[
            aws.elasticache.ParameterGroupParameterArgs(name=key, value=value)
            for key, value in values.items()
        ],
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    ).name
