"""IAM role of one service, ours or AWS's, whatever runs it, and the trust policy of ECS tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class ServiceRoleArgs:
    role: str  # its name
    trust: Mapping[str, object]
    statements: Sequence[Mapping[str, pulumi.Input[object]]]


class ServiceRole(pulumi.ComponentResource):
    """IAM role with one inline policy. It outlives a change of the runtime, since policies elsewhere name it."""

    arn: pulumi.Output[str]  # known once its policy is attached

    def __init__(self, name: str, args: ServiceRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:ServiceRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role", name=args.role, assume_role_policy=json.dumps(args.trust), opts=child
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": args.statements}),
            opts=child,
        )
        self.arn = pulumi.Output.all(role.arn, policy.id).apply(lambda resolved: resolved[0])
        self.register_outputs({"arn": self.arn})


def task_trust(account: str, region: str) -> dict[str, object]:
    """Trust policy for ECS tasks of this account and region: ECS sends no narrower ARN.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{region}:{account}:*"},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
