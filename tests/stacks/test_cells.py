"""A cell comes, added in config alone, and leaves again; no other cell's data moves meanwhile."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.drills.cells import take_down_cell
from rehearsal.engine import urns
from rehearsal.engine.operations import Engine, Result
from tests.stacks.platform import engine, update

COMMITTED = ("us-east-1", "eu-west-1", "us-west-2")
NEW = "eu-central-1"
TABLES = ("balances", "idempotency", "instruments", "outcomes", "profiles", "sessions")
# What is told of every cell, and changes in place when one comes: where orders go, and where the ledger may write.
TOLD = {
    *(f"cell-{function}-{part}" for function in ("matcher", "relay") for part in ("function", "policy")),
    "cell-ledger-steward-function",
    "cell-orders-orders",
    "cell-trading-api-may-policy",
}
# A task that is told anything is another revision of it.
SENDERS = {"us-west-2": {"cell-trading-api-service", "cell-trading-api-task"}}
TO_LEDGER = {f"cell-{it}" for it in ("ledger", "ledger-steward", "matcher", "relay", "rotation")}
COPIED = {"cell-ledger-secret-secret", "cell-payments-key-secret"}
OF_ALL = {"cell-boundary-policy", "cell-image-replication-registry"}


def config(cells: tuple[str, ...], *, leaving: str | None = None) -> dict[str, str]:
    """The platform's facts with these cells: all of them in the ledger, the committed ones in the global cache."""
    listed = [
        {"name": name, "region": name, "cidr": f"10.{number}.0.0/16"}
        | ({"leaving": True} if name == leaving else {})
        for number, name in enumerate(cells)
    ]
    return {
        "castle:cells": json.dumps(listed),
        "castle:ledgerMembers": json.dumps(cells),
        "castle:cacheMembers": json.dumps(COMMITTED),
    }


THREE, FOUR = config(COMMITTED), config((*COMMITTED, NEW))
LEAVING = config((*COMMITTED, NEW), leaving=NEW)


def up(opened: Engine, stacks: tuple[str, ...], facts: dict[str, str]) -> dict[str, Result]:
    return {stack: update(opened, stack, **facts) for stack in stacks}


def about(step_urn: str) -> str:
    return re.split("-(?:from|to)-", urns.name_of(step_urn))[0]


@pytest.fixture(scope="module")
def opened(platform_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The committed platform, which is `THREE`, up."""
    with engine(shutil.copytree(platform_state, tmp_path_factory.mktemp("cells") / "state")) as found:
        yield found


@pytest.mark.slow
def test_a_fourth_cell_comes_up_in_config_alone_and_leaves_no_trace(opened: Engine) -> None:
    everyone = (*COMMITTED, NEW, "global")
    before = {stack: set(opened.store.state(stack)) for stack in (*COMMITTED, "global")}

    # It comes: the birth cell makes its keys, the others admit it, and it joins from its own side.
    came = up(opened, everyone, FOUR)
    assert {step.op for step in came[NEW].steps} <= {"create", "read"}
    made = {urns.name_of(urn) for urn in opened.store.state(NEW)}
    assert {f"cell-peering-{cell}" for cell in (*COMMITTED, "runner")} <= made
    assert {"cell-ledger-cluster", "cell-cache-cache", "cell-cluster-eks-eksCluster"} <= made
    assert {"cell-api-deployment", "cell-api-hosts-shared", "cell-authorizer-function"} <= made
    assert {"cell-files-copy", *(f"cell-table-{table}-replica" for table in TABLES)} <= made
    assert not [name for name in made if name.startswith("cell-market")]
    for cell in COMMITTED:
        changed = [step for step in came[cell].steps if step.op not in ("create", "read", "same")]
        told = TOLD | SENDERS.get(cell, {"cell-trading-api-deployment"})
        born = COPIED | OF_ALL if cell == "us-east-1" else set()
        assert {about(step.urn) for step in changed} == told | born, cell
        new = {about(step.urn) for step in came[cell].steps if step.op == "create"}
        keys = {name for name in new if name.startswith("cell-key-")}
        tokens = {name for name in new if name.startswith("cell-tokens-")}
        late = {f"cell-table-{table}-late-{NEW}" for table in TABLES}
        assert new - keys - tokens == {"cell-market"} | TO_LEDGER | late
        assert bool(keys) == bool(tokens) == (cell == "us-east-1")
    for stack in everyone:
        assert update(opened, stack, **FOUR).changes == 0

    # It leaves: `global` first, then who peers with it, then itself; the birth cell last, since its data needs
    # its keys until it is gone.
    done = list(take_down_cell(opened, NEW, (*COMMITTED, "global"), LEAVING))
    assert [(it.operation, it.stack) for it in done] == [
        ("update", "global"),
        ("update", "us-west-2"),
        ("update", "eu-west-1"),
        ("update", NEW),
        ("destroy", NEW),
        ("update", "us-east-1"),
    ]
    assert not [it.stack for it in done if it.failed]
    assert not opened.store.state(NEW)
    for stack in (*COMMITTED, "global"):
        assert update(opened, stack, **THREE).changes == 0
        assert set(opened.store.state(stack)) == before[stack]
    assert not [thing for thing in opened.cloud.living() if thing.region == NEW]
