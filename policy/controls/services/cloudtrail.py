"""Rules on CloudTrail: regions, recorded events, log files and their buckets, alarms on events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from controls.language.buckets import PUBLIC_ACCESS_FLAGS
from controls.language.facts import MISSING, UNKNOWN, Node, Truth, all_of, among, any_of, as_list, comparable
from controls.language.graph import Platform
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    HIGH,
    MEDIUM,
    Rule,
    platform_rule,
    require_not_false,
    require_true,
)
from controls.language.shapes import require_present
from controls.language.tokens import (
    BUCKET,
    BUCKET_BLOCK,
    BUCKET_LOCK,
    BUCKET_VERSIONING,
    METRIC_ALARM,
    METRIC_FILTER,
    TRAIL,
    VPC,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

# Events on which the benchmark wants alarms (CIS AWS Foundations 3.0, section 4), by words in the filter's pattern.
_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "unauthorized calls": ("UnauthorizedOperation", "AccessDenied"),
    "console logins without a second factor": ("ConsoleLogin", "MFAUsed"),
    "use of the root user": ("userIdentity.type", "Root"),
    "changes of IAM policies": ("PutRolePolicy", "AttachRolePolicy"),
    "changes of trails": ("StopLogging", "DeleteTrail"),
    "failed console logins": ("ConsoleLogin", "Failed authentication"),
    "keys disabled or deleted": ("DisableKey", "ScheduleKeyDeletion"),
    "changes of bucket policies": ("PutBucketPolicy", "DeleteBucketPolicy"),
    "changes of Config": ("StopConfigurationRecorder", "DeleteDeliveryChannel"),
    "changes of security groups": ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"),
    "changes of network ACLs": ("CreateNetworkAcl", "ReplaceNetworkAclEntry"),
    "changes of gateways": ("AttachInternetGateway", "CreateCustomerGateway"),
    "changes of route tables": ("CreateRoute", "ReplaceRouteTableAssociation"),
    "changes of networks": ("CreateVpc", "AcceptVpcPeeringConnection"),
    "changes of the organisation": ("organizations.amazonaws.com",),
}


def all_regions_covered(platform: Platform) -> Verdicts:
    """A trail covers all regions and global services. A trail records global service events unless that is
    switched off."""
    trails = platform.graph.of(TRAIL)
    covering = any_of(
        *(all_of(_on(it, "isMultiRegionTrail"), _left_on(it, "includeGlobalServiceEvents")) for it in trails)
    )
    urn = trails[0].urn if trails else ""
    if covering is UNKNOWN:
        yield Undecided("isMultiRegionTrail", urn)
    elif covering is False:
        yield Fail("no trail covers all regions and what has none: add one with isMultiRegionTrail", urn)


def _on(node: Node, path: str) -> Truth:
    flag = node.flag(path)
    return UNKNOWN if flag is UNKNOWN else flag is True


def _left_on(node: Node, path: str) -> Truth:
    flag = node.flag(path)
    return UNKNOWN if flag is UNKNOWN else flag is not False


def objects_recorded(node: Node) -> Verdicts:
    basic = [_basic(it) for _, it in node.find("eventSelectors.*")]
    advanced = [_advanced(it) for _, it in node.find("advancedEventSelectors.*")]
    recorded = any_of(*basic, *advanced)
    if recorded is UNKNOWN:
        yield Undecided("eventSelectors")
    elif recorded is False:
        yield Fail("`eventSelectors` records no objects: add one for AWS::S3::Object, reads and writes")


def _basic(selector: Any) -> Truth:
    if not isinstance(selector, dict):
        return UNKNOWN if selector is UNKNOWN else False
    kinds = selector.get("dataResources", MISSING)
    objects = any_of(*(_kind(it) for it in as_list(kinds)))
    access = selector.get("readWriteType", "All")
    return all_of(objects, UNKNOWN if access is UNKNOWN else access == "All")


def _kind(resource: Any) -> Truth:
    kind = resource.get("type", MISSING) if isinstance(resource, dict) else resource
    return UNKNOWN if kind is UNKNOWN else kind == "AWS::S3::Object"


def _advanced(selector: Any) -> Truth:
    """Returns whether an advanced event selector records reads and writes of S3 objects. One with a condition on
    `readOnly` records one of the two only."""
    fields = selector.get("fieldSelectors", MISSING) if isinstance(selector, dict) else selector
    if fields is UNKNOWN or UNKNOWN in as_list(fields):
        return UNKNOWN
    equals = {
        it.get("field"): as_list(it.get("equals", MISSING)) for it in as_list(fields) if isinstance(it, dict)
    }
    if "readOnly" in equals:
        return False
    kinds = equals.get("resources.type", [])
    return UNKNOWN if UNKNOWN in kinds else "AWS::S3::Object" in kinds


def _bucket_check(judge: Callable[[Platform, Node], Truth], message: str) -> Callable[[Platform], Verdicts]:
    """Check of the bucket of each trail. A bucket that no stack owns can't be judged."""

    def check(platform: Platform) -> Verdicts:
        for trail in platform.graph.of(TRAIL):
            buckets = platform.graph.targets(trail, "s3BucketName", BUCKET)
            if not buckets:
                unknown = trail.get("s3BucketName") is UNKNOWN
                yield (
                    Undecided("s3BucketName", trail.urn)
                    if unknown
                    else Fail("`s3BucketName` is a bucket that no stack owns: use one that does", trail.urn)
                )
            for bucket in buckets:
                truth = judge(platform, bucket)
                if truth is UNKNOWN:
                    yield Undecided("what is set on its bucket", trail.urn)
                elif truth is False:
                    yield Fail(message, bucket.urn)

    return check


def bucket_not_public(platform: Platform, bucket: Node) -> Truth:
    blocks = platform.graph.referrers(BUCKET_BLOCK, "bucket", bucket)
    return any_of(*(all_of(*(_on(it, name) for name in PUBLIC_ACCESS_FLAGS)) for it in blocks))


def bucket_locked(platform: Platform, bucket: Node) -> Truth:
    """Object Lock and versioning of a trail's bucket. S3 keeps versions of every bucket with Object Lock;
    versioning is set on the bucket, or by a resource of its own."""
    graph = platform.graph
    lock = any_of(_on(bucket, "objectLockEnabled"), bool(graph.referrers(BUCKET_LOCK, "bucket", bucket)))
    versions = any_of(
        _on(bucket, "versioning.enabled"),
        *(
            UNKNOWN
            if (status := it.get("versioningConfiguration.status")) is UNKNOWN
            else status == "Enabled"
            for it in graph.referrers(BUCKET_VERSIONING, "bucket", bucket)
        ),
    )
    return all_of(lock, versions)


def metric_filters_present(platform: Platform) -> Verdicts:
    """Metric filters on events of the CIS benchmark, each with an alarm on its metric."""
    graph = platform.graph
    if not graph.of(TRAIL + METRIC_FILTER):
        return
    alarmed = comparable(it.get("metricName") for it in graph.of(METRIC_ALARM))
    filters = [(it.get("pattern"), it.get("metricTransformation.name")) for it in graph.of(METRIC_FILTER)]
    missing = [
        event for event, words in _EVENTS.items() if not any(_alarms_on(it, words, alarmed) for it in filters)
    ]
    urn = next((it.urn for it in graph.of(TRAIL + METRIC_FILTER)), "")
    if missing and (UNKNOWN in alarmed or any(UNKNOWN in it for it in filters)):
        yield Undecided("pattern", urn)
    elif missing:
        yield Fail(f"nothing tells of {', '.join(missing)}: add a LogMetricFilter and an alarm for each", urn)


def _alarms_on(metric_filter: tuple[Any, Any], words: Iterable[str], alarmed: set[Any]) -> bool:
    pattern, metric = metric_filter
    return isinstance(pattern, str) and all(word in pattern for word in words) and among(metric, alarmed)


RULES: Final = (
    platform_rule(
        "cloudtrail-multi-region",
        HIGH,
        VPC + TRAIL,
        all_regions_covered,
        asks="A trail records every region, and what has none",
        fix="Add a Trail with isMultiRegionTrail true",
        ids="CloudTrail.1 CloudTrail.3 CIS-3.0:3.1 CIS-5.0:3.1 CKV_AWS_67",
        reads="isMultiRegionTrail includeGlobalServiceEvents",
    ),
    require_not_false(
        "cloudtrail-logging-on",
        HIGH,
        TRAIL,
        "enableLogging",
        asks="Trails aren't stopped",
        fix="Leave enableLogging out",
        ids="CloudTrail.3 CIS-3.0:3.1 CIS-5.0:3.1 CKV_AWS_251",
        remedy=Remedy({"enableLogging": True}),
    ),
    require_present(
        "cloudtrail-customer-managed-key",
        MEDIUM,
        TRAIL,
        "kmsKeyId",
        message="name a key",
        asks="Files of trails are encrypted with a customer-managed key",
        fix="Name the ARN of a key in kmsKeyId whose policy lets CloudTrail use it",
        ids="CloudTrail.2 CIS-3.0:3.5 CIS-5.0:3.5 CKV_AWS_35",
    ),
    require_true(
        "cloudtrail-log-validation",
        MEDIUM,
        TRAIL,
        "enableLogFileValidation",
        asks="Whether files of a trail were changed can be told",
        fix="Set enableLogFileValidation to true",
        ids="CloudTrail.4 CIS-3.0:3.2 CIS-5.0:3.2 CKV_AWS_36",
        remedy=Remedy({"enableLogFileValidation": True}),
    ),
    Rule(
        "cloudtrail-data-events",
        MEDIUM,
        TRAIL,
        objects_recorded,
        asks="Trails record who read and who wrote objects",
        fix="Add an event selector for AWS::S3::Object, of type All",
        ids="S3.22 S3.23 CIS-3.0:3.8,3.9 CIS-5.0:3.8,3.9",
        reads="eventSelectors advancedEventSelectors",
    ),
    platform_rule(
        "cloudtrail-bucket-private",
        CRITICAL,
        TRAIL,
        _bucket_check(
            bucket_not_public,
            "it holds a trail and its public access isn't blocked: add a block with all four flags",
        ),
        asks="The bucket of a trail blocks public access",
        fix="Add a BucketPublicAccessBlock with all four flags true",
        ids="CloudTrail.6",
        reads="s3BucketName",
    ),
    platform_rule(
        "cloudtrail-bucket-locked",
        HIGH,
        TRAIL,
        _bucket_check(bucket_locked, "it holds a trail and lacks Object Lock or versions: switch both on"),
        asks="What a trail wrote can't be changed or deleted",
        fix="Set objectLockEnabled on the bucket, and add a BucketVersioning that is Enabled",
        reads="s3BucketName",
    ),
    platform_rule(
        "cis-metric-filters-present",
        MEDIUM,
        TRAIL + METRIC_FILTER + METRIC_ALARM,
        metric_filters_present,
        asks="Alarms tell of the fifteen things that the CIS benchmark watches",
        fix="Add a LogMetricFilter on the trail's log group, and an alarm on its metric, for each",
        ids=" ".join(f"CloudWatch.{i}" for i in range(1, 15)) + " CIS-3.0:4.1-4.15 CIS-5.0:4.1-4.15",
        reads="pattern metricTransformation metricName",
    ),
)
