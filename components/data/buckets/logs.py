"""Log bucket: access logs of load balancers, buckets and CloudFront, and flow logs of networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.data.buckets.policy import LogSource, log_bucket_policy
from components.data.buckets.private_bucket import PrivateBucketArgs, private_bucket


@dataclass(frozen=True, kw_only=True)
class LogBucketArgs:
    bucket: str
    account: str
    region: str

    # None stands for S3's own key: load balancers and S3 write with no other.
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    key_arn: pulumi.Input[str] | None
    retention_days: Mapping[LogSource, int]  # the sources that may write, with the days until a log expires

    retire: bool


class LogBucket(pulumi.ComponentResource):
    """Each source writes under its own prefix, and what it wrote expires."""

    name: pulumi.Output[str]  # known to AWS only once the policy lets the sources write
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: LogBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:LogBucket", name, None, opts)
        bucket = private_bucket(
            name,
            PrivateBucketArgs(
                bucket=args.bucket,
                policy=log_bucket_policy(args.bucket, args.account, args.region, args.retention_days),
                key_arn=args.key_arn,
                expiration_days={str(source): days for source, days in args.retention_days.items()},
                lock=None,
                tags={"data-set": "logs", "data-class": "logs"},
                retire=args.retire,
            ),
            parent=self,
        )
        self.name, self.arn = bucket.name, bucket.arn
        self.register_outputs({"name": self.name})
