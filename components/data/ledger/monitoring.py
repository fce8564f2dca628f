"""Enhanced monitoring of the ledger's instances: metrics of the operating system, and which process has them."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

MONITORING_SECONDS = 60  # between two looks; each is a line of log
LOG_GROUP = "RDSOSMetrics"  # RDS's own name, one in each region
_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


def monitoring_role_arn(
    name: str,
    *,
    account: str,
    key_arn: pulumi.Input[str],
    log_days: int,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Role by which RDS writes what it sees, known once it may; the log group has our key and retention.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html
    """
    group = aws.cloudwatch.LogGroup(
        f"{name}-log", name=LOG_GROUP, retention_in_days=log_days, kms_key_id=key_arn, opts=opts
    )
    role = aws.iam.Role(
        name,
        description="Enhanced monitoring of the ledger's instances",
        assume_role_policy=json.dumps(monitoring_trust(account)),
        opts=opts,
    )
    policy = aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=_POLICY, opts=opts)
    return pulumi.Output.all(role.arn, policy.id, group.id).apply(lambda resolved: resolved[0])


def monitoring_trust(account: str) -> dict[str, object]:
    """Trust policy for RDS's monitoring of this account's instances."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "monitoring.rds.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return {"Version": "2012-10-17", "Statement": [trust]}
