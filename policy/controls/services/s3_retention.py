"""Rules on retention in S3 buckets: versioning, access logs, cross-region replication."""

from __future__ import annotations

from typing import Final

from controls.language.buckets import PLAIN_DELIVERY, inline_settings, receives_logs
from controls.language.facts import UNKNOWN, Node, Truth, Value, any_of, as_bool
from controls.language.graph import Graph, Platform
from controls.language.rules import MEDIUM, Config, Param, platform_rule, stack_rule
from controls.language.shapes import missing_companion
from controls.language.tokens import BUCKET, BUCKET_LOGGING, BUCKET_REPLICATION, BUCKET_VERSIONING
from controls.language.verdicts import Fail, Undecided, Verdicts

_DELIVERY: Final = (*PLAIN_DELIVERY, "delivery.logs.amazonaws.com", "cloudtrail.amazonaws.com")


# Both spellings of inline settings of a bucket: `Bucket` has one of each, `BucketV2` lists.
_VERSIONS_INSIDE: Final = ("versioning.enabled", "versionings.*.enabled")
_LOGGING_INSIDE: Final = ("logging.targetBucket", "loggings.*.targetBucket")


def versioned(graph: Graph) -> Verdicts:
    for bucket in graph.of(BUCKET):
        settings = [
            it.get("versioningConfiguration.status")
            for it in graph.referrers(BUCKET_VERSIONING, "bucket", bucket)
        ]
        inside = [as_bool(value) for _, value in inline_settings(bucket, _VERSIONS_INSIDE)]
        if True in inside:
            continue
        if UNKNOWN in (*settings, *inside):
            yield Undecided("versioningConfiguration.status", bucket.urn)
        elif "Enabled" not in settings:
            message = "its versions aren't kept: add a BucketVersioning that is Enabled"
            yield missing_companion(graph, bucket, BUCKET_VERSIONING, "bucket", message)


def access_logged(graph: Graph) -> Verdicts:
    """Access logs of a bucket. One to which logs are delivered is exempt: S3's logs of it would make more of them."""
    for bucket in graph.of(BUCKET):
        if graph.referrers(BUCKET_LOGGING, "bucket", bucket) or any(inline_settings(bucket, _LOGGING_INSIDE)):
            continue
        for_logs = receives_logs(graph, bucket, _DELIVERY)
        if for_logs is UNKNOWN:
            yield Undecided("policy", bucket.urn)
        elif for_logs is False:
            message = "its requests aren't logged: add a BucketLogging with a bucket for logs"
            yield missing_companion(graph, bucket, BUCKET_LOGGING, "bucket", message)


def replicated_cross_region(platform: Platform, config: Config) -> Verdicts:
    """Cross-region replication of buckets that a tag marks as holding irreplaceable data."""
    for bucket in platform.graph.of(BUCKET):
        label = bucket.tag(config["classTag"])
        marked = UNKNOWN if label is UNKNOWN else label in config["classes"]
        if marked is False:
            continue
        replications = platform.graph.referrers(BUCKET_REPLICATION, "bucket", bucket)
        targets = [arn for it in replications for _, arn in it.find("rules.*.destination.bucket")]
        copied = any_of(*(_in_other_region(platform.graph, bucket, arn) for arn in targets))
        if copied is True:
            continue
        if UNKNOWN in (marked, copied):
            yield Undecided("rules.destination.bucket", bucket.urn)
        else:
            yield Fail(
                "the bucket is replicated to no other region: add a BucketReplicationConfig", bucket.urn
            )


def _in_other_region(graph: Graph, bucket: Node, arn: Value) -> Truth:
    """Returns whether a replication destination is in another region: its ARN doesn't contain the region, so
    the bucket of that name is looked up.
    """
    name = arn.rpartition(":")[2] if isinstance(arn, str) else arn
    regions = [it.region for it in graph.of(BUCKET) if it.get("bucket") == name is not UNKNOWN]
    return any_of(*(UNKNOWN if it is UNKNOWN else it != bucket.region for it in regions or [UNKNOWN]))


RULES: Final = (
    stack_rule(
        "s3-versioned",
        MEDIUM,
        BUCKET,
        versioned,
        asks="Each bucket keeps the versions of its objects",
        fix="Add a BucketVersioning with versioningConfiguration.status Enabled",
        ids="S3.14 CKV_AWS_21",
    ),
    stack_rule(
        "s3-access-logged",
        MEDIUM,
        BUCKET,
        access_logged,
        asks="The requests of each bucket are logged, except of those that logs are delivered to",
        fix="Add a BucketLogging with a targetBucket",
        narrowed="Logs of a bucket that logs are delivered to would make more of them.",
        ids="S3.9 CKV_AWS_18",
    ),
    platform_rule(
        "s3-replicated-cross-region",
        MEDIUM,
        BUCKET,
        replicated_cross_region,
        asks="Buckets of data that can't be had again are replicated to another region",
        fix="Add a BucketReplicationConfig with a bucket of another region",
        ids="S3.7 CKV_AWS_144",
        config={
            "classTag": Param("data-class", "Tag that tells what a bucket holds"),
            "classes": Param(
                ["customer", "ledger", "audit", "trade-records"],
                "Values of that tag that ask for a second home",
            ),
        },
    ),
)
