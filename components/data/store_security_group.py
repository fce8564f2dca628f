"""Security group of a store, with an ingress rule for each client that may connect, and none for others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class StoreNetwork:
    """VPC and data subnets of a store, and the clients that may connect to it."""

    vpc_id: pulumi.Input[str]
    data_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    client_groups: Mapping[str, pulumi.Input[str]]  # ids of security groups that may connect, by their name
    client_cidrs: Mapping[str, str]  # of clients in other regions, whose security groups can't be referred to


def store_security_group(
    name: str, network: StoreNetwork, *, port: int, description: str, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The id of the security group `{name}-group`, a child of `parent`, with one ingress rule for each client."""
    child = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        f"{name}-group", vpc_id=network.vpc_id, description=description, tags={"Name": name}, opts=child
    )
    for client in (*network.client_groups, *network.client_cidrs):
        allow_client(
            name,
            client,
            group_id=group.id,
            port=port,
            client_group_id=network.client_groups.get(client),
            client_cidr=network.client_cidrs.get(client),
            parent=parent,
        )
    return group.id


def allow_client(
    name: str,
    client: str,
    *,
    group_id: pulumi.Input[str],
    port: int,
    client_group_id: pulumi.Input[str] | None = None,
    client_cidr: str | None = None,
    parent: pulumi.Resource,
) -> None:
    """The ingress rule `{name}-from-{client}` for a security group or a range of addresses."""
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-from-{client}",
        security_group_id=group_id,
        description=f"From {client}",
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=client_group_id,
        cidr_ipv4=client_cidr,
        opts=pulumi.ResourceOptions(parent=parent),
    )
