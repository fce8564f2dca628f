"""Target group of a service, and the listener rule that forwards to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.service_conventions import DEREGISTRATION_SECONDS, SERVICE_HEALTH_PATH, SERVICE_PORT

# Health checks of targets: an unhealthy one is noticed within 20 s, as fast as a deployment replaces it.
CHECK_SECONDS = 10
CHECK_TIMEOUT_SECONDS = 5
CHECKS = 2  # in a row, until a target counts as healthy or unhealthy


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """Target group in which a service's addresses are registered, and the load balancer in front of it."""

    # Known once a listener rule forwards to it: ECS refuses a group that has no load balancer.
    arn: pulumi.Output[str]
    metrics_name: pulumi.Output[str]  # CloudWatch's dimension `TargetGroup`
    balancer_metrics_name: pulumi.Output[str]  # the dimension `LoadBalancer`
    balancer_group_id: pulumi.Output[
        str
    ]  # the load balancer's security group, for ingress rules of the service


@dataclass(frozen=True, kw_only=True)
class ForwardArgs:
    vpc_id: pulumi.Input[str]
    cluster: str  # the name of the EKS cluster whose pods may be registered

    balancer: aws.lb.LoadBalancer
    balancer_group_id: pulumi.Output[str]
    listener: aws.lb.Listener

    priority: int  # of the listener rule
    conditions: Sequence[aws.lb.ListenerRuleConditionArgs]
    transforms: Sequence[aws.lb.ListenerRuleTransformArgs] | None = None


def build_target_group(name: str, key: str, args: ForwardArgs, opts: pulumi.ResourceOptions) -> TargetGroup:
    """Target group of pods' or tasks' addresses, with its listener rule.

    `key` is unique in the stack: the group is called `{key}-targets`, and the rule `{name}-to-{key}`.

    Auto Mode registers addresses only where the tag names its cluster, as its managed policy requires
    (AmazonEKSLoadBalancingPolicy). The target with the fewest outstanding requests gets the next request, and the
    next socket; AWS allows no slow start with that.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    """
    group = aws.lb.TargetGroup(
        f"{key}-targets",  # AWS takes 32 characters, and an automatic name has eight more than this
        vpc_id=args.vpc_id,
        target_type="ip",
        port=SERVICE_PORT,
        protocol="HTTPS",
        deregistration_delay=DEREGISTRATION_SECONDS,
        load_balancing_algorithm_type="least_outstanding_requests",
        stickiness=aws.lb.TargetGroupStickinessArgs(type="lb_cookie", enabled=False),
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            path=SERVICE_HEALTH_PATH,
            port="traffic-port",
            protocol="HTTPS",
            matcher="200",
            interval=CHECK_SECONDS,
            timeout=CHECK_TIMEOUT_SECONDS,
            healthy_threshold=CHECKS,
            unhealthy_threshold=CHECKS,
        ),
        tags={"Name": f"{name}-{key}", "eks:eks-cluster-name": args.cluster},
        opts=opts,
    )
    rule = aws.lb.ListenerRule(
        f"{name}-to-{key}",
        listener_arn=args.listener.arn,
        priority=args.priority,
        conditions=args.conditions,
        transforms=args.transforms,
        actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)],
        opts=opts,
    )
    return TargetGroup(
        arn=pulumi.Output.all(group.arn, rule.arn).apply(lambda resolved: resolved[0]),
        metrics_name=group.arn_suffix,
        balancer_metrics_name=args.balancer.arn_suffix,
        balancer_group_id=args.balancer_group_id,
    )
