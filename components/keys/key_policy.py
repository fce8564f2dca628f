"""Who may do what with a key: administration and use go apart, and use only through the services that store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from components.key_administration import administration_statement
from settings import DataClass

EncryptingService = Literal[
    "rds",
    "elasticache",
    "dynamodb",
    "s3",
    "elasticfilesystem",
    "redshift-data",
    "redshift-serverless",
    "secretsmanager",
    "backup",
    "lambda",
    "ec2",
    "sqs",
    "sns",
    "ecr",
    "eks",
    "cloudfront",
    "logs",
    "deliveries",
    "alarms",
    "topics",
    "integrations",
]

# What encrypts with a class's keys. A service that isn't here can't.
ENCRYPTING_SERVICES: dict[DataClass, Sequence[EncryptingService]] = {
    "public": ("s3", "cloudfront"),
    "market": ("elasticache", "dynamodb", "backup", "logs"),
    "customer": (
        "elasticache",
        "dynamodb",
        "s3",
        "elasticfilesystem",
        "secretsmanager",
        "backup",
        "ec2",
        "ecr",
        "eks",
        "logs",
    ),
    "ledger": (
        "rds",
        "dynamodb",
        "redshift-data",
        "redshift-serverless",
        "secretsmanager",
        "lambda",
        "sqs",
        "sns",
        "topics",
        "backup",
        "logs",
        "integrations",
    ),
    "audit": ("s3", "logs", "deliveries", "alarms"),
}
# Those that name themselves in `kms:ViaService` when they use a key for whoever stores with them.
_STORES = (
    "rds",
    "elasticache",
    "dynamodb",
    "elasticfilesystem",
    "redshift-data",
    "redshift-serverless",
    "secretsmanager",
    "backup",
    "lambda",
    "ec2",
    "sqs",
    "sns",
    "ecr",
    "s3",
)

_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


def key_policy(
    *, data_class: DataClass, account: str, deployer: str, region: str, log_groups: Sequence[str]
) -> dict[str, object]:
    """The policy of one key in one region. A replica has its own, since it names its region's services.

    `log_groups` are patterns of the log groups' names that may use it.
    """
    services = ENCRYPTING_SERVICES[data_class]
    statements = [administration_statement(account, deployer)]
    if stores := [service for service in services if service in _STORES]:
        statements += _use_through(stores, account, region)
    if "eks" in services:
        statements.append(_clusters(account, deployer, region))
    if "ec2" in services:
        statements.append(_launches(account, deployer))
    if "cloudfront" in services:
        statements.append(_cloudfront(account))
    if "logs" in services and log_groups:
        statements.append(_logs(account, region, log_groups))
    if "deliveries" in services:
        statements.append(_deliveries(account, region))
    if "alarms" in services:
        statements.append(_alarms(account, region))
    if "topics" in services:
        statements.append(_topics(account, region))
    if "integrations" in services:
        statements.append(_integrations(account))
    return {"Version": "2012-10-17", "Statement": statements}


def _use_through(services: Sequence[str], account: str, region: str) -> list[dict[str, object]]:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    via = {
        "kms:CallerAccount": account,
        "kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in services],
    }
    use = {
        "Sid": "UseThroughServices",
        "Effect": "Allow",
        "Principal": principal,
        "Action": _USE,
        "Resource": "*",
        "Condition": {"StringEquals": via},
    }
    grants = {
        "Sid": "GrantsForServices",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
    }
    return [use] if list(services) == ["s3"] else [use, grants]


def _clusters(account: str, deployer: str, region: str) -> dict[str, object]:
    # EKS takes a grant from whoever creates the cluster, and can't be asked for kms:GrantIsForAWSResource.
    # https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
    via = {"kms:CallerAccount": account, "kms:ViaService": f"eks.{region}.amazonaws.com"}
    return {
        "Sid": "GrantsForClusters",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["kms:CreateGrant", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": via, "ArnEquals": {"aws:PrincipalArn": deployer}},
    }


def _launches(account: str, deployer: str) -> dict[str, object]:
    # What EC2 Auto Scaling starts has disks under this key by a grant, since no policy of ours is its role's.
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    launcher = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    condition = {
        "ArnEquals": {"aws:PrincipalArn": deployer},
        "StringEquals": {"kms:GranteePrincipal": f"arn:aws:iam::{account}:role/{launcher}"},
    }
    return {
        "Sid": "GrantsForLaunches",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": condition,
    }


def _cloudfront(account: str) -> dict[str, object]:
    # Any distribution of the account: the distribution is made after the key, by `global`.
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    return {
        "Sid": "CloudFront",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{account}:distribution/*"},
        },
    }


def _logs(account: str, region: str, log_groups: Sequence[str]) -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    groups = [f"arn:aws:logs:{region}:{account}:log-group:{pattern}" for pattern in log_groups]
    return {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": _USE,
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }


def _deliveries(account: str, region: str) -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    return {
        "Sid": "LogDeliveries",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": _USE,
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:delivery-source:*"},
        },
    }


def _alarms(account: str, region: str) -> dict[str, object]:
    # An alarm publishes to an encrypted topic only if it may use the topic's key, which AWS's own key forbids.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    return {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:*"},
        },
    }


def _topics(account: str, region: str) -> dict[str, object]:
    # A topic that delivers to an encrypted queue uses the queue's key by itself, for no principal of the account.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    return {
        "Sid": "Topics",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:sns:{region}:{account}:*"},
        },
    }


def _integrations(account: str) -> dict[str, object]:
    # What a zero-ETL integration has under way is Redshift's to read; whoever makes one says what it is for.
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/zero-etl.creating.html
    return {
        "Sid": "Integrations",
        "Effect": "Allow",
        "Principal": {"Service": "redshift.amazonaws.com"},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": account,
                "kms:EncryptionContext:data-set": "warehouse",
            },
            "ForAllValues:StringEquals": {
                "kms:GrantOperations": ["Decrypt", "GenerateDataKey", "CreateGrant"]
            },
        },
    }
