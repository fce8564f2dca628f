"""Cases of the rules on versions, access logs and replicas of S3 buckets."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

BUCKET = "aws:s3/bucket:Bucket"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"


def beside(token: str, prop: str = "bucket", **props: Any) -> Res:
    return Res(token, {prop: UNKNOWN, **props}, token.rpartition(":")[2], {prop: ["bucket"]})


def bucket(*things: Res, **props: Any) -> list[Res]:
    return [Res(BUCKET, props, "bucket"), *things]


def versioning(status: Any) -> Res:
    return beside("aws:s3/bucketVersioning:BucketVersioning", versioningConfiguration={"status": status})


def written_by(service: str) -> Res:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject"}
    return beside(BUCKET_POLICY, policy=json.dumps({"Statement": [statement]}))


def reports(*targets: Any, data_class: Any = "customer") -> dict[str, list[Res]]:
    """A bucket in Virginia, its copy in Ireland, and a third stack that replicates the first to these."""
    return {
        "a": [
            Res(
                BUCKET,
                {"bucket": "reports-us", "region": "us-east-1", "tags": {"data-class": data_class}},
                "us",
            )
        ],
        "b": [Res(BUCKET, {"bucket": "reports-eu", "region": "eu-west-1"}, "eu")],
        "edge": [
            Res("aws:sns/topic:Topic", {}, "other"),
            *(
                Res(
                    REPLICATION,
                    {"bucket": "reports-us", "rules": [{"destination": {"bucket": it}}]},
                    f"to{i}",
                )
                for i, it in enumerate(targets)
            ),
        ],
    }


CASES = {
    "s3-versioned": Cases(
        BUCKET,
        compliant=bucket(versioning("Enabled")),
        violating=bucket(versioning("Suspended")),
        missing=broken(bucket()),
        unknown=bucket(versioning(UNKNOWN)),
        more={
            "by an id that isn't known": undecided(
                bucket(Res("aws:s3/bucketVersioning:BucketVersioning", {"bucket": UNKNOWN}, "v"))
            ),
            "written in the bucket": kept(bucket(versioning={"enabled": True})),
            "written in a bucket of the older type": kept(
                [Res("aws:s3/bucketV2:BucketV2", {"versionings": [{"enabled": True}]})]
            ),
            "switched off in the bucket": broken(bucket(versioning={"enabled": False})),
            "unknown in the bucket": undecided(bucket(versioning={"enabled": UNKNOWN})),
            "what AWS will write in the bucket": broken(bucket(versioning=UNKNOWN)),
        },
    ),
    "s3-access-logged": Cases(
        BUCKET,
        compliant=bucket(beside(LOGGING, targetBucket="castle-logs")),
        violating=bucket(written_by("cloudfront.amazonaws.com")),
        missing=broken(bucket()),
        unknown=bucket(beside(BUCKET_POLICY, policy=UNKNOWN)),
        more={
            "a target of S3's logs": kept(bucket(beside(LOGGING, "targetBucket"))),
            "written in the bucket": kept(bucket(logging={"targetBucket": UNKNOWN})),
            "what AWS will write in the bucket": broken(bucket(logging=UNKNOWN)),
            "a target of what another bucket says": kept(
                [
                    Res(BUCKET, {"bucket": "logs"}, "logs"),
                    Res(BUCKET, {"bucket": "web", "logging": {"targetBucket": "logs"}}, "web"),
                ]
            ),
            "a target of log delivery": kept(bucket(written_by("delivery.logs.amazonaws.com"))),
        },
    ),
    "s3-replicated-cross-region": Cases(
        BUCKET,
        compliant=reports("arn:aws:s3:::reports-eu"),
        violating=reports("arn:aws:s3:::reports-us"),
        missing=broken(reports()),
        unknown=reports(UNKNOWN),
        more={
            "to a bucket that no stack has": undecided(reports("arn:aws:s3:::elsewhere")),
            "to one of two": kept(reports("arn:aws:s3:::elsewhere", "arn:aws:s3:::reports-eu")),
            "of another class": kept(reports(data_class="logs")),
            "of an unknown class": undecided(reports(data_class=UNKNOWN)),
            "of a class that is asked": broken(reports(data_class="web"), classes=["web"]),
        },
    ),
}
