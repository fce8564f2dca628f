"""Every drill on the committed program; and every option that protects it, taken away, fails one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from rehearsal.cloud import outside
from rehearsal.drills.drill import Stage
from rehearsal.drills.judge import Finding
from rehearsal.drills.registry import DRILLS
from rehearsal.drills.runner import Played, play
from rehearsal.engine import urns
from rehearsal.engine.forkserver import ForkServer
from rehearsal.engine.operations import Engine
from rehearsal.engine.sdk import used_by
from tests.stacks.platform import ROOT, engine, update
from tests.stacks.test_operations import copied, errors, mutated

REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
LEDGER = "components/data/ledger.py"
CACHE = "components/data/cache.py"


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServer]:
    server = ForkServer(used_by(ROOT))
    yield server
    server.close()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, forks: ForkServer) -> Path:
    """The state of the whole platform, brought up once; drills spoil copies of it."""
    folder = tmp_path_factory.mktemp("drills") / "ground"
    with engine(folder) as opened:
        opened.server = forks
        for stack in opened.stacks():
            update(opened, stack)
    return folder


class Field:
    """Plays drills on copies of the ground, by this program or another."""

    def __init__(self, ground: Path, forks: ForkServer, folder: Path) -> None:
        self._ground = ground
        self._forks = forks
        self._folder = folder
        self.engine: Engine

    def play(
        self, name: str, argument: str = "", stacks: Sequence[str] = (), program: Path = ROOT
    ) -> list[Played]:
        """The scenes of a drill, refreshed and previewed in these stacks, or in all."""
        state = self._folder / "state"
        shutil.copytree(self._ground, state)
        with engine(state, program) as opened:
            opened.server = self._forks
            self.engine = opened
            up = opened.stacks()
            stage = Stage(opened, up, stacks or up, argument)
            return list(play(DRILLS[name], stage, lambda *_: nullcontext()))


@pytest.fixture
def field(ground: Path, forks: ForkServer, tmp_path: Path) -> Field:
    return Field(ground, forks, tmp_path)


def told(scenes: Sequence[Played]) -> list[tuple[str, str, str]]:
    found: list[Finding] = [finding for scene in scenes for finding in scene.findings]
    return [(it.kind, urns.name_of(it.urn) if it.urn else it.stack, it.says) for it in found]


def read_anew(scene: Played) -> set[tuple[str, str]]:
    """What the refreshes of a scene found changed, by name and property."""
    return {
        (urns.name_of(step.urn), key)
        for look in scene.looks
        if look.refreshed
        for step in look.refreshed.steps
        for key in step.changed
    }


EVERY = [(name, argument) for name, it in DRILLS.items() for argument in (REGIONS if it.parameter else ("",))]


@pytest.mark.parametrize(("name", "argument"), EVERY)
def test_a_drill_leaves_every_stack_with_no_replacement_deletion_or_detachment(
    field: Field, name: str, argument: str
) -> None:
    scenes = field.play(name, argument)
    assert told(scenes) == []
    asked = {look.stack for look in scenes[-1].looks if look.previewed}
    assert asked == set(field.engine.stacks()) - ({"us-west-2"} if name == "cell-leaves" else set())


def test_a_switchover_is_seen_by_the_refresh_of_every_member(field: Field) -> None:
    first, second = field.play("ledger-switchover", stacks=("us-east-1", "eu-west-1"))
    for scene in (first, second):
        assert ("cell-ledger-cluster", "replicationSourceIdentifier") in read_anew(scene)
        assert ("cell-ledger-global", "globalClusterMembers") in read_anew(scene)


def test_a_failover_is_refreshed_without_what_the_lost_writers_region_has_of_it(field: Field) -> None:
    gone, back = field.play("ledger-failover", stacks=("us-east-1", "eu-west-1"))
    excluded = {look.stack: {urns.name_of(urn) for urn in look.excluded} for look in gone.looks}
    assert {"cell-ledger-cluster", "cell-ledger-global", "cell-ledger-instance-a"} <= excluded["us-east-1"]
    assert not excluded["eu-west-1"]
    assert not [look.excluded for look in back.looks if look.excluded]
    assert ("cell-ledger-cluster", "replicationSourceIdentifier") in read_anew(back)


def test_what_a_lost_region_has_is_excluded_and_a_plain_refresh_of_it_fails(field: Field) -> None:
    _, refreshed, _ = field.play("lose-region", "us-east-1")
    assert [look.stack for look in refreshed.looks] == ["eu-west-1", "us-west-2"]
    for look in refreshed.looks:
        types = {urns.type_of(urn) for urn in look.excluded}
        assert {"aws:iam/role:Role", "aws:route53/record:Record"} <= types
    opened = field.engine
    with opened.store.change():
        opened.store.commit("outside", {}, outside.lost("us-east-1"))
    records = dict(opened.store.state("eu-west-1"))
    result = opened.refresh("eu-west-1")
    assert result.failed
    assert "us-east-1, which doesn't answer" in errors(result)[0]
    assert opened.store.state("eu-west-1").keys() == records.keys()
    assert not [step for step in result.steps if step.op == "delete"]


def test_drift_is_shown_as_what_it_is(field: Field) -> None:
    (scene,) = field.play("drift")
    shown = {
        (step.op, urns.type_of(step.urn), step.changed)
        for look in scene.looks
        if look.previewed
        for step in look.previewed.steps
        if step.op not in ("same", "read")
    }
    assert shown == {
        ("update", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", ("cidrIpv4",)),
        ("create", "aws:cloudwatch/metricAlarm:MetricAlarm", ()),
    }


def test_a_cell_that_leaves_takes_what_pointed_at_it_and_no_more(field: Field) -> None:
    left, _ = field.play("cell-leaves")
    deleted = {
        look.stack: {
            urns.name_of(step.urn)
            for step in look.previewed.steps
            if step.op == "delete" and look.stack != "us-west-2"
        }
        for look in left.looks
        if look.previewed
    }
    assert "edge-routing-api-us-west-2" in deleted["global"]
    for stack, names in deleted.items():
        assert not [name for name in names if "us-west-2" not in name], stack


# ---- an option taken away

PROTECT_RETIRE = "protect=not args.retire"
PROTECT_SELF = "protect=not self._args.retire"

# Which drill an option is for: the file, the text, what stands there without it, the drill, the stacks that it is
# played in, and what it finds.
OPTIONS = {
    "the source of a member's copy": (
        LEDGER,
        'IGNORED = ["replicationSourceIdentifier", ',
        "IGNORED = [",
        "ledger-switchover",
        "us-east-1",
        ("detaches", "cell-ledger-cluster"),
    ),
    "the global database of a member": (
        LEDGER,
        '"globalClusterIdentifier", ',
        "",
        "ledger-detach",
        "eu-west-1",
        ("detaches", "cell-ledger-cluster"),
    ),
    "the password of the first day": (
        LEDGER,
        '[*IGNORED, "masterPasswordWo"]',
        "[*IGNORED]",
        "drift",
        "us-east-1",
        ("changes", "cell-ledger-cluster"),
    ),
    "the primary of the datastore": (
        CACHE,
        'IGNORED_BY_DATASTORE = ["primaryReplicationGroupId"]',
        "IGNORED_BY_DATASTORE = []",
        "cache-promotion",
        "us-east-1",
        ("replaces", "cell-market-global"),
    ),
    "protection of the global database": (
        LEDGER,
        "opts=pulumi.ResourceOptions(parent=self, protect=not args.retire),",
        "opts=pulumi.ResourceOptions(parent=self),",
        "ledger-failover",
        "us-east-1",
        ("unprotected", "cell-ledger-global"),
    ),
    "protection of a member": (
        LEDGER,
        "                protect=not args.retire,\n",
        "",
        "ledger-failover",
        "eu-west-1",
        ("unprotected", "cell-ledger-cluster"),
    ),
    "protection of the first cache member": (
        CACHE,
        "parent=self, protect=not self._args.retire, ignore_changes=IGNORED_BY_BIRTH",
        "parent=self, ignore_changes=IGNORED_BY_BIRTH",
        "cache-promotion",
        "us-east-1",
        ("unprotected", "cell-market-member"),
    ),
    "protection of a joining cache member": (
        CACHE,
        "parent=self, protect=not self._args.retire, ignore_changes=IGNORED_BY_JOINING",
        "parent=self, ignore_changes=IGNORED_BY_JOINING",
        "cache-promotion",
        "eu-west-1",
        ("unprotected", "cell-market-member"),
    ),
    "protection of the datastore": (
        CACHE,
        "parent=self, protect=not self._args.retire, ignore_changes=IGNORED_BY_DATASTORE",
        "parent=self, ignore_changes=IGNORED_BY_DATASTORE",
        "cache-promotion",
        "us-east-1",
        ("unprotected", "cell-market-global"),
    ),
    "protection of the cell's own cache": (
        "components/data/local_cache.py",
        "opts=pulumi.ResourceOptions(parent=self, protect=not args.retire)",
        "opts=pulumi.ResourceOptions(parent=self)",
        "cache-promotion",
        "eu-west-1",
        ("unprotected", "cell-cache-cache"),
    ),
    "protection of a key": (
        "components/keys/key_family.py",
        "opts=pulumi.ResourceOptions(parent=self, protect=not args.retire)",
        "opts=pulumi.ResourceOptions(parent=self)",
        "key-replica-disabled",
        "us-east-1",
        ("unprotected", "cell-key-ledger-global-key"),
    ),
    "protection of a bucket": (
        "components/data/private_bucket.py",
        "opts=pulumi.ResourceOptions(parent=parent, protect=not retire)",
        "opts=pulumi.ResourceOptions(parent=parent)",
        "lose-region",
        "eu-west-1",
        ("unprotected", "cell-web-bucket"),
    ),
}

# Options that no drill of a failover can miss: what they are for happens at other times.
ELSEWHERE = {
    "engineVersion": "an upgrade, which goes through the global database or datastore",
    "availabilityZones": "the provider's reading of a cluster for which the program names no zones",
    "masterUsername": "the provider's reading of what a joining member inherits",
    "databaseName": "the same",
    "automaticFailoverEnabled": "a change of the datastore's own settings",
    "nodeType": "a change of the datastore's size",
    "numNodeGroups": "a change of the datastore's size",
    "parameterGroupName": "an upgrade of the datastore",
    "engine": "the provider's default for what a joining member inherits",
    "atRestEncryptionEnabled": "the provider's reading of what a joining member inherits",
    "transitEncryptionEnabled": "the same",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_without_an_option_that_protects_it_its_drill_fails(
    field: Field, tmp_path: Path, option: str
) -> None:
    file, old, new, drill, stack, found = OPTIONS[option]
    program = copied(tmp_path / "program")
    mutated(program, file, old, new)
    argument = "us-east-1" if DRILLS[drill].parameter else ""
    kinds = {(kind, name) for kind, name, _ in told(field.play(drill, argument, [stack], program))}
    assert found in kinds


def test_every_option_that_protects_the_program_has_a_drill_or_a_reason(ground: Path) -> None:
    with engine(ground) as opened:
        records = [r for stack in opened.stacks() for r in opened.store.state(stack).values()]
    ignored = {path for record in records for path in record.get("ignore_changes", ())}
    taken = {text.strip('[]", ') for _, old, *_ in OPTIONS.values() for text in old.split('"')[1::2]}
    assert ignored == taken | ELSEWHERE.keys()
    protected = {urns.type_of(r["urn"]) for r in records if r.get("protect")}
    assert protected == {type_ for drill in DRILLS.values() for type_ in drill.guards}
