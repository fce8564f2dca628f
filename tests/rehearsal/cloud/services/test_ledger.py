"""The global database: who may join when, who writes, and what may go."""

from dataclasses import replace

import pytest

from rehearsal.cloud import baseline
from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import Secret, Value, Values
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, NORTH, SOUTH, CloudDriver, Made

GLOBAL = "aws:rds/globalCluster:GlobalCluster"
CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"

FIRST: Values = {
    "clusterIdentifier": "ledger-north",
    "engine": "aurora-postgresql",
    "globalClusterIdentifier": "ledger",
    "masterUsername": "castle",
    "masterPasswordWo": Secret("p" * 20),
    "masterPasswordWoVersion": 1,
    "databaseName": "castle",
    "storageEncrypted": True,
    "skipFinalSnapshot": True,
}
JOINING: Values = {
    "clusterIdentifier": "ledger-south",
    "engine": "aurora-postgresql",
    "globalClusterIdentifier": "ledger",
    "sourceRegion": "us-east-1",
    "storageEncrypted": True,
    "skipFinalSnapshot": True,
}


def whole(driver: CloudDriver) -> Made:
    return driver.make(
        GLOBAL,
        "ledger",
        {"globalClusterIdentifier": "ledger", "engine": "aurora-postgresql", "databaseName": "castle"},
    )


def instance(driver: CloudDriver, cluster: Made, name: str, provider: Values) -> Made:
    inputs = {
        "clusterIdentifier": cluster.id,
        "engine": "aurora-postgresql",
        "instanceClass": "db.serverless",
    }
    return driver.make(INSTANCE, name, inputs, provider)


def born(driver: CloudDriver) -> tuple[Made, Made, Made]:
    """The global cluster, its first member, and that one's instance."""
    ledger = whole(driver)
    north = driver.make(CLUSTER, "north", FIRST, NORTH)
    return ledger, north, instance(driver, north, "north-a", NORTH)


def code(driver: CloudDriver, inputs: Values, provider: Values = SOUTH) -> str:
    with pytest.raises(RefusedError) as caught:
        driver.make(CLUSTER, "south", inputs, provider)
    return caught.value.code


def test_first_member_writes_and_a_joining_one_copies_it(driver: CloudDriver) -> None:
    ledger, north, _ = born(driver)
    south = driver.make(CLUSTER, "south", JOINING, SOUTH)
    assert "replicationSourceIdentifier" not in north.outputs
    assert south.outputs["replicationSourceIdentifier"] == north.arn
    assert (south.outputs["masterUsername"], south.outputs["databaseName"]) == ("castle", "castle")
    found = driver.read(ledger)
    assert found is not None
    assert found.outputs["globalClusterMembers"] == [
        {"dbClusterArn": north.arn, "isWriter": True},
        {"dbClusterArn": south.arn, "isWriter": False},
    ]


def test_member_before_the_first_ones_instance_is_refused(driver: CloudDriver) -> None:
    whole(driver)
    north = driver.make(CLUSTER, "north", FIRST, NORTH)
    assert code(driver, JOINING) == "InvalidDBClusterStateFault"
    instance(driver, north, "north-a", NORTH)
    assert driver.make(CLUSTER, "south", JOINING, SOUTH).id == "ledger-south"


def test_member_of_no_global_cluster_is_refused(driver: CloudDriver) -> None:
    assert code(driver, FIRST) == "GlobalClusterNotFoundFault"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("masterUsername", "castle"),
        ("masterPassword", Secret("p" * 20)),
        ("masterPasswordWo", Secret("p" * 20)),
        ("manageMasterUserPassword", True),
        ("databaseName", "castle"),
        ("replicationSourceIdentifier", f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:ledger-north"),
    ],
)
def test_joining_member_that_sets_what_it_inherits_is_refused(
    driver: CloudDriver, name: str, value: Value
) -> None:
    born(driver)
    assert code(driver, {**JOINING, name: value}) == "InvalidParameterCombination"


@pytest.mark.parametrize("encrypted", [{"storageEncrypted": True}, {}])
def test_copy_of_an_encrypted_cluster_without_its_source_region_is_refused(
    driver: CloudDriver, encrypted: Values
) -> None:
    born(driver)
    without = {n: v for n, v in JOINING.items() if n not in ("sourceRegion", "storageEncrypted")}
    assert code(driver, {**without, **encrypted}) == "InvalidParameterCombination"


def test_twelfth_member_is_refused(driver: CloudDriver) -> None:
    born(driver)
    regions = [region for region in baseline.regions() if region != "us-east-1"]
    for region in regions[:10]:
        joining = {**JOINING, "clusterIdentifier": f"ledger-{region}"}
        driver.make(CLUSTER, region, joining, {**NORTH, "region": region})
    assert code(driver, JOINING, {**NORTH, "region": regions[10]}) == "InvalidGlobalClusterStateFault"


def test_first_member_without_a_master_user_is_refused(driver: CloudDriver) -> None:
    whole(driver)
    assert code(driver, {n: v for n, v in FIRST.items() if n != "masterUsername"}) == "InvalidParameterValue"


def test_managed_master_password_in_a_global_database_is_refused(driver: CloudDriver) -> None:
    whole(driver)
    managed = {n: v for n, v in FIRST.items() if not n.startswith("masterPassword")}
    assert code(driver, {**managed, "manageMasterUserPassword": True}) == "InvalidParameterCombination"


def test_global_cluster_twice_is_refused_in_any_region(driver: CloudDriver) -> None:
    whole(driver)
    with pytest.raises(RefusedError, match="GlobalClusterAlreadyExistsFault"):
        driver.make(GLOBAL, "again", {"globalClusterIdentifier": "ledger"}, SOUTH)


def test_members_are_in_use_until_what_hangs_on_them_is_gone(driver: CloudDriver) -> None:
    ledger, north, writer = born(driver)
    south = driver.make(CLUSTER, "south", JOINING, SOUTH)
    for made, code_ in ((ledger, "InvalidGlobalClusterStateFault"), (north, "InvalidDBClusterStateFault")):
        with pytest.raises(RefusedError, match=code_):
            driver.remove(made)
    driver.remove(writer)
    with pytest.raises(RefusedError, match="is the writer of ledger, which has other members"):
        driver.remove(north)
    for made in (south, north, ledger):
        driver.remove(made)


def test_deleted_cluster_leaves_its_final_snapshot_and_needs_a_name_for_it(driver: CloudDriver) -> None:
    alone = {n: v for n, v in FIRST.items() if n not in ("globalClusterIdentifier", "skipFinalSnapshot")}
    made = driver.make(CLUSTER, "alone", alone)
    with pytest.raises(RefusedError, match="finalSnapshotIdentifier is required"):
        driver.remove(made)
    made = driver.change(made, {**alone, "finalSnapshotIdentifier": "last"})
    driver.remove(made)
    assert [(resource.type, resource.id) for resource in driver.cloud.retained()] == [
        ("aws:rds/clusterSnapshot:ClusterSnapshot", "last")
    ]
    again = driver.make(CLUSTER, "alone", {**alone, "finalSnapshotIdentifier": "last"})
    with pytest.raises(RefusedError, match="DBClusterSnapshotAlreadyExistsFault"):
        driver.remove(again)


def test_first_instance_writes_and_takes_the_clusters_settings(driver: CloudDriver) -> None:
    _, north, writer = born(driver)
    reader = instance(driver, north, "north-b", NORTH)
    assert (writer.outputs["writer"], reader.outputs["writer"]) == (True, False)
    assert reader.outputs["storageEncrypted"] is True
    found = driver.read(north)
    assert found is not None and found.outputs["clusterMembers"] == [writer.id, reader.id]


def test_instances_that_name_no_zone_are_spread_and_stay_where_they_are(driver: CloudDriver) -> None:
    _, north, first = born(driver)
    second = instance(driver, north, "north-b", NORTH)
    zones = [it.outputs["availabilityZone"] for it in (first, second)]
    assert zones == ["us-east-1a", "us-east-1b"]
    read = [driver.read(it) for it in (first, second)]
    assert [it.outputs["availabilityZone"] for it in read if it is not None] == zones


def test_invoke_tells_who_writes(driver: CloudDriver) -> None:
    _, north, _ = born(driver)
    south = driver.make(CLUSTER, "south", JOINING, SOUTH)
    answer = driver.cloud.invoke("aws:rds/getGlobalCluster:getGlobalCluster", {"identifier": "ledger"}, NORTH)
    assert [(m["dbClusterArn"], m["isWriter"], m["readers"]) for m in answer["members"]] == [
        (north.arn, True, [south.arn]),
        (south.arn, False, []),
    ]


# ---- after a switchover


def switched(driver: CloudDriver) -> tuple[Made, Made]:
    """Both members as a refresh finds them after the writer has moved south."""
    _, north, _ = born(driver)
    south = driver.make(CLUSTER, "south", JOINING, SOUTH)
    for made, source in ((north, south.arn), (south, None)):
        at = resource_key(CLUSTER, made.outputs["region"], made.id)
        outputs = {
            n: v for n, v in driver.resources[at].outputs.items() if n != "replicationSourceIdentifier"
        }
        driver.resources[at] = replace(
            driver.resources[at],
            outputs=outputs | ({"replicationSourceIdentifier": source} if source else {}),
        )
    seen: list[Made] = []
    for made in (north, south):
        found = driver.read(made)
        assert found is not None
        seen.append(Made(made.target, made.id, found.inputs, found.outputs))
    return seen[0], seen[1]


def test_writer_that_moved_is_seen_by_all(driver: CloudDriver) -> None:
    north, south = switched(driver)
    answer = driver.cloud.invoke("aws:rds/getGlobalCluster:getGlobalCluster", {"identifier": "ledger"}, NORTH)
    assert {m["dbClusterArn"]: m["isWriter"] for m in answer["members"]} == {
        north.arn: False,
        south.arn: True,
    }


def test_old_writer_that_does_not_ignore_its_new_source_would_be_changed_and_aws_refuses(
    driver: CloudDriver,
) -> None:
    north, _ = switched(driver)
    assert driver.diff(north, FIRST).changed == ("replicationSourceIdentifier",)
    with pytest.raises(RefusedError, match="can't be promoted"):
        driver.change(north, FIRST)


def test_members_that_ignore_what_aws_decides_stay_as_they_are(driver: CloudDriver) -> None:
    north, south = switched(driver)
    ignore = ("replicationSourceIdentifier", "globalClusterIdentifier")
    assert driver.diff(north, FIRST, *ignore).changed == ()
    assert driver.diff(south, JOINING, *ignore).changed == ()


def test_member_that_is_changed_later_keeps_the_source_that_aws_gave_it(driver: CloudDriver) -> None:
    north, south = switched(driver)
    changed = driver.change(north, {**FIRST, "backupRetentionPeriod": 7}, "replicationSourceIdentifier")
    assert changed.outputs["replicationSourceIdentifier"] == south.arn
    assert changed.arn == f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:ledger-north"


def test_program_that_drops_the_global_cluster_detaches_its_member(driver: CloudDriver) -> None:
    _, south = switched(driver)
    alone = {n: v for n, v in JOINING.items() if n != "globalClusterIdentifier"}
    assert driver.diff(south, alone).changed == ("globalClusterIdentifier",)
    assert "globalClusterIdentifier" not in driver.change(south, alone).outputs
