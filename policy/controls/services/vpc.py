"""Rules on VPCs, subnets, route tables and security groups: public ingress, zones, routes, CIDR ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, all_of, any_of
from controls.language.graph import Graph, Platform
from controls.language.network import (
    ADMIN_PORTS,
    IngressRule,
    ingress_rules,
    network_of,
    public_subnets,
    route_tables_of,
)
from controls.language.rules import CRITICAL, HIGH, Config, Param, Rule, platform_rule, stack_rule
from controls.language.tokens import (
    DEFAULT_SECURITY_GROUP,
    INGRESS,
    INGRESS_RULE,
    LOAD_BALANCER,
    NAT_GATEWAY,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SECURITY_GROUP_RULE,
    SUBNET,
    VPC,
    VPC_CIDR,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

# Security Hub's own default for EC2.18. What listens on 80 may only redirect: other rules see to that.
PUBLIC_PORTS: Final = (80, 443)

# Ports of data stores and unencrypted protocols: FTP, mail and RPC ports of EC2.19, databases, caches, search, files.
DATA_PORTS: Final = (
    *(20, 21, 23, 25, 110, 111, 135, 139, 143, 445),
    *(1433, 1434, 1521, 2049, 2379, 3306, 4333, 5432, 5439, 5500, 5601),
    *(6379, 6380, 8182, 9042, 9092, 9200, 9300, 11211, 27017),
)


def _check_ports(node: Node, ports: Iterable[int], label: str) -> Verdicts:
    for ingress in ingress_rules(node):
        admitted = any_of(*(ingress.admits(port) for port in ports))
        yield from _verdicts_on(ingress, all_of(ingress.public, admitted), f"opens {label} to the internet")


def _verdicts_on(ingress: IngressRule, broken: Truth, message: str) -> Verdicts:
    place = f"`{ingress.path}`" if ingress.path else "the rule"
    if broken is UNKNOWN:
        yield Undecided(ingress.path or "cidr and ports")
    elif broken is True:
        yield Fail(f"{place} {message}: name a security group or a private range, and one port")


def no_public_admin_ports(node: Node) -> Verdicts:
    yield from _check_ports(node, ADMIN_PORTS, "SSH or RDP")


def no_public_data_ports(node: Node) -> Verdicts:
    yield from _check_ports(node, DATA_PORTS, "the port of a data store")


def no_public_all_protocols(node: Node) -> Verdicts:
    for ingress in ingress_rules(node):
        yield from _verdicts_on(
            ingress, all_of(ingress.public, ingress.all_protocols), "opens every protocol to the internet"
        )


def listed_public_ports(node: Node, config: Config) -> Verdicts:
    """Public ingress on listed ports only, of TCP and UDP: ICMP has no ports."""
    allowed = config["ports"]
    for ingress in ingress_rules(node):
        if ingress.protocol in ("icmp", "icmpv6", "1", "58"):
            continue
        if UNKNOWN in (ingress.from_port, ingress.to_port, ingress.protocol):
            beyond: Truth = UNKNOWN
        elif (
            ingress.all_protocols
            or not isinstance(ingress.from_port, int)
            or not isinstance(ingress.to_port, int)
        ):
            beyond = True
        else:
            beyond = any(
                port not in allowed for port in range(ingress.from_port, min(ingress.to_port, 65535) + 1)
            )
        ports = ", ".join(str(port) for port in allowed)
        yield from _verdicts_on(
            ingress, all_of(ingress.public, beyond), f"opens ports beyond {ports} to the internet"
        )


def default_group_empty(graph: Graph) -> Verdicts:
    """Default security group of each VPC, adopted without rules, which empties it; a separate ingress rule would
    fill it again."""
    for vpc in graph.of(VPC):
        groups = graph.referrers(DEFAULT_SECURITY_GROUP, "vpcId", vpc)
        if not groups:
            yield Fail(
                "its default security group isn't adopted: add a DefaultSecurityGroup without rules", vpc.urn
            )
        for group in groups:
            for name in ("ingress", "egress"):
                rules = group.get(name)
                if rules is UNKNOWN:
                    yield Undecided(name, group.urn)
                elif rules not in (MISSING, []):
                    yield Fail(f"`{name}` has rules: leave it out", group.urn)
            for stray in graph.referrers(SECURITY_GROUP_RULE + INGRESS_RULE, "securityGroupId", group):
                yield Fail("`securityGroupId` is a default security group: use a group of its own", stray.urn)


def tier(node: Node, config: Config) -> str:
    """Tier that a subnet's tag names; subnets without one are one tier."""
    label = node.tag(config["tierTag"])
    return label if isinstance(label, str) else ""


def enough_zones(graph: Graph, config: Config) -> Verdicts:
    for vpc in graph.of(VPC):
        tiers: dict[str, list[Node]] = {}
        for subnet in graph.referrers(SUBNET, "vpcId", vpc):
            tiers.setdefault(tier(subnet, config), []).append(subnet)
        for name, subnets in sorted(tiers.items()):
            zones = {zone for it in subnets for zone in _zone(it)}
            if len(zones - {UNKNOWN}) >= config["minZones"]:
                continue
            if UNKNOWN in zones:
                yield Undecided("availabilityZone", vpc.urn)
            else:
                where = f"the subnets of tier {name}" if name else "its subnets"
                yield Fail(f"{where} are in {len(zones)} zones: use {config['minZones']} or more", vpc.urn)


def _zone(subnet: Node) -> Iterator[object]:
    """Zone of a subnet, by name or id. AWS chooses one when neither is written, and it is known from the outputs
    only."""
    known = [subnet.get(name) for name in ("availabilityZone", "availabilityZoneId")]
    yield next((it for it in known if isinstance(it, str)), UNKNOWN)


def intended_public(graph: Graph, config: Config) -> dict[str, Truth]:
    """Returns whether each subnet is public on purpose, by URN: a tag marks it, it gives public addresses to
    instances, or it holds a NAT gateway or an internet-facing load balancer.
    """
    public_resources = [
        *((it, "subnetId") for it in graph.of(NAT_GATEWAY) if it.get("connectivityType") != "private"),
        *((it, "subnets") for it in graph.of(LOAD_BALANCER) if it.flag("internal") is not True),
    ]
    used = {subnet.urn for node, name in public_resources for subnet in graph.targets(node, name, SUBNET)}
    return {
        it.urn: any_of(
            it.urn in used,
            tier(it, config) in config["publicTiers"],
            it.flag("mapPublicIpOnLaunch") is True,
            UNKNOWN if (label := it.tag("kubernetes.io/role/elb")) is UNKNOWN else label is not MISSING,
        )
        for it in graph.of(SUBNET)
    }


def no_internet_route_if_private(graph: Graph, config: Config) -> Verdicts:
    intended, public = intended_public(graph, config), public_subnets(graph)
    for subnet in graph.of(SUBNET):
        if intended[subnet.urn] is True:
            continue
        route = public.get(subnet.urn)
        if route and intended[subnet.urn] is UNKNOWN:
            yield Undecided("tags", subnet.urn)
        elif route:
            yield Fail(
                f"`{route.path}` is a default route to an internet gateway, for the private subnet {subnet.name}: "
                "route through a NAT gateway, or tag the subnet as public",
                route.declared_by.urn,
            )
        elif _may_have_internet_route(graph, subnet):
            yield Undecided("gatewayId", subnet.urn)


def _may_have_internet_route(graph: Graph, subnet: Node) -> bool:
    tables = {it.urn for it in route_tables_of(graph, subnet)}
    return any(
        route.get("gatewayId") is UNKNOWN and not route.property_dependencies.get("gatewayId")
        for route in graph.of(ROUTE)
        for table in graph.targets(route, "routeTableId", ROUTE_TABLE)
        if table.urn in tables
    )


def cidrs_disjoint(platform: Platform) -> Verdicts:
    seen: list[tuple[Node, object]] = []
    for node in platform.graph.of(VPC_CIDR):
        block = node.get("cidrBlock")
        if block is UNKNOWN:
            yield Undecided("cidrBlock", node.urn)
        if not isinstance(block, str) or block is UNKNOWN:
            continue
        network = network_of(block)
        if network is None:
            yield Fail("`cidrBlock` is no range of addresses: write one, for example 10.0.0.0/16", node.urn)
            continue
        for other, theirs in seen:
            if isinstance(theirs, type(network)) and network.overlaps(theirs):  # pyright: ignore[reportArgumentType] v4 meets v4
                yield Fail(f"`cidrBlock` overlaps that of {other.urn}: give each network its own", node.urn)
        seen.append((node, network))


RULES: Final = (
    stack_rule(
        "vpc-default-security-group-empty",
        HIGH,
        VPC + DEFAULT_SECURITY_GROUP,
        default_group_empty,
        asks="The default security group of every VPC is adopted and left without rules",
        fix="Add a DefaultSecurityGroup for the VPC, without ingress and egress",
        ids="EC2.2 CIS-3.0:5.4 CIS-5.0:5.5 CKV2_AWS_12",
        reads="ingress egress",
    ),
    Rule(
        "security-group-no-public-admin-ports",
        CRITICAL,
        INGRESS,
        no_public_admin_ports,
        asks="SSH and RDP are not reachable from the internet",
        fix="Use Session Manager; admit a private range or a security group",
        ids="EC2.13 EC2.14 EC2.53 EC2.54 CIS-3.0:5.2,5.3 CIS-5.0:5.3,5.4 CKV_AWS_24 CKV_AWS_25",
        reads="ingress cidrBlocks ipv6CidrBlocks cidrIpv4 cidrIpv6 fromPort toPort protocol ipProtocol",
    ),
    Rule(
        "security-group-no-public-data-ports",
        CRITICAL,
        INGRESS,
        no_public_data_ports,
        asks="Ports of databases, caches, search, queues and files are never open to the internet",
        fix="Admit the security groups of the clients, or the ranges of peered networks",
        ids="EC2.19 CIS-5.0:5.1.2",
        reads="ingress cidrBlocks ipv6CidrBlocks cidrIpv4 cidrIpv6 fromPort toPort protocol ipProtocol",
    ),
    Rule(
        "security-group-public-ingress-allowlist",
        HIGH,
        INGRESS,
        listed_public_ports,
        asks="The internet is let in on listed ports only",
        fix="Open 443, or 80 to redirect, or list the port in the rule's configuration",
        ids="EC2.18 CKV_AWS_260",
        reads="ingress cidrBlocks ipv6CidrBlocks cidrIpv4 cidrIpv6 fromPort toPort protocol ipProtocol",
        config={"ports": Param(list(PUBLIC_PORTS), "Ports that may be open to the internet")},
    ),
    Rule(
        "security-group-no-all-protocol-ingress",
        CRITICAL,
        INGRESS,
        no_public_all_protocols,
        asks="No rule opens every protocol to the internet",
        fix="Name tcp or udp, and one port",
        ids="EC2.18 CKV_AWS_277",
        reads="ingress cidrBlocks ipv6CidrBlocks cidrIpv4 cidrIpv6 protocol ipProtocol",
    ),
    stack_rule(
        "vpc-spans-min-azs",
        HIGH,
        VPC + SUBNET,
        enough_zones,
        asks="Each VPC has subnets of each tier in several zones",
        fix="Add subnets of that tier in further zones",
        reads="availabilityZone availabilityZoneId",
        config={
            "minZones": Param(3, "Fewest zones per tier"),
            "tierTag": Param("tier", "Tag that names a subnet's tier"),
        },
    ),
    stack_rule(
        "route-no-igw-from-private-subnet",
        HIGH,
        SUBNET + ROUTE + ROUTE_TABLE + ROUTE_TABLE_ASSOCIATION,
        no_internet_route_if_private,
        asks="Route tables of private subnets have no default route to an internet gateway",
        fix="Give private subnets a route table of their own, with a NAT gateway or no way out",
        ids="EC2.172 CKV2_AWS_35",
        reads="gatewayId destinationCidrBlock destinationIpv6CidrBlock routes routeTableId",
        config={
            "tierTag": Param("tier", "Tag that names a subnet's tier"),
            "publicTiers": Param(["public"], "Tiers whose subnets may reach an internet gateway"),
        },
    ),
    platform_rule(
        "vpc-cidrs-disjoint-across-regions",
        HIGH,
        VPC_CIDR,
        cidrs_disjoint,
        asks="The address ranges of all VPCs in all regions are disjoint, so that any two can be peered",
        fix="Give each VPC a range of its own",
        reads="cidrBlock",
    ),
)
