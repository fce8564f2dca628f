"""Interface VPC endpoints of AWS services, whose traffic shouldn't go through NAT."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.network.endpoint_policy import interface_policy
from settings import Endpoint


@dataclass(frozen=True, kw_only=True)
class InterfaceEndpointsArgs:
    account: str
    region: str

    services: Sequence[Endpoint]

    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    client_cidrs: Mapping[str, str]  # by zone letter


class InterfaceEndpoints(pulumi.ComponentResource):
    """Interface endpoint for each service, in every zone, with private DNS, and one security group for all."""

    ready: Sequence[pulumi.Resource]  # before these are there, a service isn't reached through its endpoint

    def __init__(
        self, name: str, args: InterfaceEndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:network:InterfaceEndpoints", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-group",
            vpc_id=args.vpc_id,
            description="Interface endpoints",
            tags={"Name": name},
            opts=child,
        )
        ingress = [
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-from-app-{zone}",
                security_group_id=group.id,
                description=f"From the app subnet in zone {zone}",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                cidr_ipv4=cidr,
                opts=child,
            )
            for zone, cidr in args.client_cidrs.items()
        ]
        endpoints = [
            aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=args.vpc_id,
                service_name=f"com.amazonaws.{args.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=list(args.subnet_ids.values()),
                security_group_ids=[group.id],
                policy=json.dumps(interface_policy(service, args.account)),
                tags={"Name": f"{name}-{service}"},
                opts=child,
            )
            for service in args.services
        ]
        self.ready = [*ingress, *endpoints]
        self.register_outputs({})
