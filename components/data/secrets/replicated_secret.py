"""Secret in Secrets Manager with replicas, each encrypted by its region's key, and a policy with its few readers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

RECOVERY_WINDOW_DAYS = 30  # for which a deletion can be undone; the longest there is


@dataclass(frozen=True, kw_only=True)
class SecretRegions:
    """Regions that have a secret, each with its KMS key."""

    account: str
    key_arn: pulumi.Input[str]  # of this region
    replicas: Mapping[str, pulumi.Input[str]]  # key ARNs by region, of the other regions that have it
    tags: Mapping[str, str]


def replicated_secret(
    name: str,
    regions: SecretRegions,
    *,
    description: str,
    readers: Sequence[str],
    retire: bool,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """The ARN of the secret `{name}-secret`, a child of `parent`; it waits for the policy `{name}-policy`.

    `readers` are the ARNs of the roles that may read it, or patterns of them. A replica that was promoted is shown as
    missing and never overwritten: docs/decisions/ledger-secret.md.
    """
    secret = aws.secretsmanager.Secret(
        f"{name}-secret",
        description=description,
        kms_key_id=regions.key_arn,
        replicas=[
            aws.secretsmanager.SecretReplicaArgs(region=region, kms_key_id=key_arn)
            for region, key_arn in regions.replicas.items()
        ],
        force_overwrite_replica_secret=False,
        recovery_window_in_days=RECOVERY_WINDOW_DAYS,
        tags={**regions.tags, **({} if regions.replicas else {"scope": "regional"})},
        opts=pulumi.ResourceOptions(parent=parent, protect=not retire),
    )
    # Replicas take it over, and AWS refuses one of their own.
    policy = aws.secretsmanager.SecretPolicy(
        f"{name}-policy",
        secret_arn=secret.arn,
        block_public_policy=True,
        policy=json.dumps(secret_policy(regions.account, readers)),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return policy.secret_arn


def secret_policy(account: str, readers: Sequence[str]) -> dict[str, object]:
    """Denies reading to all but the readers, whose own policies have to allow it as well.

    Readers are given by patterns, since roles of later cells are yet to be made. In an emergency, a principal that
    may change this policy adds a reader. AWS's services are exempt: Secrets Manager copies the value to its replicas.
    """
    not_readers = {
        "ArnNotLike": {"aws:PrincipalArn": [*readers, f"arn:aws:iam::{account}:root"]},
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    }
    deny = {
        "Sid": "ReadByNobodyElse",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"],
        "Resource": "*",
        "Condition": not_readers,
    }
    return {"Version": "2012-10-17", "Statement": [deny]}
