"""KMS key policy of a family: the deployer administers the key, and principals use it only through AWS services."""

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
    "scheduler",
]

# The services that may use the keys of a class of data, to encrypt what they store, send or deliver.
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
        "scheduler",
    ),
    "audit": ("s3", "logs", "deliveries", "alarms"),
}
# Services that use a key on behalf of a principal of the account, with their names in `kms:ViaService`.
_VIA_SERVICES = (
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
    "scheduler",
)

_USE_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
# Of an encryption context, which DescribeKey doesn't carry.
_CONTEXT_ACTIONS = [action for action in _USE_ACTIONS if action != "kms:DescribeKey"]
_CLUSTER_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"]
_MESSAGE_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey*"]  # of a topic that sends and receives


def key_policy(
    *,
    data_class: DataClass,
    account: str,
    deployer: str,
    region: str,
    log_groups: Sequence[str],
    cluster_roles: str,
) -> dict[str, object]:
    """The policy of one key in one region. A replica has a policy of its own, with the services of its region.

    `log_groups` are patterns of the log groups' names that may use it, `cluster_roles` is one of EKS clusters' roles.
    """
    services = ENCRYPTING_SERVICES[data_class]
    statements = [administration_statement(account, deployer)]
    if via_services := [service for service in services if service in _VIA_SERVICES]:
        statements += _use_through(via_services, account, region)
    if "eks" in services:
        statements.append(_eks_cluster_grants(account, deployer, region))
        statements.append(_eks_cluster_checks(account, cluster_roles))
    if "ec2" in services:
        statements.append(_auto_scaling_grants(account, deployer))
    if "cloudfront" in services:
        statements.append(_cloudfront(account))
    if "logs" in services and log_groups:
        statements.append(_log_groups(account, region, log_groups))
    if "deliveries" in services:
        statements.append(_deliveries(account, region))
    if "alarms" in services:
        statements.append(_alarms(account, region))
    if "topics" in services:
        statements.append(_topics(account, region))
    if "integrations" in services:
        statements.append(_zero_etl_grants(account))
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
        "Action": _USE_ACTIONS,
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


def _eks_cluster_grants(account: str, deployer: str, region: str) -> dict[str, object]:
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


def _eks_cluster_checks(account: str, roles: str) -> dict[str, object]:
    # EKS tries the key as the cluster's own role before an upgrade, and not through a service.
    # https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
    return {
        "Sid": "ChecksOfClusters",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": _CLUSTER_ACTIONS,
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:CallerAccount": account},
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{roles}"},
        },
    }


def _auto_scaling_grants(account: str, deployer: str) -> dict[str, object]:
    # Disks of instances that EC2 Auto Scaling starts are encrypted by a grant, since its role has no policy of ours.
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
    source = f"arn:aws:cloudfront::{account}:distribution/*"
    return _service_use("CloudFront", "cloudfront", "kms:Decrypt", account, source)


def _log_groups(account: str, region: str, log_groups: Sequence[str]) -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    groups = [f"arn:aws:logs:{region}:{account}:log-group:{pattern}" for pattern in log_groups]
    return {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": _CONTEXT_ACTIONS,
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }


def _deliveries(account: str, region: str) -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    source = f"arn:aws:logs:{region}:{account}:delivery-source:*"
    return _service_use("LogDeliveries", "delivery.logs", _USE_ACTIONS, account, source)


def _alarms(account: str, region: str) -> dict[str, object]:
    # An alarm publishes to an encrypted topic only if it may use the topic's key, which AWS's own key forbids.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    source = f"arn:aws:cloudwatch:{region}:{account}:alarm:*"
    return _service_use("Alarms", "cloudwatch", _MESSAGE_ACTIONS, account, source)


def _topics(account: str, region: str) -> dict[str, object]:
    # A topic that delivers to an encrypted queue uses the queue's key by itself, for no principal of the account.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    return _service_use("Topics", "sns", _MESSAGE_ACTIONS, account, f"arn:aws:sns:{region}:{account}:*")


def _service_use(
    sid: str, service: str, actions: str | list[str], account: str, source_arn: str
) -> dict[str, object]:
    """Use by an AWS service itself, on behalf of resources of the account that match `source_arn`."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": actions,
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": source_arn},
        },
    }


def _zero_etl_grants(account: str) -> dict[str, object]:
    # Redshift decrypts the data under way in a zero-ETL integration, which has this encryption context.
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
