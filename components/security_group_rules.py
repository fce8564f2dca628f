"""Egress rules of security groups, and the IPv4 ranges that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

ANYWHERE = "0.0.0.0/0"
# Private and link-local ranges (RFC 1918, RFC 6598, RFC 3927), which `ANYWHERE` leaves out where a policy can say so.
PRIVATE_RANGES = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]


@dataclass(frozen=True)
class EgressRule:
    """TCP port and IPv4 range to which a function, a task or a pod may connect."""

    port: int
    cidr: str


def build_egress_rules(
    name: str, group_id: pulumi.Input[str], rules: Mapping[str, EgressRule], opts: pulumi.ResourceOptions
) -> list[aws.vpc.SecurityGroupEgressRule]:
    """Egress rules of one security group; `rules` are by destination, which ends the logical name."""
    return [
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-{destination}",
            security_group_id=group_id,
            description=f"To {destination}",
            ip_protocol="tcp",
            from_port=rule.port,
            to_port=rule.port,
            cidr_ipv4=rule.cidr,
            opts=opts,
        )
        for destination, rule in rules.items()
    ]
