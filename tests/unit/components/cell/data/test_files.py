"""Shared files: the cells that have them, and the region of their copy."""

from __future__ import annotations

import json

from tests.unit.conftest import CELLS
from tests.unit.harness import Run, committed, run_stack


def test_files_are_copied_to_the_first_other_home(stacks: dict[str, Run]) -> None:
    copies = {cell: stacks[cell].one("cell-files-copy").inputs["destination"] for cell in CELLS}
    assert {cell: each["region"] for cell, each in copies.items()} == {
        "us-east-1": "eu-west-1",
        "eu-west-1": "us-east-1",
        "us-west-2": "us-east-1",
    }
    assert all(f":kms:{each['region']}:" in each["kmsKeyId"] for each in copies.values())


def test_the_birth_cells_copy_waits_for_the_key_there(birth: Run) -> None:
    waits = {urn.rsplit("::", 1)[-1] for urn in birth.one("cell-files-copy").depends_on}
    assert "cell-key-customer-global-replica-eu-west-1" in waits


def test_files_of_a_residency_are_in_no_cell_outside_and_copied_to_its_vault() -> None:
    datasets = json.loads(committed("global")["castle:datasets"])
    datasets["files"]["residency"] = "eu"
    facts = {"datasets": datasets, "vaults": ["eu-central-1"]}
    birth = run_stack("us-east-1", **facts)
    inside = run_stack("eu-west-1", {"us-east-1": birth.outputs}, **facts)
    assert not [each for each in birth.resources if each.name.startswith("cell-files")]
    destination = inside.one("cell-files-copy").inputs["destination"]
    assert destination["region"] == "eu-central-1"
    assert ":kms:eu-central-1:" in destination["kmsKeyId"]


def test_no_other_region_reaches_the_files(joining: Run) -> None:
    rules = [each for each in joining.of("SecurityGroupIngressRule") if each.name.startswith("cell-files-")]
    assert {each.name for each in rules} == {"cell-files-from-cluster"}
