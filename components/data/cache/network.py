"""What every Valkey cache has around it: its subnets, who reaches it, and who may sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.store_security_group import StorePlace, store_security_group

ENGINE = "valkey"
ENGINE_VERSION = "8.0"
PARAMETER_FAMILY = "valkey8"
PORT = 6379
SNAPSHOT_DAYS = 7
SNAPSHOT_WINDOW = "02:00-03:00"  # UTC, an hour at least, and not while AWS maintains
MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"


@dataclass(frozen=True, kw_only=True)
class CacheParts:
    """What a replication group refers to."""

    subnet_group: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    user_group_id: pulumi.Output[str]


def parameters(name: str, *, evicts: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The name of a cache's own parameter group. `evicts` is which keys go when memory is full."""
    values = {
        # Even with one shard, so that clients speak one way and shards can be added.
        "cluster-enabled": "yes",
        "maxmemory-policy": evicts,
        # For snapshots and failovers, of what a node has: AWS's own advice.
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html
        "reserved-memory-percent": "25",
        "slowlog-log-slower-than": "10000",  # microseconds
    }
    return aws.elasticache.ParameterGroup(
        f"{name}-parameters",
        family=PARAMETER_FAMILY,
        description=f"Cluster mode; evicts {evicts}",
        parameters=[
            aws.elasticache.ParameterGroupParameterArgs(name=key, value=value)
            for key, value in values.items()
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    ).name


def cache_parts(
    name: str, place: StorePlace, *, user_group: str, users: Mapping[str, str], parent: pulumi.Resource
) -> CacheParts:
    """The parts of one cache, as children of `parent`. `users` have what they may do, as an access string.

    Users sign in by IAM, for which AWS wants a user's id to be its name: `{user_group}-{user}`. None is called
    `default`: a Valkey group needs none, refuses one without a password, and lets nobody in who doesn't sign in.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
    """
    child = pulumi.ResourceOptions(parent=parent)
    subnets = aws.elasticache.SubnetGroup(
        f"{name}-subnets",
        description="Data subnets",
        subnet_ids=list(place.data_subnet_ids.values()),
        opts=child,
    )
    made = {
        user: aws.elasticache.User(
            f"{name}-user-{user}",
            user_id=f"{user_group}-{user}",
            user_name=f"{user_group}-{user}",
            engine=ENGINE,
            access_string=access,
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
            opts=child,
        )
        for user, access in users.items()
    }
    group = aws.elasticache.UserGroup(
        f"{name}-users",
        user_group_id=user_group,
        engine=ENGINE,
        user_ids=[user.user_id for user in made.values()],
        opts=child,
    )
    return CacheParts(
        subnet_group=subnets.name,
        security_group_id=store_security_group(name, place, port=PORT, description="A cache", parent=parent),
        user_group_id=group.user_group_id,
    )
