"""Drain bucket: an object under `drained/`, with the name of another cell, takes that cell out of DNS."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.data.buckets.data_bucket import DataBucket, DataBucketArgs
from components.data.buckets.policy import closed_bucket_policy

DRAINED_PREFIX = "drained"


class DrainsBucket(DataBucket):
    """Read by the cell's API and written by operators, whose own policies allow it. Objects are empty."""

    def __init__(self, name: str, args: DataBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            "castle:data:DrainsBucket",
            name,
            args,
            policy=closed_bucket_policy(args.bucket),
            log_prefix="s3/drains/",
            opts=opts,
        )


Statement = Mapping[str, pulumi.Input[object]]


def read_drains(bucket: str, key_arn: pulumi.Input[str]) -> list[Statement]:
    """Statements that read the objects and list none: that one is missing looks like a denial."""
    return [_objects("ReadDrains", ["s3:GetObject"], bucket), _key(["kms:Decrypt"], key_arn)]


def write_drains(bucket: str, key_arn: pulumi.Input[str]) -> list[Statement]:
    """Statements by which an operator drains another cell, and lets it serve again."""
    return [
        _objects("Drain", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], bucket),
        _key(["kms:Decrypt", "kms:GenerateDataKey"], key_arn),
    ]


def _objects(sid: str, actions: list[str], bucket: str) -> Statement:
    where = f"arn:aws:s3:::{bucket}/{DRAINED_PREFIX}/*"
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": where}


def _key(actions: list[str], key_arn: pulumi.Input[str]) -> Statement:
    return {"Sid": "DrainsKey", "Effect": "Allow", "Action": actions, "Resource": key_arn}
