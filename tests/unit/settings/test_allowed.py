"""Accepted settings, and the values that follow from them."""

from __future__ import annotations

import json

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

import settings
from settings import parse
from settings.regions import LOCATION_OF_REGION, WITH_ALL
from tests.unit.harness import ROOT, committed, leaving, run
from tests.unit.settings.given import (
    CELLS,
    COMMITTED,
    cell,
    config,
    datasets,
    edge,
    sizes,
)


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
    regions = WITH_ALL[:many]
    cells = [
        {"name": region, "region": region, "cidr": f"10.{at}.0.0/16", "leaving": at in gone}
        for at, region in enumerate(regions)
    ]
    members = {"ledgerMembers": [regions[0]], "cacheMembers": [regions[0]], "birthCell": regions[0]}
    platform = config(cells=cells, **members)
    order = settings.stacks(platform)
    for number, stack in enumerate(order):
        assert set(settings.reads(platform, stack)) <= set(order[:number])


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


@given(st.lists(st.sampled_from(WITH_ALL), min_size=2, max_size=6, unique=True))
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


def test_nothing_else_reads_config() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("*.py"), *(ROOT / "components").rglob("*.py")]
        if "pulumi.Config" in path.read_text()
    ]
    assert readers == []
