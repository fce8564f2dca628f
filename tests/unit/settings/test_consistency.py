"""Strongly consistent tables."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import SettingsError, parse
from settings.placement import DATASETS
from settings.regions import STRONG_COPIES, STRONG_REGIONS, WITH_ALL
from tests.unit.harness import leaving
from tests.unit.settings.given import (
    CELLS,
    COMMITTED,
    ONLY_BIRTH,
    cell,
    config,
    datasets,
    refusal,
    with_cell,
)


def _rest(changes: Mapping[str, object]) -> dict[str, object]:
    """The committed facts of the platform besides those that change."""
    taken = {f"castle:{key}" for key in changes} | {"castle:sizes"}
    return {key: value for key, value in config().items() if key not in taken}


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


@given(st.sets(st.sampled_from(WITH_ALL), min_size=1, max_size=5))
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
        held = {each.region for each in found.platform.possible_holders("balances", first)}
        assert len(held) == STRONG_COPIES and held <= set(STRONG_REGIONS)
