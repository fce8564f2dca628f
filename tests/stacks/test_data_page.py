"""The page about data is what settings and graph say; `make data-page` writes it anew."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

import settings
from rehearsal.cloud.types.schema import Schemas
from settings import EdgeSettings
from settings import Platform as Facts
from tests.stacks.data_page import STORES, page, untold
from tests.stacks.platform import ROOT, Platform
from tests.unit.harness import committed

PAGE = ROOT / "docs" / "data.md"


@pytest.fixture(scope="module")
def facts() -> Facts:
    found = settings.parse("global", committed("global"))
    assert isinstance(found, EdgeSettings)
    return found.platform


def rows(text: str) -> dict[tuple[str, str], list[str]]:
    """The rows of a page by data set and store."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]
    return {(row[0], row[3]): row for row in cells[2:]}


def test_the_page_is_current(facts: Facts, platform: Platform) -> None:
    now = page(facts, platform)
    if os.environ.get("RECORD") == "data-page":
        PAGE.write_text(now)
    assert PAGE.read_text() == now, "docs/data.md isn't what settings and stacks say; run `make data-page`"


def test_every_data_set_has_a_row(facts: Facts, platform: Platform) -> None:
    assert {dataset for dataset, _ in rows(page(facts, platform))} == set(facts.datasets)


def test_every_store_says_which_data_set_it_holds(platform: Platform) -> None:
    assert untold(platform) == []


def test_every_store_holds_a_data_set_that_settings_place(facts: Facts, platform: Platform) -> None:
    held = {
        it.inputs["tags"]["data-set"]
        for about in STORES.values()
        for type_ in about["types"]
        for it in platform.of(type_)
    }
    assert held <= set(facts.datasets)


def test_homes_and_readers_are_those_of_the_graph(facts: Facts, platform: Platform) -> None:
    found = rows(page(facts, platform))
    assert found["ledger", "Aurora PostgreSQL"][4] == "us-east-1, eu-west-1, us-west-2"
    assert "app subnets of other cells" in found["ledger", "Aurora PostgreSQL"][8]
    warehouse = found["warehouse", "Redshift Serverless"]
    assert (warehouse[4], warehouse[8]) == ("us-east-1", "cluster, role cell-warehouse-scheduler")
    assert "cloudfront.amazonaws.com" in found["web", "S3"][8]


def test_another_budget_is_another_page(facts: Facts, platform: Platform) -> None:
    slower = facts.model_copy(update={"budgets": facts.budgets.model_copy(update={"ledger": 777})})
    assert "777 s from approval" in page(slower, platform)


def test_a_store_without_its_copies_is_told_as_one(facts: Facts, platform: Platform) -> None:
    alone = {
        stack: replace(
            result,
            resources=[it for it in result.resources if it.type != "aws:rds/globalCluster:GlobalCluster"],
        )
        for stack, result in platform.results.items()
    }
    told = rows(page(facts, replace(platform, results=alone)))["ledger", "Aurora PostgreSQL"]
    assert told[5] == "the last backup"


def test_the_page_knows_only_types_of_the_sdk() -> None:
    schemas = Schemas(ROOT / ".cache" / "schema")
    for about in STORES.values():
        for type_ in (*about["types"], *filter(None, [about["by"]])):
            assert schemas.of(type_) is not None
        assert schemas.of(about.get("door", about["types"][0])) is not None
        assert {*about} - {"door", "pulled_by"} == {"types", "by", "alone"} | (
            {"copied"} if about["by"] else set()
        )
