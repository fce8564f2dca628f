"""CloudWatch alarms of load balancers and of their target groups."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.alarms import AlarmSpec, alarm
from components.ingress.balancers.target_group import TargetGroup

NAMESPACE = "AWS/ApplicationELB"


def balancer_alarms(
    name: str,
    title: str,
    metrics_name: pulumi.Input[str],
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Alarms on errors and rejected connections of the load balancer itself, which descriptions call `title`.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    for key, metric, failure in (
        (
            "errors",
            "HTTPCode_ELB_5XX_Count",
            "answers with errors of its own: nobody is behind it, or too slow",
        ),
        (
            "rejected",
            "RejectedConnectionCount",
            "has as many connections as it can have, and turns others away",
        ),
    ):
        watch = AlarmSpec(
            description=f"{title} {failure}",
            namespace=NAMESPACE,
            metric=metric,
            dimensions={"LoadBalancer": metrics_name},
            statistic="Sum",
            comparison="above",
            threshold=0,
            periods=3,
        )
        alarm(f"{name}-alarm-{key}", watch, topic_arn, opts)


def target_alarms(
    name: str, targets: Mapping[str, TargetGroup], topic_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """Alarms on unhealthy targets of services; `targets` are by service."""
    for service, target in targets.items():
        watch = AlarmSpec(
            description=f"Some of {service} is ill",
            namespace=NAMESPACE,
            metric="UnHealthyHostCount",
            dimensions={
                "LoadBalancer": target.balancer_metrics_name,
                "TargetGroup": target.metrics_name,
            },
            statistic="Maximum",
            comparison="above",
            threshold=0,
        )
        alarm(f"{name}-alarm-ill-{service}", watch, topic_arn, opts)
