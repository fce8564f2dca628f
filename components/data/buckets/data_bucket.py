"""Bucket of a data set: private, encrypted with a key of the platform, with an access log under its own prefix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.data.buckets.private_bucket import ObjectLock, PrivateBucketArgs, access_log, private_bucket


@dataclass(frozen=True, kw_only=True)
class DataBucketArgs:
    bucket: str
    tags: Mapping[str, str]

    key_arn: pulumi.Input[str]  # of this region
    log_bucket: pulumi.Input[str]

    retire: bool


class DataBucket(pulumi.ComponentResource):
    """Base of the buckets of data sets, each with a type token, a policy and a prefix of its access log."""

    name: pulumi.Output[str]

    def __init__(
        self,
        type_token: str,
        name: str,
        args: DataBucketArgs,
        *,
        policy: Mapping[str, object],
        log_prefix: str,
        lock: ObjectLock | None = None,
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        super().__init__(type_token, name, None, opts)
        bucket = private_bucket(
            name,
            PrivateBucketArgs(
                bucket=args.bucket,
                policy=policy,
                key_arn=args.key_arn,
                expiration_days={},
                lock=lock,
                tags=args.tags,
                retire=args.retire,
            ),
            parent=self,
        )
        access_log(name, bucket, args.log_bucket, log_prefix, self)
        self.name = bucket.name
        self.register_outputs({"name": self.name})
