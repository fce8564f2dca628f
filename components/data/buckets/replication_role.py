"""IAM role of a bucket's replication: trust in S3, and a policy on the source, the copies and their keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class EncryptedBucket:
    """A bucket with the key of its region that encrypts it."""

    bucket: str
    region: str
    key_arn: pulumi.Input[str]


def replication_trust(account: str, bucket: str) -> dict[str, object]:
    """Trusts S3 on behalf of one bucket of this account."""
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"},
                },
            }
        ],
    }


def replication_policy(
    source: EncryptedBucket, destinations: Sequence[EncryptedBucket], *, object_lock: bool
) -> pulumi.Output[str]:
    """Reads versions of the source and writes copies to the destinations, each with its key.

    `object_lock` is whether the source has Object Lock.
    """
    keys = [source.key_arn, *(each.key_arn for each in destinations)]
    return pulumi.Output.all(*keys).apply(
        lambda arns: json.dumps(
            _document(source, str(arns[0]), destinations, list(map(str, arns[1:])), object_lock)
        )
    )


def _document(
    source: EncryptedBucket,
    source_key: str,
    destinations: Sequence[EncryptedBucket],
    keys: Sequence[str],
    object_lock: bool,
) -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
    versions = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    if object_lock:
        versions += ["s3:GetObjectRetention", "s3:GetObjectLegalHold"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                "Resource": _arn(source),
            },
            {"Effect": "Allow", "Action": versions, "Resource": f"{_arn(source)}/*"},
            {
                "Effect": "Allow",
                "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
                "Resource": [f"{_arn(each)}/*" for each in destinations],
            },
            _key_use(["kms:Decrypt"], source, source_key),
            *(
                _key_use(["kms:Encrypt", "kms:GenerateDataKey"], each, key)
                for each, key in zip(destinations, keys, strict=True)
            ),
        ],
    }


def _key_use(actions: Sequence[str], bucket: EncryptedBucket, key: str) -> dict[str, object]:
    """Only through S3, and only for this bucket: with a bucket key the context is the bucket, else the object."""
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": key,
        "Condition": {
            "StringEquals": {"kms:ViaService": f"s3.{bucket.region}.amazonaws.com"},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": [_arn(bucket), f"{_arn(bucket)}/*"]},
        },
    }


def _arn(bucket: EncryptedBucket) -> str:
    return f"arn:aws:s3:::{bucket.bucket}"
