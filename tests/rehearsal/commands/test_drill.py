"""The command `drill`, as a person uses it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rehearsal.cloud import external_changes
from rehearsal.commands.cli import app
from rehearsal.drills import registry
from rehearsal.drills.registry import DRILLS
from tests.rehearsal.lab import Lab

KEYS = """
key = aws.kms.Key("key", multi_region=True, opts=O(provider=p, protect=True))
aws.kms.ReplicaKey("replica", primary_key_arn=key.arn, region="eu-west-1", opts=o)
"""
# A pack that reads the same times out of every program: an accelerator's traffic class takes 30 + 40 s.
MOVES = """
def moves(stacks):
    return [{"mechanism": "aurora", "name": "it", "urn": "urn:pulumi:dev::lab::a:b/c:D::it", "detection": 30,
             "shift": 40, "source": "30 s + 40 s"}]
"""


def run(lab: Lab, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["-C", str(lab.folder), "--state", str(lab.state), *arguments])


@pytest.fixture
def project(lab: Lab) -> Lab:
    lab.program(KEYS)
    (lab.folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    return lab


@pytest.fixture
def up(project: Lab) -> Lab:
    assert not project.up().failed
    return project


def timed(lab: Lab, monkeypatch: pytest.MonkeyPatch, budget: int) -> Path:
    """Folder of a pack with timelines of traffic, among them a ledger that moves in the drill of keys."""

    drill = DRILLS["key-replica-disabled"]
    moving = {**registry.DRILLS, drill.name: replace(drill, traffic_classes=("ledger",))}
    monkeypatch.setattr(registry, "DRILLS", moving)
    (lab.folder / "Pulumi.yaml").write_text(
        f"name: lab\nruntime: python\nconfig: {{budgets: {{type: object, default: {{ledger: {budget}}}}}}}\n"
    )
    pack = lab.folder / "pack"
    pack.mkdir()
    (pack / "exports.py").write_text(MOVES)
    (pack / "entries.yaml").write_text("platform-findings: exports:findings\nfailover-moves: exports:moves\n")
    return pack


def test_without_a_name_all_drills_are_listed(project: Lab) -> None:
    for arguments in (["drill"], ["drill", "--list"]):
        shown = run(project, *arguments)
        assert shown.exit_code == 0
        for text in ("ledger-switchover", "lose-region REGION", *registry.DRILLS):
            assert text in shown.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["ledger-switchover"],
            "nothing is up in {state}; run `python -m rehearsal up` first, or give --fresh",
        ),
        (["ledger-switchovr", "--fresh"], "no drill is called ledger-switchovr; is it ledger-switchover?"),
        (["lose-region", "--fresh"], "lose-region needs a region: `drill lose-region REGION`, of us-east-1"),
        (["lose-region", "mars", "--fresh"], "no stack that is up works from mars; name one of us-east-1"),
        (["drift", "us-east-1", "--fresh"], "drift takes no parameter, and us-east-1 was given"),
        (["drift", "--stack", "prod", "--fresh"], "--stack prod: it isn't up; up are dev"),
        (["cell-leaves", "--stack", "dev", "--fresh"], "cell-leaves works on every stack; leave --stack out"),
        (["drift", "--all"], "--all runs every drill; leave the name out"),
        (
            ["drift", "--fresh"],
            "drift needs a aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule, and no",
        ),
        (["cell-leaves", "--fresh"], "cell-leaves needs lab:birthCell in the `config:` of Pulumi.yaml"),
    ],
)
def test_a_mistake_is_one_line(project: Lab, arguments: list[str], says: str) -> None:
    done = run(project, "drill", *arguments)
    assert done.exit_code == 1
    errors = [line for line in done.output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {says.format(state=project.state)}")
    assert "Traceback" not in done.output


def test_a_drill_shows_what_would_change_and_leaves_what_is_up_as_it_is(up: Lab) -> None:
    before = {file.name: file.read_bytes() for file in up.state.glob("*.journal")}
    done = run(up, "drill", "key-replica-disabled")
    assert done.exit_code == 0, done.output
    assert "dev: read anew: replica enabled. preview: would update replica enabled.  ok" in done.output
    assert {file.name: file.read_bytes() for file in up.state.glob("*.journal")} == before


def test_what_a_drill_finds_is_told_and_sets_the_exit_status(up: Lab) -> None:
    up.program(KEYS.replace(", protect=True", ""))
    done = run(up, "drill", "key-replica-disabled")
    assert done.exit_code == 1
    assert "aws:kms/key:Key key isn't protected: a mistake could delete what it holds" in done.output


def test_fresh_brings_the_stacks_up_for_the_drill_alone(project: Lab) -> None:
    done = run(project, "drill", "key-replica-disabled", "--fresh")
    assert done.exit_code == 0, done.output
    assert "dev: update ..." in done.output
    assert not list(project.state.glob("*.journal"))


def test_a_stack_that_does_not_come_up_is_no_ground(project: Lab) -> None:
    project.program('raise Exception("no")')
    done = run(project, "drill", "key-replica-disabled", "--fresh")
    assert done.exit_code == 1
    assert "error: dev doesn't come up, so there is nothing to drill on" in done.output


def test_the_timeline_is_held_against_the_budget(up: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = timed(up, monkeypatch, budget=70)
    done = run(up, "--policy-pack", str(pack), "drill", "key-replica-disabled")
    assert done.exit_code == 0, done.output
    (row,) = [line.split() for line in done.output.splitlines() if line.startswith("ledger writes")]
    assert row[2:] == ["aurora", "30", "40", "70", "70", "ok"]
    assert "ledger writes: 30 s + 40 s  (a:b/c:D it)" in done.output


def test_a_budget_that_is_not_kept_fails_the_drill(up: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = timed(up, monkeypatch, budget=69)
    done = run(up, "--policy-pack", str(pack), "drill", "key-replica-disabled")
    assert done.exit_code == 1
    assert "over" in done.output


def test_a_refresh_may_leave_resources_out(up: Lab) -> None:
    store = up.engine().store
    with store.change():
        store.commit("outside", {}, external_changes.region_lost("eu-west-1"))
    plain = run(up, "refresh")
    assert plain.exit_code == 1
    assert "ServiceUnavailable: kms is asked in eu-west-1, which doesn't answer" in plain.output
    exported = json.loads(run(up, "export", "dev").output)
    (urn,) = [r["urn"] for r in exported["deployment"]["resources"] if r["urn"].endswith("::replica")]
    done = run(up, "refresh", "--exclude", urn)
    assert done.exit_code == 0, done.output
    (strange,) = run(up, "refresh", "--exclude", "urn:nothing").output.splitlines()
    assert strange.startswith("error: --exclude urn:nothing: no such resource in dev")
