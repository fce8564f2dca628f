"""Rotation of a secret by a Lambda function of this cell: permissions, and the schedule in the secret's region."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

ROTATION_DAYS = 30  # from one rotation to the next


@dataclass(frozen=True, kw_only=True)
class SecretRotationArgs:
    account: str

    secret_arn: pulumi.Input[str]  # of this region's copy
    key_arn: pulumi.Input[str]  # of this region
    function_arn: pulumi.Input[str]
    function_name: pulumi.Input[str]
    role_name: pulumi.Input[str]  # the function's role

    rotates: bool  # whether the secret is this region's own; AWS doesn't rotate replicas
    rotate_after: Sequence[
        pulumi.Resource
    ]  # resources without which no rotation succeeds, so that the first waits for them


class SecretRotation(pulumi.ComponentResource):
    """Permissions in every region, and a schedule in the secret's: a promoted replica rotates by its own function.

    The first rotation comes at once, so that the value of before is of no use from then on.
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
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, permission, *args.rotate_after]),
            )
        self.register_outputs({})


def rotation_policy(secret_arn: str, key_arn: str) -> dict[str, object]:
    """Actions of a rotation on one secret, and on its key through Secrets Manager alone."""
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
