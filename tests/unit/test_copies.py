"""Copies of the data sets, on the committed platform and on any other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from settings import SettingsError, backups, copies, parse, replicas
from settings.placement import BACKED_UP, BACKED_UP_IN_BUCKETS, DATASETS, REBUILT_FROM, REPLICATED_BUCKETS
from settings.platform import Platform
from settings.regions import LOCATION_OF_REGION
from tests.unit.harness import committed, leaving
from tests.unit.settings.given import COMMITTED, cell, datasets, with_cell

INSIDE = {
    "us": {region for region, place in LOCATION_OF_REGION.items() if place == "us"},
    "eu": {region for region, place in LOCATION_OF_REGION.items() if place == "eu"},
    "global": set(LOCATION_OF_REGION),
}
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "eu-north-1", "ap-southeast-1", "eu-west-2")


def pairs(platform: Platform, dataset: str) -> set[tuple[str, str]]:
    return {(source.name, to.name) for source, to in replicas(platform, dataset, "global")}


def backup(platform: Platform, name: str, family: str) -> Any:
    (found,) = [
        each
        for it in platform.cells
        if it.name == name
        for each in backups(platform, it, name)
        if each.family == family
    ]
    return found


@pytest.mark.parametrize("dataset", ["reports", "web"])
def test_reports_and_web_assets_are_replicated_from_every_cell_to_every_other(dataset: str) -> None:
    assert pairs(cell().platform, dataset) == {
        (source, to) for source in COMMITTED for to in COMMITTED if source != to
    }


def test_audit_records_are_replicated_once() -> None:
    assert pairs(cell().platform, "audit") == {
        ("us-east-1", "eu-west-1"),
        ("eu-west-1", "us-east-1"),
        ("us-west-2", "us-east-1"),
    }


def test_a_bucket_is_replicated_only_inside_its_residency() -> None:
    platform = cell(cells=with_cell(2, name="eu-north-1", region="eu-north-1"), **EU).platform
    assert pairs(platform, "reports") == {("eu-west-1", "eu-north-1"), ("eu-north-1", "eu-west-1")}


EU: dict[str, Any] = {
    "datasets": datasets(reports="eu"),
    "ledgerMembers": ["us-east-1"],
    "cacheMembers": ["us-east-1"],
}


def test_nothing_is_replicated_to_or_from_a_leaving_cell() -> None:
    platform = parse("us-east-1", committed("us-east-1", cells=leaving("us-west-2"))).platform
    assert pairs(platform, "web") == {("us-east-1", "eu-west-1"), ("eu-west-1", "us-east-1")}


def test_backups_go_by_the_family_of_the_key() -> None:
    platform = cell().platform
    found = backups(platform, platform.cells[1], "eu-west-1")
    assert [(each.family, each.copied_to, each.buckets) for each in found] == [
        ("customer-global", "us-east-1", True),
        ("ledger-global", "us-east-1", False),
        ("market-global", "us-east-1", False),
    ]
    assert not any(each.only_copy for each in found)


def test_what_only_one_cell_may_hold_is_copied_to_the_vault_every_time() -> None:
    platform = cell(datasets=datasets(reports="eu"), vaults=["eu-central-1"]).platform
    found = backup(platform, "eu-west-1", "ledger-eu")
    assert (found.datasets, found.copied_to, found.only_copy) == (("reports",), "eu-central-1", True)


def test_a_cell_outside_a_residency_backs_nothing_of_it_up() -> None:
    platform = cell(datasets=datasets(reports="eu"), vaults=["eu-central-1"]).platform
    assert "ledger-eu" not in {each.family for each in backups(platform, platform.cells[0], "us-east-1")}


def test_the_tables_name_data_sets_that_there_are() -> None:
    assert {*BACKED_UP, *REPLICATED_BUCKETS, *REBUILT_FROM, *REBUILT_FROM.values()} <= set(DATASETS)
    assert set(BACKED_UP_IN_BUCKETS) <= set(BACKED_UP)


@st.composite
def platforms(draw: st.DrawFn) -> dict[str, object]:
    """Config of a platform of 2 to 6 cells, anywhere, whose data may be anywhere or not."""
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=2, max_size=6, unique=True))
    cells: list[dict[str, object]] = [
        {"name": region, "region": region, "cidr": f"10.{number}.0.0/16"}
        for number, region in enumerate(regions)
    ]
    if draw(st.booleans()):
        cells[-1]["leaving"] = True
    free = [region for region in REGIONS if region not in regions]
    vaults = draw(st.lists(st.sampled_from(free), max_size=2, unique=True)) if free else []
    placed = json.loads(committed("global")["castle:datasets"])
    restricted = st.lists(
        st.sampled_from(sorted(placed.keys() - {"drains", "images", "logs", "secrets"})),
        max_size=4,
        unique=True,
    )
    for name in draw(restricted):
        placed[name]["residency"] = draw(st.sampled_from(("us", "eu")))

    def members(dataset: str) -> list[str]:
        inside = INSIDE[placed[dataset]["residency"]]
        may = [region for region in regions if region in inside][:3]
        return may[: draw(st.integers(1, 3))]

    changes = {"birthCell": regions[0], "cells": cells, "vaults": vaults, "datasets": placed}
    changes |= {"ledgerMembers": members("ledger"), "cacheMembers": members("market")}
    return dict(committed("us-east-1", **changes))


def refused(config: dict[str, object], viewer: str) -> Platform | None:
    """The platform, or None if settings refuse it."""
    try:
        return parse(viewer, config).platform
    except SettingsError:
        return None


def homes(platform: Platform, dataset: str, viewer: str) -> set[str]:
    """The regions that hold a data set, or what it is made from, as a store, a replica or a backup."""
    source = REBUILT_FROM.get(dataset, dataset)
    return {
        copy.region
        for copy in copies(platform, viewer)
        if copy.dataset in (dataset, source) and copy.kind != "key"
    }


def viewers(config: dict[str, object]) -> Iterator[str]:
    for each in json.loads(str(config["castle:cells"])):
        yield each["name"]


@given(platforms())
def test_no_copy_and_no_key_is_outside_the_residency_of_its_data_set(config: dict[str, object]) -> None:
    for viewer in viewers(config):
        platform = refused(config, viewer)
        event("refused" if platform is None else "accepted")
        if platform is None:
            continue
        for copy in copies(platform, viewer):
            assert copy.region in INSIDE[platform.datasets[copy.dataset].residency], copy


@given(platforms())
def test_customer_and_ledger_data_have_two_homes_or_are_refused(config: dict[str, object]) -> None:
    for viewer in viewers(config):
        platform = refused(config, viewer)
        if platform is None:
            continue
        for name, dataset in platform.datasets.items():
            if dataset.data_class in ("customer", "ledger") and len(platform.present(viewer)) > 1:
                assert len(homes(platform, name, viewer)) >= 2, (name, viewer)


@given(platforms())
def test_what_is_copied_has_a_key_where_its_copy_is(config: dict[str, object]) -> None:
    for viewer in viewers(config):
        platform = refused(config, viewer)
        if platform is None:
            continue
        found = list(copies(platform, viewer))
        keys = {(copy.dataset, copy.region) for copy in found if copy.kind == "key"}
        assert {(copy.dataset, copy.region) for copy in found} <= keys
