"""Facts of the platform that are refused: one line with key, value, what is allowed and what to write instead."""

from __future__ import annotations

import pytest

from components.compute.eks import cluster
from settings import SettingsError, parse
from settings.checks import SERVICE_CIDR
from settings.regions import WITH_ALL
from tests.unit.harness import leaving
from tests.unit.settings.given import (
    CELLS,
    COMMITTED,
    ONLY_BIRTH,
    cell,
    config,
    datasets,
    edge,
    refusal,
    sizes,
    with_cell,
)


def test_an_unknown_key_of_the_platform() -> None:
    assert refusal(ledgerMember="[]") == (
        "castle:ledgerMember: unknown key; did you mean castle:ledgerMembers?"
    )


def test_an_unknown_key_of_the_sizes() -> None:
    assert refusal(sizes=sizes(flowLogDay=3)) == (
        "castle:sizes.flowLogDay: unknown key; did you mean castle:sizes.flowLogDays?"
    )


def test_an_unknown_key_of_a_cell() -> None:
    assert refusal(cells=with_cell(1, cdir="10.9.0.0/16")) == (
        "castle:cells[1].cdir: unknown key; did you mean castle:cells[1].cidr?"
    )


def test_an_unknown_key_of_a_data_set() -> None:
    ledger = {"class": "ledger", "residency": "global", "owner": "me"}
    web = {"class": "public", "residency": "global"}
    assert refusal(datasets={"ledger": ledger, "web": web}) == (
        "castle:datasets.ledger.owner: unknown key; known are class, residency"
    )


def test_a_wrong_value_of_a_data_set() -> None:
    ledger = {"class": "secret", "residency": "global"}
    assert refusal(datasets={**datasets(), "ledger": ledger}) == (
        "castle:datasets.ledger.class: secret is not one of public, market, customer, ledger, audit; "
        "write for example ledger"
    )


def test_a_key_that_is_like_no_other_lists_them_all() -> None:
    assert refusal(sizes=sizes(xyz=1)) == (
        "castle:sizes.xyz: unknown key; known are zones, nat, endpoints, audit, backups, flowLogDays, logDays, "
        "ledger, globalCache, localCache, matching, orders, services, waf, api, warehouse"
    )


def test_a_wrong_type() -> None:
    assert refusal(sizes=sizes(flowLogDays="many")) == (
        "castle:sizes.flowLogDays: many is not a whole number from 1 to 3653; write for example 90"
    )


def test_an_object_where_a_list_is_wanted() -> None:
    assert refusal(ledgerMembers='{"us-east-1": true}') == (
        'castle:ledgerMembers: {"us-east-1": true} is not a list of cells\' names; '
        'write for example ["us-east-1"]'
    )


def test_a_wrong_item_of_a_list() -> None:
    assert refusal(sizes=sizes(zones=["a", "b", "1c"])) == (
        "castle:sizes.zones[2]: 1c can't be in a list of availability zones' letters; "
        'write for example ["a", "b", "c"]'
    )


def test_broken_json() -> None:
    assert refusal(people='["arn:') == (
        "castle:people: [\"arn: is not a list of roles' ARNs; "
        'write for example ["arn:aws:iam::123456789012:role/people"]'
    )


def test_a_missing_key() -> None:
    assert refusal(cells=[{"name": "us-east-1", "region": "us-east-1"}]) == (
        "castle:cells[0].cidr: missing; write a private /16, for example 10.0.0.0/16"
    )


def test_a_stack_file_may_leave_all_sizes_out() -> None:
    for stack in COMMITTED:
        found = cell(stack, sizes={})
        assert found.sizes.zones == ("a", "b", "c")
        assert found.ledger is not None
        assert found.ledger.min_acu >= 0.5
        assert found.global_cache is not None
        assert found.sizes.local_cache.replicas >= 1
    assert edge(sizes={}).sizes.waf.rate <= 10000


def test_every_bad_value_has_its_line() -> None:
    assert refusal(sizes=sizes(nat="two", flowLogDays=0)) == (
        "castle:sizes.nat: two is not one of one, perZone; write for example perZone\n"
        "castle:sizes.flowLogDays: 0 is not a whole number from 1 to 3653; write for example 90"
    )


def test_an_unknown_region() -> None:
    assert refusal(cells=with_cell(2, region="us-west-9")) == (
        "castle:cells[2].region: us-west-9 is not an AWS region that has an entry in settings; "
        "write for example us-east-1"
    )


def test_a_duplicate_cell() -> None:
    assert refusal(cells=with_cell(1, name="us-east-1"), **ONLY_BIRTH).splitlines()[0] == (
        "castle:cells[1].name: us-east-1 is listed twice; delete one of the two"
    )


def test_two_cells_in_one_region() -> None:
    assert refusal(cells=with_cell(1, region="us-east-1")) == (
        "castle:cells[1].region: us-east-1 is already us-east-1's; write a region that has no cell"
    )


def test_a_cell_named_global() -> None:
    assert refusal(cells=with_cell(2, name="global"), **ONLY_BIRTH) == (
        "castle:cells[2].name: global is the stack of the edge; write another name, for example us-west-2"
    )


@pytest.mark.parametrize("cidr", ["10.1.0.0/17", "10.1.0.1/16", "8.8.0.0/16", "ten"])
def test_a_cidr_that_is_no_private_16(cidr: str) -> None:
    assert refusal(cells=with_cell(1, cidr=cidr)) == (
        f"castle:cells[1].cidr: {cidr} is not a private /16; write for example 10.0.0.0/16"
    )


def test_a_cidr_that_another_cell_has() -> None:
    assert refusal(cells=with_cell(1, cidr="10.0.0.0/16")) == (
        "castle:cells[1].cidr: 10.0.0.0/16 is already us-east-1's; use a free /16, for example 10.1.0.0/16"
    )


def test_a_cidr_that_the_services_of_every_cluster_have() -> None:
    assert cluster.SERVICE_CIDR == SERVICE_CIDR
    assert refusal(cells=with_cell(1, cidr=SERVICE_CIDR)) == (
        f"castle:cells[1].cidr: {SERVICE_CIDR} is already the cluster network's; "
        "use a free /16, for example 10.1.0.0/16"
    )


def test_a_cidr_that_the_runner_has() -> None:
    assert refusal(cells=with_cell(1, cidr="10.255.0.0/16")) == (
        "castle:cells[1].cidr: 10.255.0.0/16 is already the runner's; use a free /16, for example 10.1.0.0/16"
    )


def test_a_birth_cell_that_isnt_listed() -> None:
    assert refusal(birthCell="us-east-2").splitlines()[0] == (
        "castle:birthCell: us-east-2 is no cell; write one of us-east-1, eu-west-1, us-west-2"
    )


def test_a_birth_cell_that_isnt_first() -> None:
    assert refusal(birthCell="eu-west-1") == (
        "castle:birthCell: eu-west-1 is not the first of castle:cells, and a stack reads only from earlier ones; "
        "write us-east-1, or list eu-west-1 first"
    )


def test_a_birth_cell_that_leaves() -> None:
    assert refusal(cells=leaving("us-east-1")).splitlines()[0] == (
        "castle:cells[0].leaving: us-east-1 is the birth cell, which other cells read from; write false "
        "(to take all down, retire the other cells, delete their entries, then set castle:retire)"
    )


def test_more_ledger_members_than_aws_allows() -> None:
    regions = ["us-east-1", *(region for region in WITH_ALL if region != "us-east-1")][:12]
    cells = [{"name": each, "region": each, "cidr": f"10.{at}.0.0/16"} for at, each in enumerate(regions)]
    assert refusal(cells=cells, ledgerMembers=regions, cacheMembers=["us-east-1"]) == (
        "castle:ledgerMembers: 12 members are more than the 11 that AWS allows; delete some"
    )


def test_more_cache_members_than_aws_allows() -> None:
    cells = [*CELLS, {"name": "eu-central-1", "region": "eu-central-1", "cidr": "10.3.0.0/16"}]
    names = [str(each["name"]) for each in cells]
    assert refusal(cells=cells, cacheMembers=names) == (
        "castle:cacheMembers: 4 members are more than the 3 that AWS allows; delete some"
    )


def test_a_member_that_is_no_cell() -> None:
    assert refusal(ledgerMembers=["us-east-1", "ap-south-1"]) == (
        "castle:ledgerMembers[1]: ap-south-1 is no cell; write one of us-east-1, eu-west-1, us-west-2, or delete it"
    )


def test_members_without_the_birth_cell() -> None:
    assert refusal(cacheMembers=["eu-west-1"]) == (
        "castle:cacheMembers: eu-west-1 lacks the birth cell, which makes it; add us-east-1"
    )


def test_a_stack_that_is_neither_a_cell_nor_global() -> None:
    with pytest.raises(SettingsError) as raised:
        parse("ap-south-1", config())
    assert str(raised.value) == (
        "stack ap-south-1: neither a cell nor global; "
        "select one of us-east-1, eu-west-1, us-west-2, global, or add it to castle:cells"
    )


def test_an_account_without_quotes() -> None:
    assert refusal(account=123456789012) == (
        "castle:account: 123456789012 is not twelve digits in quotes; write for example 123456789012"
    )


def test_a_domain_outside_its_zone() -> None:
    assert refusal(domain="castle.test") == (
        "castle:domain: castle.test is not in the zone castle.example; write a name that ends in it"
    )


def test_a_zones_name_where_its_id_belongs() -> None:
    assert refusal(zoneId="castle.example") == (
        "castle:zoneId: castle.example is not a hosted zone's id; write for example Z0123456789ABCDEFGHIJ"
    )


def test_a_budget_that_no_failover_can_keep() -> None:
    budgets = {"web": 10, "orders": 60, "services": 240, "sockets": 60, "ledger": 600}
    assert refusal(budgets=budgets) == (
        "castle:budgets.orders: 60 is not a whole number from 70 to 86400; write for example 90"
    )
    assert refusal(budgets={**budgets, "orders": 90, "services": 230}) == (
        "castle:budgets.services: 230 is not a whole number from 240 to 86400; write for example 240"
    )


def test_origins_come_in_the_order_of_config() -> None:
    assert [each.name for each in edge(origins=["eu-west-1", "us-east-1"]).origins] == [
        "eu-west-1",
        "us-east-1",
    ]


@pytest.mark.parametrize("origins", [["us-east-1"], ["us-east-1", "us-east-1"]])
def test_origins_that_are_no_pair(origins: list[str]) -> None:
    assert refusal("global", origins=origins) == (
        f"castle:origins: {', '.join(origins)} is not a pair, and an origin group has two members; "
        "write the names of two cells"
    )


def test_an_origin_that_leaves() -> None:
    assert refusal("global", cells=leaving("eu-west-1")) == (
        "castle:origins[1]: eu-west-1 is leaving; write one of us-east-1, us-west-2"
    )


def test_an_origin_that_is_no_cell() -> None:
    assert refusal("global", origins=["us-east-1", "ap-south-1"]) == (
        "castle:origins[1]: ap-south-1 is no cell; write one of us-east-1, eu-west-1, us-west-2"
    )


def test_origins_are_no_cells_business() -> None:
    assert cell(origins=["us-east-1"]).stack == "us-east-1"
