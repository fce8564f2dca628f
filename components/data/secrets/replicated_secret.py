"""What every secret of the platform is: encrypted by the key of each region that has it, and read by few."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

RECOVERY_WINDOW_DAYS = 30  # the longest there is: how long a deletion can be taken back
ROTATION_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class SecretPlace:
    """Where a secret is, and under which keys."""

    account: str
    key_arn: pulumi.Input[str]  # of this region
    replicas: Mapping[str, pulumi.Input[str]]  # the other regions that have it, each with its own key's ARN
    tags: Mapping[str, str]


def replicated_secret(
    name: str,
    place: SecretPlace,
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
        kms_key_id=place.key_arn,
        replicas=[
            aws.secretsmanager.SecretReplicaArgs(region=region, kms_key_id=key_arn)
            for region, key_arn in place.replicas.items()
        ],
        force_overwrite_replica_secret=False,
        recovery_window_in_days=RECOVERY_WINDOW_DAYS,
        tags={**place.tags, **({} if place.replicas else {"scope": "regional"})},
        opts=pulumi.ResourceOptions(parent=parent, protect=not retire),
    )
    # Replicas take it over, and AWS refuses one of their own.
    policy = aws.secretsmanager.SecretPolicy(
        f"{name}-policy",
        secret_arn=secret.arn,
        block_public_policy=True,
        policy=json.dumps(secret_policy(place.account, readers)),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return policy.secret_arn


def secret_policy(account: str, readers: Sequence[str]) -> dict[str, object]:
    """Nobody but the readers learns the value, whatever their own policies say. Reading takes these as well.

    By name, since roles of later cells are yet to be made. Whoever may change this policy can let somebody in, which
    is how the value is had in an emergency. Of AWS's own services, Secrets Manager copies it to its replicas.
    """
    others = {
        "ArnNotLike": {"aws:PrincipalArn": [*readers, f"arn:aws:iam::{account}:root"]},
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    }
    deny = {
        "Sid": "ReadByNobodyElse",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"],
        "Resource": "*",
        "Condition": others,
    }
    return {"Version": "2012-10-17", "Statement": [deny]}
