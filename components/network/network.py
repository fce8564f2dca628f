"""The cell's network: a VPC over its zones, with a public, an app and a data subnet in each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.network.endpoint_policy import gateway_policy
from components.network.subnet_cidrs import layout, slot_letter
from settings import SLOT_LETTERS

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    account: str
    region: str

    cidr: str  # a /16
    zones: Sequence[str]  # letters
    nat: Literal["one", "perZone"]

    flow_log_bucket_arn: pulumi.Input[str]


class Network(pulumi.ComponentResource):
    """Public subnets reach the internet, app subnets through NAT, data subnets not at all.

    Promises that every configured zone exists in the region (a `RunError` says which one doesn't), that S3 and
    DynamoDB are reached without NAT, and that nothing can live in the default security group.
    """

    vpc_id: pulumi.Output[str]
    public_subnet_ids: Mapping[str, pulumi.Output[str]]  # by zone letter
    app_subnet_ids: Mapping[str, pulumi.Output[str]]
    data_subnet_ids: Mapping[str, pulumi.Output[str]]
    route_table_ids: Mapping[str, pulumi.Output[str]]  # `public`, `data`, `app-a` to `app-d` by slot

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:network:Network", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._verify_zones()

        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=self._child,
        )
        self.vpc_id = vpc.id
        # Adopted so that its rules go: whatever lands in it by mistake can talk to nobody.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default-group", vpc_id=vpc.id, ingress=[], egress=[], opts=self._child
        )

        cidrs = layout(args.cidr, args.zones)
        self.public_subnet_ids = self._subnets("public", {zone: cidrs[zone].public for zone in cidrs})
        self.app_subnet_ids = self._subnets("app", {zone: cidrs[zone].app for zone in cidrs})
        self.data_subnet_ids = self._subnets("data", {zone: cidrs[zone].data for zone in cidrs})

        public = self._public_routes()
        nat_ids = self._nat_gateways(public)
        self.route_table_ids = {
            "public": public.route_table_id,
            "data": self._data_route_table_id(),
            **self._app_route_table_ids(nat_ids),
        }
        self._gateway_endpoints()
        self._flow_log()
        self.register_outputs({"vpc_id": self.vpc_id, "route_table_ids": self.route_table_ids})

    def _verify_zones(self) -> None:
        """Letters that the account doesn't have would fail subnet by subnet, in AWS's words."""
        available = aws.get_availability_zones_output(
            state="available",
            filters=[
                aws.GetAvailabilityZonesFilterArgs(name="zone-type", values=["availability-zone"]),
            ],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        wanted, region = self._args.zones, self._args.region
        self._verified = available.names.apply(lambda names: verify_zones(wanted, region, names))

    def _subnets(self, tier: str, cidrs: Mapping[str, str]) -> dict[str, pulumi.Output[str]]:
        return {
            zone: aws.ec2.Subnet(
                f"{self._name}-{tier}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=self._verified.apply(lambda found, zone=zone: found[zone]),
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags={"Name": f"{self._name}-{tier}-{zone}", "tier": tier},
                opts=self._child,
            ).id
            for zone, cidr in cidrs.items()
        }

    def _route_table(self, thing: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{thing}",
            vpc_id=self.vpc_id,
            tags={"Name": f"{self._name}-{thing}"},
            opts=self._child,
        )

    def _associate(
        self, tier: str, zone: str, subnet_id: pulumi.Input[str], table: aws.ec2.RouteTable
    ) -> None:
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{tier}-{zone}", subnet_id=subnet_id, route_table_id=table.id, opts=self._child
        )

    def _public_routes(self) -> aws.ec2.Route:
        gateway = aws.ec2.InternetGateway(
            f"{self._name}-gateway", vpc_id=self.vpc_id, tags={"Name": self._name}, opts=self._child
        )
        table = self._route_table("public")
        for zone, subnet_id in self.public_subnet_ids.items():
            self._associate("public", zone, subnet_id, table)
        return aws.ec2.Route(
            f"{self._name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._child,
        )

    def _nat_gateways(self, internet: aws.ec2.Route) -> dict[str, pulumi.Output[str]]:
        """The NAT gateway that each zone uses, by letter."""
        own = self._args.zones if self._args.nat == "perZone" else self._args.zones[:1]
        made: dict[str, pulumi.Output[str]] = {}
        for zone in own:
            address = aws.ec2.Eip(
                f"{self._name}-nat-{zone}",
                domain="vpc",
                tags={"Name": f"{self._name}-nat-{zone}"},
                opts=self._child,
            )
            made[zone] = aws.ec2.NatGateway(
                f"{self._name}-nat-{zone}",
                subnet_id=self.public_subnet_ids[zone],
                allocation_id=address.id,
                tags={"Name": f"{self._name}-nat-{zone}"},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[internet]),
            ).id
        return {zone: made.get(zone, made[own[0]]) for zone in self._args.zones}

    def _app_route_table_ids(
        self, nat_ids: Mapping[str, pulumi.Output[str]]
    ) -> dict[str, pulumi.Output[str]]:
        # One table for each slot, even with one NAT gateway and whichever zones there are: a change of either
        # then changes routes only, and other cells, which don't know the zones, have tables to route back from.
        tables = {slot: self._route_table(f"app-{slot}") for slot in SLOT_LETTERS}
        for zone in self._args.zones:
            table = tables[slot_letter(zone)]
            self._associate("app", zone, self.app_subnet_ids[zone], table)
            aws.ec2.Route(
                f"{self._name}-app-{zone}-internet",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nat_ids[zone],
                opts=self._child,
            )
        return {f"app-{slot}": table.id for slot, table in tables.items()}

    def _data_route_table_id(self) -> pulumi.Output[str]:
        table = self._route_table("data")
        for zone, subnet_id in self.data_subnet_ids.items():
            self._associate("data", zone, subnet_id, table)
        return table.id

    def _gateway_endpoints(self) -> None:
        for service in ("s3", "dynamodb"):
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service}",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{self._args.region}.{service}",
                vpc_endpoint_type="Gateway",
                route_table_ids=[self.route_table_ids[table] for table in sorted(self._private_tables())],
                policy=json.dumps(gateway_policy(service, self._args.account, self._args.region)),
                tags={"Name": f"{self._name}-{service}"},
                opts=self._child,
            )

    def _private_tables(self) -> set[str]:
        return set(self.route_table_ids) - {"public"}

    def _flow_log(self) -> None:
        # To S3: half the price per GB of CloudWatch Logs, and no role. See docs/decisions/flow-logs-to-s3.md.
        aws.ec2.FlowLog(
            f"{self._name}-flow-log",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=pulumi.Output.concat(self._args.flow_log_bucket_arn, "/flow"),
            max_aggregation_interval=600,  # seconds; 60 is the other choice, at up to ten times the records
            destination_options=aws.ec2.FlowLogDestinationOptionsArgs(
                file_format="parquet", hive_compatible_partitions=False, per_hour_partition=True
            ),
            tags={"Name": self._name},
            opts=self._child,
        )


def verify_zones(letters: Sequence[str], region: str, available: Sequence[str]) -> dict[str, str]:
    """The zones' names by letter, or a `RunError` for the first that the region doesn't have."""
    for letter in letters:
        if f"{region}{letter}" not in available:
            raise pulumi.RunError(
                f"castle:sizes.zones: {letter} is no zone of {region} for this account; "
                f"write letters of {', '.join(sorted(available))}"
            )
    return {letter: f"{region}{letter}" for letter in letters}
