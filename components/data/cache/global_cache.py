"""Global datastore of market data: this cell's member, a Valkey replication group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.cache.alarms import cache_alarms
from components.data.cache.logs import cache_logs
from components.data.cache.network import CacheNetwork, cache_network
from components.data.cache.parameters import (
    ENGINE,
    ENGINE_VERSION,
    MAINTENANCE_WINDOW,
    SNAPSHOT_DAYS,
    SNAPSHOT_WINDOW,
    parameter_group,
)
from components.data.cache.retirement import refuse_to_retire_while_primary
from components.data.cache.user_group import user_group
from components.data.cache.users import MARKET_USERS
from components.data.store_security_group import StoreNetwork

# The datastore has these settings for all its members, once there is one. It was made with the values of its first
# member, and a promotion may make any member the primary.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
IGNORED_BY_BIRTH = [
    "automaticFailoverEnabled",
    "engineVersion",
    "nodeType",
    "numNodeGroups",
    "parameterGroupName",
]
# A joining member may not set these, and the provider reads back its own default of some: `redis` for `engine`.
IGNORED_BY_JOINING = [*IGNORED_BY_BIRTH, "engine", "atRestEncryptionEnabled", "transitEncryptionEnabled"]
# A promotion changes it, and the difference would replace the datastore.
IGNORED_BY_DATASTORE = ["primaryReplicationGroupId"]


@dataclass(frozen=True, kw_only=True)
class DatastoreSizes:
    """Node type and shards of all members, which the birth cell sets."""

    node_type: str
    shards: int


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    replication_group: str
    user_group: str  # its id, the same in every cell, and what users' names begin with
    # In the birth cell the end of the datastore's id and the sizes of all; elsewhere the id of what it joins.
    datastore_suffix: str
    datastore: pulumi.Input[str] | DatastoreSizes

    network: StoreNetwork
    key_arn: pulumi.Input[str]  # of this region
    tags: Mapping[str, str]
    replicas: int  # of each shard
    log_days: int
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class Cache(pulumi.ComponentResource):
    """A replication group; in the birth cell also the global datastore that it is the first member of.

    Only AWS records which member is the primary. Users are regional: each member has its own of the same names.
    """

    global_id: pulumi.Output[str]

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Cache", name, None, opts)
        self._name, self._args = name, args
        network = cache_network(name, args.network, retire=args.retire, parent=self)
        self._user_group_id = user_group(name, args.user_group, MARKET_USERS, parent=self)
        self._logs = cache_logs(
            name, args.replication_group, key_arn=args.key_arn, days=args.log_days, parent=self
        )
        if isinstance(args.datastore, DatastoreSizes):
            self.global_id = self._datastore(args.datastore, self._birth_member(args.datastore, network))
        else:
            self.global_id = pulumi.Output.from_input(args.datastore)
            if args.retire:
                refuse_to_retire_while_primary(args.datastore, args.replication_group, parent=self)
            self._joining_member(args.datastore, network)
        cache_alarms(
            name, args.replication_group, args.alarm_topic_arn, in_global_datastore=True, parent=self
        )
        self.register_outputs({"global_id": self.global_id})

    def _birth_member(self, sizes: DatastoreSizes, network: CacheNetwork) -> aws.elasticache.ReplicationGroup:
        return aws.elasticache.ReplicationGroup(
            f"{self._name}-member",
            replication_group_id=self._args.replication_group,
            description="Market data",
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            # The datastore makes a group of its own from this one for all its members.
            parameter_group_name=parameter_group(
                self._name,
                eviction_policy="allkeys-lru",
                protect=not self._args.retire,  # the datastore has it for all its members
                parent=self,
            ),
            node_type=sizes.node_type,
            num_node_groups=sizes.shards,
            replicas_per_node_group=self._args.replicas,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            subnet_group_name=network.subnet_group,
            security_group_ids=[network.security_group_id],
            user_group_ids=[self._user_group_id],
            transit_encryption_enabled=True,
            at_rest_encryption_enabled=True,
            kms_key_id=self._args.key_arn,
            snapshot_retention_limit=SNAPSHOT_DAYS,
            snapshot_window=SNAPSHOT_WINDOW,
            maintenance_window=MAINTENANCE_WINDOW,
            log_delivery_configurations=self._logs,
            apply_immediately=True,  # AWS changes log delivery in no other way
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(
                parent=self, protect=not self._args.retire, ignore_changes=IGNORED_BY_BIRTH
            ),
        )

    def _joining_member(self, global_id: pulumi.Input[str], network: CacheNetwork) -> None:
        aws.elasticache.ReplicationGroup(
            f"{self._name}-member",
            replication_group_id=self._args.replication_group,
            description="Market data",
            global_replication_group_id=global_id,
            replicas_per_node_group=self._args.replicas,
            automatic_failover_enabled=True,  # without it the provider refuses several zones
            multi_az_enabled=True,
            subnet_group_name=network.subnet_group,
            security_group_ids=[network.security_group_id],
            user_group_ids=[self._user_group_id],
            kms_key_id=self._args.key_arn,
            snapshot_retention_limit=SNAPSHOT_DAYS,
            snapshot_window=SNAPSHOT_WINDOW,
            maintenance_window=MAINTENANCE_WINDOW,
            log_delivery_configurations=self._logs,
            apply_immediately=True,  # AWS changes log delivery in no other way
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(
                parent=self, protect=not self._args.retire, ignore_changes=IGNORED_BY_JOINING
            ),
        )

    def _datastore(
        self, sizes: DatastoreSizes, member: aws.elasticache.ReplicationGroup
    ) -> pulumi.Output[str]:
        datastore = aws.elasticache.GlobalReplicationGroup(
            f"{self._name}-global",
            global_replication_group_id_suffix=self._args.datastore_suffix,
            global_replication_group_description="Market data",
            primary_replication_group_id=member.id,
            automatic_failover_enabled=True,
            cache_node_type=sizes.node_type,
            num_node_groups=sizes.shards,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            opts=pulumi.ResourceOptions(
                parent=self, protect=not self._args.retire, ignore_changes=IGNORED_BY_DATASTORE
            ),
        )
        return datastore.global_replication_group_id
