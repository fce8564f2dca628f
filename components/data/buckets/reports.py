"""Reports bucket: the statements and confirmations that customers and authorities get."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.data.buckets.data_bucket import DataBucket, DataBucketArgs
from components.data.buckets.policy import closed_bucket_policy


@dataclass(frozen=True, kw_only=True)
class ReportsBucketArgs(DataBucketArgs):
    pass


class ReportsBucket(DataBucket):
    """Read and written by roles whose own policies allow it, and backed up by its tags."""

    def __init__(
        self, name: str, args: ReportsBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "castle:data:ReportsBucket",
            name,
            args,
            policy=closed_bucket_policy(args.bucket),
            log_prefix="s3/reports/",
            opts=opts,
        )
