"""Cases of the rules on VPCs and security groups."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
NAT = "aws:ec2/natGateway:NatGateway"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
IN_VPC = {"vpcId": ["vpc"]}


def vpc() -> Res:
    return Res(VPC, {"cidrBlock": "10.0.0.0/16"}, "vpc")


def subnet(zone: Any, name: str = "", **props: Any) -> Res:
    return Res(
        SUBNET, {"vpcId": UNKNOWN, "availabilityZone": zone, **props}, name or f"subnet-{zone}", IN_VPC
    )


def default_group(**props: Any) -> Res:
    return Res(DEFAULT_GROUP, {"vpcId": UNKNOWN, **props}, "default", IN_VPC)


def routed(gateway: Res, route: dict[str, Any], *more: Res, name: str = "app", **props: Any) -> list[Res]:
    """A subnet whose route table has one route, through the gateway."""
    return [
        vpc(),
        gateway,
        subnet("us-east-1a", name, **props),
        Res(TABLE, {"vpcId": UNKNOWN}, "table", IN_VPC),
        Res(
            ASSOCIATION,
            {"subnetId": UNKNOWN, "routeTableId": UNKNOWN},
            "join",
            {"subnetId": [name], "routeTableId": ["table"]},
        ),
        Res(
            ROUTE,
            {"routeTableId": UNKNOWN, **route},
            "route",
            {"routeTableId": ["table"], "gatewayId": [gateway.name]},
        ),
        *more,
    ]


INTERNET = Res(GATEWAY, {}, "gateway")
DEFAULT_ROUTE = {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN}


def ingress(port: Any, cidr: Any, protocol: Any = "tcp") -> dict[str, Any]:
    return {"fromPort": port, "toPort": port, "ipProtocol": protocol, "cidrIpv4": cidr}


def inline(port: Any, cidrs: Any) -> Res:
    return Res(
        GROUP, {"ingress": [{"fromPort": port, "toPort": port, "protocol": "tcp", "cidrBlocks": cidrs}]}
    )


CASES = {
    "vpc-default-security-group-empty": Cases(
        DEFAULT_GROUP,
        compliant=[vpc(), default_group()],
        violating=[vpc(), default_group(ingress=[{"protocol": "-1", "self": True}])],
        missing=broken([vpc()]),
        unknown=[vpc(), default_group(egress=UNKNOWN)],
        more={
            "an empty list is empty": kept([vpc(), default_group(ingress=[], egress=[])]),
            "a rule of its own fills the group again": broken(
                [
                    vpc(),
                    default_group(),
                    Res(INGRESS, {"securityGroupId": UNKNOWN}, "in", {"securityGroupId": ["default"]}),
                ]
            ),
            "another VPC's group doesn't count": broken(
                [
                    vpc(),
                    Res(VPC, {}, "other"),
                    Res(DEFAULT_GROUP, {"vpcId": UNKNOWN}, "d", {"vpcId": ["other"]}),
                ]
            ),
        },
    ),
    "security-group-no-public-admin-ports": Cases(
        INGRESS,
        compliant=ingress(22, "10.0.0.0/8"),
        violating=ingress(22, "0.0.0.0/0"),
        missing=kept(
            {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "referencedSecurityGroupId": "sg-1"}
        ),
        unknown=ingress(22, UNKNOWN),
        more={
            "inline rules": broken(inline(3389, ["10.0.0.0/8", "0.0.0.0/0"])),
            "the older rule type": broken(
                Res(
                    GROUP_RULE,
                    {
                        "type": "ingress",
                        "protocol": "tcp",
                        "fromPort": 0,
                        "toPort": 1024,
                        "ipv6CidrBlocks": ["::/0"],
                    },
                )
            ),
            "an outbound rule of the older type": kept(
                Res(
                    GROUP_RULE,
                    {
                        "type": "egress",
                        "protocol": "tcp",
                        "fromPort": 22,
                        "toPort": 22,
                        "cidrBlocks": ["0.0.0.0/0"],
                    },
                )
            ),
            "all protocols": broken({"ipProtocol": "-1", "cidrIpv6": "::/0"}),
            "half of the internet": broken(ingress(22, "0.0.0.0/1")),
            "an unknown port open to all": undecided(ingress(UNKNOWN, "0.0.0.0/0")),
            "an unknown port open to a private range": kept(ingress(UNKNOWN, "10.0.0.0/8")),
            "unknown inline rules": undecided(Res(GROUP, {"ingress": UNKNOWN})),
        },
    ),
    "security-group-no-public-data-ports": Cases(
        INGRESS,
        compliant=ingress(5432, "10.1.0.0/16"),
        violating=ingress(5432, "0.0.0.0/0"),
        missing=kept({"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "prefixListId": "pl-1"}),
        unknown=ingress(6379, UNKNOWN),
        more={"HTTPS is no data port": kept(ingress(443, "0.0.0.0/0"))},
    ),
    "security-group-public-ingress-allowlist": Cases(
        INGRESS,
        compliant=ingress(443, "0.0.0.0/0"),
        violating=ingress(8080, "0.0.0.0/0"),
        missing=broken({"ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"}),
        unknown=ingress(UNKNOWN, "0.0.0.0/0"),
        more={
            "a listed port": kept(ingress(8443, "0.0.0.0/0"), ports=[443, 8443]),
            "a range around a listed port": broken(
                {"ipProtocol": "tcp", "fromPort": 443, "toPort": 444, "cidrIpv4": "0.0.0.0/0"}
            ),
            "a ping": kept(ingress(-1, "0.0.0.0/0", "icmp")),
        },
    ),
    "security-group-no-all-protocol-ingress": Cases(
        INGRESS,
        compliant={"ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"},
        violating={"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
        missing=kept({"cidrIpv4": "0.0.0.0/0", "fromPort": 443, "toPort": 443}),
        unknown={"ipProtocol": UNKNOWN, "cidrIpv4": "0.0.0.0/0"},
    ),
    "vpc-spans-min-azs": Cases(
        SUBNET,
        compliant=[vpc(), *(subnet(zone) for zone in "abc")],
        violating=[vpc(), *(subnet(zone) for zone in "ab")],
        missing=undecided([vpc(), *(Res(SUBNET, {"vpcId": UNKNOWN}, f"s{i}", IN_VPC) for i in range(3))]),
        unknown=[vpc(), subnet("a"), subnet(UNKNOWN, "u")],
        more={
            "a tier in too few zones": broken(
                [
                    vpc(),
                    *(subnet(z, tags={"tier": "app"}) for z in "abc"),
                    subnet("a", "d", tags={"tier": "data"}),
                ]
            ),
            "fewer are asked for": kept([vpc(), subnet("a"), subnet("b")], minZones=2),
        },
    ),
    "route-no-igw-from-private-subnet": Cases(
        ROUTE,
        compliant=routed(
            INTERNET,
            DEFAULT_ROUTE,
            Res(NAT, {"subnetId": UNKNOWN}, "nat", {"subnetId": ["public"]}),
            name="public",
        ),
        violating=routed(INTERNET, DEFAULT_ROUTE),
        missing=kept([vpc(), subnet("a")]),
        unknown=[
            *routed(INTERNET, {})[:5],
            Res(ROUTE, {"routeTableId": UNKNOWN, **DEFAULT_ROUTE}, "route", {"routeTableId": ["table"]}),
        ],
        more={
            "by value": broken(
                [
                    Res(SUBNET, {"id": "subnet-1"}, "app"),
                    Res(
                        TABLE,
                        {"id": "rtb-1", "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}]},
                        "table",
                    ),
                    Res(ASSOCIATION, {"subnetId": "subnet-1", "routeTableId": "rtb-1"}, "join"),
                ]
            ),
            "public by a tag, perhaps": undecided(routed(INTERNET, DEFAULT_ROUTE, tagsAll=UNKNOWN)),
            "public by its tier": kept(routed(INTERNET, DEFAULT_ROUTE, tags={"tier": "public"})),
            "public by what stands in it": kept(
                routed(
                    INTERNET, DEFAULT_ROUTE, Res(BALANCER, {"subnets": UNKNOWN}, "lb", {"subnets": ["app"]})
                )
            ),
            "an internal balancer proves nothing": broken(
                routed(
                    INTERNET,
                    DEFAULT_ROUTE,
                    Res(BALANCER, {"subnets": UNKNOWN, "internal": True}, "lb", {"subnets": ["app"]}),
                )
            ),
            "a way out through NAT": kept(
                routed(Res(NAT, {}, "nat"), {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN})
            ),
            "another destination": kept(
                routed(INTERNET, {"destinationCidrBlock": "10.1.0.0/16", "gatewayId": UNKNOWN})
            ),
        },
    ),
    "vpc-cidrs-disjoint-across-regions": Cases(
        VPC,
        compliant={
            "a": [Res(VPC, {"cidrBlock": "10.0.0.0/16"})],
            "b": [Res(VPC, {"cidrBlock": "10.1.0.0/16"})],
        },
        violating={
            "a": [Res(VPC, {"cidrBlock": "10.0.0.0/16"})],
            "b": [Res(VPC, {"cidrBlock": "10.0.128.0/17"})],
        },
        missing=kept({"a": [Res(VPC, {"ipv4IpamPoolId": "ipam-1"})]}),
        unknown={"a": [Res(VPC, {"cidrBlock": UNKNOWN})]},
    ),
}
