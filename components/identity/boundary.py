"""Permissions boundary: the managed IAM policy that limits every role of the platform, whatever its own policies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# The actions that workloads of a cell need at most, by service. Wide where AWS's own policies for EKS and AWS Backup
# are: their roles have this boundary, too, and AWS adds to those policies. It grants nothing: a role's policy does.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
ACTIONS: Mapping[str, str] = {
    "acm": "Describe* List*",
    "aps": "Get* Query* RemoteWrite",
    "backup": "Copy* Describe* Get* List* Start* Tag*",
    "cloudwatch": "Describe* Get* List* PutMetricData",
    "dynamodb": "Batch* ConditionCheckItem CreateBackup DeleteItem Describe* Get* List* PutItem Query Restore* Scan"
    " StartAwsBackupJob TagResource UpdateItem",
    "ec2": "Assign* Associate* Attach* Authorize* Create* Delete* Describe* Detach* Disassociate* Get* Modify*"
    " Reboot* Revoke* Run* Start* Stop* Terminate* Unassign*",
    "ecr": "Batch* Describe* Get* List*",
    "eks": "Describe* List*",
    "eks-auth": "AssumeRoleForPodIdentity",
    "elasticache": "Connect Describe* FailoverGlobalReplicationGroup",
    "elasticfilesystem": "Backup Client* CreateFileSystem Describe* Restore TagResource",
    "elasticloadbalancing": "Add* Create* Delete* Deregister* Describe* Modify* Register* Remove* Set*",
    "es": "ESHttp*",
    "events": "DeleteRule Describe* DisableRule EnableRule List* PutRule PutTargets RemoveTargets",
    "lambda": "Get* InvokeFunction",
    "logs": "CreateLog* Describe* Filter* Get* PutLogEvents",
    "osis": "Ingest",
    "rds": "AddTagsToResource CopyDB* CreateDB* Describe* FailoverGlobalCluster List* RestoreDB*"
    " SwitchoverGlobalCluster",
    "rds-db": "connect",
    "redshift-data": "ExecuteStatement",
    "s3": "Abort* CreateBucket DeleteObject* Get* List* PutBucket* PutInventoryConfiguration PutObject* Replicate*",
    "secretsmanager": "Describe* Get* PutSecretValue UpdateSecretVersionStage",
    "shield": "Describe* Get*",
    "sns": "Publish",
    "sqs": "ChangeMessageVisibility DeleteMessage Get* List* ReceiveMessage SendMessage",
    "ssm": "Get*",
    "sts": "AssumeRole GetCallerIdentity TagSession",
    "tag": "Get*",
    "wafv2": "AssociateWebACL DisassociateWebACL Get* List*",
    "xray": "Get* Put*",
}
KEY_ACTIONS = "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey* GetPublicKey ReEncrypt* Sign Verify"
# Services whose requests are of us-east-1, or of no region, wherever they come from.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, aws:RequestedRegion
GLOBAL_SERVICES = ("iam", "sts", "route53", "cloudfront", "shield", "organizations")

ESCALATION = (
    "account:*",
    "iam:AddUserToGroup",
    "iam:Attach*",
    "iam:CreateAccessKey",
    "iam:CreateGroup",
    "iam:CreateLoginProfile",
    "iam:CreateOpenIDConnectProvider",
    "iam:CreatePolicy*",
    "iam:CreateRole",
    "iam:CreateSAMLProvider",
    "iam:CreateServiceSpecificCredential",
    "iam:CreateUser",
    "iam:Delete*Policy*",
    "iam:Delete*PermissionsBoundary",
    "iam:Detach*",
    "iam:Put*",
    "iam:ResetServiceSpecificCredential",
    "iam:SetDefaultPolicyVersion",
    "iam:Update*",
    "iam:Upload*",
    "organizations:*",
)
AUDIT_TRAIL = (
    "access-analyzer:DeleteAnalyzer",
    "cloudtrail:Delete*",
    "cloudtrail:Put*",
    "cloudtrail:Stop*",
    "cloudtrail:Update*",
    "config:Delete*",
    "config:Stop*",
    "guardduty:Delete*",
    "guardduty:Disassociate*",
    "guardduty:Update*",
    "logs:Delete*",
    "logs:PutRetentionPolicy",
    "securityhub:Disable*",
)
DATA_LOSS = (
    "backup:Delete*",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteTable*",
    "elasticache:Delete*",
    "elasticfilesystem:Delete*",
    "kms:DeleteImportedKeyMaterial",
    "kms:Disable*",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "rds:Delete*",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket*",
    "s3:PutBucketPolicy",
    "secretsmanager:DeleteSecret",
)
# Settings of buckets, which AWS Backup changes to get their events and to restore them, and nobody else.
BUCKET_SETTINGS = (
    "s3:PutBucket*",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplication*",
)
TLS_ONLY_SERVICES = ("dynamodb:*", "s3:*", "secretsmanager:*", "sns:*", "sqs:*")


@dataclass(frozen=True, kw_only=True)
class BoundaryArgs:
    policy_name: str
    account: str
    regions: Sequence[str]  # of the platform's cells
    backup_roles: str  # a pattern of the names of AWS Backup's roles


class Boundary(pulumi.ComponentResource):
    """The managed policy, for `permissions_boundary` of every role; IAM is global, so one stack makes it for all."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:identity:Boundary", name, None, opts)
        self.arn = aws.iam.Policy(
            f"{name}-policy",
            name=args.policy_name,
            description="The most that a role of the platform can do",
            policy=json.dumps(boundary_document(args.account, args.regions, args.backup_roles)),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn
        self.register_outputs({"arn": self.arn})


def boundary_document(account: str, regions: Sequence[str], backups: str) -> dict[str, object]:
    """Allows the listed actions in these regions, and denies some even where a resource's policy allows them.

    A boundary limits what a resource's policy allows to a role's session only by explicit denials.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    allowed_actions = [
        f"{service}:{action}" for service, actions in ACTIONS.items() for action in actions.split()
    ]
    in_regions = {"aws:RequestedRegion": list(regions)}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AtMost",
                "Effect": "Allow",
                "Action": allowed_actions,
                "Resource": "*",
                "Condition": {"StringEquals": in_regions},
            },
            _keys(account),
            *_nodes(account),
            _deny("Elsewhere", [], {"StringNotEquals": in_regions}),
            _deny("Escalation", ESCALATION),
            _deny("Traces", AUDIT_TRAIL),
            _deny("Loss", DATA_LOSS),
            _deny(
                "Buckets",
                BUCKET_SETTINGS,
                {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{backups}"}},
            ),
            _deny(
                "PlainDisks", ["ec2:CreateVolume", "ec2:RunInstances"], {"Bool": {"ec2:Encrypted": "false"}}
            ),
            _deny("PlainText", TLS_ONLY_SERVICES, {"Bool": {"aws:SecureTransport": "false"}}),
        ],
    }


def _keys(account: str) -> dict[str, object]:
    """Use of the platform's keys, all of which are multi-region keys, and of no other key of the account.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    return {
        "Sid": "Keys",
        "Effect": "Allow",
        "Action": [f"kms:{action}" for action in KEY_ACTIONS.split()],
        "Resource": f"arn:aws:kms:*:{account}:key/mrk-*",
    }


def _nodes(account: str) -> list[dict[str, object]]:
    """IAM actions of EKS, which makes nodes and load balancers.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
    """
    return [
        {
            "Sid": "RolesOfNodes",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": f"arn:aws:iam::{account}:role/*",
            "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        },
        {
            "Sid": "ProfilesOfNodes",
            "Effect": "Allow",
            "Action": ["iam:*InstanceProfile*", "iam:GetRole", "iam:ListRoles"],
            "Resource": [f"arn:aws:iam::{account}:instance-profile/*", f"arn:aws:iam::{account}:role/*"],
        },
        {
            "Sid": "RoleOfBalancers",
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": f"arn:aws:iam::{account}:role/aws-service-role/*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
        },
    ]


def _deny(
    sid: str, actions: Sequence[str], condition: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, object]:
    """Denies the actions, or without any all actions but those of global services."""
    denied_actions = (
        {"Action": list(actions)}
        if actions
        else {"NotAction": [f"{service}:*" for service in GLOBAL_SERVICES]}
    )
    denied: dict[str, object] = {"Sid": sid, "Effect": "Deny", **denied_actions, "Resource": "*"}
    return {**denied, "Condition": condition} if condition else denied
