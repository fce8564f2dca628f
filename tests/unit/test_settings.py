from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

import settings
from settings import CellSettings, EdgeSettings, SettingsError, parse
from settings.platform import DATASETS
from settings.regions import LOCATION_OF_REGION, STRONG_COPIES, STRONG_REGIONS
from tests.unit.harness import ROOT, committed, leaving, run

SIZES = {
    "zones": ["a", "b", "c"],
    "nat": "perZone",
    "flowLogDays": 90,
    "logDays": 400,
    "ledger": {"minAcu": 8, "maxAcu": 64},
}
COMMITTED = ("us-east-1", "eu-west-1", "us-west-2")
CELLS = [
    {"name": "us-east-1", "region": "us-east-1", "cidr": "10.0.0.0/16"},
    {"name": "eu-west-1", "region": "eu-west-1", "cidr": "10.1.0.0/16"},
    {"name": "us-west-2", "region": "us-west-2", "cidr": "10.2.0.0/16"},
]
EUROPEAN = ["eu-west-1", "eu-north-1"]
ONLY_BIRTH: dict[str, Any] = {"ledgerMembers": ["us-east-1"], "cacheMembers": ["us-east-1"]}


def config(stack: str = "us-east-1", **changes: object) -> dict[str, object]:
    return {**committed(stack), **{f"castle:{key}": value for key, value in changes.items()}}


def cell(stack: str = "us-east-1", **changes: object) -> CellSettings:
    found = parse(stack, config(stack, **changes))
    assert isinstance(found, CellSettings)
    return found


def edge(**changes: object) -> EdgeSettings:
    found = parse("global", config("global", **changes))
    assert isinstance(found, EdgeSettings)
    return found


def refusal(stack: str = "us-east-1", **changes: object) -> str:
    with pytest.raises(SettingsError) as raised:
        parse(stack, config(stack, **changes))
    return str(raised.value)


def with_cell(number: int, **changes: object) -> list[dict[str, Any]]:
    return [each | (changes if at == number else {}) for at, each in enumerate(CELLS)]


def sizes(**changes: object) -> dict[str, object]:
    return SIZES | changes


def datasets(**residencies: str) -> Mapping[str, object]:
    anywhere = dict.fromkeys(DATASETS, "global")
    return {
        name: {"class": "public" if name == "web" else "ledger", "residency": residency}
        for name, residency in (anywhere | residencies).items()
    }


# ---- what is allowed


def test_the_committed_config_is_allowed_for_every_stack() -> None:
    for stack in settings.stacks(config()):
        assert parse(stack, config(stack)).stack == stack


def test_values_may_be_parsed_already() -> None:
    own = json.loads(committed("us-east-1")["castle:sizes"])
    parsed = {"castle:cells": CELLS, "castle:retire": False, "castle:sizes": own}
    assert parse("us-east-1", {**config(), **parsed}) == cell()


def test_numbers_and_booleans_may_be_strings() -> None:
    ledger = {"minAcu": "0.5", "maxAcu": "2"}
    found = cell(sizes=sizes(flowLogDays="30", logDays="90", ledger=ledger), retire="false").sizes
    assert (found.flow_log_days, found.log_days) == (30, 90)
    assert found.ledger is not None
    assert (found.ledger.min_acu, found.ledger.max_acu) == (0.5, 2)


def test_objects_may_be_json() -> None:
    assert cell(cells=json.dumps(CELLS)) == cell()


def test_keys_of_other_namespaces_are_left_alone() -> None:
    assert parse("us-east-1", {**config(), "aws:region": "us-east-1", "pulumi:tags": "{}"}) == cell()


def test_settings_cant_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        cell().platform.name = "other"


def test_the_birth_cell_knows_itself() -> None:
    assert cell("us-east-1").is_birth
    assert not cell("eu-west-1").is_birth
    assert cell("eu-west-1").birth.name == "us-east-1"


# ---- the order of stacks


def test_stacks_come_up_in_config_order_with_global_last() -> None:
    assert settings.stacks(config()) == ["us-east-1", "eu-west-1", "us-west-2", "global"]


@pytest.mark.parametrize("acu", [0.5, 7.5])
def test_a_small_minimum_of_the_ledger_is_allowed_and_warned_of(acu: float) -> None:
    (line,) = cell(sizes=sizes(ledger={"minAcu": acu, "maxAcu": 64})).warnings
    assert line.startswith(f"castle:sizes.ledger.minAcu: {acu:g} is less than 8, and ")
    assert line.endswith("write 8 or more where people trade")


def test_the_committed_stacks_are_warned_of_nothing() -> None:
    assert [cell(stack).warnings for stack in COMMITTED] == [()] * 3
    assert edge().warnings == ()


def test_a_warning_is_told_once_when_settings_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", told.append)
    small = committed("us-east-1", sizes=sizes(ledger={"minAcu": 4, "maxAcu": 64}))
    run(settings.load, config=small)
    assert [line.split(" is ")[0] for line in told] == ["castle:sizes.ledger.minAcu: 4"]


def test_a_cell_reads_those_before_it_and_global_reads_all() -> None:
    assert settings.reads(config(), "us-east-1") == []
    assert settings.reads(config(), "us-west-2") == ["us-east-1", "eu-west-1"]
    assert settings.reads(config(), "global") == ["us-east-1", "eu-west-1", "us-west-2"]


def test_a_leaving_cell_is_still_a_stack_and_global_reads_it_no_more() -> None:
    left = config(cells=leaving("us-west-2"))
    assert settings.stacks(left) == ["us-east-1", "eu-west-1", "us-west-2", "global"]
    assert settings.reads(left, "us-west-2") == ["us-east-1", "eu-west-1"]
    assert settings.reads(left, "global") == ["us-east-1", "eu-west-1"]
    assert settings.reads(config(cells=leaving("eu-west-1")), "us-west-2") == ["us-east-1"]


@given(st.integers(1, 8), st.sets(st.integers(1, 7)))
def test_every_stack_reads_only_stacks_before_it(many: int, gone: set[int]) -> None:
    regions = sorted(LOCATION_OF_REGION)[:many]
    cells = [
        {"name": region, "region": region, "cidr": f"10.{at}.0.0/16", "leaving": at in gone}
        for at, region in enumerate(regions)
    ]
    members = {"ledgerMembers": [regions[0]], "cacheMembers": [regions[0]], "birthCell": regions[0]}
    platform = config(cells=cells, **members)
    order = settings.stacks(platform)
    for number, stack in enumerate(order):
        assert set(settings.reads(platform, stack)) <= set(order[:number])


# ---- key families


def test_there_is_one_family_for_each_class_and_residency_in_use() -> None:
    more = {
        "accounts": {"class": "customer", "residency": "us"},
        "payments": {"class": "customer", "residency": "us"},
    }
    found = cell(datasets={**datasets(), **more}).platform.families("us-east-1")
    assert [family.name for family in found] == ["customer-us", "ledger-global", "public-global"]


def test_a_familys_primary_is_in_the_residencys_first_cell_and_its_replicas_stay_inside() -> None:
    more = {"accounts": {"class": "customer", "residency": "eu"}}
    platform = cell(datasets={**datasets(), **more}, vaults=["eu-central-1"]).platform
    regions = {family.name: family.regions for family in platform.families("us-east-1")}
    assert regions["customer-eu"] == ("eu-west-1", "eu-central-1")
    assert regions["ledger-global"] == ("us-east-1", "eu-west-1", "us-west-2", "eu-central-1")


@given(st.lists(st.sampled_from(sorted(LOCATION_OF_REGION)), min_size=2, max_size=6, unique=True))
def test_no_key_is_outside_its_residency(regions: list[str]) -> None:
    cells = [
        {"name": region, "region": region, "cidr": f"10.{at}.0.0/16"} for at, region in enumerate(regions)
    ]
    members = {"birthCell": regions[0], "ledgerMembers": regions[:1], "cacheMembers": regions[:1]}
    found = edge(cells=cells, origins=regions[:2], datasets=datasets(reports="us", audits="eu"), **members)
    for family in found.platform.families("global"):
        assert {LOCATION_OF_REGION[region] for region in family.regions} <= (
            {"us", "eu", "other"} if family.residency == "global" else {family.residency}
        )


# ---- what is refused: one line with key, value, what is allowed, what to write instead


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
        "ledger, globalCache, localCache, waf, warehouse"
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


@pytest.mark.parametrize(("zones", "shown"), [(["a", "b"], "a, b"), ([], "nothing")])
def test_fewer_than_three_zones(zones: list[str], shown: str) -> None:
    assert refusal(sizes=sizes(zones=zones)) == (
        f"castle:sizes.zones: {shown} is fewer than three zones; write three, for example a, b, c"
    )


def test_a_zone_twice() -> None:
    assert refusal(sizes=sizes(zones=["a", "a", "b"])) == (
        "castle:sizes.zones: a, a, b names a zone twice; write each once, for example a, b, c"
    )


def test_two_zones_that_share_a_slot_of_the_cidr() -> None:
    assert refusal(sizes=sizes(zones=["a", "b", "e"])) == (
        "castle:sizes.zones: a, b, e gives two zones one slot of the CIDR, since every fourth letter shares one; "
        "write letters of different slots, for example a, b, c"
    )


def test_more_ledger_members_than_aws_allows() -> None:
    regions = ["us-east-1", *(region for region in sorted(LOCATION_OF_REGION) if region != "us-east-1")][:12]
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


@pytest.mark.parametrize(
    ("minimum", "maximum", "line"),
    [
        (0, 64, "castle:sizes.ledger.minAcu: 0 is not 0.5 to 256 in steps of 0.5; write for example 8"),
        (0.75, 64, "castle:sizes.ledger.minAcu: 0.75 is not 0.5 to 256 in steps of 0.5; write for example 8"),
        (8, 256.5, "castle:sizes.ledger.maxAcu: 256.5 is not 1 to 256 in steps of 0.5; write for example 64"),
        (0.5, 0.5, "castle:sizes.ledger.maxAcu: 0.5 is not 1 to 256 in steps of 0.5; write for example 64"),
        (16, 8, "castle:sizes.ledger.minAcu: 16 is more than maxAcu 8; write 8 or less"),
    ],
)
def test_a_capacity_that_aws_refuses(minimum: float, maximum: float, line: str) -> None:
    assert refusal(sizes=sizes(ledger={"minAcu": minimum, "maxAcu": maximum})) == line


@given(st.integers(1, 512), st.integers(2, 512))
def test_every_half_step_up_to_256_is_allowed(low: int, high: int) -> None:
    ledger = {"minAcu": min(low, high) / 2, "maxAcu": high / 2}
    assert cell(sizes=sizes(ledger=ledger)).sizes.ledger is not None


def test_a_cell_outside_ledger_and_cache_has_the_sizes_of_neither() -> None:
    alone = cell("us-west-2", sizes={}, ledgerMembers=["us-east-1"], cacheMembers=["us-east-1"])
    assert (alone.ledger, alone.global_cache) == (None, None)


def test_capacity_of_a_cell_that_is_no_member() -> None:
    assert refusal("us-west-2", ledgerMembers=["us-east-1"]) == (
        "castle:sizes.ledger: us-west-2 is not in castle:ledgerMembers; delete it, or add the cell there"
    )


@pytest.mark.parametrize(
    "node_type", ["cache.t4g.medium", "cache.m4.large", "cache.r4.large", "cache.c6gn.large"]
)
def test_a_node_type_that_cant_be_in_a_global_datastore(node_type: str) -> None:
    assert refusal(sizes=sizes(globalCache={"nodeType": node_type})) == (
        f"castle:sizes.globalCache.nodeType: {node_type} can't be in a global datastore; "
        "write a node type of c7gn, m5, m6g, m7g, r5, r6g, r6gd, r7g, for example cache.r7g.large"
    )


def test_a_cells_own_cache_may_be_burstable() -> None:
    local = cell(sizes=sizes(localCache={"nodeType": "cache.t4g.medium"})).sizes.local_cache
    assert local.node_type == "cache.t4g.medium"


@pytest.mark.parametrize(
    ("inherited", "line"),
    [
        (
            {"nodeType": "cache.r7g.large"},
            "castle:sizes.globalCache.nodeType: cache.r7g.large is not eu-west-1's to say, since a joining member "
            "takes it from us-east-1; delete it",
        ),
        (
            {"shards": 2},
            "castle:sizes.globalCache.shards: 2 is not eu-west-1's to say, since a joining member takes it from "
            "us-east-1; delete it",
        ),
    ],
)
def test_a_joining_member_that_sets_what_it_inherits(inherited: dict[str, object], line: str) -> None:
    assert refusal("eu-west-1", sizes=sizes(globalCache=inherited)) == line


def test_a_joining_member_says_how_many_replicas_it_has() -> None:
    found = cell("eu-west-1", sizes=sizes(globalCache={"replicas": 3})).global_cache
    assert found is not None
    assert found.replicas == 3


def test_a_cache_of_a_cell_that_is_no_member() -> None:
    assert refusal("us-west-2", cacheMembers=["us-east-1"], sizes=sizes(globalCache={"replicas": 1})) == (
        "castle:sizes.globalCache: us-west-2 is not in castle:cacheMembers; delete it, or add the cell there"
    )


def test_the_one_warehouse_is_the_birth_cells() -> None:
    found = cell(sizes={}).warehouse
    assert found is not None
    assert (found.base_rpu, found.max_rpu, found.daily_rpu_hours, found.refresh_seconds) == (8, 32, 100, 900)
    assert cell("eu-west-1", sizes={}).warehouse is None


@pytest.mark.parametrize(
    ("warehouse", "line"),
    [
        (
            {"baseRpu": 64, "maxRpu": 32},
            "castle:sizes.warehouse.baseRpu: 64 is more than maxRpu 32; write 32 or less",
        ),
        (
            {"baseRpu": 12},
            "castle:sizes.warehouse.baseRpu: 12 is not 8 to 512 in steps of 8; write for example 8",
        ),
        (
            {"dailyRpuHours": 0},
            "castle:sizes.warehouse.dailyRpuHours: 0 is not a whole number from 1 to 12288; write for example 100",
        ),
    ],
)
def test_a_warehouse_that_aws_refuses_or_that_never_runs(warehouse: dict[str, object], line: str) -> None:
    assert refusal(sizes=sizes(warehouse=warehouse)) == line


def test_a_warehouse_beside_the_one_that_there_is() -> None:
    assert refusal("eu-west-1", sizes=sizes(warehouse={"baseRpu": 16})) == (
        "castle:sizes.warehouse: eu-west-1 has none, since the platform's one warehouse is in us-east-1; delete it"
    )


def test_a_cache_without_a_replica_couldnt_lose_a_zone() -> None:
    assert refusal(sizes=sizes(localCache={"replicas": 0})) == (
        "castle:sizes.localCache.replicas: 0 is not a whole number from 1 to 5; write for example 1"
    )


@pytest.mark.parametrize("rate", [9, 10001])
def test_a_rate_that_waf_or_the_policies_refuse(rate: int) -> None:
    line = f"castle:sizes.waf.rate: {rate} is not a whole number from 10 to 10000; write for example 2000"
    assert refusal(sizes=sizes(waf={"rate": rate})) == line
    assert refusal("global", sizes={"waf": {"rate": rate}}) == line


def test_an_unknown_endpoint() -> None:
    assert refusal(sizes=sizes(endpoints=["kms", "s4"])) == (
        "castle:sizes.endpoints[1]: s4 can't be in a list of ecr.api, ecr.dkr, eks-auth, kms, logs, monitoring, "
        'secretsmanager, sns, sqs, sts, xray; write for example ["kms", "sts"]'
    )


def test_an_endpoint_that_is_listed_twice() -> None:
    assert refusal(sizes=sizes(endpoints=["kms", "kms"])) == (
        "castle:sizes.endpoints[1]: kms is listed twice; delete one of the two"
    )


def test_a_stack_that_is_neither_a_cell_nor_global() -> None:
    with pytest.raises(SettingsError) as raised:
        parse("ap-south-1", config())
    assert str(raised.value) == (
        "stack ap-south-1: neither a cell nor global; "
        "select one of us-east-1, eu-west-1, us-west-2, global, or add it to castle:cells"
    )


def test_log_days_that_cloudwatch_doesnt_know() -> None:
    assert refusal(sizes=sizes(logDays=100)).startswith("castle:sizes.logDays: 100 is not one of 30, 60, 90")


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
    budgets = {"web": 10, "orders": 60, "sockets": 60, "ledger": 600}
    assert refusal(budgets=budgets) == (
        "castle:budgets.orders: 60 is not a whole number from 70 to 86400; write for example 90"
    )


# ---- data sets and where they may be


def test_a_data_set_that_the_program_stores_and_nobody_places() -> None:
    without = {name: each for name, each in datasets().items() if name != "ledger"}
    assert refusal(datasets=without) == (
        "castle:datasets.ledger: missing; write its class and residency, "
        'for example {"class": "ledger", "residency": "global"}'
    )


def test_a_ledger_member_outside_the_ledgers_residency() -> None:
    assert refusal(datasets=datasets(ledger="us")) == (
        "castle:ledgerMembers[1]: eu-west-1 is in eu-west-1, outside the residency us of the data set ledger; "
        "delete it"
    )


def test_a_cache_member_outside_the_residency_of_market_data() -> None:
    assert refusal(datasets=datasets(market="us")) == (
        "castle:cacheMembers[1]: eu-west-1 is in eu-west-1, outside the residency us of the data set market; "
        "delete it"
    )


def test_a_warehouse_that_may_not_be_where_it_is() -> None:
    assert refusal(datasets=datasets(warehouse="eu"), vaults=["eu-central-1"]) == (
        "castle:datasets.warehouse.residency: eu leaves out us-east-1, where the one warehouse is, beside the "
        "ledger of the birth cell us-east-1; write global or us"
    )


@pytest.mark.parametrize("dataset", ["logs", "secrets"])
def test_what_every_cell_has_must_be_allowed_in_each(dataset: str) -> None:
    assert refusal(datasets=datasets(**{dataset: "us"})) == (
        f"castle:datasets.{dataset}.residency: us leaves out eu-west-1, where eu-west-1 has some; write global"
    )


def test_logs_that_may_not_be_where_cloudfront_delivers_them() -> None:
    assert refusal(datasets=datasets(logs="eu"), vaults=["eu-central-1"]) == (
        "castle:datasets.logs.residency: eu leaves out us-east-1, where CloudFront delivers its logs; write global"
    )


def test_a_platform_without_a_cell_in_the_edges_region_has_its_global_keys_there_too() -> None:
    cells = [{"name": each, "region": each, "cidr": f"10.{at}.0.0/16"} for at, each in enumerate(EUROPEAN)]
    members = {"birthCell": EUROPEAN[0], "ledgerMembers": EUROPEAN[:1], "cacheMembers": EUROPEAN[:1]}
    platform = edge(cells=cells, origins=EUROPEAN, **members).platform
    assert {family.regions for family in platform.families("global")} == {(*EUROPEAN, "us-east-1")}


def test_a_residency_with_one_home() -> None:
    assert refusal(datasets=datasets(reports="eu")) == (
        "castle:datasets.reports.residency: eu has eu-west-1 for a home, and a copy needs a second; "
        "add a cell in eu, or name a region of it in castle:vaults"
    )


def test_a_data_set_that_no_cell_may_hold() -> None:
    cells = with_cell(1, name="us-east-2", region="us-east-2")
    vaults = ["eu-central-1", "eu-north-1"]
    assert refusal(cells=cells, datasets=datasets(reports="eu"), vaults=vaults, **ONLY_BIRTH) == (
        "castle:datasets.reports.residency: eu has no cell to hold it, only eu-central-1, eu-north-1 for copies; "
        "add a cell in eu, or write global"
    )


def test_a_leaving_cells_region_may_be_a_vault_so_that_what_others_keep_there_stays() -> None:
    platform = cell(cells=leaving("us-west-2"), vaults=["us-west-2"]).platform
    assert platform.homes("global", "us-east-1") == ("us-east-1", "eu-west-1", "us-west-2")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"audit": {"mode": "none"}}, "castle:sizes.audit.mode: none is not one of compliance, governance"),
        ({"audit": {"years": 0}}, "castle:sizes.audit.years: 0 is not a whole number from 1 to 100"),
        ({"backups": {"lock": "off"}}, "castle:sizes.backups.lock: off is not one of compliance, governance"),
        ({"backups": {"hourlyDays": 6}}, "castle:sizes.backups.hourlyDays: 6 is not a whole number from 7"),
        (
            {"backups": {"dailyDays": 36}},
            "castle:sizes.backups.dailyDays: 36 is not a whole number from 7 to 35",
        ),
        (
            {"backups": {"monthlyDays": 89}},
            "castle:sizes.backups.monthlyDays: 89 is not a whole number from 90",
        ),
    ],
)
def test_what_is_kept_for_too_short_or_without_a_lock_is_refused(given: dict[str, object], says: str) -> None:
    assert refusal(sizes=given).startswith(says)


def test_without_a_word_audit_records_are_locked_for_seven_years_and_backups_can_go_live() -> None:
    found = cell(sizes={}).sizes
    assert (found.audit.mode, found.audit.years) == ("compliance", 7)
    kept = found.backups
    assert (kept.lock, kept.hourly_days, kept.daily_days, kept.monthly_days) == ("governance", 7, 35, 400)


def test_a_vault_is_a_second_home() -> None:
    assert cell(datasets=datasets(reports="eu"), vaults=["eu-central-1"]).platform.homes(
        "eu", "us-east-1"
    ) == (
        "eu-west-1",
        "eu-central-1",
    )


def test_the_second_home_of_a_data_set_is_the_first_other_one() -> None:
    platform = cell(datasets=datasets(reports="eu"), vaults=["eu-central-1"]).platform
    assert platform.second_home("eu-west-1", "reports", "eu-west-1") == "eu-central-1"
    assert platform.second_home("us-east-1", "files", "us-east-1") == "eu-west-1"
    assert platform.second_home("us-west-2", "files", "us-west-2") == "us-east-1"


def test_a_platform_of_one_cell_has_no_second_home() -> None:
    alone = cell(cells=CELLS[:1], **ONLY_BIRTH).platform
    assert alone.second_home("us-east-1", "files", "us-east-1") is None


def test_a_data_set_is_first_held_by_the_first_cell_of_its_residency() -> None:
    platform = cell(datasets=datasets(reports="eu"), vaults=["eu-central-1"]).platform
    found = [platform.first_holder(each) for each in ("reports", "ledger")]
    assert [each.name for each in found if each] == ["eu-west-1", "us-east-1"]


def test_a_vault_in_a_cells_region() -> None:
    assert refusal(vaults=["eu-west-1"]) == (
        "castle:vaults[0]: eu-west-1 is already eu-west-1's; write a region without a cell"
    )


def test_the_cell_with_a_residencys_primary_keys_leaves_last() -> None:
    cells = [*leaving("eu-west-1"), {"name": "eu-north-1", "region": "eu-north-1", "cidr": "10.3.0.0/16"}]
    vaults = ["eu-central-1"]
    assert refusal(cells=cells, datasets=datasets(reports="eu"), vaults=vaults) == (
        "castle:cells[1].leaving: eu-west-1 holds the primary keys of the residency eu, and other cells use their "
        "replicas; write false, and let the others leave first"
    )


def test_london_and_zurich_are_not_in_the_eu() -> None:
    assert LOCATION_OF_REGION["eu-west-2"] == LOCATION_OF_REGION["eu-central-2"] == "other"


# ---- retiring


def test_a_cell_that_isnt_leaving_doesnt_retire() -> None:
    assert refusal("eu-west-1", retire=True) == (
        "castle:retire: true, but eu-west-1 isn't leaving; "
        "write castle:cells[1].leaving: true and run `pulumi up` for the other stacks first"
    )


def test_a_leaving_cell_retires() -> None:
    assert cell("eu-west-1", cells=leaving("eu-west-1"), retire="true").retire


def test_the_birth_cell_doesnt_retire_while_another_is_listed() -> None:
    assert refusal(retire=True) == (
        "castle:retire: true, but us-east-1 is the birth cell and eu-west-1, us-west-2 still listed; "
        "destroy the other cells and delete their entries in castle:cells first"
    )


def test_the_birth_cell_retires_alone() -> None:
    assert cell(cells=CELLS[:1], **ONLY_BIRTH, retire=True).retire


def test_global_retires_at_any_time() -> None:
    assert edge(retire=True).retire


# ---- origins, which only global reads


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


# ---- the files


def test_nothing_else_reads_config() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("*.py"), *(ROOT / "components").rglob("*.py")]
        if "pulumi.Config" in path.read_text()
    ]
    assert readers == []


# ---- strongly consistent tables


def test_tables_are_eventually_consistent_unless_said_otherwise() -> None:
    assert cell().platform.consistency == "eventual"
    assert not cell().platform.is_strong("balances")


def test_what_expires_stays_eventually_consistent_in_a_strong_platform() -> None:
    strong = cell(consistency="strong").platform
    assert {name for name in DATASETS if strong.is_strong(name)} == {"balances", "instruments", "profiles"}


def test_a_consistency_that_there_isnt_is_refused() -> None:
    assert refusal(consistency="weak") == (
        "castle:consistency: weak is not one of eventual, strong; write for example eventual"
    )


@pytest.mark.parametrize("stack", COMMITTED)
def test_strong_tables_are_allowed_in_three_regions_of_any_continents(stack: str) -> None:
    assert cell(stack, consistency="strong").platform.is_strong("balances")


def test_strong_tables_with_a_fourth_cell_are_refused() -> None:
    four = [*CELLS, {"name": "ca", "region": "ca-central-1", "cidr": "10.3.0.0/16"}]
    lines = refusal(consistency="strong", cells=four).splitlines()
    assert len(lines) == 3
    assert lines[0] == (
        "castle:consistency: strong, but the data set balances is held in us-east-1, eu-west-1, us-west-2, "
        "ca-central-1, and a strongly consistent table is in exactly 3 regions; write eventual (a table that "
        "exists can't be changed: AWS knows no way back or forth)"
    )


def test_strong_tables_that_would_lose_a_region_are_refused() -> None:
    assert "exactly 3 regions" in refusal(consistency="strong", cells=leaving("us-west-2"))


def test_a_cell_may_be_taken_down_with_its_strong_tables() -> None:
    gone = cell("us-west-2", consistency="strong", cells=leaving("us-west-2"), retire=True)
    assert gone.platform.is_strong("balances")


def test_strong_tables_whose_residency_leaves_other_than_three_are_refused() -> None:
    european = {**datasets(profiles="eu"), "web": {"class": "public", "residency": "global"}}
    lines = refusal(consistency="strong", datasets=european, vaults=["eu-central-1"]).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(
        "castle:consistency: strong, but the data set profiles is held in eu-west-1, and"
    )


def test_strong_tables_where_aws_has_none_are_refused_by_region() -> None:
    cells = with_cell(2, name="zurich", region="eu-central-2")
    text = refusal(consistency="strong", cells=cells, **ONLY_BIRTH)
    assert (
        "AWS has no strongly consistent tables in eu-central-2, where balances is held; write eventual"
        in text
    )


@given(st.sets(st.sampled_from(sorted(LOCATION_OF_REGION)), min_size=1, max_size=5))
def test_strong_tables_are_in_three_regions_that_aws_has_them_in_or_refused(regions: set[str]) -> None:
    cells = [
        {"name": region, "region": region, "cidr": f"10.{number}.0.0/16"}
        for number, region in enumerate(sorted(regions))
    ]
    first = str(cells[0]["name"])
    changes: dict[str, object] = {
        "birthCell": first,
        "cells": cells,
        "ledgerMembers": [first],
        "cacheMembers": [first],
        "origins": [first, first],
        "consistency": "strong",
    }
    try:
        found = parse(first, {f"castle:{key}": value for key, value in changes.items()} | _rest(changes))
    except SettingsError as error:
        assert "castle:consistency: strong, but" in str(error)
        assert len(regions) != STRONG_COPIES or regions - set(STRONG_REGIONS)
    else:
        held = {each.region for each in found.platform.holders("balances", first)}
        assert len(held) == STRONG_COPIES and held <= set(STRONG_REGIONS)


def _rest(changes: Mapping[str, object]) -> dict[str, object]:
    """The committed facts of the platform besides those that change."""
    taken = {f"castle:{key}" for key in changes} | {"castle:sizes"}
    return {key: value for key, value in config().items() if key not in taken}
