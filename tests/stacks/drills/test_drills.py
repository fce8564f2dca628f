"""Every drill on the committed program."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from rehearsal.cloud import external_changes
from rehearsal.drills import timeline
from rehearsal.drills.registry import DRILLS
from rehearsal.drills.runner import JudgedScene
from rehearsal.engine import urns
from rehearsal.engine.operations import Engine
from tests.stacks.drills.drill_bench import DrillBench, bench_on, findings
from tests.stacks.platform import PACK, engine
from tests.stacks.test_operations import errors

REGIONS = ("us-east-1", "eu-west-1")  # the birth cell's and a joining one's; `make drills` loses each in turn
Play = Callable[..., tuple[Engine, list[JudgedScene]]]


@pytest.fixture(scope="module")
def bench(platform_state: Path, tmp_path_factory: pytest.TempPathFactory) -> DrillBench:
    return bench_on(platform_state, tmp_path_factory.mktemp("drills"))


@pytest.fixture(scope="module")
def played(bench: DrillBench) -> Play:
    """Plays a drill in all stacks; each once, however many tests look at it."""
    return cache(bench.play)


def read_anew(scene: JudgedScene) -> set[tuple[str, str]]:
    """What the refreshes of a scene found changed, by name and property."""
    return {
        (urns.name_of(step.urn), key)
        for look in scene.outcomes
        if look.refreshed
        for step in look.refreshed.steps
        for key in step.found
    }


EVERY = [(name, argument) for name, it in DRILLS.items() for argument in (REGIONS if it.parameter else ("",))]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_a_drill_leaves_every_stack_with_no_replacement_deletion_or_detachment(
    played: Play, name: str, argument: str
) -> None:
    opened, scenes = played(name, argument)
    assert findings(scenes) == []
    asked = {look.stack for look in scenes[-1].outcomes if look.previewed}
    assert asked == set(opened.stacks()) - ({"us-west-2"} if name.endswith("cell-leaves") else set())


def test_the_committed_stacks_keep_every_budget_that_is_held(bench: DrillBench) -> None:
    with engine(bench.platform_state, pack=PACK) as opened:
        moves = opened.moves(opened.stacks())
        assert moves is not None
        found = list(timeline.rows(moves, timeline.budgets(opened), [it.name for it in timeline.CLASSES]))
    seconds = {row.traffic.name: (row.seconds, row.budget) for row in found}
    assert seconds == {
        "web": (4, 10),  # 2 attempts x 2 s to a bucket
        "orders": (90, 90),  # 3 checks x 10 s, and an alias
        "services": (240, 240),  # a metric a minute late, two periods of an alarm, and an alias
        "sockets": (90, 60),
        "ledger": (485, 600),
        "cache": (60, None),
    }
    assert [row.traffic.name for row in found if row.over] == ["sockets"]
    assert not [row for row in found if row.fails]


@pytest.mark.slow
def test_a_switchover_is_seen_by_the_refresh_of_every_member(played: Play) -> None:
    _, (first, second) = played("ledger-switchover", "")
    for scene in (first, second):
        assert ("cell-ledger-cluster", "replicationSourceIdentifier") in read_anew(scene)
        assert ("cell-ledger-global", "globalClusterMembers") in read_anew(scene)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ledger-switchover", "ledger-failover"])
def test_after_the_writer_has_moved_the_integration_alone_is_made_anew_by_hand(
    played: Play, name: str
) -> None:
    _, scenes = played(name, "")
    assert len(scenes) == 2
    for scene in scenes:
        (left,) = scene.scene.manual_steps
        assert urns.name_of(left.urn) == "cell-warehouse-integration"
        assert f"--replace '{left.urn}'" in left.instructions
        assert "Once castle-us-east-1-ledger writes" in left.instructions


@pytest.mark.slow
def test_after_a_failover_the_integration_is_made_anew_by_force_and_then_nothing_is_left(
    played: Play,
) -> None:
    _, scenes = played("ledger-failover-then-replacement", "")
    assert [bool(scene.scene.manual_steps) for scene in scenes] == [True, True, True, False]


@pytest.mark.slow
def test_after_two_failovers_another_member_writes_each_time(played: Play) -> None:
    _, scenes = played("two-ledger-failovers", "")
    writers = [scene.scene.description.split("; ")[-1].split()[0] for scene in scenes[::2]]
    assert writers == ["castle-eu-west-1-ledger", "castle-us-east-1-ledger"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ledger-detach", "cache-promotion", "drift", "cell-leaves"])
def test_nothing_else_leaves_anything_to_do_by_hand(played: Play, name: str) -> None:
    _, scenes = played(name, "")
    assert not [left for scene in scenes for left in scene.scene.manual_steps]


@pytest.mark.slow
def test_a_failover_is_refreshed_without_what_the_lost_writers_region_has_of_it(played: Play) -> None:
    _, (gone, back) = played("ledger-failover", "")
    excluded = {look.stack: {urns.name_of(urn) for urn in look.excluded} for look in gone.outcomes}
    assert {"cell-ledger-cluster", "cell-ledger-global", "cell-ledger-instance-a"} <= excluded["us-east-1"]
    assert not excluded["eu-west-1"]
    assert not [look.excluded for look in back.outcomes if look.excluded]
    assert ("cell-ledger-cluster", "replicationSourceIdentifier") in read_anew(back)


@pytest.mark.slow
def test_what_a_lost_region_has_is_excluded_and_a_plain_refresh_of_it_fails(played: Play) -> None:
    opened, (_, refreshed, _) = played("lose-region", "us-east-1")
    assert [look.stack for look in refreshed.outcomes] == ["eu-west-1", "us-west-2"]
    for look in refreshed.outcomes:
        types = {urns.type_of(urn) for urn in look.excluded}
        assert {"aws:iam/role:Role", "aws:route53/record:Record"} <= types
    with opened.store.change():
        opened.store.commit("outside", {}, external_changes.region_lost("us-east-1"))
    records = dict(opened.store.state("eu-west-1"))
    result = opened.refresh("eu-west-1")
    assert result.failed
    assert "us-east-1, which doesn't answer" in errors(result)[0]
    assert opened.store.state("eu-west-1").keys() == records.keys()
    assert not [step for step in result.steps if step.op == "delete"]


@pytest.mark.slow
def test_drift_is_shown_as_what_it_is(played: Play) -> None:
    _, (scene,) = played("drift", "")
    shown = {
        (step.op, urns.type_of(step.urn), step.changed)
        for look in scene.outcomes
        if look.previewed
        for step in look.previewed.steps
        if step.op not in ("same", "read")
    }
    assert shown == {
        ("update", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", ("cidrIpv4",)),
        ("create", "aws:cloudwatch/metricAlarm:MetricAlarm", ()),
    }


@pytest.mark.slow
def test_a_cell_that_leaves_takes_what_pointed_at_it_and_no_more(played: Play) -> None:
    _, (left, _) = played("cell-leaves", "")
    deleted = {
        look.stack: {
            urns.name_of(step.urn)
            for step in look.previewed.steps
            if step.op == "delete" and look.stack != "us-west-2"
        }
        for look in left.outcomes
        if look.previewed
    }
    assert "edge-routing-api-us-west-2" in deleted["global"]
    for stack, names in deleted.items():
        assert not [name for name in names if "us-west-2" not in name], stack
