"""Replication of one S3 bucket to the buckets of other cells, with alarms on failures and lag."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm
from components.data.buckets.replication_role import EncryptedBucket, replication_policy, replication_trust

# Replication Time Control: the time that S3 promises for nearly all objects, and the only one that can be set.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
MAX_LAG_MINUTES = 15


@dataclass(frozen=True, kw_only=True)
class ReplicatedBucket:
    """Source or destination of a replication."""

    bucket: str
    region: str
    key_arn: pulumi.Input[str]  # of that region
    alarm_topic_arn: pulumi.Input[str]  # of that region


@dataclass(frozen=True, kw_only=True)
class ReplicationDestination:
    bucket: ReplicatedBucket
    priority: int  # of the rule; each has its own


@dataclass(frozen=True, kw_only=True)
class BucketReplicationArgs:
    account: str
    source: ReplicatedBucket
    destinations: Mapping[str, ReplicationDestination]  # by the name of the cell
    object_lock: bool  # whether the source has Object Lock


class BucketReplication(pulumi.ComponentResource):
    """All replication rules of a bucket. Objects that were in the bucket before a rule are not copied.

    Delete markers are replicated, so that all copies show the same; not those of a bucket with Object Lock, since a
    delete marker only hides a record there, and the copy is to show it.
    """

    def __init__(
        self, name: str, args: BucketReplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:data:BucketReplication", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        source = args.source
        role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=json.dumps(replication_trust(args.account, source.bucket)),
            opts=child,
        )
        destinations = [
            EncryptedBucket(bucket=each.bucket.bucket, region=each.bucket.region, key_arn=each.bucket.key_arn)
            for each in args.destinations.values()
        ]
        encrypted_source = EncryptedBucket(bucket=source.bucket, region=source.region, key_arn=source.key_arn)
        policy = aws.iam.RolePolicy(
            f"{name}-rights",
            role=role.name,
            policy=replication_policy(encrypted_source, destinations, object_lock=args.object_lock),
            opts=child,
        )
        aws.s3.BucketReplicationConfig(
            f"{name}-config",
            region=source.region,
            bucket=source.bucket,
            role=role.arn,
            rules=[
                _rule(cell, each, object_lock=args.object_lock) for cell, each in args.destinations.items()
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        for cell, each in args.destinations.items():
            _alarms(f"{name}-{cell}", _rule_id(cell), source, each.bucket, child)
        self.register_outputs({})


def _rule_id(cell: str) -> str:
    return f"to-{cell}"


def _rule(
    cell: str, destination: ReplicationDestination, *, object_lock: bool
) -> aws.s3.BucketReplicationConfigRuleArgs:
    to = destination.bucket
    return aws.s3.BucketReplicationConfigRuleArgs(
        id=_rule_id(cell),
        priority=destination.priority,
        status="Enabled",
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
        delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
            status="Disabled" if object_lock else "Enabled"
        ),
        source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status="Enabled"
            )
        ),
        destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(
            bucket=f"arn:aws:s3:::{to.bucket}",
            storage_class="STANDARD",
            encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=to.key_arn
            ),
            # The two go together.
            replication_time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
                status="Enabled",
                time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(
                    minutes=MAX_LAG_MINUTES
                ),
            ),
            metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(
                status="Enabled",
                event_threshold=aws.s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                    minutes=MAX_LAG_MINUTES
                ),
            ),
        ),
    )


def _alarms(
    name: str,
    rule: str,
    source: ReplicatedBucket,
    destination: ReplicatedBucket,
    child: pulumi.ResourceOptions,
) -> None:
    """Alarms on failed copies, in the source's region, and on lag, in the destination's: S3 reports them there.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
    """
    dimensions = {"SourceBucket": source.bucket, "DestinationBucket": destination.bucket, "RuleId": rule}
    failed = AlarmSpec(
        description=f"Objects of {source.bucket} weren't copied to {destination.bucket}",
        namespace="AWS/S3",
        metric="OperationsFailedReplication",
        dimensions=dimensions,
        statistic="Sum",
        comparison="above",
        threshold=0,
        periods=1,
    )
    late = AlarmSpec(
        description=f"{destination.bucket} is behind {source.bucket} by more than {MAX_LAG_MINUTES} minutes",
        namespace="AWS/S3",
        metric="ReplicationLatency",
        dimensions=dimensions,
        statistic="Maximum",
        comparison="above",
        threshold=MAX_LAG_MINUTES * 60,
    )
    alarm(f"{name}-failed", failed, source.alarm_topic_arn, child, region=source.region)
    alarm(f"{name}-late", late, destination.alarm_topic_arn, child, region=destination.region)
