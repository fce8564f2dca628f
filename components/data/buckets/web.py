"""The cell's copy of the web interface and the market snapshots, which only the CDN reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.data.buckets.policy import web_bucket_policy
from components.data.buckets.private_bucket import access_log, private_bucket


@dataclass(frozen=True, kw_only=True)
class WebBucketArgs:
    bucket: str
    account: str
    tags: Mapping[str, str]

    key_arn: pulumi.Input[str]  # of this region
    log_bucket: pulumi.Input[str]

    retire: bool


class WebBucket(pulumi.ComponentResource):
    """Private, versioned, encrypted with the cell's key, its requests logged under `s3/web/`."""

    name: pulumi.Output[str]

    def __init__(self, name: str, args: WebBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:WebBucket", name, None, opts)
        made = private_bucket(
            name,
            bucket=args.bucket,
            policy=web_bucket_policy(args.bucket, args.account),
            key_arn=args.key_arn,
            expire={},
            tags=args.tags,
            retire=args.retire,
            parent=self,
        )
        access_log(name, made, args.log_bucket, "s3/web/", self)
        self.name = made.name
        self.register_outputs({"name": self.name})
