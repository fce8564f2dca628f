"""`docs/reach.md`: who can open a connection to whom, derived from groups, routes and network policies of the graph.

A connection needs three consents: the way out of where it comes from, the way in of where it goes, and a route
between the subnets that both are in. What a pod may do is what its node's group and its network policies both allow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.values import Values, parts
from tests.stacks.platform import Platform

SUBNET = "aws:ec2/subnet:Subnet"
# What gathers subnets for a store and is named by it.
SUBNET_GROUPS = ("aws:rds/subnetGroup:SubnetGroup", "aws:elasticache/subnetGroup:SubnetGroup")
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
CLUSTER = "aws:eks/cluster:Cluster"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
POD_OWNERS = ("kubernetes:apps/v1:Deployment",)

EVERYWHERE = IPv4Network("0.0.0.0/0")
HEAD = """# Who reaches whom

Made by `make reach-page` from the security groups, routes and network policies in the graph of all stacks; a test
holds it to them, so that whatever opens more fails until this page says it. A name is that of a security group's
part of the program, or of a service's pods. *Other cells'* means that part of every other cell.

| from | to | TCP ports | in |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Rule:
    """One consent: towards, or from, a security group or a range of addresses. No ports are all of them."""

    ports: tuple[int, int] | None
    group: str = ""
    network: IPv4Network | None = None


@dataclass(frozen=True)
class Party:
    """Whoever opens or takes connections. A party without `rules` consents to everything, like the internet."""

    cell: str  # empty outside of all cells
    name: str
    networks: tuple[IPv4Network, ...]
    groups: frozenset[str] = frozenset()
    out: tuple[tuple[Rule, ...], ...] = ()  # each must consent
    into: tuple[tuple[Rule, ...], ...] = ()
    routes: tuple[IPv4Network, ...] = (EVERYWHERE,)  # where its subnets lead to


def page(platform: Platform) -> str:
    """The whole page."""
    cells = [stack for stack in platform.results if stack != "global"]
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for source, target, ports in connections(platform):
        here = target.cell or source.cell
        found[_named(source, here), _named(target, here), ports].add(here)
    rows = [
        f"| {' | '.join(row)} | {'every cell' if len(where) == len(cells) else ', '.join(sorted(where))} |\n"
        for row, where in sorted(found.items())
    ]
    return HEAD + "".join(rows)


def connections(platform: Platform) -> Iterator[tuple[Party, Party, str]]:
    """Who can open a connection to whom, on which ports."""
    everyone = list(parties(platform))
    for source in everyone:
        for target in everyone:
            if source is not target and (source.cell or target.cell) and (ports := _open(source, target)):
                yield source, target, ports


def _named(party: Party, cell: str) -> str:
    return party.name if party.cell in ("", cell) else f"other cells' {party.name}"


def _open(source: Party, target: Party) -> str:
    """The ports on which all consents overlap, shown; empty if there are none."""
    if not any(_overlap(target.networks, [route]) for route in source.routes):
        return ""
    ranges: list[tuple[int, int]] = [(0, 65535)]
    for rules in source.out:
        ranges = _both(ranges, [_ports(rule) for rule in rules if _about(rule, target)])
    for rules in target.into:
        ranges = _both(ranges, [_ports(rule) for rule in rules if _about(rule, source)])
    return _shown(ranges)


def _about(rule: Rule, party: Party) -> bool:
    return (
        rule.group in party.groups if rule.group else _overlap(party.networks, [rule.network or EVERYWHERE])
    )


def _ports(rule: Rule) -> tuple[int, int]:
    return rule.ports or (0, 65535)


def _overlap(some: Sequence[IPv4Network], others: Sequence[IPv4Network]) -> bool:
    return any(one.overlaps(other) for one in some for other in others)


def _both(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return [(low, high) for low, high in found if low <= high]


def _shown(ranges: list[tuple[int, int]]) -> str:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(set(ranges)):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return ", ".join(_range(*each) for each in merged)


def _range(low: int, high: int) -> str:
    if (low, high) == (0, 65535):
        return "all"
    return str(low) if low == high else f"{low} to {high}"


# ---- who there is


def parties(platform: Platform) -> Iterator[Party]:
    """Every security group that something is in, every service's pods, and what is outside."""
    private = tuple(IPv4Network(it.inputs["cidrBlock"]) for it in platform.of("aws:ec2/vpc:Vpc"))
    yield Party("", "the internet", tuple(_public()))
    runner = _runner(platform)
    yield Party("", "the runner", (runner,), routes=private)
    for stack in platform.results:
        if stack != "global":
            own = [it for at, it in platform.resources() if at == stack]
            yield from Cell(stack, own, platform.of(ROUTE)).parties()


def _public() -> Iterator[IPv4Network]:
    """The addresses that are nobody's own network."""
    rest = [EVERYWHERE]
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"):
        own = IPv4Network(block)
        rest = [
            part for each in rest for part in (each.address_exclude(own) if own.subnet_of(each) else [each])
        ]
    return iter(rest)


def _runner(platform: Platform) -> IPv4Network:
    (cidr,) = {it.inputs["cidrIpv4"] for it in platform.of(INGRESS) if "cluster-from-runner" in it.urn}
    return IPv4Network(cidr)


@dataclass(frozen=True)
class Cell:
    """One cell's networks, and what is in them."""

    name: str
    resources: list[Resource]
    routes: list[Resource]  # of all stacks: those between two cells are made by the later one

    def parties(self) -> Iterator[Party]:
        names = self._groups()
        rules = {type_: self._rules(type_) for type_ in (INGRESS, EGRESS)}
        for group, name in names.items():
            subnets = self._subnets_of(group)
            if not subnets:
                continue
            out, into = tuple(rules[EGRESS][group]), tuple(rules[INGRESS][group])
            if group == self._cluster_group():  # made by EKS, which lets all out, and its own in
                out, into = (Rule(None),), (*into, Rule(None, group))
                yield from self._pods(group, subnets, out, into)
            yield Party(
                self.name,
                name,
                tuple(self._network(each) for each in subnets),
                frozenset({group}),
                (out,),
                (into,),
                self._routes(subnets),
            )

    def _pods(
        self, group: str, subnets: Sequence[str], out: tuple[Rule, ...], into: tuple[Rule, ...]
    ) -> Iterator[Party]:
        for owner in self._of(*POD_OWNERS):
            metadata, spec = owner.inputs["metadata"], owner.inputs["spec"]
            labels = spec["template"]["metadata"]["labels"]
            policies = [
                it.inputs["spec"]
                for it in self._of(POLICY)
                if it.inputs["metadata"]["namespace"] == metadata["namespace"]
                and it.inputs["spec"].get("podSelector", {}).get("matchLabels", {}).items() <= labels.items()
            ]
            yield Party(
                self.name,
                f"pods of {metadata['name']}",
                tuple(self._network(each) for each in subnets),
                frozenset({group}),
                (out, *_allowed(policies, "Egress", "to")),
                (into, *_allowed(policies, "Ingress", "from")),
                self._routes(subnets),
            )

    def _of(self, *types: str) -> list[Resource]:
        return [it for it in self.resources if it.type in types]

    def _groups(self) -> dict[str, str]:
        """The ids of security groups, with the name of the program's part that each is of."""
        made = {it.id: urns.name_of(it.urn) for it in self._of(GROUP)}
        names = {id_: name.removeprefix("cell-").removesuffix("-group") for id_, name in made.items()}
        return {**names, self._cluster_group(): "cluster"}

    def _cluster_group(self) -> str:
        (cluster,) = self._of(CLUSTER)
        return cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]

    def _subnets_of(self, group: str) -> list[str]:
        """The subnets of everything that is in a security group."""
        gathered = {it.id: texts(it) for it in self._of(*SUBNET_GROUPS)}
        mine = {it.id for it in self._of(SUBNET)}
        found: set[str] = set()
        if group == self._cluster_group():
            (cluster,) = self._of(CLUSTER)
            found = mine & texts(cluster)
        for it in self.resources:
            named = texts(it) if it.custom and it.type not in (INGRESS, EGRESS) else set()
            if group in named:
                found |= mine & named
                for subnet_group in gathered.keys() & named:
                    found |= mine & gathered[subnet_group]
        return sorted(found)

    def _network(self, subnet: str) -> IPv4Network:
        return next(IPv4Network(it.inputs["cidrBlock"]) for it in self._of(SUBNET) if it.id == subnet)

    def _routes(self, subnets: Sequence[str]) -> tuple[IPv4Network, ...]:
        """Where subnets lead to: their own network, and what their tables say."""
        (vpc,) = self._of("aws:ec2/vpc:Vpc")
        tables = {
            it.inputs["routeTableId"] for it in self._of(ASSOCIATION) if it.inputs["subnetId"] in subnets
        }
        found = [IPv4Network(vpc.inputs["cidrBlock"])]
        for it in self.routes:
            if it.inputs["routeTableId"] in tables:
                led = IPv4Network(it.inputs["destinationCidrBlock"])
                # A way to everywhere is one through a gateway, which leads to public addresses alone.
                found += _public() if led == EVERYWHERE else [led]
        return tuple(found)

    def _rules(self, type_: str) -> Mapping[str, list[Rule]]:
        found: dict[str, list[Rule]] = defaultdict(list)
        for it in self._of(type_):
            found[it.inputs["securityGroupId"]].append(_rule(it.inputs))
        return found


def _rule(inputs: Values) -> Rule:
    assert not inputs.keys() & {"cidrIpv6", "prefixListId"}, "a rule of a kind that this page can't read"
    ports = (inputs["fromPort"], inputs["toPort"]) if inputs["ipProtocol"] != "-1" else None
    cidr = inputs.get("cidrIpv4")
    return Rule(ports, inputs.get("referencedSecurityGroupId", ""), IPv4Network(cidr) if cidr else None)


def _allowed(policies: Sequence[Values], kind: str, peers: str) -> Iterator[tuple[Rule, ...]]:
    """What network policies let through: all of them together, and everything if none is about this direction."""
    about = [policy for policy in policies if kind in policy["policyTypes"]]
    if about:
        yield tuple(
            rule
            for policy in about
            for allowed in policy.get(kind.lower(), [])
            for peer in allowed.get(peers, [{}])
            for port in allowed.get("ports", [{}])
            for rule in _of_peer(peer, port)
        )


def _of_peer(peer: Values, port: Values) -> Iterator[Rule]:
    if port.get("protocol", "TCP") != "TCP":
        return
    ports = (int(port["port"]), int(port.get("endPort", port["port"]))) if "port" in port else None
    if "ipBlock" not in peer:
        return  # pods, chosen by labels: within the cluster, which is one party here
    rest = [IPv4Network(peer["ipBlock"]["cidr"])]
    for excepted in peer["ipBlock"].get("except", ()):
        own = IPv4Network(excepted)
        rest = [
            part for each in rest for part in (each.address_exclude(own) if own.subnet_of(each) else [each])
        ]
    for network in rest:
        yield Rule(ports, network=network)


def texts(resource: Resource) -> set[str]:
    return {part for part in parts(resource.inputs) if isinstance(part, str)}
