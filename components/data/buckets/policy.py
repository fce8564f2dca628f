"""Bucket policies: each is the whole policy of one bucket, written by the stack that has the bucket."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

LogSource = Literal["alb", "flow", "s3", "cloudfront"]  # also the prefix under which its logs are


def web_bucket_policy(bucket: str, account: str) -> dict[str, object]:
    """Only CloudFront reads, and only over TLS.

    It names any distribution of the account: the distribution belongs to `global`, which comes later.
    """
    read = {
        "Sid": "CloudFrontReads",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{account}:distribution/*"},
        },
    }
    return {"Version": "2012-10-17", "Statement": [_tls_only(bucket), read]}


def closed_bucket_policy(bucket: str) -> dict[str, object]:
    """Denies requests without TLS; roles that read or write are allowed to by their own policies."""
    return {"Version": "2012-10-17", "Statement": [_tls_only(bucket)]}


def log_bucket_policy(
    bucket: str, account: str, region: str, sources: Collection[LogSource]
) -> dict[str, object]:
    """Each source of this account writes under its own prefix, and only over TLS."""
    statements = [_tls_only(bucket)]
    if "alb" in sources:
        statements.append(_load_balancers_write(bucket, account, region))
    if "s3" in sources:
        statements.append(_buckets_write(bucket, account))
    if delivered := sorted(source for source in sources if source in ("flow", "cloudfront")):
        statements += _deliveries_write(bucket, account, region, delivered)
    return {"Version": "2012-10-17", "Statement": statements}


def _tls_only(bucket: str) -> dict[str, object]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _load_balancers_write(bucket: str, account: str, region: str) -> dict[str, object]:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    return {
        "Sid": "LoadBalancersWrite",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/alb/AWSLogs/{account}/*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/*"},
        },
    }


def _buckets_write(bucket: str, account: str) -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    return {
        "Sid": "BucketsWrite",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/s3/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }


def _deliveries_write(
    bucket: str, account: str, region: str, prefixes: Collection[str]
) -> list[dict[str, object]]:
    """Statements of deliveries, with the names and the content with which AWS would add them to the policy.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    from_account: dict[str, object] = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*"},
    }
    look = {
        "Sid": "AWSLogDeliveryAclCheck",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:GetBucketAcl",
        "Resource": f"arn:aws:s3:::{bucket}",
        "Condition": from_account,
    }
    owned = {"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"}
    written = [f"arn:aws:s3:::{bucket}/{prefix}/AWSLogs/{account}/*" for prefix in prefixes]
    write = {
        "Sid": "AWSLogDeliveryWrite",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": written[0] if len(written) == 1 else written,
        "Condition": {**from_account, "StringEquals": owned},
    }
    return [look, write]
