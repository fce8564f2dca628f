"""How long a failover takes, from what a program declares.

Pure arithmetic: the policies hold it against budgets, and the rehearsal acts it out. All times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# An alias record has no TTL of its own: Route 53 answers with that of its target, 60 s for load balancers,
# CloudFront and API Gateway (Route 53 developer guide, "Choosing between alias and non-alias records").
ALIAS_TTL: Final = 60

# What AWS takes when nothing is written.
HEALTH_CHECK_INTERVAL: Final = 30  # Route 53 API reference, HealthCheckConfig.RequestInterval
HEALTH_CHECK_THRESHOLD: Final = 3  # Route 53 API reference, HealthCheckConfig.FailureThreshold
CONNECTION_ATTEMPTS: Final = 3  # CloudFront API reference, Origin.ConnectionAttempts
CONNECTION_TIMEOUT: Final = 10  # CloudFront API reference, Origin.ConnectionTimeout
RESPONSE_TIMEOUT: Final = 30  # CloudFront API reference, CustomOriginConfig.OriginReadTimeout


@dataclass(frozen=True)
class Estimate:
    """The longest that clients may wait, and the sum that says why."""

    seconds: int
    source: str


def dns_failover(
    interval: int = HEALTH_CHECK_INTERVAL, threshold: int = HEALTH_CHECK_THRESHOLD, ttl: int | None = None
) -> Estimate:
    """Route 53: a health check fails `threshold` times, then resolvers forget the old answer.

    `ttl` is the record's; None stands for an alias.
    """
    kept = ALIAS_TTL if ttl is None else ttl
    seconds = interval * threshold + kept
    what = "an alias's TTL" if ttl is None else "TTL"
    return Estimate(
        seconds,
        f"{interval} s between health checks x {threshold} failures + {kept} s of {what} = {seconds} s",
    )


def origin_failover(
    attempts: int = CONNECTION_ATTEMPTS,
    connect_timeout: int = CONNECTION_TIMEOUT,
    response_timeout: int = RESPONSE_TIMEOUT,
) -> Estimate:
    """CloudFront: the first origin of a group is tried, then waited for, before the second one is asked.

    CloudFront does so for each request, and for GET, HEAD and OPTIONS alone.
    """
    seconds = attempts * connect_timeout + response_timeout
    return Estimate(
        seconds,
        f"{attempts} attempts x {connect_timeout} s to connect + {response_timeout} s for a response = {seconds} s",
    )
