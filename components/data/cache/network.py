"""Subnet group and security group of a Valkey cache."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.store_security_group import StoreNetwork, store_security_group

PORT = 6379


@dataclass(frozen=True, kw_only=True)
class CacheNetwork:
    subnet_group: pulumi.Output[str]
    security_group_id: pulumi.Output[str]


def cache_network(name: str, network: StoreNetwork, *, retire: bool, parent: pulumi.Resource) -> CacheNetwork:
    """Makes both groups as children of `parent`. The subnets' is protected: replaced, it would replace the cache."""
    subnets = aws.elasticache.SubnetGroup(
        f"{name}-subnets",
        description="Data subnets",
        subnet_ids=list(network.data_subnet_ids.values()),
        opts=pulumi.ResourceOptions(parent=parent, protect=not retire),
    )
    return CacheNetwork(
        subnet_group=subnets.name,
        security_group_id=store_security_group(
            name, network, port=PORT, description="A cache", parent=parent
        ),
    )
