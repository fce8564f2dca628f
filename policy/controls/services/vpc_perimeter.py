"""Rules on the perimeter of VPCs: network ACLs, flow logs, endpoints, peering routes, transit gateways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of
from controls.language.graph import Graph
from controls.language.network import ADMIN_PORTS, IngressRule, network_of, parse_ingress_rule
from controls.language.remediation import Remedy
from controls.language.rules import (
    HIGH,
    MEDIUM,
    Config,
    Param,
    Rule,
    require_not_true,
    require_value,
    stack_rule,
)
from controls.language.shapes import require_companion
from controls.language.tokens import (
    FLOW_LOG,
    NETWORK_ACL,
    NETWORK_ACL_RULE,
    ROUTE,
    ROUTE_TABLE,
    SUBNET,
    TRANSIT_GATEWAY,
    VPC,
    VPC_ENDPOINT,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

# Endpoints of Security Hub (EC2.10, EC2.55, EC2.56, EC2.57), and those that every workload needs for its keys, its
# secrets and its credentials.
ENDPOINTS: Final = ("ec2", "ecr.api", "ecr.dkr", "kms", "secretsmanager", "ssm", "sts")


def _entries(node: Node) -> Iterator[tuple[Truth, IngressRule]]:
    """Inbound entries of a network ACL, inline or as resources, each with whether it allows."""
    if node.type in NETWORK_ACL_RULE:
        if node.flag("egress") is not True:
            yield _allows(node.get("ruleAction")), parse_ingress_rule("", _own_properties(node))
        return
    inline = node.get("ingress")
    for index, item in enumerate(inline if isinstance(inline, list) else [inline]):
        if item is UNKNOWN:
            yield UNKNOWN, IngressRule("ingress", UNKNOWN, UNKNOWN, UNKNOWN, (UNKNOWN,))
        elif isinstance(item, dict):
            yield _allows(item.get("action", MISSING)), parse_ingress_rule(f"ingress.{index}", item)


def _own_properties(node: Node) -> dict[str, Value]:
    names = ("protocol", "fromPort", "toPort", "cidrBlock", "ipv6CidrBlock")
    return {name: value for name in names if (value := node.get(name)) is not MISSING}


def _allows(action: Value) -> Truth:
    return UNKNOWN if action is UNKNOWN else str(action).lower() == "allow"


def _verdicts_on(ingress: IngressRule, broken: Truth, message: str) -> Verdicts:
    if broken is UNKNOWN:
        yield Undecided(ingress.path or "cidr and ports")
    elif broken is True:
        yield Fail(f"{f'`{ingress.path}`' if ingress.path else 'the entry'} {message}")


def no_public_admin_ports(node: Node) -> Verdicts:
    for allows, ingress in _entries(node):
        admitted = any_of(*(ingress.admits(port) for port in ADMIN_PORTS))
        message = "admits SSH or RDP from the internet: name a private range, or other ports"
        yield from _verdicts_on(ingress, all_of(allows, ingress.public, admitted), message)


def no_all_ports(node: Node) -> Verdicts:
    for allows, ingress in _entries(node):
        yield from _verdicts_on(
            ingress, all_of(allows, _all_ports(ingress)), "allows all ports: name tcp or udp, and ports"
        )


def _all_ports(ingress: IngressRule) -> Truth:
    if ingress.all_protocols is not False or ingress.protocol in ("icmp", "icmpv6", "1", "58", 1, 58):
        return ingress.all_protocols
    if UNKNOWN in (ingress.from_port, ingress.to_port):
        return UNKNOWN
    return (
        isinstance(ingress.from_port, int)
        and isinstance(ingress.to_port, int)
        and (ingress.from_port <= 1 and ingress.to_port >= 65535)
    )


def endpoints_present(graph: Graph, config: Config) -> Verdicts:
    """Interface endpoints of a VPC. One without private DNS doesn't count: clients resolve the public name."""
    for vpc in graph.of(VPC):
        endpoints = [
            it
            for it in graph.referrers(VPC_ENDPOINT, "vpcId", vpc)
            if it.get("vpcEndpointType") in ("Interface", UNKNOWN)
            and it.flag("privateDnsEnabled") in (True, UNKNOWN)
        ]
        names = [it.get("serviceName") for it in endpoints]
        missing = [
            it
            for it in config["services"]
            if not any(isinstance(n, str) and n.endswith(f".{it}") for n in names)
        ]
        if missing and (UNKNOWN in names or graph.may_reference(VPC_ENDPOINT, "vpcId", vpc)):
            yield Undecided("serviceName", vpc.urn)
        elif missing:
            yield Fail(f"no interface endpoint for {', '.join(missing)}: add one, with private DNS", vpc.urn)


def peering_narrow(node: Node, config: Config) -> Verdicts:
    """Routes to a peered VPC are narrow. IPv6 isn't judged: AWS hands out a /56 to each VPC."""
    least = config["minPrefix"]
    routes = [("", {name: node.get(name) for name in ("vpcPeeringConnectionId", "destinationCidrBlock")})]
    if node.type in ROUTE_TABLE:
        routes = [(f"{where}.", item) for where, item in node.find("routes.*") if isinstance(item, dict)]
        if node.get("routes") is UNKNOWN:
            yield Undecided("routes")
    for where, item in routes:
        name = "cidrBlock" if where else "destinationCidrBlock"
        peering, cidr = item.get("vpcPeeringConnectionId", MISSING), item.get(name, MISSING)
        if peering in (MISSING, "") or cidr in (MISSING, ""):
            continue
        if cidr is UNKNOWN:
            yield Undecided(f"{where}{name}")
        elif (network := network_of(cidr)) is None:
            yield Fail(f"`{where}{name}` is no range of addresses: name the subnets that are needed")
        elif network.prefixlen < least:
            yield Fail(f"`{where}{name}` is wider than a /{least}: name the subnets that are needed")


RULES: Final = (
    require_companion(
        "vpc-flow-logs-enabled",
        MEDIUM,
        VPC,
        FLOW_LOG,
        "vpcId",
        message="nothing logs its traffic: add a FlowLog for it",
        asks="Each VPC has a flow log",
        fix="Add a FlowLog with the VPC's id in vpcId",
        ids="EC2.6 CIS-3.0:3.7 CIS-5.0:3.7 CKV2_AWS_11",
    ),
    require_not_true(
        "subnet-no-auto-public-ip",
        MEDIUM,
        SUBNET,
        "mapPublicIpOnLaunch",
        asks="Subnets hand out no public addresses",
        fix="Leave mapPublicIpOnLaunch out; what needs a public address asks for one",
        ids="EC2.15 CKV_AWS_130",
        remedy=Remedy({"mapPublicIpOnLaunch": False}),
    ),
    Rule(
        "network-acl-no-public-admin-ports",
        MEDIUM,
        NETWORK_ACL + NETWORK_ACL_RULE,
        no_public_admin_ports,
        asks="Network ACLs admit no SSH or RDP from the internet",
        fix="Name a private range in cidrBlock, or other ports",
        ids="EC2.21 CIS-3.0:5.1 CIS-5.0:5.2 CKV_AWS_229 CKV_AWS_230 CKV_AWS_231 CKV_AWS_232",
        reads="ingress egress ruleAction cidrBlock ipv6CidrBlock fromPort toPort protocol",
    ),
    Rule(
        "network-acl-no-all-port-ingress",
        MEDIUM,
        NETWORK_ACL + NETWORK_ACL_RULE,
        no_all_ports,
        asks="No entry of a network ACL allows all ports inbound",
        fix="Name tcp or udp, and the ports that are needed",
        ids="CIS-3.0:5.1 CIS-5.0:5.2 CKV_AWS_352",
        reads="ingress egress ruleAction fromPort toPort protocol",
    ),
    stack_rule(
        "vpc-interface-endpoints-present",
        MEDIUM,
        VPC + VPC_ENDPOINT,
        endpoints_present,
        asks="Each VPC has interface endpoints for the listed services",
        fix="Add a VpcEndpoint of type Interface with privateDnsEnabled for each service",
        ids="EC2.10 EC2.55 EC2.56 EC2.57 CIS-7.0:6.8",
        reads="serviceName vpcEndpointType privateDnsEnabled",
        config={"services": Param(list(ENDPOINTS), "Ends of the services' names, such as ecr.api")},
    ),
    require_value(
        "transit-gateway-no-auto-accept",
        HIGH,
        TRANSIT_GATEWAY,
        "autoAcceptSharedAttachments",
        lambda it: it == "disable",
        message="set it to disable or leave it out",
        missing_ok=True,
        asks="Transit gateways accept no attachment of another account by themselves",
        fix="Leave autoAcceptSharedAttachments out",
        ids="EC2.23 CKV_AWS_331",
        remedy=Remedy({"autoAcceptSharedAttachments": "disable"}),
    ),
    Rule(
        "vpc-peering-routes-least-access",
        MEDIUM,
        ROUTE + ROUTE_TABLE,
        peering_narrow,
        asks="Routes to peered networks lead to no more than the ranges that are needed",
        fix="Name the peer's subnets in destinationCidrBlock",
        ids="CIS-3.0:5.5 CIS-5.0:5.6 CKV2_AWS_44",
        reads="vpcPeeringConnectionId destinationCidrBlock routes",
        narrowed="Which ranges are needed shows nowhere: a route fails that is wider than one network's own range.",
        config={"minPrefix": Param(16, "Shortest prefix that such a route may have")},
    ),
)
