"""Route 53 health checks of what serves behind a cell's load balancers, by alarms on their healthy targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm

PERIODS = 2  # of a minute each: one may be that of a load balancer's new node, which has checked nobody yet


@dataclass(frozen=True, kw_only=True)
class ServedTargets:
    """Targets of a service behind one load balancer."""

    service: str
    deployed: bool  # whether the service has an image: one without counts as healthy
    metrics_name: pulumi.Input[str]  # CloudWatch's dimension `TargetGroup`
    balancer_metrics_name: pulumi.Input[str]  # the dimension `LoadBalancer`


@dataclass(frozen=True, kw_only=True)
class ServingChecksArgs:
    region: str
    targets: Mapping[str, Sequence[ServedTargets]]  # by shared host
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class ServingChecks(pulumi.ComponentResource):
    """A health check for each service of a host, unhealthy when none of its targets is, or when nobody can tell.

    A release neither makes nor deletes one, since other stacks know them by their ids: without an image it is
    disabled, which Route 53 takes for healthy.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html, Disabled
    """

    ids: Mapping[str, Sequence[pulumi.Output[str]]]  # of the checks, by shared host

    def __init__(
        self, name: str, args: ServingChecksArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:ingress:ServingChecks", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        self.ids = {
            host: [self._check(f"{name}-{host}-{each.service}", each) for each in targets]
            for host, targets in args.targets.items()
        }
        self.register_outputs({"ids": self.ids})

    def _check(self, name: str, targets: ServedTargets) -> pulumi.Output[str]:
        watch = _none_serves(targets)
        none_serves = alarm(name, watch, self._args.alarm_topic_arn, self._child)
        return aws.route53.HealthCheck(
            name,
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=none_serves.name,
            cloudwatch_alarm_region=self._args.region,
            # A load balancer that is gone, or has no target at all, reports nothing.
            insufficient_data_health_status="Unhealthy",
            disabled=not targets.deployed,
            # Route 53 copies the alarm's settings, and takes changed ones when the check is updated.
            # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating.html
            triggers={"threshold": str(watch.threshold), "periods": str(watch.periods)},
            tags={"Name": name},
            # Route 53 deletes one that another stack counts, and says nothing.
            opts=pulumi.ResourceOptions(parent=self, protect=not self._args.retire),
        ).id


def _none_serves(targets: ServedTargets) -> AlarmSpec:
    """Alarm by one metric, its minimum, every minute: Route 53 takes neither metric math nor composites.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
    """
    return AlarmSpec(
        description=f"None of {targets.service} serves",
        namespace="AWS/ApplicationELB",
        metric="HealthyHostCount",
        dimensions={"LoadBalancer": targets.balancer_metrics_name, "TargetGroup": targets.metrics_name},
        statistic="Minimum",
        comparison="below",
        threshold=1,
        periods=PERIODS,
        missing="breaching" if targets.deployed else "notBreaching",
    )
