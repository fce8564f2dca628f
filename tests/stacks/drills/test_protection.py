"""Every option that protects the program in a failover: without it, a drill fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.drills.registry import DRILLS
from rehearsal.drills.runner import JudgedScene
from rehearsal.engine import urns
from tests.program_copy import copy_program, edit_source
from tests.stacks.drills.drill_bench import DrillBench, bench_on, findings
from tests.stacks.platform import engine
from tests.stacks.test_guards import HELD

LEDGER = "components/data/ledger/ledger.py"
CACHE = "components/data/cache/global_cache.py"
FIRST_LOGIN = "components/data/ledger/secret.py"
TABLE = "components/data/tables/table.py"


@pytest.fixture(scope="module")
def bench(platform_state: Path, tmp_path_factory: pytest.TempPathFactory) -> DrillBench:
    return bench_on(platform_state, tmp_path_factory.mktemp("protection"))


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
        "secret-rotation",
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
        "components/data/cache/local_cache.py",
        "opts=pulumi.ResourceOptions(parent=self, protect=not args.retire)",
        "opts=pulumi.ResourceOptions(parent=self)",
        "cache-promotion",
        "eu-west-1",
        ("unprotected", "cell-cache-cache"),
    ),
    "the replicas of a table": (
        TABLE,
        'IGNORED_BY_TABLE = ["replicas"]',
        "IGNORED_BY_TABLE = []",
        "table-replica-removed",
        "us-east-1",
        ("detaches", "cell-table-balances-table"),
    ),
    "protection of a table": (
        TABLE,
        "                protect=not args.retire,\n",
        "",
        "table-replica-removed",
        "us-east-1",
        ("unprotected", "cell-table-balances-table"),
    ),
    "protection of a replica": (
        TABLE,
        "parent=self, protect=not args.retire, ignore_changes=IGNORED_BY_REPLICA",
        "parent=self, ignore_changes=IGNORED_BY_REPLICA",
        "table-replica-removed",
        "us-west-2",
        ("unprotected", "cell-table-balances-replica"),
    ),
    "protection of the files": (
        "components/data/files/files.py",
        "opts=pulumi.ResourceOptions(parent=self, protect=not self._args.retire)",
        "opts=pulumi.ResourceOptions(parent=self)",
        "lose-region",
        "eu-west-1",
        ("unprotected", "cell-files-files"),
    ),
    "protection of a key": (
        "components/keys/key_family.py",
        "                protect=not args.retire,\n",
        "",
        "key-replica-disabled",
        "us-east-1",
        ("unprotected", "cell-key-ledger-global-key"),
    ),
    "the first value of a secret": (
        FIRST_LOGIN,
        'IGNORED = ["secretString", "versionStages"]',
        'IGNORED = ["versionStages"]',
        "secret-rotation",
        "us-east-1",
        ("changes", "cell-ledger-secret-first"),
    ),
    "which version of a secret is current": (
        FIRST_LOGIN,
        'IGNORED = ["secretString", "versionStages"]',
        'IGNORED = ["secretString"]',
        "secret-rotation",
        "us-east-1",
        ("changes", "cell-ledger-secret-first"),
    ),
    "protection of a secret": (
        "components/data/secrets/replicated_secret.py",
        "opts=pulumi.ResourceOptions(parent=parent, protect=not retire)",
        "opts=pulumi.ResourceOptions(parent=parent)",
        "secret-promotion",
        "us-east-1",
        ("unprotected", "cell-ledger-secret-secret"),
    ),
    "protection of the warehouse": (
        "components/data/warehouse/warehouse.py",
        "opts=pulumi.ResourceOptions(parent=self, protect=not args.retire, depends_on=log_groups)",
        "opts=pulumi.ResourceOptions(parent=self, depends_on=log_groups)",
        "lose-region",
        "us-east-1",
        ("unprotected", "cell-warehouse-namespace"),
    ),
    "protection of a bucket": (
        "components/data/buckets/private_bucket.py",
        "protect=not args.retire, retain_on_delete=retained",
        "retain_on_delete=retained",
        "lose-region",
        "eu-west-1",
        ("unprotected", "cell-web-bucket"),
    ),
    "protection of a vault": (
        "components/data/backup/vault.py",
        "opts=pulumi.ResourceOptions(parent=parent, protect=not retire)",
        "opts=pulumi.ResourceOptions(parent=parent)",
        "lose-region",
        "eu-west-1",
        ("unprotected", "cell-backups-ledger-global-copy-vault"),
    ),
    "the replication that nobody has paused": (
        "components/data/buckets/replication.py",
        "opts=pulumi.ResourceOptions(parent=self, depends_on=[policy])",
        'opts=pulumi.ResourceOptions(parent=self, depends_on=[policy], ignore_changes=["rules"])',
        "bucket-replication-paused",
        "global",
        ("misses", "edge-replication-audit-eu-west-1-config"),
    ),
}

# Options that no drill of a failover can miss: what they are for happens at other times.
ELSEWHERE = {
    "accessConfig.bootstrapClusterCreatorAdminPermissions": "the EKS plugin's own, on what it makes",
    "bootstrapSelfManagedAddons": "the same",
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
    "desiredCount": "how many tasks there are, which is for the service's scaling to say",
    "resourceTypeManagementPreference": "AWS's own list of types, which grows",
    "resourceTypeOptInPreference": "the same",
    "kmsKeyArn": "the provider's reading of a replica's key",
}


ALWAYS = "protection of the global database"  # the one that every run of the tests takes away


@pytest.mark.parametrize(
    "option", [pytest.param(it, marks=() if it == ALWAYS else pytest.mark.slow) for it in OPTIONS]
)
def test_without_an_option_that_protects_it_its_drill_fails(
    bench: DrillBench, tmp_path: Path, option: str
) -> None:
    file, old, new, drill, stack, found = OPTIONS[option]
    program = copy_program(tmp_path / "program")
    edit_source(program, file, old, new)
    argument = "us-east-1" if DRILLS[drill].parameter else ""

    def fails(scene: JudgedScene) -> bool:
        return found in {(kind, name) for kind, name, _ in findings([scene])}

    _, scenes = bench.play(drill, argument, [stack], program, enough=fails)
    assert fails(scenes[-1])


def test_every_option_that_protects_the_program_has_a_drill_or_a_reason(bench: DrillBench) -> None:
    with engine(bench.platform_state) as opened:
        records = [r for stack in opened.stacks() for r in opened.store.state(stack).values()]
    ignored = {path for record in records for path in record.get("ignore_changes", ())}
    taken = {text.strip('[]", ') for _, old, *_ in OPTIONS.values() for text in old.split('"')[1::2]}
    assert ignored == taken | ELSEWHERE.keys()
    protected = {urns.type_of(r["urn"]) for r in records if r.get("protect")}
    drilled = {type_ for drill in DRILLS.values() for type_ in drill.protected_types}
    assert {type_ for type_ in protected if type_.startswith("aws:")} == {*drilled, *HELD}
