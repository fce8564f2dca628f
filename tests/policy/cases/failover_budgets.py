"""Cases of the rules on the budgets of failovers."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.failover import BUCKET_DOMAIN, bucket_origin, latency

RECORD = "aws:route53/record:Record"
CHECK = "aws:route53/healthCheck:HealthCheck"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


def grouped(**props: Any) -> dict[str, Any]:
    """A distribution whose one origin is in a group."""
    return {
        "originGroups": [{"members": [{"originId": "o"}]}],
        "origins": [{"originId": "o", "domainName": BUCKET_DOMAIN, **props}],
    }


def failing_over(ttl: Any = None, **check: Any) -> list[Res]:
    target = {"aliases": [{"name": UNKNOWN}]} if ttl is None else {"ttl": ttl}
    return [
        Res(CHECK, {"type": "HTTPS", **check}, "check"),
        Res(
            RECORD, latency("eu-west-1", healthCheckId=UNKNOWN, **target), "api", {"healthCheckId": ["check"]}
        ),
    ]


def serving(**alarm: Any) -> list[Res]:
    """A health check of a metric, with its alarm."""
    return [
        Res(ALARM, {"metricName": "HealthyHostCount", **alarm}, "none"),
        Res(
            CHECK,
            {"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": UNKNOWN},
            "check",
            {"cloudwatchAlarmName": ["none"]},
        ),
    ]


BUDGETS = {"web": 10, "api": 90, "services": 240}


CASES = {
    "failover-budget": Cases(
        RECORD,
        compliant=kept(failing_over(requestInterval=10, failureThreshold=3), **BUDGETS),
        violating=broken(failing_over(requestInterval=30, failureThreshold=3), **BUDGETS),
        missing=broken(failing_over(), **BUDGETS),
        unknown=undecided(failing_over(requestInterval=UNKNOWN), **BUDGETS),
        more={
            "numbers as text": kept(failing_over(requestInterval="10", failureThreshold="2"), **BUDGETS),
            "a long TTL": broken(failing_over(300, requestInterval=10, failureThreshold=1), **BUDGETS),
            "a larger budget": kept(failing_over(), api=150),
            "without a budget": kept(failing_over(300)),
            "an origin group without a budget": kept([Res(DISTRIBUTION, grouped())], api=90),
            "behind a calculated check": broken(
                [
                    Res(CHECK, {"type": "HTTPS", "requestInterval": 30}, "child"),
                    Res(CHECK, {"type": "CALCULATED"}, "sum", {"childHealthchecks": ["child"]}),
                    Res(
                        RECORD,
                        latency("a", aliases=[], healthCheckId=UNKNOWN),
                        "r",
                        {"healthCheckId": ["sum"]},
                    ),
                ],
                **BUDGETS,
            ),
            "services that are missed early enough": kept(serving(period=60, evaluationPeriods=2), **BUDGETS),
            "services that are missed late": broken(serving(period=60, evaluationPeriods=3), **BUDGETS),
            "services without a budget": kept(serving(period=300, evaluationPeriods=3), api=90),
            "services whose alarm isn't known yet": undecided(
                serving(period=UNKNOWN, evaluationPeriods=2), **BUDGETS
            ),
            "a metric whose alarm is in another stack": kept(
                [Res(CHECK, {"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": "none-1"})], **BUDGETS
            ),
            "an inverted check, which is about something else than the host": kept(
                failing_over(requestInterval=30, invertHealthcheck=True), **BUDGETS
            ),
            "an inverted check over its own budget": broken(
                failing_over(requestInterval=30, failureThreshold=7, invertHealthcheck=True), **BUDGETS
            ),
            "a fast origin group": kept(
                [Res(DISTRIBUTION, grouped(connectionAttempts=2, connectionTimeout=4))], **BUDGETS
            ),
            "a slow origin group": broken([Res(DISTRIBUTION, grouped())], **BUDGETS),
            "a server that may think for long": broken(
                [
                    Res(
                        DISTRIBUTION,
                        grouped(connectionAttempts=1, connectionTimeout=2, customOriginConfig={}),
                    )
                ],
                **BUDGETS,
            ),
            "an origin outside of a group": kept([Res(DISTRIBUTION, bucket_origin())], **BUDGETS),
            "an unknown timeout": undecided(
                [Res(DISTRIBUTION, grouped(connectionTimeout=UNKNOWN))], **BUDGETS
            ),
        },
    ),
}
