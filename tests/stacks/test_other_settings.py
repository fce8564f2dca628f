"""Platforms with other facts than the committed ones: strong tables, and data that stays in Europe."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rehearsal.commands.takedown import takedown_order
from rehearsal.engine import urns
from rehearsal.engine.operations import Engine
from rehearsal.release import release
from tests.stacks.platform import PACK, engine, update
from tests.stacks.test_operations import JOINED_SINCE, errors

EUROPEAN = ("files", "profiles")


def settled(opened: Engine, stacks: tuple[str, ...], **facts: str) -> None:
    """Every stack comes up, with images, too, and then neither another time nor a refresh changes anything."""
    for again in (False, True):
        if again:
            release(opened)
        for stack in stacks:
            done = update(opened, stack, **facts)
            assert done.verdicts
            assert not done.verdicts.failed
    opened.pack = None  # nothing of what follows is for policies to say
    for stack in stacks:
        assert update(opened, stack, **facts).changes == 0
        refreshed = opened.refresh(stack)
        assert not refreshed.failed
        assert {(step.op, *step.found) for step in refreshed.steps} <= {("refresh",), *JOINED_SINCE}
        assert update(opened, stack, **facts).changes == 0


def homes(opened: Engine, kind: str) -> set[tuple[str, str]]:
    """What there is of a kind, by name and region."""
    found = [it for it in opened.cloud.living() if it.type.endswith(f":{kind}")]
    return {(str(it.outputs["arn"]).rsplit("/", 1)[-1], it.region) for it in found}


@pytest.mark.slow
def test_a_strong_platform_comes_up_and_stays(tmp_path: Path) -> None:
    with engine(tmp_path, pack=PACK) as opened:
        settled(opened, ("us-east-1", "eu-west-1"), **{"castle:consistency": "strong"})
        assert homes(opened, "TableReplica") == {
            ("castle-idempotency", "eu-west-1"),
            ("castle-outcomes", "eu-west-1"),
            ("castle-sessions", "eu-west-1"),
        }
        (balances,) = [it for it in opened.cloud.living() if it.id == "castle-balances"]
        assert [it["regionName"] for it in balances.outputs["replicas"]] == ["eu-west-1", "us-west-2"]


def test_a_platform_that_exists_doesnt_become_strong(platform_state: Path, tmp_path: Path) -> None:
    with engine(shutil.copytree(platform_state, tmp_path / "state")) as opened:
        config = opened.project.config("us-east-1", {"castle:consistency": "strong"})
        result = opened.update("us-east-1", config)
    assert result.failed
    assert any("only a table that is new can become strongly consistent" in it for it in errors(result))


@pytest.mark.slow
def test_what_stays_in_europe_is_made_copied_and_keyed_there(tmp_path: Path) -> None:
    with engine(tmp_path, pack=PACK) as opened:
        datasets = json.loads(opened.project.defaults()["castle:datasets"])
        for name in EUROPEAN:
            datasets[name]["residency"] = "eu"
        facts = {"castle:datasets": json.dumps(datasets), "castle:vaults": '["eu-central-1"]'}
        settled(opened, ("us-east-1", "eu-west-1"), **facts)
        assert {home for home in homes(opened, "Table") if "profiles" in home[0]} == {
            ("castle-profiles", "eu-west-1")
        }
        assert not [home for home in homes(opened, "TableReplica") if "profiles" in home[0]]
        assert {region for _, region in homes(opened, "FileSystem")} == {"eu-west-1"}
        (copy,) = [it for it in opened.cloud.living() if "efs/replication" in it.type]
        assert copy.outputs["destination"]["region"] == "eu-central-1"


@pytest.mark.slow
def test_taken_down_a_platform_leaves_copies_of_files_where_they_were_made(
    platform_state: Path, tmp_path: Path
) -> None:
    with engine(shutil.copytree(platform_state, tmp_path / "state")) as opened:
        for stack, config in takedown_order(opened.project, opened.stacks()):
            update(opened, stack, **config, **{f"{opened.project.name}:retire": "true"})
            assert not opened.destroy(stack).failed
        assert not [urns.name_of(thing.urn) for thing in opened.cloud.living()]
        files = [it.region for it in opened.cloud.retained() if it.type.endswith(":FileSystem")]
        assert sorted(files) == ["eu-west-1", "us-east-1", "us-east-1"]
        assert not [it for it in opened.cloud.retained() if it.type.startswith("aws:dynamodb/")]
