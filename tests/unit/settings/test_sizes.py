"""Sizes of one stack that are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.settings.given import (
    cell,
    refusal,
    sizes,
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


@pytest.mark.parametrize(
    ("matching", "line"),
    [
        ({"zone": "d"}, "castle:sizes.matching.zone: d is none of the cell's zones; write one of a, b, c"),
        (
            {"instanceType": "c7i.2xlarge"},
            "castle:sizes.matching.instanceType: c7i.2xlarge is not a Graviton instance type of c, m or r; "
            "write for example c7g.2xlarge",
        ),
        (
            {"nodes": 0},
            "castle:sizes.matching.nodes: 0 is not a whole number from 1 to 20; write for example 2",
        ),
    ],
)
def test_nodes_for_matching_that_couldnt_be(matching: dict[str, object], line: str) -> None:
    assert refusal(sizes=sizes(matching=matching)) == line


def test_no_cell_has_nodes_for_matching_unless_it_says_so() -> None:
    assert cell(sizes={}).sizes.matching is None
    found = cell(sizes=sizes(matching={})).sizes.matching
    assert found is not None
    assert (found.zone, found.instance_type, found.nodes) == ("a", "c7g.2xlarge", 2)


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


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"concurrency": 3}, "concurrency: 3 is not a whole number from 4 to 800; write for example 50"),
        ({"memory": 128}, "memory: 128 is not a whole number from 512 to 10240; write for example 1769"),
        ({"lateSeconds": 0}, "lateSeconds: 0 is not a whole number from 1 to 3600; write for example 5"),
    ],
)
def test_sizes_of_the_order_path_that_are_refused(given: dict[str, int], says: str) -> None:
    assert refusal(sizes=sizes(orders=given)) == f"castle:sizes.orders.{says}"


def test_a_signing_profile_is_named_by_the_arn_of_a_version() -> None:
    assert "castle:sizes.orders.signingProfiles" in refusal(
        sizes=sizes(orders={"signingProfiles": ["castle"]})
    )


def test_an_unknown_endpoint() -> None:
    assert refusal(sizes=sizes(endpoints=["kms", "s4"])) == (
        "castle:sizes.endpoints[1]: s4 can't be in a list of ecr.api, ecr.dkr, eks-auth, kms, logs, monitoring, "
        'secretsmanager, sns, sqs, sts, xray; write for example ["kms", "sts"]'
    )


def test_an_endpoint_that_is_listed_twice() -> None:
    assert refusal(sizes=sizes(endpoints=["kms", "kms"])) == (
        "castle:sizes.endpoints[1]: kms is listed twice; delete one of the two"
    )


def test_log_days_that_cloudwatch_doesnt_know() -> None:
    assert refusal(sizes=sizes(logDays=100)).startswith("castle:sizes.logDays: 100 is not one of 30, 60, 90")


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
