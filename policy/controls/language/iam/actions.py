"""IAM actions, classified: reads, credentials, data, permission management, privilege escalation."""

from __future__ import annotations

import re
from typing import Final

# Verbs that change nothing (service authorization reference, access levels List and Read). "Get" of a
# token or a password is classified below, among credentials.
_READING: Final = re.compile(
    r"^(BatchCheck|BatchDescribe|BatchGet|Check|Describe|Detect|Discover|Estimate|Filter|Get|Head|List|Lookup"
    r"|Preview|Query|Read|Retrieve|Scan|Search|Select|Simulate|Test|Validate|View)"
)

# Writes that AWS can't limit to a resource (service authorization reference: no resource type).
UNLIMITABLE: Final = frozenset(
    {
        "cloudwatch:PutMetricData",
        "ec2:CreateNetworkInterfacePermission",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "sts:SetSourceIdentity",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
# Rights on network interfaces that could be limited, but that Lambda tries without a resource when a function
# is created in a VPC. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
TRIED_WITHOUT_RESOURCE: Final = frozenset(
    {"ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"}
)
_UNLIMITABLE: Final = frozenset(action.lower() for action in UNLIMITABLE | TRIED_WITHOUT_RESOURCE)

# Actions that create or read credentials. `ecr:GetAuthorizationToken` can't be limited to a resource, and its
# token opens only what other statements allow.
CREDENTIALS: Final = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateLoginProfile",
    "rds-db:connect",
    "rds:GenerateDbAuthToken",
    "redshift:GetClusterCredentials",
    "redshift-serverless:GetCredentials",
    "sts:AssumeRole",
    "sts:GetFederationToken",
)

DATA: Final = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "kms:Decrypt",
    "rds-data:ExecuteStatement",
    "s3:GetObject",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
)

PERMISSIONS: Final = (
    "dynamodb:PutResourcePolicy",
    "ecr:SetRepositoryPolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PassRole",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "lambda:AddPermission",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "secretsmanager:PutResourcePolicy",
    "sns:AddPermission",
    "sqs:AddPermission",
)

# Privilege escalations: one action, or a role that is passed to something one can run.
ESCALATIONS: Final = (
    ("iam:AddUserToGroup",),
    ("iam:AttachGroupPolicy",),
    ("iam:AttachRolePolicy",),
    ("iam:AttachUserPolicy",),
    ("iam:CreateAccessKey",),
    ("iam:CreateLoginProfile",),
    ("iam:CreatePolicyVersion",),
    ("iam:PutGroupPolicy",),
    ("iam:PutRolePolicy",),
    ("iam:PutUserPolicy",),
    ("iam:SetDefaultPolicyVersion",),
    ("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"),
    ("iam:UpdateLoginProfile",),
    ("lambda:UpdateFunctionCode",),
    ("iam:PassRole", "cloudformation:CreateStack"),
    ("iam:PassRole", "codebuild:CreateProject"),
    ("iam:PassRole", "ec2:RunInstances"),
    ("iam:PassRole", "ecs:RunTask"),
    ("iam:PassRole", "glue:CreateJob"),
    ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
    ("iam:PassRole", "sagemaker:CreateNotebookInstance"),
)

# Services that send neither aws:SourceAccount nor aws:SourceArn when they assume a role: they hand it to
# an instance or a function of the same account (IAM user guide, cross-service confused deputy prevention). What API
# Gateway takes, only its own account can give it; with a condition on the source it is refused:
# https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
SOURCELESS: Final = (
    "apigateway.amazonaws.com",
    "ec2.amazonaws.com",
    "edgelambda.amazonaws.com",
    "lambda.amazonaws.com",
)


def writes(pattern: str) -> bool:
    """Returns whether an action pattern of a policy includes a change that could be limited to a resource."""
    service, _, action = pattern.partition(":")
    if service == "*" or not action or action.startswith(("*", "?")):
        return True
    return not _READING.match(action[:1].upper() + action[1:]) and pattern.lower() not in _UNLIMITABLE
