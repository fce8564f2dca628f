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
    "dynamodb": "Batch* ConditionCheckItem CreateBackup DeleteBackup DeleteItem Describe* Get* List* PutItem Query"
    " Restore* Scan StartAwsBackupJob TagResource UpdateItem",
    "ec2": "Assign* Associate* Attach* Authorize* Create* Delete* Describe* Detach* Disassociate* Get* Modify*"
    " Reboot* Revoke* Run* Start* Stop* Terminate* Unassign*",
    "ecr": "Batch* Describe* Get* List*",
    "eks": "Describe* List*",
    "eks-auth": "AssumeRoleForPodIdentity",
    "elasticache": "Describe* FailoverGlobal*",
    "elasticfilesystem": "Backup CreateFileSystem Describe* Restore TagResource",
    "elasticloadbalancing": "Add* Create* Delete* Deregister* Describe* Modify* Register* Remove* Set*",
    "events": "DeleteRule Describe* DisableRule EnableRule List* PutRule PutTargets RemoveTargets",
    "iam": "ListInstanceProfiles ListRoles",  # which know no resources; see `_nodes` for others
    "lambda": "Get* InvokeFunction",
    "logs": "CreateLog* Describe* Filter* Get* PutLogEvents",
    "osis": "Ingest",
    "rds": "AddTagsToResource CopyDB* CreateDB* Delete*Backup Delete*Snapshot Describe*"
    " FailoverGlobalCluster List* RestoreDB* SwitchoverGlobalCluster",
    "redshift-data": "ExecuteStatement",
    "s3": "Abort* CreateBucket DeleteObject* Get* List* PutBucket* PutInventory* PutObject* Replicate*",
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
# Sign-ins to a store itself. Their requests carry few global keys, and not the region: a condition on it would never
# let them through, and a denial by what it isn't would always hold.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html, limitations
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html, limitations
SIGN_INS = ("elasticache:Connect", "elasticfilesystem:Client*", "es:ESHttp*", "rds-db:connect")
KEY_ACTIONS = (
    "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey* GetP* ListGrants ReEncrypt* Sign Verify"
)
# Services whose requests are of us-east-1, or of no region, wherever they come from.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, aws:RequestedRegion
GLOBAL_SERVICES = ("iam", "sts", "route53", "cloudfront", "shield", "organizations")

# Beginnings, since a policy has room for 6144 characters: access keys, groups, login profiles, providers, policies,
# roles, credentials, users.
ESCALATION = (
    "account:*",
    "iam:AddC*",  # not AddRoleToInstanceProfile, by which Auto Mode starts nodes
    "iam:AddU*",
    "iam:Attach*",
    "iam:CreateA*",
    "iam:CreateG*",
    "iam:CreateL*",
    "iam:CreateO*",
    "iam:CreateP*",
    "iam:CreateR*",
    "iam:CreateSA*",
    "iam:CreateServiceS*",
    "iam:CreateU*",
    "iam:Delete*Policy*",
    "iam:Delete*Bound*",
    "iam:Detach*",
    "iam:Put*",
    "iam:Reset*",
    "iam:Set*",
    "iam:Update*",
    "iam:Upload*",
    "organizations:*",
)
AUDIT_TRAIL = (
    "access-analyzer:Delete*",
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
    "dynamodb:DeleteTable*",
    "elasticache:Delete*",
    "elasticfilesystem:Delete*",
    "kms:DeleteImported*",
    "kms:Disable*",
    "kms:PutKeyPolicy",
    "kms:Schedule*",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "rds:DeleteGlobalCluster",
    "s3:Bypass*",
    "s3:DeleteBucket*",
    "s3:PutBucketPolicy",
    "secretsmanager:Delete*",
)
# For AWS Backup and nobody else: settings of buckets, which it changes to get their events and to restore them, and
# recovery points, which it deletes when their retention ends. Without that they would stay, and be paid.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
FOR_BACKUPS = (
    "dynamodb:DeleteBackup",
    "rds:Delete*Backup",
    "rds:Delete*Snapshot",
    "s3:PutBucket*",
    "s3:PutE*",
    "s3:PutL*",
    "s3:PutR*",
)
TLS_ONLY_SERVICES = ("dynamodb:*", "s3:*", "secretsmanager:*", "sns:*", "sqs:*")


@dataclass(frozen=True, kw_only=True)
class BoundaryArgs:
    policy_name: str
    account: str
    regions: Sequence[str]  # of the platform's cells
    backup_roles: str  # a pattern of the names of AWS Backup's roles
    node_roles: str  # a pattern of the names of the roles of clusters' nodes


class Boundary(pulumi.ComponentResource):
    """The managed policy, for `permissions_boundary` of every role; IAM is global, so one stack makes it for all."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:identity:Boundary", name, None, opts)
        self.arn = aws.iam.Policy(
            f"{name}-policy",
            name=args.policy_name,
            description="The most that a role of the platform can do",
            policy=json.dumps(boundary_document(args)),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn
        self.register_outputs({"arn": self.arn})


def boundary_document(args: BoundaryArgs) -> dict[str, object]:
    """Allows the listed actions, and denies others, and other regions, even where a resource's policy allows them.

    A boundary limits what a resource's policy allows to a role's session only by explicit denials.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    allowed_actions = [
        f"{service}:{action}" for service, actions in ACTIONS.items() for action in actions.split()
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AtMost",
                "Effect": "Allow",
                "Action": allowed_actions,
                "Resource": "*",
                # A request that has a region; `Elsewhere` says which.
                "Condition": {"StringLike": {"aws:RequestedRegion": "*-*"}},
            },
            {
                "Sid": "SignIns",
                "Effect": "Allow",
                "Action": list(SIGN_INS),
                "Resource": [f"arn:aws:{it.split(':')[0]}:*:{args.account}:*" for it in SIGN_INS],
            },
            _keys(args.account),
            *_nodes(args.account, args.node_roles),
            _deny("Elsewhere", [], {"StringNotEquals": {"aws:RequestedRegion": list(args.regions)}}),
            _deny("Escalation", ESCALATION),
            _deny("Traces", AUDIT_TRAIL),
            _deny("Loss", DATA_LOSS),
            _deny(
                "ForBackups",
                FOR_BACKUPS,
                {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{args.account}:role/{args.backup_roles}"}},
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


def _nodes(account: str, roles: str) -> list[dict[str, object]]:
    """IAM actions of EKS, which makes nodes and load balancers.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
    """
    return [
        {
            "Sid": "RolesOfNodes",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": f"arn:aws:iam::{account}:role/{roles}",
            "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        },
        {
            "Sid": "ProfilesOfNodes",
            "Effect": "Allow",
            "Action": ["iam:*InstanceProfile", "iam:GetRole", "iam:ListInstanceProfilesForRole"],
            "Resource": [f"arn:aws:iam::{account}:instance-profile/*", f"arn:aws:iam::{account}:role/*"],
        },
        {
            "Sid": "LinkedRoles",
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": f"arn:aws:iam::{account}:role/aws-service-role/*",
            "Condition": {
                "StringEquals": {
                    "iam:AWSServiceName": [
                        "elasticloadbalancing.amazonaws.com",
                        "spot.amazonaws.com",  # a new account has none, and Auto Mode starts Spot instances
                    ]
                }
            },
        },
    ]


def _deny(
    sid: str, actions: Sequence[str], condition: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, object]:
    """Denies the actions, or without any all whose requests carry their region."""
    denied_actions = (
        {"Action": list(actions)}
        if actions
        else {"NotAction": [*(f"{service}:*" for service in GLOBAL_SERVICES), *SIGN_INS]}
    )
    denied: dict[str, object] = {"Sid": sid, "Effect": "Deny", **denied_actions, "Resource": "*"}
    return {**denied, "Condition": condition} if condition else denied
