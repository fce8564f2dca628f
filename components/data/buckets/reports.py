"""The statements and confirmations that customers and authorities get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.data.buckets.policy import closed_bucket_policy
from components.data.buckets.private_bucket import access_log, private_bucket


@dataclass(frozen=True, kw_only=True)
class ReportsBucketArgs:
    bucket: str
    tags: Mapping[str, str]

    key_arn: pulumi.Input[str]  # of this region
    log_bucket: pulumi.Input[str]

    retire: bool


class ReportsBucket(pulumi.ComponentResource):
    """Private, versioned, encrypted with the cell's key, its requests logged under `s3/reports/`; backed up."""

    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ReportsBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:data:ReportsBucket", name, None, opts)
        made = private_bucket(
            name,
            bucket=args.bucket,
            policy=closed_bucket_policy(args.bucket),
            key_arn=args.key_arn,
            expire={},
            tags=args.tags,
            retire=args.retire,
            parent=self,
        )
        access_log(name, made, args.log_bucket, "s3/reports/", self)
        self.name = made.name
        self.register_outputs({"name": self.name})
