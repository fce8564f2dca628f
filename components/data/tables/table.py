"""DynamoDB table of one data set: the global table, or this cell's replica of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.tables.alarms import table_alarms
from components.data.tables.primary_keys import TableKey

# Replicas are made by the cells that they are in, and the table would delete those that it doesn't list.
IGNORED_BY_TABLE = ["replicas"]
# AWS reads it back in another form, and the difference would make the replica anew.
# https://github.com/hashicorp/terraform-provider-aws/issues/35629
IGNORED_BY_REPLICA = ["kmsKeyArn"]


@dataclass(frozen=True, kw_only=True)
class GlobalTable:
    """The global table, in the cell that makes it."""

    key: TableKey
    # By region the keys of the replicas of a table with strong consistency: AWS makes such replicas together with the
    # table or not at all. Empty for other tables, to which each cell adds its replica.
    strong_replica_key_arns: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True)
class TableReplica:
    """A replica that this cell adds to a global table, given by the table's ARN."""

    table_arn: str


@dataclass(frozen=True)
class StrongReplica:
    """A replica with strong consistency, which AWS has made together with the table."""


@dataclass(frozen=True, kw_only=True)
class TableArgs:
    table: str  # the name, the same in every region
    member: GlobalTable | TableReplica | StrongReplica
    replica_regions: Sequence[str]  # regions with replicas, whose lag behind this one has an alarm

    key_arn: pulumi.Input[str]  # of this region
    tags: Mapping[str, str]
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class Table(pulumi.ComponentResource):
    """On demand, encrypted by this region's key, with point-in-time recovery of 35 days.

    Every region writes, and the last writer wins, so that the ledger decides whatever must not be lost.
    """

    def __init__(self, name: str, args: TableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Table", name, None, opts)
        self._name, self._args = name, args
        if isinstance(args.member, GlobalTable):
            self._global_table(args.member)
        elif isinstance(args.member, TableReplica):
            self._replica(args.member.table_arn)
        table_alarms(name, args.table, args.replica_regions, args.alarm_topic_arn, self)
        self.register_outputs({})

    def _global_table(self, table: GlobalTable) -> None:
        args, key = self._args, table.key
        attributes = [key.partition] if key.sort is None else [key.partition, key.sort]
        aws.dynamodb.Table(
            f"{self._name}-table",
            name=args.table,
            billing_mode="PAY_PER_REQUEST",
            hash_key=key.partition,
            range_key=key.sort,
            attributes=[aws.dynamodb.TableAttributeArgs(name=each, type="S") for each in attributes],
            ttl=None
            if key.expires is None
            else aws.dynamodb.TableTtlArgs(enabled=True, attribute_name=key.expires),
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(
                enabled=True, kms_key_arn=args.key_arn
            ),
            deletion_protection_enabled=not args.retire,
            replicas=self._strong_replicas(table.strong_replica_key_arns) or None,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=not args.retire,
                ignore_changes=[] if table.strong_replica_key_arns else IGNORED_BY_TABLE,
            ),
        )

    def _strong_replicas(
        self, key_arns: Mapping[str, pulumi.Input[str]]
    ) -> list[aws.dynamodb.TableReplicaArgs]:
        return [
            aws.dynamodb.TableReplicaArgs(
                region_name=region,
                consistency_mode="STRONG",
                kms_key_arn=key_arn,
                point_in_time_recovery=True,
                propagate_tags=True,
                deletion_protection_enabled=not self._args.retire,
            )
            for region, key_arn in key_arns.items()
        ]

    def _replica(self, table_arn: str) -> None:
        args = self._args
        aws.dynamodb.TableReplica(
            f"{self._name}-replica",
            global_table_arn=table_arn,
            kms_key_arn=args.key_arn,
            point_in_time_recovery=True,
            deletion_protection_enabled=not args.retire,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self, protect=not args.retire, ignore_changes=IGNORED_BY_REPLICA
            ),
        )
