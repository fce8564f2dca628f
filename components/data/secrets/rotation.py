"""The rotation of a secret: a function of this cell may do it, and where the secret is at home it does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.secrets.replicated_secret import ROTATION_DAYS


@dataclass(frozen=True, kw_only=True)
class SecretRotationArgs:
    account: str

    secret_arn: pulumi.Input[str]  # of this region's copy
    key_arn: pulumi.Input[str]  # of this region
    function_arn: pulumi.Input[str]
    function_name: pulumi.Input[str]
    role_name: pulumi.Input[str]  # the function's role

    rotates: bool  # whether the secret is this region's; elsewhere it is a replica, which AWS doesn't rotate
    needs: Sequence[pulumi.Resource]  # what has to be there before a rotation can succeed


class SecretRotation(pulumi.ComponentResource):
    """A function that stands beside a replica is ready for it: a replica that is promoted rotates by that one.

    The first rotation comes at once, so that what was known of the secret before is worth nothing from then on.
    """

    def __init__(
        self, name: str, args: SecretRotationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:data:SecretRotation", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        document = pulumi.Output.all(args.secret_arn, args.key_arn).apply(
            lambda arns: json.dumps(rotation_policy(*arns))
        )
        policy = aws.iam.RolePolicy(f"{name}-policy", role=args.role_name, policy=document, opts=child)
        permission = aws.lambda_.Permission(
            f"{name}-permission",
            function=args.function_name,
            action="lambda:InvokeFunction",
            principal="secretsmanager.amazonaws.com",
            source_account=args.account,
            source_arn=args.secret_arn,
            opts=child,
        )
        if args.rotates:
            aws.secretsmanager.SecretRotation(
                f"{name}-schedule",
                secret_id=args.secret_arn,
                rotation_lambda_arn=args.function_arn,
                rotate_immediately=True,
                rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                    automatically_after_days=ROTATION_DAYS
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, permission, *args.needs]),
            )
        self.register_outputs({})


def rotation_policy(secret_arn: str, key_arn: str) -> dict[str, object]:
    """What a rotation asks of one secret, and of its key through Secrets Manager alone."""
    region = secret_arn.split(":")[3]
    secret = {
        "Sid": "Rotate",
        "Effect": "Allow",
        "Action": [
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        ],
        "Resource": secret_arn,
    }
    key = {
        "Sid": "Decrypt",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": key_arn,
        "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
    }
    return {"Version": "2012-10-17", "Statement": [secret, key]}
