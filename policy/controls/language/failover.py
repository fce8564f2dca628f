"""Duration of a failover: the arithmetic, and its numbers as a program declares them in records and distributions.

The policies hold it against budgets, and the rehearsal acts it out. All times are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from controls.language.buckets import is_bucket_origin
from controls.language.facts import MISSING, UNKNOWN, Node, Value, as_bool, comparable
from controls.language.graph import Graph
from controls.language.shapes import number
from controls.language.tokens import HEALTH_CHECK, METRIC_ALARM

# An alias record has no TTL of its own: Route 53 answers with that of its target, 60 s for load balancers,
# CloudFront and API Gateway (Route 53 developer guide, "Choosing between alias and non-alias records").
ALIAS_TTL: Final = 60

# AWS's defaults.
HEALTH_CHECK_INTERVAL: Final = 30  # Route 53 API reference, HealthCheckConfig.RequestInterval
HEALTH_CHECK_THRESHOLD: Final = 3  # Route 53 API reference, HealthCheckConfig.FailureThreshold
ALARM_PERIODS: Final = (
    1  # CloudWatch API reference, PutMetricAlarm.EvaluationPeriods, which is required there
)
CONNECTION_ATTEMPTS: Final = 3  # CloudFront API reference, Origin.ConnectionAttempts
CONNECTION_TIMEOUT: Final = 10  # CloudFront API reference, Origin.ConnectionTimeout
RESPONSE_TIMEOUT: Final = 30  # CloudFront API reference, CustomOriginConfig.OriginReadTimeout


# Times that no property sets.
METRIC_DELAY: Final = (
    60  # load balancers report every minute: ELB user guide, "CloudWatch metrics for your ALB"
)
LEDGER_PROMOTION: Final = (
    480  # AWS says "minutes"; a load test measured 8: keycloak/keycloak-benchmark issue 445
)
WRITER_ENDPOINT_TTL: Final = 5  # Aurora user guide, "Fast failover with Amazon Aurora PostgreSQL"
CACHE_PROMOTION: Final = 60  # ElastiCache user guide, "Global Datastore": recovery time under a minute


@dataclass(frozen=True)
class Estimate:
    """Longest time until a loss is detected, and until clients are redirected, with its derivation."""

    detection: int
    shift: int
    source: str

    @property
    def seconds(self) -> int:
        """Detection and shift together."""
        return self.detection + self.shift


def dns_failover(
    interval: int = HEALTH_CHECK_INTERVAL, threshold: int = HEALTH_CHECK_THRESHOLD, ttl: int | None = None
) -> Estimate:
    """Failover by Route 53: a health check fails `threshold` times, then resolvers forget the old answer.

    `ttl` is the record's; None stands for an alias.
    """
    kept = ALIAS_TTL if ttl is None else ttl
    seconds = interval * threshold + kept
    what = "an alias's TTL" if ttl is None else "TTL"
    return Estimate(
        interval * threshold,
        kept,
        f"{interval} s between health checks x {threshold} failures + {kept} s of {what} = {seconds} s",
    )


def metric_failover(period: int, periods: int, ttl: int | None = None) -> Estimate:
    """Failover by Route 53 and a metric: it is reported, an alarm's periods pass, then resolvers forget.

    Route 53 reads the metric itself, and doesn't wait for the alarm's own state: developer guide, "How Route 53
    determines the status of health checks that monitor CloudWatch alarms".
    """
    kept = ALIAS_TTL if ttl is None else ttl
    detection = METRIC_DELAY + period * periods
    what = "an alias's TTL" if ttl is None else "TTL"
    return Estimate(
        detection,
        kept,
        f"{METRIC_DELAY} s until the metric is there + {periods} periods of {period} s + {kept} s of {what}"
        f" = {detection + kept} s",
    )


def origin_failover(
    attempts: int = CONNECTION_ATTEMPTS,
    connect_timeout: int = CONNECTION_TIMEOUT,
    response_timeout: int = RESPONSE_TIMEOUT,
) -> Estimate:
    """Failover by CloudFront: the first origin of a group is tried, then waited for, before the second one is
    requested.

    CloudFront does so for each request, and for GET, HEAD and OPTIONS alone.
    """
    seconds = attempts * connect_timeout + response_timeout
    return Estimate(
        seconds,
        0,  # the request that has waited is the one that goes to the other origin
        f"{attempts} attempts x {connect_timeout} s to connect + {response_timeout} s for a response = {seconds} s",
    )


def ledger_promotion() -> Estimate:
    """Promotion in an Aurora global database: another member is made the writer, once somebody has approved it,
    and clients look it up anew."""
    return Estimate(
        0,
        LEDGER_PROMOTION + WRITER_ENDPOINT_TTL,
        f"from approval: {LEDGER_PROMOTION} s of promotion, the longest that was measured where AWS says minutes,"
        f" + {WRITER_ENDPOINT_TTL} s of the writer endpoint's TTL",
    )


def cache_promotion() -> Estimate:
    """Promotion in an ElastiCache global datastore: another member is made its primary, once somebody has
    approved it."""
    return Estimate(0, CACHE_PROMOTION, f"from approval: {CACHE_PROMOTION} s, AWS's own figure")


# ---- what a program declares ------------------------------------------------------------------------

ROUTED: Final = (
    "failoverRoutingPolicies",
    "latencyRoutingPolicies",
    "weightedRoutingPolicies",
    "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy",
)


def has_routing_policy(node: Node) -> bool:
    """Returns whether Route 53 chooses between this record and others of its name."""
    return any(node.get(name) not in (MISSING, []) for name in ROUTED)


def health_checks(graph: Graph, record: Node) -> list[Node]:
    """The health checks behind a record, those that a calculated one sums up in its place."""
    found = graph.targets(record, "healthCheckId", HEALTH_CHECK)
    children = [child for check in found for child in graph.targets(check, "childHealthchecks", HEALTH_CHECK)]
    return [check for check in found + children if check.get("type") != "CALCULATED"]


def is_of_service(check: Node) -> bool:
    """Returns whether a health check is about a service and not about the host itself.

    Those are checks of a metric, and inverted ones: what they ask tells that something else is to be left.
    """
    return check.get("type") == "CLOUDWATCH_METRIC" or as_bool(check.get("invertHealthcheck")) is True


def dns_estimates(graph: Graph, record: Node) -> Iterator[tuple[str, Estimate | None]]:
    """Failover of a record by each health check of its host, with the check's URN; None for what isn't known yet.

    A record without a health check in its own stack yields nothing here; other rules demand one.
    """
    for check in health_checks(graph, record):
        if not is_of_service(check):
            yield check.urn, _by_endpoint(check, record)


def service_estimates(
    graph: Graph, checks: Iterable[Node], record: Node | None = None
) -> Iterator[tuple[str, Estimate | None]]:
    """Failover by each of the checks that is about a service, like that of a host.

    Without a record its TTL is that of an alias. A metric's alarm in another stack yields nothing.
    """
    for check in checks:
        if check.get("type") == "CLOUDWATCH_METRIC":
            for alarm in graph.targets(check, "cloudwatchAlarmName", METRIC_ALARM):
                yield check.urn, _by_metric(alarm, record)
        elif is_of_service(check):
            yield check.urn, _by_endpoint(check, record)


def _by_endpoint(check: Node, record: Node | None) -> Estimate | None:
    interval = _number(check.get("requestInterval"), HEALTH_CHECK_INTERVAL)
    threshold = _number(check.get("failureThreshold"), HEALTH_CHECK_THRESHOLD)
    if interval is None or threshold is None or not _is_ttl_known(record):
        return None
    return dns_failover(interval, threshold, _ttl(record))


def _by_metric(alarm: Node, record: Node | None) -> Estimate | None:
    period = _number(alarm.get("period"), METRIC_DELAY)
    periods = _number(alarm.get("evaluationPeriods"), ALARM_PERIODS)
    if period is None or periods is None or not _is_ttl_known(record):
        return None
    return metric_failover(period, periods, _ttl(record))


def _is_ttl_known(record: Node | None) -> bool:
    return record is None or record.has("aliases") or record.get("ttl") is not UNKNOWN


def _ttl(record: Node | None) -> int | None:
    """TTL of a record; None for an alias, and where there is no record."""
    return None if record is None or record.has("aliases") else _number(record.get("ttl"), ALIAS_TTL)


def origin_estimates(distribution: Node) -> Iterator[tuple[str, Estimate | None]]:
    """Failover away from each origin of a CloudFront origin group, with its path; None for what isn't known yet."""
    members = comparable(value for _, value in distribution.find("originGroups.*.members.*.originId"))
    for where, origin in distribution.find("origins.*"):
        if isinstance(origin, dict) and members & {*comparable([origin.get("originId")]), UNKNOWN}:
            yield where, _origin_estimate(origin)


def _origin_estimate(origin: dict[str, Any]) -> Estimate | None:
    """Failover away from one origin of a group.

    CloudFront has no setting for the response timeout of a bucket that has accepted the connection, so for a bucket
    only the connection counts; one whose region is lost accepts none.
    """
    custom = origin.get("customOriginConfig", {})
    if not isinstance(custom, dict):
        return None
    waits = 0 if is_bucket_origin(origin) is True else RESPONSE_TIMEOUT
    attempts = _number(origin.get("connectionAttempts", MISSING), CONNECTION_ATTEMPTS)
    connect = _number(origin.get("connectionTimeout", MISSING), CONNECTION_TIMEOUT)
    response = _number(custom.get("originReadTimeout", MISSING), waits)
    if attempts is None or connect is None or response is None:
        return None
    return origin_failover(attempts, connect, response)


def _number(value: Value, default: int) -> int | None:
    """A number, also one that is written as text; None when it is unknown."""
    if value is UNKNOWN:
        return None
    if isinstance(value, str) and value.isdecimal():
        return number(value)
    return value if isinstance(value, int) else default
