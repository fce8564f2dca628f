"""Failover times, computed from what a program declares.

Pure arithmetic: the policies hold it against budgets, and the rehearsal acts it out. All times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# An alias record has no TTL of its own: Route 53 answers with that of its target, 60 s for load balancers,
# CloudFront and API Gateway (Route 53 developer guide, "Choosing between alias and non-alias records").
ALIAS_TTL: Final = 60

# AWS's defaults.
HEALTH_CHECK_INTERVAL: Final = 30  # Route 53 API reference, HealthCheckConfig.RequestInterval
HEALTH_CHECK_THRESHOLD: Final = 3  # Route 53 API reference, HealthCheckConfig.FailureThreshold
CONNECTION_ATTEMPTS: Final = 3  # CloudFront API reference, Origin.ConnectionAttempts
CONNECTION_TIMEOUT: Final = 10  # CloudFront API reference, Origin.ConnectionTimeout
RESPONSE_TIMEOUT: Final = 30  # CloudFront API reference, CustomOriginConfig.OriginReadTimeout


# Times that no property sets.
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
