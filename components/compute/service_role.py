"""The role of one service: it may do exactly what it is told, as a pod of one cluster or as a task of one account."""

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
    """Apart from what runs the service, since that may change, and the role's name is known elsewhere."""

    arn: pulumi.Output[str]  # known once the role may do its work

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
        self.arn = pulumi.Output.all(role.arn, policy.id).apply(lambda known: known[0])
        self.register_outputs({"arn": self.arn})


def pod_trust(account: str, region: str, cluster: str, *, namespace: str, service: str) -> dict[str, object]:
    """EKS, for the pods of one service account of one cluster; what it tells of them are tags of the session.

    It sends the account and nothing that a condition on aws:SourceArn could match.
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    https://github.com/awslabs/mountpoint-s3-csi-driver/issues/781
    """
    tags = {
        "eks-cluster-arn": f"arn:aws:eks:{region}:{account}:cluster/{cluster}",
        "kubernetes-namespace": namespace,
        "kubernetes-service-account": service,
    }
    return _trust(
        "pods.eks.amazonaws.com",
        ["sts:AssumeRole", "sts:TagSession"],
        {
            "StringEquals": {
                "aws:SourceAccount": account,
                **{f"aws:RequestTag/{tag}": value for tag, value in tags.items()},
            }
        },
    )


def task_trust(account: str, region: str) -> dict[str, object]:
    """ECS, for tasks of this account and region: it sends no narrower ARN.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    return _trust(
        "ecs-tasks.amazonaws.com",
        ["sts:AssumeRole"],
        {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{region}:{account}:*"},
        },
    )


def _trust(service: str, actions: Sequence[str], condition: Mapping[str, object]) -> dict[str, object]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": list(actions),
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
