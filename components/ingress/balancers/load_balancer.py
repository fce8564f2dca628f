"""Application load balancer with access logs, and its egress rules: internal and public ones of a cell share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.service_conventions import SERVICE_PORT


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    internal: bool
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    group_id: pulumi.Input[str]  # its security group
    log_bucket: pulumi.Input[str]
    retire: bool
    idle_seconds: int | None = None  # AWS's default, 60, if left out
    tags: Mapping[str, str] | None = None


def build_load_balancer(
    name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions
) -> aws.lb.LoadBalancer:
    return aws.lb.LoadBalancer(
        f"{name}-alb",
        load_balancer_type="application",
        internal=args.internal,
        subnets=list(args.subnet_ids.values()),
        security_groups=[args.group_id],
        drop_invalid_header_fields=True,
        desync_mitigation_mode="strictest",
        idle_timeout=args.idle_seconds,
        enable_deletion_protection=not args.retire,
        access_logs=aws.lb.LoadBalancerAccessLogsArgs(enabled=True, bucket=args.log_bucket, prefix="alb"),
        tags=args.tags,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=not args.retire)),
    )


def build_egress_to_services(
    name: str, group_id: pulumi.Input[str], cidrs: Mapping[str, str], opts: pulumi.ResourceOptions
) -> None:
    """Egress rules of a load balancer to the app subnets, on the services' port; `cidrs` are by zone letter."""
    for zone, cidr in cidrs.items():
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-app-{zone}",
            security_group_id=group_id,
            description=f"To services in zone {zone}",
            ip_protocol="tcp",
            from_port=SERVICE_PORT,
            to_port=SERVICE_PORT,
            cidr_ipv4=cidr,
            opts=opts,
        )
