"""What every Valkey cache has around it: its subnets, who reaches it, and who may sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

ENGINE = "valkey"
ENGINE_VERSION = "8.0"
# Cluster mode even with one shard, so that clients speak one way and shards can be added.
PARAMETER_GROUP = "default.valkey8.cluster.on"
PORT = 6379
SNAPSHOT_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class CachePlace:
    """Where a cache is and whom it lets in."""

    vpc_id: pulumi.Input[str]
    data_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    client_groups: Mapping[str, pulumi.Input[str]]  # ids of security groups that may connect, by their name
    client_cidrs: Mapping[str, str]  # the same from other regions, where groups can't be named


@dataclass(frozen=True, kw_only=True)
class CacheParts:
    """What a replication group refers to."""

    subnet_group: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    user_group_id: pulumi.Output[str]


def cache_parts(
    name: str, place: CachePlace, *, user_group: str, users: Mapping[str, str], parent: pulumi.Resource
) -> CacheParts:
    """The parts of one cache, as children of `parent`. `users` have what they may do, as an access string.

    Users sign in by IAM, for which AWS wants a user's id to be its name: `{user_group}-{user}`. None is called
    `default`: a Valkey group needs none, refuses one without a password, and lets nobody in who doesn't sign in.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
    """
    child = pulumi.ResourceOptions(parent=parent)
    subnets = aws.elasticache.SubnetGroup(
        f"{name}-subnets",
        description="Data subnets",
        subnet_ids=list(place.data_subnet_ids.values()),
        opts=child,
    )
    made = {
        user: aws.elasticache.User(
            f"{name}-user-{user}",
            user_id=f"{user_group}-{user}",
            user_name=f"{user_group}-{user}",
            engine=ENGINE,
            access_string=access,
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
            opts=child,
        )
        for user, access in users.items()
    }
    group = aws.elasticache.UserGroup(
        f"{name}-users",
        user_group_id=user_group,
        engine=ENGINE,
        user_ids=[user.user_id for user in made.values()],
        opts=child,
    )
    return CacheParts(
        subnet_group=subnets.name,
        security_group_id=_security_group(name, place, child),
        user_group_id=group.user_group_id,
    )


def _security_group(name: str, place: CachePlace, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    group = aws.ec2.SecurityGroup(
        f"{name}-group", vpc_id=place.vpc_id, description="A cache", tags={"Name": name}, opts=child
    )
    for client, group_id in place.client_groups.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{client}",
            security_group_id=group.id,
            description=f"From {client}",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=group_id,
            opts=child,
        )
    for client, cidr in place.client_cidrs.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{client}",
            security_group_id=group.id,
            description=f"From {client}",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            cidr_ipv4=cidr,
            opts=child,
        )
    return group.id
