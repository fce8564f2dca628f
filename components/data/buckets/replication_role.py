"""What S3 may do to replicate one bucket, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class EncryptedBucket:
    """A bucket, and the key of its region that encrypts it."""

    bucket: str
    region: str
    key_arn: pulumi.Input[str]


def replication_trust(account: str, bucket: str) -> dict[str, object]:
    """S3, on behalf of one bucket of this account."""
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
    source: EncryptedBucket, destinations: Sequence[EncryptedBucket], *, locked: bool
) -> pulumi.Output[str]:
    """Read versions of the source, write copies to the destinations, each with its key. `locked`: by Object Lock."""
    keys = [source.key_arn, *(each.key_arn for each in destinations)]
    return pulumi.Output.all(*keys).apply(
        lambda arns: json.dumps(
            _document(source, str(arns[0]), destinations, list(map(str, arns[1:])), locked)
        )
    )


def _document(
    source: EncryptedBucket,
    source_key: str,
    destinations: Sequence[EncryptedBucket],
    keys: Sequence[str],
    locked: bool,
) -> dict[str, object]:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
    versions = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    if locked:
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


def _key_use(actions: Sequence[str], of: EncryptedBucket, key: str) -> dict[str, object]:
    """Only through S3, and only for this bucket: with a bucket key the context is the bucket, else the object."""
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": key,
        "Condition": {
            "StringEquals": {"kms:ViaService": f"s3.{of.region}.amazonaws.com"},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": [_arn(of), f"{_arn(of)}/*"]},
        },
    }


def _arn(of: EncryptedBucket) -> str:
    return f"arn:aws:s3:::{of.bucket}"
