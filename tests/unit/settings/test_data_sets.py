"""Data sets and where they may be."""

from __future__ import annotations

import pytest

from settings.regions import LOCATION_OF_REGION
from tests.unit.harness import leaving
from tests.unit.settings.given import (
    CELLS,
    EUROPEAN,
    ONLY_BIRTH,
    cell,
    datasets,
    edge,
    refusal,
    with_cell,
)


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


@pytest.mark.parametrize("dataset", ["drains", "images", "logs", "secrets"])
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
    found = [platform.first_possible_holder(each) for each in ("reports", "ledger")]
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
