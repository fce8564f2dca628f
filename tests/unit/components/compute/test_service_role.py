from __future__ import annotations

import json

import pulumi
import pytest

from components.compute.eks.iam_roles import pod_trust
from components.compute.service_role import ServiceRole, ServiceRoleArgs, task_trust
from tests.unit.documents import each_of
from tests.unit.harness import Run, run


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        allow = {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": pulumi.Output.from_input("arn:key"),
        }
        args = ServiceRoleArgs(
            role="castle-eu-west-1-api", trust=task_trust("123456789012", "eu-west-1"), statements=[allow]
        )
        pulumi.export("arn", ServiceRole("api", args).arn)

    return run(program)


def test_the_role_has_the_name_that_others_know_and_exactly_the_statements_given(made: Run) -> None:
    assert made.one("api-role").inputs["name"] == "castle-eu-west-1-api"
    (statement,) = json.loads(made.one("api-policy").inputs["policy"])["Statement"]
    assert statement == {"Sid": "Read", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:key"}
    assert made.of("RolePolicyAttachment") == []
    assert made.outputs["arn"] == "arn:api-role"


def test_pods_of_one_service_account_of_one_cluster_take_a_role_and_nobody_else() -> None:
    (trust,) = each_of(
        pod_trust("123456789012", "eu-west-1", "castle-eu-west-1", namespace="trading", service_account="api")
    )
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert set(trust["Action"]) == {"sts:AssumeRole", "sts:TagSession"}
    assert trust["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": "123456789012",
            "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:123456789012:cluster/castle-eu-west-1",
            "aws:RequestTag/kubernetes-namespace": "trading",
            "aws:RequestTag/kubernetes-service-account": "api",
        }
    }


def test_tasks_of_this_account_and_region_take_a_role_and_nobody_else() -> None:
    (trust,) = each_of(task_trust("123456789012", "eu-west-1"))
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Action"] == ["sts:AssumeRole"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
    }
