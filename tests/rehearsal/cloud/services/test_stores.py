"""Tables with their replicas, and file systems with their copies."""

from __future__ import annotations

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import Value, Values
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, GROUP, KEY, NORTH, SOUTH, CloudDriver, Made, refused

ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
COPY = "aws:efs/replicationConfiguration:ReplicationConfiguration"
FILES = "aws:efs/fileSystem:FileSystem"
MOUNT = "aws:efs/mountTarget:MountTarget"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
TABLE = "aws:dynamodb/table:Table"
REPLICA_KEY = "aws:kms/replicaKey:ReplicaKey"
PLAIN: Values = {
    "name": "balances",
    "hashKey": "account",
    "attributes": [{"name": "account", "type": "S"}],
    "billingMode": "PAY_PER_REQUEST",
    "streamEnabled": True,
    "streamViewType": "NEW_AND_OLD_IMAGES",
}


def table(driver: CloudDriver, **inputs: Value) -> Made:
    return driver.make(TABLE, "balances", {**PLAIN, **inputs})


def keys(driver: CloudDriver) -> tuple[Made, Made]:
    """A key in the north, and its replica in the south."""
    north = driver.make(KEY, "key", {"multiRegion": True})
    return north, driver.make(REPLICA_KEY, "key-south", {"primaryKeyArn": north.arn}, SOUTH)


# ---- tables that other regions join


def test_a_table_tells_its_stream_and_its_replicas(driver: CloudDriver) -> None:
    made = table(driver)
    assert made.outputs["streamArn"].startswith(f"{made.arn}/stream/")
    assert made.outputs["replicas"] == []
    replica = driver.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    assert replica.id == "balances:us-east-1"
    assert replica.arn == f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/balances"
    found = driver.read(made)
    assert found is not None
    assert [(it["regionName"], it["arn"]) for it in found.outputs["replicas"]] == [("eu-west-1", replica.arn)]


def test_a_table_that_doesnt_ignore_its_replicas_would_take_them_out(driver: CloudDriver) -> None:
    made = table(driver)
    driver.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    found = driver.read(made)
    assert found is not None
    seen = Made(made.target, made.id, found.inputs, found.outputs)
    assert driver.diff(seen, PLAIN).changed == ("replicas",)
    assert driver.diff(seen, PLAIN, "replicas").changed == ()


def test_a_replica_of_a_table_that_isnt_there_is_refused(driver: CloudDriver) -> None:
    arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/balances"
    error = refused(driver, REPLICA, "south", {"globalTableArn": arn}, SOUTH)
    assert error.code == "ResourceNotFoundException"
    assert "balances doesn't exist" in error.message


def test_a_second_replica_in_a_region_is_refused(driver: CloudDriver) -> None:
    made = table(driver)
    driver.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    error = refused(driver, REPLICA, "again", {"globalTableArn": made.arn}, SOUTH)
    assert "exists already in eu-west-1; it belongs to" in error.message


def test_a_replica_beside_its_table_or_another_of_its_name_is_refused(driver: CloudDriver) -> None:
    made = table(driver)
    driver.make(TABLE, "namesake", PLAIN, SOUTH)
    for provider in (NORTH, SOUTH):
        error = refused(driver, REPLICA, "replica", {"globalTableArn": made.arn}, provider)
        assert "balances is a table of this region already" in error.message


def test_a_table_without_a_stream_of_both_images_cant_be_replicated(driver: CloudDriver) -> None:
    made = table(driver, streamViewType="NEW_IMAGE")
    error = refused(driver, REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    assert "without a stream of new and old images" in error.message


def test_a_replica_has_a_key_of_its_own_region(driver: CloudDriver) -> None:
    north, south = keys(driver)
    made = table(driver, serverSideEncryption={"enabled": True, "kmsKeyArn": north.arn})
    inputs = {"globalTableArn": made.arn, "kmsKeyArn": north.arn}
    assert "is in us-east-1, not in eu-west-1" in refused(driver, REPLICA, "south", inputs, SOUTH).message
    driver.make(REPLICA, "south", {**inputs, "kmsKeyArn": south.arn}, SOUTH)


def test_a_table_stays_while_it_has_replicas(driver: CloudDriver) -> None:
    made = table(driver)
    replica = driver.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    with pytest.raises(RefusedError, match="ResourceInUseException: balances is in use by"):
        driver.remove(made)
    driver.remove(replica)
    driver.remove(made)


def test_a_protected_replica_cant_be_deleted(driver: CloudDriver) -> None:
    made = table(driver)
    replica = driver.make(
        REPLICA, "south", {"globalTableArn": made.arn, "deletionProtectionEnabled": True}, SOUTH
    )
    with pytest.raises(RefusedError, match="deletionProtectionEnabled is on"):
        driver.remove(replica)


def test_a_replica_that_somebody_removed_is_gone_and_the_table_says_so(driver: CloudDriver) -> None:
    made = table(driver)
    replica = driver.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    driver.apply(
        external_changes.deleted(
            driver.resources, driver.resources[resource_key(REPLICA, "eu-west-1", replica.id)]
        )
    )
    assert driver.read(replica) is None
    found = driver.read(made)
    assert found is not None and found.outputs["replicas"] == []


# ---- tables that are strongly consistent


def strong(*regions: str) -> list[Value]:
    return [{"regionName": region, "consistencyMode": "STRONG"} for region in regions]


def test_a_strong_table_is_in_three_regions_of_any_continents(driver: CloudDriver) -> None:
    made = table(driver, replicas=strong("eu-west-1", "us-west-2"))
    found = driver.read(made)
    assert found is not None
    assert [it["regionName"] for it in found.outputs["replicas"]] == ["eu-west-1", "us-west-2"]
    assert driver.diff(made, {**PLAIN, "replicas": strong("eu-west-1", "us-west-2")}).changed == ()


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"replicas": strong("eu-west-1")}, "takes three regions: two replicas, or one and a witness"),
        ({"replicas": strong("eu-west-1", "us-west-2", "us-east-2")}, "takes three regions, and has more"),
        ({"replicas": strong("eu-west-1", "sa-east-1")}, "which not all of its regions can be"),
        (
            {"replicas": [*strong("eu-west-1"), {"regionName": "us-west-2", "consistencyMode": "EVENTUAL"}]},
            "replicas of different consistency",
        ),
        (
            {
                "replicas": strong("eu-west-1", "us-west-2"),
                "ttl": {"enabled": True, "attributeName": "expires"},
            },
            "knows no time to live",
        ),
    ],
)
def test_strong_tables_that_aws_cant_make_are_refused(driver: CloudDriver, inputs: Values, says: str) -> None:
    error = refused(driver, TABLE, "balances", {**PLAIN, **inputs})
    assert error.code == "ValidationException"
    assert says in error.message


def test_a_strong_table_can_start_in_no_region_that_has_none(driver: CloudDriver) -> None:
    inputs = {**PLAIN, "replicas": strong("eu-west-1", "us-west-2")}
    error = refused(driver, TABLE, "balances", inputs, {**NORTH, "region": "ap-southeast-2"})
    assert "which not all of its regions can be" in error.message


def test_a_strong_table_with_one_replica_takes_a_witness(driver: CloudDriver) -> None:
    witnessed = table(driver, replicas=strong("eu-west-1"), globalTableWitness={"regionName": "us-west-2"})
    assert witnessed.id == "balances"


def test_a_replica_that_comes_with_its_table_has_its_own_regions_key(driver: CloudDriver) -> None:
    north, south = keys(driver)
    for arn, fits in ((north.arn, False), (south.arn, True)):
        replicas = [{**strong("eu-west-1")[0], "kmsKeyArn": arn}, *strong("us-west-2")]
        if fits:
            table(driver, replicas=replicas)
        else:
            error = refused(driver, TABLE, "balances", {**PLAIN, "replicas": replicas})
            assert error.message.startswith(
                f"replicas[0].kmsKeyArn: key {arn} is in us-east-1, not in eu-west-1"
            )


def test_a_table_never_becomes_strong(driver: CloudDriver) -> None:
    made = table(driver)
    with pytest.raises(RefusedError, match="only a table that is new can become strongly consistent"):
        driver.change(made, {**PLAIN, "replicas": strong("eu-west-1", "us-west-2")})


def test_a_strong_tables_replicas_can_still_be_changed(driver: CloudDriver) -> None:
    made = table(driver, replicas=strong("eu-west-1", "us-west-2"))
    open_ = [{**it, "deletionProtectionEnabled": False} for it in strong("eu-west-1", "us-west-2")]
    assert driver.change(made, {**PLAIN, "replicas": open_}).outputs["replicas"] == open_


def test_nobody_joins_a_strong_table(driver: CloudDriver) -> None:
    made = table(driver, replicas=strong("eu-west-1", "us-west-2"))
    error = refused(driver, REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    assert "was made with all its replicas, and takes no other one" in error.message


# ---- files


def files(driver: CloudDriver, **inputs: Value) -> Made:
    return driver.make(FILES, "files", {"encrypted": True, **inputs})


def copied(driver: CloudDriver, made: Made, arn: str) -> Made:
    destination = {"region": "eu-west-1", "kmsKeyId": arn}
    return driver.make(COPY, "copy", {"sourceFileSystemId": made.id, "destination": destination})


def test_aws_makes_the_file_system_that_a_replication_copies_to(driver: CloudDriver) -> None:
    _, south = keys(driver)
    copy = copied(driver, files(driver), south.arn)
    destination = copy.outputs["destination"]
    assert destination["fileSystemId"].startswith("fs-")
    assert (destination["region"], destination["status"]) == ("eu-west-1", "ENABLED")
    found = driver.read(copy)
    assert found is not None and found.inputs == copy.inputs
    assert (
        driver.diff(copy, {name: copy.inputs[name] for name in ("sourceFileSystemId", "destination")}).changed
        == ()
    )


def test_a_copy_has_a_key_of_its_own_region(driver: CloudDriver) -> None:
    north, _ = keys(driver)
    made = files(driver)
    destination = {"region": "eu-west-1", "kmsKeyId": north.arn}
    error = refused(driver, COPY, "copy", {"sourceFileSystemId": made.id, "destination": destination})
    assert error.message.startswith(
        f"destination.kmsKeyId: key {north.arn} is in us-east-1, not in eu-west-1"
    )


def test_a_copy_outlives_its_replication_where_it_was_made(driver: CloudDriver) -> None:
    _, south = keys(driver)
    made = files(driver)
    copy = copied(driver, made, south.arn)
    with pytest.raises(RefusedError, match="FileSystemInUse"):
        driver.remove(made)
    driver.remove(copy)
    driver.remove(made)
    (kept,) = driver.cloud.retained()
    assert (kept.type, kept.id, kept.region) == (
        FILES,
        copy.outputs["destination"]["fileSystemId"],
        "eu-west-1",
    )


def test_a_file_system_has_one_copy(driver: CloudDriver) -> None:
    _, south = keys(driver)
    made = files(driver)
    copied(driver, made, south.arn)
    destination = {"region": "us-west-2"}
    error = refused(driver, COPY, "other", {"sourceFileSystemId": made.id, "destination": destination})
    assert error.code == "ReplicationAlreadyExists"


def test_a_mount_target_is_in_one_subnet_and_keeps_its_file_system(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    group = driver.make(GROUP, "group", {"vpcId": vpc.id})
    made = files(driver)
    inputs = {"fileSystemId": made.id, "subnetId": subnet.id, "securityGroups": [group.id]}
    driver.make(MOUNT, "a", inputs)
    assert refused(driver, MOUNT, "b", inputs).code == "MountTargetConflict"
    with pytest.raises(RefusedError, match="FileSystemInUse"):
        driver.remove(made)


def test_a_mount_target_in_another_vpc_than_its_group_is_refused(driver: CloudDriver) -> None:
    _, subnet = driver.network()
    other = driver.make("aws:ec2/vpc:Vpc", "other", {"cidrBlock": "10.9.0.0/16"})
    group = driver.make(GROUP, "group", {"vpcId": other.id})
    inputs = {"fileSystemId": files(driver).id, "subnetId": subnet.id, "securityGroups": [group.id]}
    assert refused(driver, MOUNT, "a", inputs).code == "SecurityGroupNotFound"


def test_an_access_point_of_files_that_arent_there_is_refused(driver: CloudDriver) -> None:
    error = refused(driver, ACCESS_POINT, "point", {"fileSystemId": "fs-0123456789abcdef0"})
    assert error.code == "FileSystemNotFound"


def test_what_is_written_at_creation_makes_another_file_system(driver: CloudDriver) -> None:
    north, _ = keys(driver)
    made = files(driver, kmsKeyId=north.arn)
    assert driver.diff(made, {"encrypted": True}).replaces == ("kmsKeyId",)
    assert (
        driver.diff(made, {"encrypted": True, "kmsKeyId": north.arn, "throughputMode": "elastic"}).replaces
        == ()
    )
