"""The sequence in which a platform is taken down."""

from __future__ import annotations

import json

from rehearsal.commands.takedown import takedown_order
from rehearsal.project import Project
from tests.root import ROOT

STACKS = ("us-east-1", "eu-west-1", "us-west-2", "global")


def test_the_stack_of_no_cell_goes_first_and_the_birth_cell_last() -> None:
    order = [stack for stack, _ in takedown_order(Project.read(ROOT), STACKS)]
    assert order == ["global", "us-west-2", "eu-west-1", "us-east-1"]


def test_what_cells_keep_in_each_others_regions_is_retired_with_them_and_not_before() -> None:
    facts = dict(takedown_order(Project.read(ROOT), STACKS))
    for stack in ("us-west-2", "eu-west-1", "us-east-1"):
        assert json.loads(facts[stack]["castle:vaults"]) == ["eu-west-1", "us-west-2"]


def test_the_birth_cell_goes_alone() -> None:
    facts = dict(takedown_order(Project.read(ROOT), STACKS))
    assert [cell["name"] for cell in json.loads(facts["us-east-1"]["castle:cells"])] == ["us-east-1"]
    assert json.loads(facts["us-east-1"]["castle:ledgerMembers"]) == ["us-east-1"]
    leaving = {
        cell["name"]: cell.get("leaving", False) for cell in json.loads(facts["eu-west-1"]["castle:cells"])
    }
    assert leaving == {"us-east-1": False, "eu-west-1": True, "us-west-2": True}
