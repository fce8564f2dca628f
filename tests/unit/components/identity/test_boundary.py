"""The boundary as IAM would judge it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.compute.functions.policy import function_policy
from components.identity.boundary import Boundary, BoundaryArgs, boundary_document
from components.messaging.order_consumer import receive_statements
from rehearsal.iam.documents import statements
from rehearsal.iam.evaluation import Decision, Request, decide
from rehearsal.iam.patterns import matches
from tests.unit.documents import actions
from tests.unit.harness import run

REGIONS = ["us-east-1", "eu-west-1"]
ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-1a2b"
BACKUPS = "cell-backups-role-*"
ARGS = BoundaryArgs(
    policy_name="castle-boundary",
    account=ACCOUNT,
    regions=REGIONS,
    backup_roles=BACKUPS,
    node_roles="cell-cluster-node-*",
)
DOCUMENT: Mapping[str, Any] = boundary_document(ARGS)
NO_REGION = {"aws_RequestedRegion": ""}  # a request without the key


def allowed(action: str, resource: str = "*", **context: str) -> bool:
    given = {name.replace("_", ":", 1): value for name, value in context.items()}
    keys = {"aws:RequestedRegion": "eu-west-1", **given}
    request = Request(action, resource, {name.lower(): (value,) for name, value in keys.items() if value})
    return decide(request, statements(json.dumps(DOCUMENT)))[0] is Decision.ALLOWED


def test_what_services_do_is_within_it() -> None:
    for action in (
        "dynamodb:UpdateItem",
        "sqs:SendMessage",
    ):
        assert allowed(action)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("elasticache:Connect", f"arn:aws:elasticache:eu-west-1:{ACCOUNT}:user:cell-market-relay"),
        ("rds-db:connect", f"arn:aws:rds-db:eu-west-1:{ACCOUNT}:dbuser:*/relay"),
        (
            "elasticfilesystem:ClientMount",
            f"arn:aws:elasticfilesystem:eu-west-1:{ACCOUNT}:file-system/fs-01234567",
        ),
        ("es:ESHttpPost", f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs/_bulk"),
    ],
)
def test_a_sign_in_to_a_store_is_within_it_though_its_request_carries_no_region(
    action: str, resource: str
) -> None:
    assert allowed(action, resource, **NO_REGION)
    assert not allowed(action, resource.replace(ACCOUNT, "210987654321"), **NO_REGION)
    assert not allowed("dynamodb:PutItem", **NO_REGION)


def test_keys_are_those_of_the_platform_which_are_multi_region_ones() -> None:
    for action in ("kms:Sign", "kms:GetPublicKey", "kms:Decrypt"):
        assert allowed(action, KEY)
        assert not allowed(action, f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1a2b")
        assert not allowed(action, KEY.replace(ACCOUNT, "210987654321"))


def test_what_eks_does_for_nodes_and_balancers_is_within_it() -> None:
    for action in (
        "ec2:CreateFleet",
        "ec2:RunInstances",
        "elasticloadbalancing:CreateTargetGroup",
        "ec2:CreateTags",
    ):
        assert allowed(action)
    role = f"arn:aws:iam::{ACCOUNT}:role/cell-cluster-node-1a2b3c4"
    assert allowed("iam:PassRole", role, iam_PassedToService="ec2.amazonaws.com")
    for action in ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"):
        assert allowed(action, f"arn:aws:iam::{ACCOUNT}:instance-profile/eks-1")
    assert allowed("iam:ListInstanceProfilesForRole", role)
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"
    for service in ("elasticloadbalancing", "spot"):
        assert allowed("iam:CreateServiceLinkedRole", linked, iam_AWSServiceName=f"{service}.amazonaws.com")
    assert not allowed("iam:CreateServiceLinkedRole", linked, iam_AWSServiceName="rds.amazonaws.com")


@pytest.mark.parametrize("action", ["iam:ListInstanceProfiles", "iam:ListRoles"])
def test_a_list_that_knows_no_resource_is_within_it(action: str) -> None:
    assert allowed(action, "*")


def test_what_the_matcher_asks_for_is_within_it() -> None:
    policy = function_policy(
        account=ACCOUNT,
        region="eu-west-1",
        function="matcher",
        subnet_ids=["subnet-1"],
        group_id="sg-1",
        own=[
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:topic"},
            *receive_statements(["arn:queue"], KEY, "eu-west-1"),
        ],
    )
    asked: Any = policy["Statement"]
    wanted = [
        (action, KEY if action.startswith("kms:") else "*")
        for each in asked
        if each["Effect"] == "Allow"
        for action in actions(each)
    ]
    assert len(wanted) > 10
    assert not [action for action, resource in wanted if not allowed(action, resource)]


def test_what_aws_backup_does_is_within_it_and_some_of_it_is_for_nobody_else() -> None:
    for action in (
        "backup:CopyFromBackupVault",
        "dynamodb:RestoreTableFromAwsBackup",
        "dynamodb:StartAwsBackupJob",
        "elasticfilesystem:Backup",
        "events:PutRule",
        "rds:CopyDBClusterSnapshot",
        "rds:CreateDBClusterSnapshot",
        "rds:RestoreDBClusterFromSnapshot",
        "s3:PutInventoryConfiguration",
    ):
        assert allowed(action)
    role = f"arn:aws:iam::{ACCOUNT}:role/cell-backups-role-1a2b3c4"
    for action in (
        "dynamodb:DeleteBackup",
        "rds:DeleteDBClusterSnapshot",
        "rds:DeleteDBClusterAutomatedBackup",
        "s3:PutBucketNotification",
        "s3:PutBucketVersioning",
    ):
        assert allowed(action, aws_PrincipalArn=role)
        assert not allowed(action, aws_PrincipalArn=f"arn:aws:iam::{ACCOUNT}:role/castle-eu-west-1-payments")
        assert not allowed(action)


@pytest.mark.parametrize(
    "action",
    [
        "iam:AddUserToGroup",
        "iam:AttachRolePolicy",
        "iam:PutRolePolicy",
        "iam:CreateRole",
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "organizations:LeaveOrganization",
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "config:StopConfigurationRecorder",
        "guardduty:DeleteDetector",
        "logs:DeleteLogGroup",
        "kms:ScheduleKeyDeletion",
        "kms:PutKeyPolicy",
        "dynamodb:DeleteTable",
        "rds:DeleteDBCluster",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:BypassGovernanceRetention",
    ],
)
def test_it_is_denied_in_so_many_words(action: str) -> None:
    """And so even to a session that a resource's own policy lets in, which what isn't allowed doesn't stop."""
    denying = [each for each in DOCUMENT["Statement"] if each["Effect"] == "Deny" and "Condition" not in each]
    assert [each["Sid"] for each in denying if any(matches(it, action) for it in each["Action"])]
    assert not allowed(action)


def test_a_role_is_passed_to_instances_alone() -> None:
    node, other = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("cell-cluster-node-1a2b3c4", "any"))
    assert not allowed("iam:PassRole", node, iam_PassedToService="lambda.amazonaws.com")
    assert not allowed("iam:PassRole", node)
    assert not allowed("iam:PassRole", other, iam_PassedToService="ec2.amazonaws.com")


def test_other_regions_are_out_of_reach() -> None:
    assert not allowed("dynamodb:PutItem", aws_RequestedRegion="ap-south-1")
    assert not allowed("ec2:RunInstances", aws_RequestedRegion="ap-south-1")


def test_other_regions_are_denied_except_for_services_that_have_none() -> None:
    (elsewhere,) = [each for each in DOCUMENT["Statement"] if each["Sid"] == "Elsewhere"]
    assert elsewhere["Effect"] == "Deny"
    assert not any(matches(it, "dynamodb:PutItem") for it in elsewhere["NotAction"])
    assert any(matches(it, "sts:AssumeRole") for it in elsewhere["NotAction"])


def test_disks_and_requests_in_the_clear_are_denied() -> None:
    assert allowed("ec2:CreateVolume", ec2_Encrypted="true")
    assert not allowed("ec2:CreateVolume", ec2_Encrypted="false")
    assert allowed("s3:PutObject", aws_SecureTransport="true")
    assert not allowed("s3:PutObject", aws_SecureTransport="false")


def test_what_isnt_listed_isnt_within_it() -> None:
    for action in (
        "redshift:CreateCluster",
        "lambda:CreateFunction",
        "sqs:SetQueueAttributes",
        "route53:ChangeResourceRecordSets",
    ):
        assert not allowed(action)


def test_it_fits_into_a_policy() -> None:
    """At most 6144 characters without spaces: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    regions = [f"region-number-{number}" for number in range(12)]
    assert len(re.sub(r"\s", "", json.dumps(boundary_document(replace(ARGS, regions=regions))))) <= 6144


def test_the_policy_has_the_name_that_roles_know_it_by() -> None:
    (policy,) = run(lambda: Boundary("boundary", ARGS) and None).of("Policy")
    assert policy.inputs["name"] == "castle-boundary"
    assert json.loads(policy.inputs["policy"]) == DOCUMENT
