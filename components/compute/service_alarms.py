"""CloudWatch alarms of a service, whatever runs it: too few healthy targets, or too many errors."""

from __future__ import annotations

import pulumi

from components.alarms import AlarmSpec, alarm
from components.compute.service_args import ServiceArgs, ServiceTarget

TOO_FEW_MINUTES = 10  # longer than a deployment or a node takes to replace a replica
ERROR_PERCENT = 1  # of the requests for which `least` replicas are sized; the description says it in words


def service_alarms(name: str, args: ServiceArgs, opts: pulumi.ResourceOptions) -> None:
    """Alarms for each target group: fewer healthy targets than `least`, too many 5xx responses.

    That there is none at all is the alarm of a health check: `components/ingress/dns/serving_checks.py`.

    Too few healthy targets is also the sign of restarts, for which there is no metric without an agent.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    for balancer, target in args.targets.items():
        for kind, watch in _watches(args, target).items():
            alarm(f"{name}-alarm-{kind}-{balancer}", watch, args.alarm_topic_arn, opts)


def _watches(args: ServiceArgs, target: ServiceTarget) -> dict[str, AlarmSpec]:
    namespace = "AWS/ApplicationELB"
    dimensions = {"LoadBalancer": target.balancer_metrics_name, "TargetGroup": target.metrics_name}
    return {
        "few": AlarmSpec(
            description=f"Fewer than {args.least} of {args.service} serve",
            namespace=namespace,
            metric="HealthyHostCount",
            dimensions=dimensions,
            statistic="Minimum",
            comparison="below",
            threshold=args.least,
            periods=TOO_FEW_MINUTES,
        ),
        "errors": AlarmSpec(
            description=f"{args.service} fails more than one in a hundred of the requests "
            "that it is sized for at least",
            namespace=namespace,
            metric="HTTPCode_Target_5XX_Count",
            dimensions=dimensions,
            statistic="Sum",
            comparison="above",
            threshold=args.requests_a_minute * args.least * ERROR_PERCENT // 100,
            periods=3,
        ),
    }
