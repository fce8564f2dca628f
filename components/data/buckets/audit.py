"""Audit bucket: audit records under S3 Object Lock, which nobody deletes before their retention ends."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.data.buckets.data_bucket import DataBucket, DataBucketArgs
from components.data.buckets.policy import closed_bucket_policy
from components.data.buckets.private_bucket import ObjectLock


@dataclass(frozen=True, kw_only=True)
class AuditBucketArgs(DataBucketArgs):
    lock: ObjectLock


class AuditBucket(DataBucket):
    """Every record is locked from when it is written. AWS keeps the bucket when its cell is destroyed."""

    def __init__(self, name: str, args: AuditBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            "castle:data:AuditBucket",
            name,
            args,
            policy=closed_bucket_policy(args.bucket),
            log_prefix="s3/audit/",
            lock=args.lock,
            opts=opts,
        )
