"""Autoscaling of a service on Fargate: target tracking on CPU, memory and the requests of each load balancer."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.compute.autoscaling import CPU_PERCENT, MEMORY_PERCENT, SCALE_IN_SECONDS
from components.compute.service_args import ServiceArgs

SCALE_OUT_SECONDS = 30  # until what was added counts in the metrics


def build_autoscaling(
    name: str,
    args: ServiceArgs,
    cluster: pulumi.Input[str],
    service: aws.ecs.Service,
    opts: pulumi.ResourceOptions,
) -> None:
    """Scales between `least` and `most` tasks.

    The policy that wants most tasks decides, and tasks are removed only when all policies want fewer.
    """
    scalable = aws.appautoscaling.Target(
        f"{name}-scaling",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.format("service/{0}/{1}", cluster, service.name),
        min_capacity=args.least,
        max_capacity=args.most,
        opts=opts,
    )
    metric = (
        aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
    )
    metrics = {
        "cpu": (metric(predefined_metric_type="ECSServiceAverageCPUUtilization"), CPU_PERCENT),
        "memory": (metric(predefined_metric_type="ECSServiceAverageMemoryUtilization"), MEMORY_PERCENT),
    }
    for balancer, target in args.targets.items():
        label = pulumi.Output.format("{0}/{1}", target.balancer_metrics_name, target.metrics_name)
        requests = metric(predefined_metric_type="ALBRequestCountPerTarget", resource_label=label)
        metrics[f"requests-{balancer}"] = requests, args.requests_a_minute
    for key, (specification, value) in metrics.items():
        aws.appautoscaling.Policy(
            f"{name}-scaling-{key}",
            policy_type="TargetTrackingScaling",
            service_namespace=scalable.service_namespace,
            scalable_dimension=scalable.scalable_dimension,
            resource_id=scalable.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=value,
                scale_out_cooldown=SCALE_OUT_SECONDS,
                scale_in_cooldown=SCALE_IN_SECONDS,
                predefined_metric_specification=specification,
            ),
            opts=opts,
        )
