"""Cases of the rules on CloudTrail trails."""

from __future__ import annotations

import re
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.regions import NETWORK

TRAIL = "aws:cloudtrail/trail:Trail"
BUCKET = "aws:s3/bucket:Bucket"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ALL_FLAGS = dict.fromkeys(
    ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
)


def trail(bucket: Any, *beside: Res, **needs: Any) -> list[Res]:
    return [Res(TRAIL, {"s3BucketName": bucket}, "trail", needs), *beside]


# One pattern for each thing that the benchmark wants to be told of.
PATTERNS = (
    '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    '{ $.userIdentity.type = "Root" && $.eventType != "AwsServiceEvent" }',
    "{ ($.eventName = PutRolePolicy) || ($.eventName = AttachRolePolicy) }",
    "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) }",
    '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    "{ ($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion) }",
    "{ ($.eventName = PutBucketPolicy) || ($.eventName = DeleteBucketPolicy) }",
    "{ ($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) }",
    "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupIngress) }",
    "{ ($.eventName = CreateNetworkAcl) || ($.eventName = ReplaceNetworkAclEntry) }",
    "{ ($.eventName = AttachInternetGateway) || ($.eventName = CreateCustomerGateway) }",
    "{ ($.eventName = CreateRoute) || ($.eventName = ReplaceRouteTableAssociation) }",
    "{ ($.eventName = CreateVpc) || ($.eventName = AcceptVpcPeeringConnection) }",
    "{ $.eventSource = organizations.amazonaws.com }",
)


def told(patterns: Any, *metrics: Any) -> list[Res]:
    """Filters of these patterns, and alarms on these metrics; on those of all filters when none is named."""
    names = [f"m{i}" for i in range(len(patterns))]
    return [
        Res(TRAIL, {}, "trail"),
        *(
            Res(FILTER, {"pattern": it, "metricTransformation": {"name": name}}, f"filter-{name}")
            for it, name in zip(patterns, names, strict=True)
        ),
        *(Res(ALARM, {"metricName": it}, f"alarm{i}") for i, it in enumerate(metrics or names)),
    ]


def selector(kind: Any, both: Any = "All") -> dict[str, Any]:
    values = {"dataResources": [{"type": kind, "values": ["arn:aws:s3"]}], "readWriteType": both}
    return {"eventSelectors": [values]}


def fields(**equals: Any) -> dict[str, Any]:
    named = [{"field": name.replace("_", "."), "equals": value} for name, value in equals.items()]
    return {"advancedEventSelectors": [{"fieldSelectors": named}]}


CASES = {
    "cloudtrail-multi-region": Cases(
        TRAIL,
        compliant=[Res(TRAIL, {"isMultiRegionTrail": True})],
        violating=[Res(TRAIL, {"isMultiRegionTrail": False})],
        missing=broken([NETWORK]),
        unknown=[Res(TRAIL, {"isMultiRegionTrail": UNKNOWN})],
        more={
            "without what has no region": broken(
                [Res(TRAIL, {"isMultiRegionTrail": True, "includeGlobalServiceEvents": False})]
            ),
            "by another stack": kept({"a": [NETWORK], "b": [Res(TRAIL, {"isMultiRegionTrail": True})]}),
        },
    ),
    "cloudtrail-logging-on": Cases(
        TRAIL,
        compliant={"enableLogging": True},
        violating={"enableLogging": False},
        missing=kept({}),
        unknown={"enableLogging": UNKNOWN},
    ),
    "cloudtrail-customer-managed-key": Cases(
        TRAIL,
        compliant={"kmsKeyId": UNKNOWN},
        violating={"kmsKeyId": ""},
        missing=broken({}),
        unknown=kept({"kmsKeyId": UNKNOWN}),
    ),
    "cloudtrail-log-validation": Cases(
        TRAIL,
        compliant={"enableLogFileValidation": True},
        violating={"enableLogFileValidation": False},
        missing=broken({}),
        unknown={"enableLogFileValidation": UNKNOWN},
    ),
    "cloudtrail-data-events": Cases(
        TRAIL,
        compliant=selector("AWS::S3::Object"),
        violating=selector("AWS::Lambda::Function"),
        missing=broken({}),
        unknown=selector(UNKNOWN),
        more={
            "reads only": broken(selector("AWS::S3::Object", "ReadOnly")),
            "what isn't known of both": undecided(selector("AWS::S3::Object", UNKNOWN)),
            "among others": kept(
                {
                    "eventSelectors": [
                        {"dataResources": [{"type": "AWS::Lambda::Function"}, {"type": "AWS::S3::Object"}]}
                    ]
                }
            ),
            "selectors that aren't known": undecided({"eventSelectors": UNKNOWN}),
            "fields that aren't known": undecided({"advancedEventSelectors": [{"fieldSelectors": UNKNOWN}]}),
            "a field that isn't known": undecided(
                {"advancedEventSelectors": [{"fieldSelectors": [UNKNOWN]}]}
            ),
            "in the newer form": kept(fields(eventCategory=["Data"], resources_type=["AWS::S3::Object"])),
            "in the newer form, reads only": broken(
                fields(resources_type=["AWS::S3::Object"], readOnly=["true"])
            ),
            "in the newer form, of something else": broken(fields(resources_type=["AWS::DynamoDB::Table"])),
            "in the newer form, of what isn't known": undecided(fields(resources_type=[UNKNOWN])),
        },
    ),
    "cloudtrail-bucket-private": Cases(
        TRAIL,
        compliant=trail(
            "logs", Res(BUCKET, {"bucket": "logs"}, "b"), Res(BLOCK, {"bucket": "logs", **ALL_FLAGS}, "c")
        ),
        violating=trail(
            "logs",
            Res(BUCKET, {"bucket": "logs"}, "b"),
            Res(BLOCK, {"bucket": "logs", **ALL_FLAGS, "blockPublicAcls": False}, "c"),
        ),
        missing=broken(trail("logs", Res(BUCKET, {"bucket": "logs"}, "b"))),
        unknown=trail(UNKNOWN),
        more={
            "a bucket of nobody": broken(trail("logs")),
            "a bucket of another stack": kept(
                {
                    "a": trail("logs"),
                    "b": [
                        Res(BUCKET, {"bucket": "logs"}, "b"),
                        Res(BLOCK, {"bucket": "logs", **ALL_FLAGS}, "c"),
                    ],
                }
            ),
            "flags that aren't known": undecided(
                trail(
                    "logs",
                    Res(BUCKET, {"bucket": "logs"}, "b"),
                    Res(BLOCK, {"bucket": "logs", **ALL_FLAGS, "blockPublicAcls": UNKNOWN}, "c"),
                )
            ),
        },
    ),
    "cloudtrail-bucket-locked": Cases(
        TRAIL,
        compliant=trail(
            "logs",
            Res(BUCKET, {"bucket": "logs", "objectLockEnabled": True}, "b"),
            Res(VERSIONING, {"bucket": "logs", "versioningConfiguration": {"status": "Enabled"}}, "c"),
        ),
        violating=trail(
            "logs",
            Res(BUCKET, {"bucket": "logs"}, "b"),
            Res(VERSIONING, {"bucket": "logs", "versioningConfiguration": {"status": "Enabled"}}, "c"),
        ),
        missing=broken(trail("logs", Res(BUCKET, {"bucket": "logs"}, "b"))),
        unknown=trail(
            "logs",
            Res(BUCKET, {"bucket": "logs", "objectLockEnabled": True}, "b"),
            Res(VERSIONING, {"bucket": "logs", "versioningConfiguration": {"status": UNKNOWN}}, "c"),
        ),
        more={
            "versions suspended": broken(
                trail(
                    "logs",
                    Res(BUCKET, {"bucket": "logs", "objectLockEnabled": True}, "b"),
                    Res(
                        VERSIONING,
                        {"bucket": "logs", "versioningConfiguration": {"status": "Suspended"}},
                        "c",
                    ),
                )
            ),
            "a lock beside the bucket": kept(
                trail(
                    "logs",
                    Res(BUCKET, {"bucket": "logs", "versioning": {"enabled": True}}, "b"),
                    Res(LOCK, {"bucket": "logs"}, "c"),
                )
            ),
        },
    ),
    "cis-metric-filters-present": Cases(
        TRAIL,
        compliant=told(PATTERNS),
        violating=told(PATTERNS[1:]),
        missing=broken([Res(TRAIL, {}, "trail")]),
        unknown=told((*PATTERNS[1:], UNKNOWN)),
        more={
            **{
                f"without {word}": broken(told([it.replace(word, "Other") for it in PATTERNS]))
                for it in PATTERNS
                for word in re.findall(r"(?<![$.\w])[A-Z]\w+(?: \w+)?|MFAUsed|userIdentity.type", it)
                if word not in ("Yes", "AwsServiceEvent")
            },
            "all of them, beside another": kept(told((*PATTERNS, UNKNOWN))),
            "without alarms": broken(told(PATTERNS, "other")),
            "a platform without trails": kept([Res(ALARM, {"metricName": "m"}, "alarm")]),
            "with alarms on what isn't known": undecided(told(PATTERNS, UNKNOWN)),
        },
    ),
}
