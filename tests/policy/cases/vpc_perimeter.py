"""Cases of the rules on flow logs, network ACLs, endpoints and routes of VPCs."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

VPC = "aws:ec2/vpc:Vpc"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
SUBNET = "aws:ec2/subnet:Subnet"
ACL = "aws:ec2/networkAcl:NetworkAcl"
ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROUTE = "aws:ec2/route:Route"
TABLE = "aws:ec2/routeTable:RouteTable"
GATEWAY = "aws:ec2transitgateway/transitGateway:TransitGateway"


def entry(cidr: Any, low: Any, high: Any, protocol: Any = "tcp", action: Any = "allow") -> dict[str, Any]:
    return {
        "ingress": [
            {
                "action": action,
                "cidrBlock": cidr,
                "fromPort": low,
                "toPort": high,
                "protocol": protocol,
                "ruleNo": 1,
            }
        ]
    }


def endpoints(*services: Any, kind: Any = "Interface", private: Any = True, needs: str = "vpc") -> list[Res]:
    """A VPC and its endpoints."""
    return [
        Res(VPC, {}, "vpc"),
        *(
            Res(
                ENDPOINT,
                {
                    "vpcId": UNKNOWN,
                    "serviceName": it if it is UNKNOWN else f"com.amazonaws.eu-west-1.{it}",
                    "vpcEndpointType": kind,
                    "privateDnsEnabled": private,
                },
                f"e{i}",
                {"vpcId": [needs]} if needs else {},
            )
            for i, it in enumerate(services)
        ),
    ]


ONE = {"services": ["kms"]}
ALL = ("ec2", "ecr.api", "ecr.dkr", "kms", "secretsmanager", "ssm", "sts")
OWN = {"ruleAction": "allow", "cidrBlock": "0.0.0.0/0", "protocol": "tcp"}
PEERING = {"vpcPeeringConnectionId": UNKNOWN}


CASES = {
    "vpc-flow-logs-enabled": Cases(
        VPC,
        compliant=[Res(VPC, {}, "vpc"), Res(FLOW_LOG, {"vpcId": UNKNOWN}, "log", {"vpcId": ["vpc"]})],
        violating=[
            Res(VPC, {"id": "vpc-1"}, "vpc"),
            Res(VPC, {"id": "vpc-2"}, "other"),
            Res(FLOW_LOG, {"vpcId": "vpc-2"}, "log"),
        ],
        missing=broken([Res(VPC, {}, "vpc")]),
        unknown=[Res(VPC, {}, "vpc"), Res(FLOW_LOG, {"vpcId": UNKNOWN}, "log")],
    ),
    "subnet-no-auto-public-ip": Cases(
        SUBNET,
        compliant={"mapPublicIpOnLaunch": False},
        violating={"mapPublicIpOnLaunch": True},
        missing=kept({}),
        unknown={"mapPublicIpOnLaunch": UNKNOWN},
    ),
    "network-acl-no-public-admin-ports": Cases(
        ACL,
        compliant=entry("0.0.0.0/0", 443, 443),
        violating=entry("0.0.0.0/0", 22, 22),
        missing=kept({}),
        unknown=entry(UNKNOWN, 22, 22),
        more={
            "denied": kept(entry("0.0.0.0/0", 22, 22, action="deny")),
            "perhaps denied": undecided(entry("0.0.0.0/0", 22, 22, action=UNKNOWN)),
            "from a private range": kept(entry("10.0.0.0/16", 22, 22)),
            "among others": broken(entry("0.0.0.0/0", 1024, 65535)),
            "by a rule of its own": broken(
                Res(
                    ACL_RULE,
                    {
                        "ruleAction": "allow",
                        "ipv6CidrBlock": "::/0",
                        "protocol": "6",
                        "fromPort": 22,
                        "toPort": 22,
                    },
                )
            ),
            "by a rule of its own, IPv4": broken(Res(ACL_RULE, OWN | {"fromPort": 22, "toPort": 22})),
            "another port by a rule of its own": kept(Res(ACL_RULE, OWN | {"fromPort": 443, "toPort": 443})),
            "pings by a rule of its own": kept(Res(ACL_RULE, OWN | {"protocol": "icmp"})),
            "on the way out": kept(
                Res(
                    ACL_RULE,
                    {"egress": True, "ruleAction": "allow", "cidrBlock": "0.0.0.0/0", "protocol": "-1"},
                )
            ),
            "entries that aren't known": undecided({"ingress": UNKNOWN}),
        },
    ),
    "network-acl-no-all-port-ingress": Cases(
        ACL,
        compliant=entry("0.0.0.0/0", 443, 443),
        violating=entry("0.0.0.0/0", 0, 0, "-1"),
        missing=kept({}),
        unknown=entry("0.0.0.0/0", UNKNOWN, 65535),
        more={
            "by number": broken(entry("10.0.0.0/8", 0, 65535)),
            "by number, from the first": broken(entry("10.0.0.0/8", 1, 65535)),
            "nearly": kept(entry("10.0.0.0/8", 1024, 65535)),
            "nearly, from below": kept(entry("10.0.0.0/8", 0, 1023)),
            "ICMP has none": kept(entry("10.0.0.0/8", 0, 65535, "icmp")),
            "denied": kept(entry("0.0.0.0/0", 0, 0, "-1", action="deny")),
            "a protocol that isn't known": undecided(entry("10.0.0.0/8", 0, 0, UNKNOWN)),
        },
    ),
    "vpc-interface-endpoints-present": Cases(
        VPC,
        compliant=endpoints(*ALL),
        violating=endpoints(*ALL[1:]),
        missing=broken([Res(VPC, {}, "vpc")]),
        unknown=undecided(endpoints(UNKNOWN), **ONE),
        more={
            **{f"without {it}": broken(endpoints(*(other for other in ALL if other != it))) for it in ALL},
            "all that are listed, beside others": kept(endpoints("kms", UNKNOWN), **ONE),
            "a list of one's own": kept(endpoints("kms"), **ONE),
            "a gateway": broken(endpoints("kms", kind="Gateway"), **ONE),
            "without private names": broken(endpoints("kms", private=False), **ONE),
            "perhaps of another VPC": undecided(endpoints("kms", needs=""), **ONE),
        },
    ),
    "transit-gateway-no-auto-accept": Cases(
        GATEWAY,
        compliant={"autoAcceptSharedAttachments": "disable"},
        violating={"autoAcceptSharedAttachments": "enable"},
        missing=kept({}),
        unknown={"autoAcceptSharedAttachments": UNKNOWN},
    ),
    "vpc-peering-routes-least-access": Cases(
        ROUTE,
        compliant={**PEERING, "destinationCidrBlock": "10.1.0.0/19"},
        violating={**PEERING, "destinationCidrBlock": "10.0.0.0/8"},
        missing=kept({"gatewayId": "igw-1", "destinationCidrBlock": "0.0.0.0/0"}),
        unknown={**PEERING, "destinationCidrBlock": UNKNOWN},
        more={
            "within a table": broken(Res(TABLE, {"routes": [{**PEERING, "cidrBlock": "0.0.0.0/0"}]})),
            "a narrow one within a table": kept(
                Res(TABLE, {"routes": [{**PEERING, "cidrBlock": "10.1.0.0/16"}]})
            ),
            "routes that aren't known": undecided(Res(TABLE, {"routes": UNKNOWN})),
            "by a list of prefixes": kept({**PEERING, "destinationPrefixListId": "pl-1"}),
            "narrower than allowed": broken({**PEERING, "destinationCidrBlock": "10.1.0.0/16"}, minPrefix=19),
        },
    ),
}
