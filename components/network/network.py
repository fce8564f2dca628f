"""VPC of a cell: public, app and data subnets by zone, route tables, NAT gateways, gateway endpoints and flow log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.network.endpoint_policy import gateway_policy
from components.network.subnet_cidrs import cidrs_by_zone, slot_letter
from components.security_group_rules import ANYWHERE
from settings.placement import SLOT_LETTERS
from settings.regions import LACKING_ZONES

FLOW_LOG_SECONDS = 600  # of one record; 60 is the other choice, at up to ten times the records


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    account: str
    region: str

    cidr: str  # a /16
    zones: Sequence[str]  # letters
    nat: Literal["one", "perZone"]

    flow_log_bucket_arn: pulumi.Input[str]

    retire: bool


class Network(pulumi.ComponentResource):
    """Public subnets reach the internet, app subnets through NAT, data subnets not at all.

    Every configured zone exists in the region (a `RunError` names one that doesn't), traffic to S3 and DynamoDB goes
    through gateway endpoints instead of NAT, and the default security group has no rules.
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
        # Other stacks peer with the VPC and have routes in its tables: with another one they would lose both.
        self._shared = pulumi.ResourceOptions(parent=self, protect=not args.retire)
        self._verify_zones()

        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=self._shared,
        )
        self.vpc_id = vpc.id
        # Adopted so that its rules are removed: a resource that is in it by mistake has no traffic.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default-group", vpc_id=vpc.id, ingress=[], egress=[], opts=self._child
        )

        cidrs = cidrs_by_zone(args.cidr, args.zones)
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
        """Looks up the account's zones: a missing one would otherwise fail subnet by subnet, with AWS's messages.

        So would one that lacks a service, which only its id tells: in each account letters stand for other zones.
        """
        available = aws.get_availability_zones_output(
            state="available",
            filters=[
                aws.GetAvailabilityZonesFilterArgs(name="zone-type", values=["availability-zone"]),
            ],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        wanted, region = self._args.zones, self._args.region
        # Both are listed in the same order.
        self._verified = pulumi.Output.all(available.names, available.zone_ids).apply(
            lambda both: verify_zones(wanted, region, dict(zip(*both, strict=True)))
        )

    def _subnets(self, tier: str, cidrs: Mapping[str, str]) -> dict[str, pulumi.Output[str]]:
        return {
            zone: aws.ec2.Subnet(
                f"{self._name}-{tier}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=self._verified.apply(lambda names, zone=zone: names[zone]),
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags={"Name": f"{self._name}-{tier}-{zone}", "tier": tier},
                opts=self._child,
            ).id
            for zone, cidr in cidrs.items()
        }

    def _route_table(self, key: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{key}",
            vpc_id=self.vpc_id,
            tags={"Name": f"{self._name}-{key}"},
            opts=self._shared,
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
        """IDs of the NAT gateways that the zones use, by letter."""
        nat_zones = self._args.zones if self._args.nat == "perZone" else self._args.zones[:1]
        gateway_ids: dict[str, pulumi.Output[str]] = {}
        for zone in nat_zones:
            address = aws.ec2.Eip(
                f"{self._name}-nat-{zone}",
                domain="vpc",
                tags={"Name": f"{self._name}-nat-{zone}"},
                opts=self._child,
            )
            gateway_ids[zone] = aws.ec2.NatGateway(
                f"{self._name}-nat-{zone}",
                subnet_id=self.public_subnet_ids[zone],
                allocation_id=address.id,
                tags={"Name": f"{self._name}-nat-{zone}"},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[internet]),
            ).id
        return {zone: gateway_ids.get(zone, gateway_ids[nat_zones[0]]) for zone in self._args.zones}

    def _app_route_table_ids(
        self, nat_ids: Mapping[str, pulumi.Output[str]]
    ) -> dict[str, pulumi.Output[str]]:
        # One table for each slot, even with one NAT gateway and whichever zones there are: a change of either
        # then changes routes only, and peerings, which are made without the zones, have tables for their routes.
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
            max_aggregation_interval=FLOW_LOG_SECONDS,
            destination_options=aws.ec2.FlowLogDestinationOptionsArgs(
                file_format="parquet", hive_compatible_partitions=False, per_hour_partition=True
            ),
            tags={"Name": self._name},
            opts=self._child,
        )


def verify_zones(letters: Sequence[str], region: str, available: Mapping[str, str]) -> dict[str, str]:
    """The zones' names by letter, or a `RunError` for the first that can't be one of a cell's.

    `available` are the ids of the account's zones by name.
    """
    able = sorted(name for name, zone_id in available.items() if zone_id not in LACKING_ZONES)
    for letter in letters:
        zone = f"{region}{letter}"
        if zone not in available:
            raise pulumi.RunError(
                f"castle:sizes.zones: {letter} is no zone of {region} for this account; "
                f"write letters of {', '.join(sorted(available))}"
            )
        if zone not in able:
            raise pulumi.RunError(
                f"castle:sizes.zones: {letter} is {available[zone]} in this account, which has no "
                f"{LACKING_ZONES[available[zone]]}; write letters of {', '.join(able)}"
            )
    return {letter: f"{region}{letter}" for letter in letters}
