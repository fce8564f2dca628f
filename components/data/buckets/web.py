"""Web bucket: the cell's copy of the web interface and the market snapshots, which only CloudFront reads."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.data.buckets.data_bucket import DataBucket, DataBucketArgs
from components.data.buckets.policy import web_bucket_policy


@dataclass(frozen=True, kw_only=True)
class WebBucketArgs(DataBucketArgs):
    account: str


class WebBucket(DataBucket):
    """Read by the CloudFront distributions of the account, and replicated to other cells."""

    def __init__(self, name: str, args: WebBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            "castle:data:WebBucket",
            name,
            args,
            policy=web_bucket_policy(args.bucket, args.account),
            log_prefix="s3/web/",
            opts=opts,
        )
