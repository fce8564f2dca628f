"""Log delivery of one Valkey cache: the slow log and the engine log."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
LOGS = ("slow-log", "engine-log")
# Under this prefix AWS may deliver without a resource policy that grows with each group.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
_PREFIX = "/aws/vendedlogs/elasticache"


def cache_logs(
    name: str, group: str, *, key_arn: pulumi.Input[str], days: int, parent: pulumi.Resource
) -> list[aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs]:
    """A log group for each log, encrypted by the key of the cache, and the delivery to it."""
    return [
        aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
            log_type=log,
            log_format="json",
            destination_type="cloudwatch-logs",
            destination=aws.cloudwatch.LogGroup(
                f"{name}-{log}",
                name=f"{_PREFIX}/{group}/{log}",
                retention_in_days=days,
                kms_key_id=key_arn,
                opts=pulumi.ResourceOptions(parent=parent),
            ).name,
        )
        for log in LOGS
    ]
