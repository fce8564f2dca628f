"""Tables: the cell that makes each, the cells that have a replica, and those that have none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.conftest import CELLS
from tests.unit.harness import Run, committed, run_stack

TABLES = {"balances", "idempotency", "instruments", "outcomes", "profiles", "sessions"}
STRONG = {"balances", "instruments", "profiles"}


def platform(**changes: Any) -> dict[str, Run]:
    """The cells' runs with other facts of the platform."""
    runs: dict[str, Run] = {}
    for cell in CELLS:
        runs[cell] = run_stack(cell, {name: run.outputs for name, run in runs.items()}, **changes)
    return runs


@pytest.fixture(scope="module")
def european() -> dict[str, Run]:
    """Profiles may be in Europe alone, and the birth cell is in the US."""
    datasets = json.loads(committed("global")["castle:datasets"])
    datasets["profiles"]["residency"] = "eu"
    return platform(datasets=datasets, vaults=["eu-central-1"])


@pytest.fixture(scope="module")
def strong() -> dict[str, Run]:
    return platform(consistency="strong")


def tables(run: Run) -> dict[str, dict[str, Any]]:
    return {each.name: each.inputs for each in run.of("Table") if each.custom}


def test_the_birth_cell_makes_every_table_and_the_others_join_them(stacks: dict[str, Run]) -> None:
    assert {each["name"] for each in tables(stacks["us-east-1"]).values()} == {
        f"castle-{it}" for it in TABLES
    }
    for cell in CELLS[1:]:
        assert tables(stacks[cell]) == {}
        joined = {each.inputs["globalTableArn"] for each in stacks[cell].of("TableReplica")}
        assert joined == {f"arn:aws:dynamodb:us-east-1:123456789012:table/castle-{it}" for it in TABLES}


def test_every_table_and_replica_has_its_own_regions_key(stacks: dict[str, Run]) -> None:
    for each in tables(stacks["us-east-1"]).values():
        assert ":kms:us-east-1:" in each["serverSideEncryption"]["kmsKeyArn"]
    for cell in CELLS[1:]:
        assert all(f":kms:{cell}:" in each.inputs["kmsKeyArn"] for each in stacks[cell].of("TableReplica"))


def test_every_cell_watches_how_late_every_other_is(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        late = {
            (each.inputs["dimensions"]["TableName"], each.inputs["dimensions"]["ReceivingRegion"])
            for each in stacks[cell].of("MetricAlarm")
            if each.inputs.get("metricName") == "ReplicationLatency"
        }
        assert late == {(f"castle-{table}", other) for table in TABLES for other in CELLS if other != cell}


def test_a_table_of_a_residency_is_made_by_its_first_cell_and_nowhere_outside(
    european: dict[str, Run],
) -> None:
    made = tables(european["eu-west-1"])
    assert set(made) == {"cell-table-profiles-table"}
    assert ":kms:eu-west-1:" in made["cell-table-profiles-table"]["serverSideEncryption"]["kmsKeyArn"]
    for cell in ("us-east-1", "us-west-2"):
        names = [each.name for each in european[cell].resources if "profiles" in each.name]
        assert names == []


def test_what_stays_in_a_residency_is_watched_for_nobody_outside(european: dict[str, Run]) -> None:
    assert not [each for each in european["eu-west-1"].of("MetricAlarm") if "profiles-late" in each.name]


def test_a_strong_platform_makes_its_lasting_tables_whole(strong: dict[str, Run]) -> None:
    made = tables(strong["us-east-1"])
    for table in TABLES:
        replicas = made[f"cell-table-{table}-table"].get("replicas", [])
        regions = {each["regionName"]: each["kmsKeyArn"].split(":")[3] for each in replicas}
        assert regions == ({"eu-west-1": "eu-west-1", "us-west-2": "us-west-2"} if table in STRONG else {})


def test_other_cells_of_a_strong_platform_join_only_what_expires(strong: dict[str, Run]) -> None:
    for cell in CELLS[1:]:
        assert {each.name for each in strong[cell].of("TableReplica")} == {
            "cell-table-idempotency-replica",
            "cell-table-outcomes-replica",
            "cell-table-sessions-replica",
        }


def test_a_strong_table_waits_for_its_replicas_keys(strong: dict[str, Run]) -> None:
    waits = strong["us-east-1"].one("cell-table-balances-table").depends_on
    keys = {f"cell-key-ledger-global-replica-{region}" for region in ("eu-west-1", "us-west-2")}
    assert keys <= {urn.rsplit("::", 1)[-1] for urn in waits}


def test_no_delay_is_reported_of_a_strong_table(strong: dict[str, Run]) -> None:
    late = {each.name for each in strong["eu-west-1"].of("MetricAlarm") if "-late-" in each.name}
    assert late == {
        f"cell-table-{table}-late-{other}"
        for table in TABLES - STRONG
        for other in ("us-east-1", "us-west-2")
    }
