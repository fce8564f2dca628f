"""Reach of the data: who may connect to each store of every stack, found by the subnets in which it lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

import pytest

from rehearsal.engine.records import Resource
from tests.stacks.platform import Platform
from tests.stacks.reach_page import (
    ASSOCIATION,
    EGRESS,
    GROUP,
    INGRESS,
    ROUTE,
    SUBNET,
    SUBNET_GROUPS,
    texts,
)

TABLE = "aws:ec2/routeTable:RouteTable"
# Says where a restore is tried. What AWS makes there for a while is in the VPC's own group, which lets nobody in.
TRIED = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
NOT_STORES = (SUBNET, ASSOCIATION, TRIED, *SUBNET_GROUPS)


@dataclass(frozen=True)
class Reach:
    """The networks of all stacks and what lies in their data subnets."""

    platform: Platform

    @property
    def cells(self) -> list[str]:
        return [stack for stack in self.platform.results if stack != "global"]

    def subnets(self, tier: str, stack: str) -> list[Resource]:
        return [
            it
            for at, it in self.platform.resources()
            if at == stack and it.type == SUBNET and it.inputs["tags"]["tier"] == tier
        ]

    def other_apps(self, stack: str) -> Iterator[IPv4Network]:
        """The app parts of the other cells: their VPCs without the public and the data subnets."""
        for other in self.cells:
            if other != stack:
                yield IPv4Network(self._vpc(other).inputs["cidrBlock"])

    def closed(self, stack: str) -> list[IPv4Network]:
        """What of the other cells nobody has to reach data from: their public and data subnets."""
        return [
            IPv4Network(it.inputs["cidrBlock"])
            for other in self.cells
            if other != stack
            for tier in ("public", "data")
            for it in self.subnets(tier, other)
        ]

    def is_an_app_subnet_elsewhere(self, cidr: str, stack: str) -> bool:
        """Returns whether addresses belong to another cell, and to none of its public or data subnets."""
        network = IPv4Network(cidr)
        return (
            network.prefixlen >= 19
            and any(network.subnet_of(vpc) for vpc in self.other_apps(stack))
            and not any(network.overlaps(closed) for closed in self.closed(stack))
        )

    def _vpc(self, stack: str) -> Resource:
        return next(
            it for at, it in self.platform.resources() if at == stack and it.type == "aws:ec2/vpc:Vpc"
        )

    def stores(self) -> Iterator[tuple[str, Resource, list[Resource]]]:
        """Each thing in a data subnet, with its stack and the security groups that it names."""
        groups = {it.id: it for it in self.platform.of(GROUP)}
        for stack in self.cells:
            data = {it.id for it in self.subnets("data", stack)}
            mine = [it for at, it in self.platform.resources() if at == stack and it.custom]
            inside = data | {it.id for it in mine if it.type in SUBNET_GROUPS and data & texts(it)}
            for it in mine:
                if it.type not in NOT_STORES and inside & texts(it):
                    yield stack, it, [groups[text] for text in sorted(texts(it)) if text in groups]


@pytest.fixture(scope="module")
def reach(platform: Platform) -> Reach:
    return Reach(platform)


def rules_of(platform: Platform, type_: str) -> Mapping[str, list[Resource]]:
    found: dict[str, list[Resource]] = defaultdict(list)
    for rule in platform.of(type_):
        found[rule.inputs["securityGroupId"]].append(rule)
    return found


def test_every_store_is_in_data_subnets_behind_a_group_of_its_own(reach: Reach) -> None:
    stores = list(reach.stores())
    kinds = {it.type.split("/")[0] for _, it, _ in stores}
    assert {"aws:rds", "aws:elasticache", "aws:redshiftserverless"} <= kinds
    assert [it.urn for _, it, groups in stores if not groups] == []


def test_a_store_lets_in_groups_of_its_cell_and_app_subnets_of_the_others_and_nothing_else(
    reach: Reach, platform: Platform
) -> None:
    rules = rules_of(platform, INGRESS)
    closed_groups = {it.id for it in platform.of("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")}
    judged = 0
    for stack, store, groups in reach.stores():
        for group in groups:
            assert not group.inputs.get("ingress"), group.urn
            assert rules[group.id], f"{store.urn}: nobody reaches {group.urn}"
            for rule in rules[group.id]:
                judged += 1
                inputs = rule.inputs
                assert not inputs.keys() & {"cidrIpv6", "prefixListId"}, rule.urn
                assert (inputs["ipProtocol"], inputs["fromPort"]) == ("tcp", inputs["toPort"]), rule.urn
                if "cidrIpv4" in inputs:
                    assert reach.is_an_app_subnet_elsewhere(inputs["cidrIpv4"], stack), rule.urn
                else:
                    assert inputs["referencedSecurityGroupId"] not in closed_groups, rule.urn
    assert judged > 50


def test_a_store_that_lets_other_cells_in_lets_in_all_of_their_app_subnets(
    reach: Reach, platform: Platform
) -> None:
    rules = rules_of(platform, INGRESS)
    seen = 0
    for stack, _, groups in reach.stores():
        for group in groups:
            admitted = [
                IPv4Network(rule.inputs["cidrIpv4"]) for rule in rules[group.id] if "cidrIpv4" in rule.inputs
            ]
            if not admitted:
                continue
            seen += 1
            apps = [
                IPv4Network(it.inputs["cidrBlock"])
                for other in reach.cells
                if other != stack
                for it in reach.subnets("app", other)
            ]
            assert all(any(app.subnet_of(each) for each in admitted) for app in apps), group.urn
    assert seen >= 6  # the ledger and market data of each cell


def test_a_store_opens_no_connection_but_to_a_group(reach: Reach, platform: Platform) -> None:
    rules = rules_of(platform, EGRESS)
    for _, _, groups in reach.stores():
        for group in groups:
            assert not group.inputs.get("egress"), group.urn
            assert [
                rule.urn for rule in rules[group.id] if "referencedSecurityGroupId" not in rule.inputs
            ] == []


def test_data_subnets_have_one_table_with_routes_to_the_other_cells_app_subnets_and_no_more(
    reach: Reach, platform: Platform
) -> None:
    associations = platform.of(ASSOCIATION)
    table_of = {it.inputs["subnetId"]: it.inputs["routeTableId"] for it in associations}
    tables = {it.id: it for it in platform.of(TABLE)}
    for stack in reach.cells:
        (table,) = {table_of[it.id] for it in reach.subnets("data", stack)}
        assert "routes" not in tables[table].inputs
        routes = [it for it in platform.of(ROUTE) if it.inputs["routeTableId"] == table]
        for route in routes:
            assert "vpcPeeringConnectionId" in route.inputs, route.urn
            assert reach.is_an_app_subnet_elsewhere(route.inputs["destinationCidrBlock"], stack), route.urn
        reached = [IPv4Network(it.inputs["destinationCidrBlock"]) for it in routes]
        apps = [
            IPv4Network(it.inputs["cidrBlock"])
            for other in reach.cells
            if other != stack
            for it in reach.subnets("app", other)
        ]
        assert all(any(app.subnet_of(each) for each in reached) for app in apps), stack


def test_only_endpoints_with_a_policy_are_reached_from_data_subnets_besides(
    reach: Reach, platform: Platform
) -> None:
    """S3 and DynamoDB, by gateways in the network: what they let through, their policies say."""
    associations = platform.of(ASSOCIATION)
    data = {it.id for stack in reach.cells for it in reach.subnets("data", stack)}
    tables = {it.inputs["routeTableId"] for it in associations if it.inputs["subnetId"] in data}
    gateways = [it for it in platform.of("aws:ec2/vpcEndpoint:VpcEndpoint") if tables & texts(it)]
    assert len(gateways) == 2 * len(reach.cells)
    assert {it.inputs["vpcEndpointType"] for it in gateways} == {"Gateway"}
    assert all(it.inputs["policy"] for it in gateways)
