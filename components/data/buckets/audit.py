"""The records of who did what, which nobody deletes before their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.data.buckets.policy import closed_bucket_policy
from components.data.buckets.private_bucket import ObjectLock, access_log, private_bucket


@dataclass(frozen=True, kw_only=True)
class AuditBucketArgs:
    bucket: str
    tags: Mapping[str, str]

    key_arn: pulumi.Input[str]  # of this region
    log_bucket: pulumi.Input[str]

    lock: ObjectLock

    retire: bool


class AuditBucket(pulumi.ComponentResource):
    """Every record is locked from when it is written. AWS keeps the bucket when its cell is destroyed."""

    name: pulumi.Output[str]

    def __init__(self, name: str, args: AuditBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:AuditBucket", name, None, opts)
        made = private_bucket(
            name,
            bucket=args.bucket,
            policy=closed_bucket_policy(args.bucket),
            key_arn=args.key_arn,
            expire={},
            tags=args.tags,
            retire=args.retire,
            parent=self,
            lock=args.lock,
        )
        access_log(name, made, args.log_bucket, "s3/audit/", self)
        self.name = made.name
        self.register_outputs({"name": self.name})
