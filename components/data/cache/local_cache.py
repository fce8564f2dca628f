"""Local cache of a cell, a Valkey replication group: rate limits and sessions, which no other cell needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.cache.alarms import cache_alarms
from components.data.cache.logs import cache_logs
from components.data.cache.network import cache_network
from components.data.cache.parameters import (
    ENGINE,
    ENGINE_VERSION,
    MAINTENANCE_WINDOW,
    SNAPSHOT_DAYS,
    SNAPSHOT_WINDOW,
    parameter_group,
)
from components.data.cache.user_group import user_group
from components.data.cache.users import LOCAL_USERS
from components.data.store_security_group import StoreNetwork


@dataclass(frozen=True, kw_only=True)
class LocalCacheArgs:
    replication_group: str
    user_group: str  # its id, and what users' names begin with

    network: StoreNetwork
    key_arn: pulumi.Input[str]  # of this region
    tags: Mapping[str, str]

    node_type: str
    shards: int
    replicas: int  # of each shard
    log_days: int
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class LocalCache(pulumi.ComponentResource):
    """A replication group of the cell's own. Clients make limits and sessions anew elsewhere if the cell is lost."""

    def __init__(self, name: str, args: LocalCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:LocalCache", name, None, opts)
        network = cache_network(name, args.network, retire=args.retire, parent=self)
        aws.elasticache.ReplicationGroup(
            f"{name}-cache",
            replication_group_id=args.replication_group,
            description="Rate limits and sessions",
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            # Limits and sessions all have a time to live; the one that ends first goes first.
            parameter_group_name=parameter_group(name, eviction_policy="volatile-ttl", parent=self),
            node_type=args.node_type,
            num_node_groups=args.shards,
            replicas_per_node_group=args.replicas,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            subnet_group_name=network.subnet_group,
            security_group_ids=[network.security_group_id],
            user_group_ids=[user_group(name, args.user_group, LOCAL_USERS, parent=self)],
            transit_encryption_enabled=True,
            at_rest_encryption_enabled=True,
            kms_key_id=args.key_arn,
            snapshot_retention_limit=SNAPSHOT_DAYS,
            snapshot_window=SNAPSHOT_WINDOW,
            maintenance_window=MAINTENANCE_WINDOW,
            log_delivery_configurations=cache_logs(
                name, args.replication_group, key_arn=args.key_arn, days=args.log_days, parent=self
            ),
            tags=args.tags,
            apply_immediately=True,  # limits and sessions can be made anew; a change that waits for days can't
            opts=pulumi.ResourceOptions(parent=self, protect=not args.retire),
        )
        cache_alarms(
            name, args.replication_group, args.alarm_topic_arn, in_global_datastore=False, parent=self
        )
        self.register_outputs({})
