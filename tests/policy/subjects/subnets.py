"""Resources in subnets, private or with a way to the internet."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res

SUBNET = "aws:ec2/subnet:Subnet"


def placed(token: str, props: Any, prop: str, *zones: Any, public: bool = False) -> list[Res]:
    """Something in subnets, one for each zone, the first of them with a way to the internet if `public`."""
    names = [f"s{i}" for i in range(len(zones))]
    way_out = [
        Res("aws:ec2/internetGateway:InternetGateway", {}, "igw"),
        Res(
            "aws:ec2/routeTable:RouteTable",
            {"routes": [{"ipv6CidrBlock": "::/0", "gatewayId": UNKNOWN}]},
            "table",
            {"routes": ["igw"]},
        ),
        Res(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            {"subnetId": UNKNOWN, "routeTableId": UNKNOWN},
            "join",
            {"subnetId": names[:1], "routeTableId": ["table"]},
        ),
    ]
    return [
        *(Res(SUBNET, {"availabilityZone": zone}, name) for name, zone in zip(names, zones, strict=True)),
        Res(token, props, "it", {prop: names}),
        *(way_out if public else []),
    ]
