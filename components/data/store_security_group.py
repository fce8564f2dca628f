"""Who reaches a store: its security group, which lets in what it is told of and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class StorePlace:
    """Where a store is and whom it lets in."""

    vpc_id: pulumi.Input[str]
    data_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    client_groups: Mapping[str, pulumi.Input[str]]  # ids of security groups that may connect, by their name
    client_cidrs: Mapping[str, str]  # the same from other regions, where groups can't be named


def store_security_group(
    name: str, place: StorePlace, *, port: int, description: str, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The id of the group `{name}-group`, a child of `parent`, with one rule for each client."""
    child = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        f"{name}-group", vpc_id=place.vpc_id, description=description, tags={"Name": name}, opts=child
    )
    for client in (*place.client_groups, *place.client_cidrs):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{client}",
            security_group_id=group.id,
            description=f"From {client}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=place.client_groups.get(client),
            cidr_ipv4=place.client_cidrs.get(client),
            opts=child,
        )
    return group.id
