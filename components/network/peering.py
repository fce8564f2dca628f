"""VPC peering connection with the routes of both sides, made by the stack of the later of the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class PeeringSide:
    """VPC at one end of the peering."""

    region: str
    vpc_id: pulumi.Input[str]
    cidr: str
    # Route tables of subnets that reach all of the other side, by stable keys.
    tables: Mapping[str, pulumi.Input[str]]
    # The route table of data subnets, which reach only the other side's app subnets.
    data_table: pulumi.Input[str] | None = None
    app_cidrs: Mapping[str, str] = field(default_factory=dict)  # by slot


@dataclass(frozen=True, kw_only=True)
class PeeringArgs:
    account: str

    own: PeeringSide
    other: PeeringSide


class Peering(pulumi.ComponentResource):
    """Requests and accepts the connection, and lets each side resolve the other's names to private addresses.

    A route table holds 50 routes unless AWS raises that, which is enough for eleven other cells.
    https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    """

    connection_id: pulumi.Output[str]

    def __init__(self, name: str, args: PeeringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:network:Peering", name, None, opts)
        self._name, self._args = name, args

        connection = aws.ec2.VpcPeeringConnection(
            f"{name}-connection",
            vpc_id=args.own.vpc_id,
            peer_vpc_id=args.other.vpc_id,
            peer_owner_id=args.account,
            peer_region=args.other.region,
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self),
        )
        accepter = aws.ec2.VpcPeeringConnectionAccepter(
            f"{name}-accepter",
            region=args.other.region,
            vpc_peering_connection_id=connection.id,
            auto_accept=True,
            tags={"Name": name},
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Only an active connection has options, and only an active one carries what is routed to it.
        self._accepted = pulumi.ResourceOptions(parent=self, depends_on=[accepter])
        self.connection_id = connection.id
        self._options()
        self._routes("own", args.own, args.other, region=None)
        self._routes("other", args.other, args.own, region=args.other.region)
        self.register_outputs({"connection_id": self.connection_id})

    def _options(self) -> None:
        requester = aws.ec2.PeeringConnectionOptionsRequesterArgs(allow_remote_vpc_dns_resolution=True)
        accepter = aws.ec2.PeeringConnectionOptionsAccepterArgs(allow_remote_vpc_dns_resolution=True)
        # Options are by region: where both sides are in one, there is one set for both.
        same_region = self._args.own.region == self._args.other.region
        aws.ec2.PeeringConnectionOptions(
            f"{self._name}-options-own",
            vpc_peering_connection_id=self.connection_id,
            requester=requester,
            accepter=accepter if same_region else None,
            opts=self._accepted,
        )
        if not same_region:
            aws.ec2.PeeringConnectionOptions(
                f"{self._name}-options-other",
                region=self._args.other.region,
                vpc_peering_connection_id=self.connection_id,
                accepter=accepter,
                opts=self._accepted,
            )

    def _routes(
        self, which: str, source: PeeringSide, destination: PeeringSide, *, region: str | None
    ) -> None:
        """Routes from one side to the other, in the route tables of the source."""
        routes = {key: (table, destination.cidr) for key, table in source.tables.items()}
        if source.data_table is not None:
            routes |= {
                f"data-{slot}": (source.data_table, cidr) for slot, cidr in destination.app_cidrs.items()
            }
        for key, (table, cidr) in routes.items():
            aws.ec2.Route(
                f"{self._name}-{which}-{key}",
                region=region,
                route_table_id=table,
                destination_cidr_block=cidr,
                vpc_peering_connection_id=self.connection_id,
                opts=self._accepted,
            )
