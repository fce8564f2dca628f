"""Pending operations: what a killed operation leaves on request, the warning of the next one, and their repair."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.engine.events import Diagnostic
from rehearsal.engine.operations import Result
from rehearsal.engine.options import OperationOptions
from rehearsal.state.store import Store
from tests.rehearsal.lab import Lab, ops

VPC = 'aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)\n'
URN = "urn:pulumi:dev::lab::aws:ec2/vpc:Vpc::vpc"
RECORDING = OperationOptions(pending_operations=True)


@pytest.fixture
def interrupted(lab: Lab) -> Lab:
    """Lab with a network that the cloud has and the state hasn't, as a kill between both leaves it."""
    lab.program("")
    lab.up()
    store = lab.engine().store
    with store.change():
        store.commit("dev", {}, {}, {URN: "creating"})
    lab.program(VPC)
    return lab


def pending(lab: Lab) -> dict[str, str]:
    return lab.engine().store.pending.get("dev", {})


def warnings(result: Result) -> list[str]:
    return [it.message for it in result.events if isinstance(it, Diagnostic) and it.severity == "warning"]


def test_a_step_is_begun_then_made_in_the_cloud_then_recorded(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.program("")
    lab.up()
    lab.program(VPC)
    parts: list[set[str]] = []
    write = Store.commit

    def noted(store: Store, name: str, *line: Any) -> None:
        kinds = zip(("state", "cloud", "pending"), line, strict=False)
        parts.append({kind for kind, of in kinds if of and any("vpc" in str(key).lower() for key in of)})
        write(store, name, *line)

    monkeypatch.setattr(Store, "commit", noted)
    lab.engine().update("dev", {}, RECORDING)
    assert [it for it in parts if it] == [{"pending"}, {"cloud"}, {"state", "pending"}]


def test_the_next_update_warns_and_creates_again(interrupted: Lab) -> None:
    result = interrupted.up()
    assert f"{URN}, interrupted while creating" in warnings(result)[0]
    assert ops(result) == ["create vpc"]
    assert pending(interrupted) == {URN: "creating"}


def test_a_refresh_drops_it_only_if_it_is_told_to(interrupted: Lab) -> None:
    interrupted.refresh()
    assert pending(interrupted) == {URN: "creating"}
    interrupted.engine().refresh("dev", OperationOptions(clear_pending_creates=True))
    assert pending(interrupted) == {}
    assert warnings(interrupted.up()) == []


def test_an_operation_that_ends_leaves_none(lab: Lab) -> None:
    lab.program(VPC)
    assert not lab.engine().update("dev", {}, RECORDING).failed
    assert pending(lab) == {}
