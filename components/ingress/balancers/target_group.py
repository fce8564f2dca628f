"""What a load balancer sends requests on to: a target group, in which whatever runs a service puts its addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.service_conventions import DEREGISTRATION_SECONDS, HEALTH_PATH, PORT

# Noticed within 20 s, as fast as a deployment replaces what is ill.
CHECK_SECONDS = 10
CHECKS = 2


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a service's addresses go, and by whom they are reached."""

    arn: pulumi.Output[str]  # the group's, once a rule leads to it: ECS refuses one that has no load balancer
    metrics_name: pulumi.Output[str]  # of the group, as CloudWatch has it: its dimension `TargetGroup`
    balancer_metrics_name: pulumi.Output[str]  # of its load balancer: the dimension `LoadBalancer`
    balancer_group_id: pulumi.Output[str]  # the load balancer's security group, which has to be let in


def target_group(
    name: str, *, vpc_id: pulumi.Input[str], cluster: str, opts: pulumi.ResourceOptions
) -> aws.lb.TargetGroup:
    """Addresses of pods or tasks, on the port on which every service listens.

    Auto Mode puts in addresses only where the tag names its cluster, as its managed policy has it
    (AmazonEKSLoadBalancingPolicy). The least busy gets the next request, and the next socket; AWS has no slow start
    beside that.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    """
    return aws.lb.TargetGroup(
        name,
        vpc_id=vpc_id,
        target_type="ip",
        port=PORT,
        protocol="HTTPS",
        deregistration_delay=DEREGISTRATION_SECONDS,
        load_balancing_algorithm_type="least_outstanding_requests",
        stickiness=aws.lb.TargetGroupStickinessArgs(type="lb_cookie", enabled=False),
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            path=HEALTH_PATH,
            port="traffic-port",
            protocol="HTTPS",
            matcher="200",
            interval=CHECK_SECONDS,
            timeout=5,
            healthy_threshold=CHECKS,
            unhealthy_threshold=CHECKS,
        ),
        tags={"Name": name, "eks:eks-cluster-name": cluster},
        opts=opts,
    )


def target(
    group: aws.lb.TargetGroup,
    rule: aws.lb.ListenerRule,
    balancer: aws.lb.LoadBalancer,
    balancer_group: aws.ec2.SecurityGroup,
) -> Target:
    """A target group as those know it that put addresses in."""
    return Target(
        arn=pulumi.Output.all(group.arn, rule.arn).apply(lambda known: known[0]),
        metrics_name=group.arn_suffix,
        balancer_metrics_name=balancer.arn_suffix,
        balancer_group_id=balancer_group.id,
    )


def ways_to_services(
    name: str, group_id: pulumi.Input[str], cidrs: Mapping[str, str], opts: pulumi.ResourceOptions
) -> None:
    """A load balancer connects to the app subnets, on the services' port; `cidrs` are by zone letter."""
    for zone, cidr in cidrs.items():
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-app-{zone}",
            security_group_id=group_id,
            description=f"To services in zone {zone}",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            cidr_ipv4=cidr,
            opts=opts,
        )
