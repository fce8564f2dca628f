"""Policies of VPC endpoints: the principals and actions that may pass through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from settings import Endpoint

_IMAGES = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
]
# Actions of the platform's workloads, by service. Deployments don't use these endpoints.
_ACTIONS: Mapping[Endpoint, Sequence[str]] = {
    "ecr.api": _IMAGES,
    "ecr.dkr": _IMAGES,
    "eks-auth": ["eks-auth:AssumeRoleForPodIdentity"],
    "kms": [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:GetPublicKey",
        "kms:Sign",
        "kms:Verify",
    ],
    "logs": [
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    ],
    "monitoring": ["cloudwatch:PutMetricData"],
    "secretsmanager": [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ],
    "sns": ["sns:Publish"],
    "sqs": [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ],
    "sts": ["sts:AssumeRole", "sts:GetCallerIdentity", "sts:TagSession"],
    "xray": [
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ],
}


def gateway_policy(service: str, account: str, region: str) -> dict[str, object]:
    """Policy of a gateway endpoint: this account's principals, and for S3 also AWS's bucket of image layers.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-s3-gateway
    """
    image_layers = {
        "Sid": "ImageLayers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*",
    }
    own = _own_principals(account, f"{service}:*")
    return {"Version": "2012-10-17", "Statement": [own, image_layers] if service == "s3" else [own]}


def interface_policy(service: Endpoint, account: str) -> dict[str, object]:
    """Policy of an interface endpoint: this account's principals, and only the actions of workloads."""
    return {"Version": "2012-10-17", "Statement": [_own_principals(account, list(_ACTIONS[service]))]}


def _own_principals(account: str, action: str | list[str]) -> dict[str, object]:
    return {
        "Sid": "OwnPrincipals",
        "Effect": "Allow",
        "Principal": "*",
        "Action": action,
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": account}},
    }
