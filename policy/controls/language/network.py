"""Public subnets, public CIDR ranges, and ingress rules of security groups and network ACLs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Absent, Node, Truth, Value, any_of, as_list
from controls.language.graph import Graph
from controls.language.tokens import (
    INTERNET_GATEWAY,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SUBNET,
    VPC,
)
from controls.language.verdicts import Fail, NeedsOtherStack, Undecided, Verdicts

ADMIN_PORTS: Final = (22, 3389)  # SSH, RDP

_EVERYWHERE = ("0.0.0.0/0", "::/0")


def network_of(cidr: Value) -> IPv4Network | IPv6Network | None:
    """IP network that a CIDR text names; None for a text that names none."""
    try:
        return ip_network(str(cidr), strict=False)
    except ValueError:
        return None


def public_range(cidr: Value) -> Truth:
    """Returns whether a range holds addresses of the internet at large: it isn't private and wider than a /8."""
    if isinstance(cidr, Absent):
        return UNKNOWN if cidr is UNKNOWN else False
    network = network_of(cidr)
    return network is not None and (
        network.prefixlen == 0 or (not network.is_private and network.prefixlen < 8)
    )


def beyond_private(cidr: Value) -> Truth:
    """Returns whether a range holds any address that isn't private."""
    if isinstance(cidr, Absent):
        return UNKNOWN if cidr is UNKNOWN else False
    network = network_of(cidr)
    return network is not None and not network.is_private


@dataclass(frozen=True)
class InternetRoute:
    """A default route to an internet gateway, and the route table that has it."""

    table: Node
    declared_by: Node
    path: str


def internet_routes(graph: Graph) -> Iterator[InternetRoute]:
    """Default routes to internet gateways, inline or as resources."""
    for route in graph.of(ROUTE):
        if _is_internet_route(
            graph, route, "", "gatewayId", ("destinationCidrBlock", "destinationIpv6CidrBlock")
        ):
            for table in graph.targets(route, "routeTableId", ROUTE_TABLE):
                yield InternetRoute(table, route, "gatewayId")
    for table in graph.of(ROUTE_TABLE):
        routes = table.get("routes")
        for index in range(len(routes) if isinstance(routes, list) else 0):
            if _is_internet_route(graph, table, f"routes.{index}.", "routes", ("cidrBlock", "ipv6CidrBlock")):
                yield InternetRoute(table, table, f"routes.{index}.gatewayId")


def _is_internet_route(graph: Graph, node: Node, prefix: str, name: str, ranges: tuple[str, ...]) -> bool:
    gateway = node.get(f"{prefix}gatewayId")
    internet = (isinstance(gateway, str) and gateway.startswith("igw-")) or (
        gateway is not MISSING and any(graph.targets(node, name, INTERNET_GATEWAY))
    )
    return internet and any(node.get(f"{prefix}{it}") in _EVERYWHERE for it in ranges)


def route_tables_of(graph: Graph, subnet: Node) -> list[Node]:
    """Route tables that the subnet is associated with, or else the main one of its VPC, if declared."""
    found = [
        table
        for association in graph.referrers(ROUTE_TABLE_ASSOCIATION, "subnetId", subnet)
        for table in graph.targets(association, "routeTableId", ROUTE_TABLE)
    ]
    return found or [
        table
        for vpc in graph.targets(subnet, "vpcId", VPC)
        for table in graph.of(ROUTE_TABLE[1:])
        if table.get("defaultRouteTableId") in (vpc.get("defaultRouteTableId"), vpc.get("mainRouteTableId"))
    ]


def public_subnets(graph: Graph) -> dict[str, InternetRoute]:
    """Subnets with a default route to an internet gateway, by URN."""
    routes = {it.table.urn: it for it in internet_routes(graph)}
    return {
        subnet.urn: routes[table.urn]
        for subnet in graph.of(SUBNET)
        for table in route_tables_of(graph, subnet)
        if table.urn in routes
    }


def check_private_in_two_zones(graph: Graph, nodes: Iterable[Node], name: str, path: str = "") -> Verdicts:
    """Check that the subnets of each resource are private ones, in two zones or more.

    `name` is the top-level property that holds the subnets, `path` where in it their ids are.
    """
    public, path = public_subnets(graph), path or name
    for node in nodes:
        subnets = graph.targets(node, name, SUBNET)
        if not subnets:
            yield from _check_known(node, path)
            continue
        yield from _check_private(node, subnets, path, public)
        yield from _check_zones(node, subnets, path)


def check_private_subnets(graph: Graph, nodes: Iterable[Node], name: str) -> Verdicts:
    """Check that the subnets of each resource are private ones."""
    public = public_subnets(graph)
    for node in nodes:
        subnets = graph.targets(node, name, SUBNET)
        yield from _check_private(node, subnets, name, public) if subnets else _check_known(node, name)


def _check_private(node: Node, subnets: Iterable[Node], path: str, public: Container[str]) -> Verdicts:
    if exposed := [it.name for it in subnets if it.urn in public]:
        yield Fail(f"`{path}` holds public subnets ({', '.join(exposed)}): use private ones", node.urn)


def check_two_zones(graph: Graph, nodes: Iterable[Node], name: str, path: str = "") -> Verdicts:
    """Check that the subnets of each resource are in two zones or more."""
    for node in nodes:
        subnets = graph.targets(node, name, SUBNET)
        yield from _check_zones(node, subnets, path or name) if subnets else _check_known(node, path or name)


def _check_known(node: Node, path: str) -> Verdicts:
    ids = node.get(path)
    if ids is UNKNOWN or (isinstance(ids, list) and UNKNOWN in ids):
        yield Undecided(path, node.urn)
    else:
        yield NeedsOtherStack("the subnets belong to another stack")


def _check_zones(node: Node, subnets: Iterable[Node], path: str) -> Verdicts:
    zones = {it.get("availabilityZone") for it in subnets}
    if len(zones) < 2 and not zones & {UNKNOWN, MISSING}:
        yield Fail(f"`{path}` covers one zone: use subnets of two or more", node.urn)


# ---- ingress rules of security groups ------------------------------------------------------------------


@dataclass(frozen=True)
class IngressRule:
    """One ingress rule: its path in the resource, its protocol, ports and CIDR ranges."""

    path: str
    protocol: Value
    from_port: Value
    to_port: Value
    ranges: tuple[Value, ...]

    @property
    def public(self) -> Truth:
        """Returns whether the internet is admitted."""
        return any_of(*(public_range(cidr) for cidr in self.ranges))

    @property
    def any_public_address(self) -> Truth:
        """Returns whether any address that isn't private is admitted."""
        return any_of(*(beyond_private(cidr) for cidr in self.ranges))

    @property
    def all_protocols(self) -> Truth:
        """Returns whether every protocol is admitted."""
        return UNKNOWN if self.protocol is UNKNOWN else self.protocol in ("-1", -1, "all")

    def admits(self, port: int) -> Truth:
        """Returns whether a TCP or UDP port is admitted."""
        if self.protocol in ("icmp", "icmpv6", "1", "58"):
            return False
        if self.all_protocols is True:
            return True
        if UNKNOWN in (self.from_port, self.to_port, self.protocol):
            return UNKNOWN
        if not isinstance(self.from_port, int) or not isinstance(self.to_port, int):
            return True  # AWS takes a missing port range as all ports
        return self.from_port <= port <= self.to_port


def ingress_rules(node: Node) -> Iterator[IngressRule]:
    """Ingress rules of a security group, or of a resource that is one rule of it, in whichever form."""
    if node.get("type") == "egress":
        return
    inline = node.get("ingress")
    if inline is UNKNOWN:
        yield IngressRule("ingress", UNKNOWN, UNKNOWN, UNKNOWN, (UNKNOWN,))
    for index, item in enumerate(inline if isinstance(inline, list) else ()):
        if isinstance(item, dict):
            yield parse_ingress_rule(f"ingress.{index}", item)
        elif item is UNKNOWN:
            yield IngressRule(f"ingress.{index}", UNKNOWN, UNKNOWN, UNKNOWN, (UNKNOWN,))
    own = {
        name: node.get(name)
        for name in (
            "protocol",
            "ipProtocol",
            "fromPort",
            "toPort",
            "cidrBlocks",
            "ipv6CidrBlocks",
            "cidrIpv4",
            "cidrIpv6",
        )
    }
    if any(value is not MISSING for value in own.values()):
        yield parse_ingress_rule("", {name: value for name, value in own.items() if value is not MISSING})


def parse_ingress_rule(path: str, item: dict[str, Value]) -> IngressRule:
    """Parses one ingress rule, as a security group or a network ACL writes it."""
    ranges = [
        it
        for name in ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6", "cidrBlock", "ipv6CidrBlock")
        for it in as_list(item.get(name, MISSING))
    ]
    return IngressRule(
        path,
        protocol=item.get("protocol", item.get("ipProtocol", MISSING)),
        from_port=item.get("fromPort", MISSING),
        to_port=item.get("toPort", MISSING),
        ranges=tuple(ranges),
    )
