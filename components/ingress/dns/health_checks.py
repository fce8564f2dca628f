"""Route 53 health checks by which a cell leaves DNS, and the alarm when no cell is healthy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec
from components.ingress.dns.hosts import DRAINED_PATH, PUBLIC_HEALTH_PATH

CHECK_SECONDS = 10  # interval of health checks: the fastest that Route 53 offers
ALIAS_SECONDS = 60  # TTL of an alias to a load balancer or to an API in resolvers
FAILURES = 3  # failed checks in a row until a host is unhealthy, if the failover budget allows as many
DRAIN_CHECK_SECONDS = 30  # interval of checks on a drain, which somebody decides


def build_health_check(
    logical_name: str,
    name_tag: str,
    domain_name: str,
    failover_seconds: int,
    opts: pulumi.ResourceOptions,
) -> aws.route53.HealthCheck:
    """HTTPS health check of a cell's own host: the shared host would be that of the cell nearest to the checker."""
    return aws.route53.HealthCheck(
        logical_name,
        type="HTTPS",
        fqdn=domain_name,
        port=443,
        resource_path=PUBLIC_HEALTH_PATH,
        enable_sni=True,
        request_interval=CHECK_SECONDS,
        failure_threshold=failure_threshold(failover_seconds),
        tags={"Name": name_tag},
        opts=opts,
    )


def build_drain_check(
    logical_name: str, name_tag: str, domain_name: str, cell: str, opts: pulumi.ResourceOptions
) -> aws.route53.HealthCheck:
    """Inverted check of the host of another cell, which answers 200 for as long as `cell` is drained.

    A host that doesn't answer drains nobody.
    """
    return aws.route53.HealthCheck(
        logical_name,
        type="HTTPS",
        fqdn=domain_name,
        port=443,
        resource_path=f"{DRAINED_PATH}/{cell}",
        enable_sni=True,
        invert_healthcheck=True,
        request_interval=DRAIN_CHECK_SECONDS,
        failure_threshold=FAILURES,
        tags={"Name": name_tag},
        opts=opts,
    )


@dataclass(frozen=True, kw_only=True)
class HostChecks:
    """Ids of the checks all of which must be healthy for a host to lead to a cell."""

    made: Sequence[pulumi.Input[str]]  # by this stack
    serving: pulumi.Input[Sequence[pulumi.Input[str]]]  # by the cell


def build_host_check(
    logical_name: str, name_tag: str, checks: HostChecks, opts: pulumi.ResourceOptions
) -> aws.route53.HealthCheck:
    """Calculated check that is healthy as long as all its children are. AWS takes 255 of them."""
    children = pulumi.Output.all(*checks.made, pulumi.Output.from_input(checks.serving)).apply(
        lambda ids: [*ids[:-1], *ids[-1]]
    )
    return aws.route53.HealthCheck(
        logical_name,
        type="CALCULATED",
        child_healthchecks=children,
        child_health_threshold=children.apply(len),
        tags={"Name": name_tag},
        opts=opts,
    )


def no_cell_watch(any_cell: aws.route53.HealthCheck) -> AlarmSpec:
    """Alarm on the calculated check that is healthy as long as any cell is."""
    return AlarmSpec(
        description="No cell answers: every shared host is down",
        namespace="AWS/Route53",
        metric="HealthCheckStatus",
        dimensions={"HealthCheckId": any_cell.id},
        statistic="Minimum",
        comparison="below",
        threshold=1,
        periods=1,
        missing="breaching",
    )


def failure_threshold(budget_seconds: int) -> int:
    """Failed checks in a row after which checks and the alias's TTL together are within the failover budget.

    `budget_seconds` is at least 70, which settings validate.
    """
    return min(FAILURES, (budget_seconds - ALIAS_SECONDS) // CHECK_SECONDS)
