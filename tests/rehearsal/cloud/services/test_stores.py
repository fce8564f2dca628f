"""Tables with their replicas, and file systems with their copies."""

from __future__ import annotations

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import Value, Values
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, GROUP, KEY, NORTH, SOUTH, Hands, Made, refused

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


def table(hands: Hands, **inputs: Value) -> Made:
    return hands.make(TABLE, "balances", {**PLAIN, **inputs})


def keys(hands: Hands) -> tuple[Made, Made]:
    """A key in the north, and its replica in the south."""
    north = hands.make(KEY, "key", {"multiRegion": True})
    return north, hands.make(REPLICA_KEY, "key-south", {"primaryKeyArn": north.arn}, SOUTH)


# ---- tables that other regions join


def test_a_table_tells_its_stream_and_its_replicas(hands: Hands) -> None:
    made = table(hands)
    assert made.outputs["streamArn"].startswith(f"{made.arn}/stream/")
    assert made.outputs["replicas"] == []
    replica = hands.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    assert replica.id == "balances:us-east-1"
    assert replica.arn == f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/balances"
    found = hands.read(made)
    assert found is not None
    assert [(it["regionName"], it["arn"]) for it in found.outputs["replicas"]] == [("eu-west-1", replica.arn)]


def test_a_table_that_doesnt_ignore_its_replicas_would_take_them_out(hands: Hands) -> None:
    made = table(hands)
    hands.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    found = hands.read(made)
    assert found is not None
    seen = Made(made.target, made.id, found.inputs, found.outputs)
    assert hands.diff(seen, PLAIN).changed == ("replicas",)
    assert hands.diff(seen, PLAIN, "replicas").changed == ()


def test_a_replica_of_a_table_that_isnt_there_is_refused(hands: Hands) -> None:
    arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/balances"
    error = refused(hands, REPLICA, "south", {"globalTableArn": arn}, SOUTH)
    assert error.code == "ResourceNotFoundException"
    assert "balances doesn't exist" in error.message


def test_a_second_replica_in_a_region_is_refused(hands: Hands) -> None:
    made = table(hands)
    hands.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    error = refused(hands, REPLICA, "again", {"globalTableArn": made.arn}, SOUTH)
    assert "exists already in eu-west-1; it belongs to" in error.message


def test_a_replica_beside_its_table_or_another_of_its_name_is_refused(hands: Hands) -> None:
    made = table(hands)
    hands.make(TABLE, "namesake", PLAIN, SOUTH)
    for provider in (NORTH, SOUTH):
        error = refused(hands, REPLICA, "replica", {"globalTableArn": made.arn}, provider)
        assert "balances is a table of this region already" in error.message


def test_a_table_without_a_stream_of_both_images_cant_be_replicated(hands: Hands) -> None:
    made = table(hands, streamViewType="NEW_IMAGE")
    error = refused(hands, REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    assert "without a stream of new and old images" in error.message


def test_a_replica_has_a_key_of_its_own_region(hands: Hands) -> None:
    north, south = keys(hands)
    made = table(hands, serverSideEncryption={"enabled": True, "kmsKeyArn": north.arn})
    inputs = {"globalTableArn": made.arn, "kmsKeyArn": north.arn}
    assert "is in us-east-1, not in eu-west-1" in refused(hands, REPLICA, "south", inputs, SOUTH).message
    hands.make(REPLICA, "south", {**inputs, "kmsKeyArn": south.arn}, SOUTH)


def test_a_table_stays_while_it_has_replicas(hands: Hands) -> None:
    made = table(hands)
    replica = hands.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    with pytest.raises(RefusedError, match="ResourceInUseException: balances is in use by"):
        hands.remove(made)
    hands.remove(replica)
    hands.remove(made)


def test_a_protected_replica_cant_be_deleted(hands: Hands) -> None:
    made = table(hands)
    replica = hands.make(
        REPLICA, "south", {"globalTableArn": made.arn, "deletionProtectionEnabled": True}, SOUTH
    )
    with pytest.raises(RefusedError, match="deletionProtectionEnabled is on"):
        hands.remove(replica)


def test_a_replica_that_somebody_removed_is_gone_and_the_table_says_so(hands: Hands) -> None:
    made = table(hands)
    replica = hands.make(REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    hands.apply(
        external_changes.deleted(
            hands.resources, hands.resources[resource_key(REPLICA, "eu-west-1", replica.id)]
        )
    )
    assert hands.read(replica) is None
    found = hands.read(made)
    assert found is not None and found.outputs["replicas"] == []


# ---- tables that are strongly consistent


def strong(*regions: str) -> list[Value]:
    return [{"regionName": region, "consistencyMode": "STRONG"} for region in regions]


def test_a_strong_table_is_in_three_regions_of_any_continents(hands: Hands) -> None:
    made = table(hands, replicas=strong("eu-west-1", "us-west-2"))
    found = hands.read(made)
    assert found is not None
    assert [it["regionName"] for it in found.outputs["replicas"]] == ["eu-west-1", "us-west-2"]
    assert hands.diff(made, {**PLAIN, "replicas": strong("eu-west-1", "us-west-2")}).changed == ()


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
def test_strong_tables_that_aws_cant_make_are_refused(hands: Hands, inputs: Values, says: str) -> None:
    error = refused(hands, TABLE, "balances", {**PLAIN, **inputs})
    assert error.code == "ValidationException"
    assert says in error.message


def test_a_strong_table_can_start_in_no_region_that_has_none(hands: Hands) -> None:
    inputs = {**PLAIN, "replicas": strong("eu-west-1", "us-west-2")}
    error = refused(hands, TABLE, "balances", inputs, {**NORTH, "region": "ap-southeast-2"})
    assert "which not all of its regions can be" in error.message


def test_a_strong_table_with_one_replica_takes_a_witness(hands: Hands) -> None:
    witnessed = table(hands, replicas=strong("eu-west-1"), globalTableWitness={"regionName": "us-west-2"})
    assert witnessed.id == "balances"


def test_a_replica_that_comes_with_its_table_has_its_own_regions_key(hands: Hands) -> None:
    north, south = keys(hands)
    for arn, fits in ((north.arn, False), (south.arn, True)):
        replicas = [{**strong("eu-west-1")[0], "kmsKeyArn": arn}, *strong("us-west-2")]
        if fits:
            table(hands, replicas=replicas)
        else:
            error = refused(hands, TABLE, "balances", {**PLAIN, "replicas": replicas})
            assert error.message.startswith(
                f"replicas[0].kmsKeyArn: key {arn} is in us-east-1, not in eu-west-1"
            )


def test_a_table_never_becomes_strong(hands: Hands) -> None:
    made = table(hands)
    with pytest.raises(RefusedError, match="only a table that is new can become strongly consistent"):
        hands.change(made, {**PLAIN, "replicas": strong("eu-west-1", "us-west-2")})


def test_a_strong_tables_replicas_can_still_be_changed(hands: Hands) -> None:
    made = table(hands, replicas=strong("eu-west-1", "us-west-2"))
    open_ = [{**it, "deletionProtectionEnabled": False} for it in strong("eu-west-1", "us-west-2")]
    assert hands.change(made, {**PLAIN, "replicas": open_}).outputs["replicas"] == open_


def test_nobody_joins_a_strong_table(hands: Hands) -> None:
    made = table(hands, replicas=strong("eu-west-1", "us-west-2"))
    error = refused(hands, REPLICA, "south", {"globalTableArn": made.arn}, SOUTH)
    assert "was made with all its replicas, and takes no other one" in error.message


# ---- files


def files(hands: Hands, **inputs: Value) -> Made:
    return hands.make(FILES, "files", {"encrypted": True, **inputs})


def copied(hands: Hands, made: Made, arn: str) -> Made:
    destination = {"region": "eu-west-1", "kmsKeyId": arn}
    return hands.make(COPY, "copy", {"sourceFileSystemId": made.id, "destination": destination})


def test_aws_makes_the_file_system_that_a_replication_copies_to(hands: Hands) -> None:
    _, south = keys(hands)
    copy = copied(hands, files(hands), south.arn)
    destination = copy.outputs["destination"]
    assert destination["fileSystemId"].startswith("fs-")
    assert (destination["region"], destination["status"]) == ("eu-west-1", "ENABLED")
    found = hands.read(copy)
    assert found is not None and found.inputs == copy.inputs
    assert (
        hands.diff(copy, {name: copy.inputs[name] for name in ("sourceFileSystemId", "destination")}).changed
        == ()
    )


def test_a_copy_has_a_key_of_its_own_region(hands: Hands) -> None:
    north, _ = keys(hands)
    made = files(hands)
    destination = {"region": "eu-west-1", "kmsKeyId": north.arn}
    error = refused(hands, COPY, "copy", {"sourceFileSystemId": made.id, "destination": destination})
    assert error.message.startswith(
        f"destination.kmsKeyId: key {north.arn} is in us-east-1, not in eu-west-1"
    )


def test_a_copy_outlives_its_replication_where_it_was_made(hands: Hands) -> None:
    _, south = keys(hands)
    made = files(hands)
    copy = copied(hands, made, south.arn)
    with pytest.raises(RefusedError, match="FileSystemInUse"):
        hands.remove(made)
    hands.remove(copy)
    hands.remove(made)
    (kept,) = hands.cloud.kept()
    assert (kept.type, kept.id, kept.region) == (
        FILES,
        copy.outputs["destination"]["fileSystemId"],
        "eu-west-1",
    )


def test_a_file_system_has_one_copy(hands: Hands) -> None:
    _, south = keys(hands)
    made = files(hands)
    copied(hands, made, south.arn)
    destination = {"region": "us-west-2"}
    error = refused(hands, COPY, "other", {"sourceFileSystemId": made.id, "destination": destination})
    assert error.code == "ReplicationAlreadyExists"


def test_a_mount_target_is_in_one_subnet_and_keeps_its_file_system(hands: Hands) -> None:
    vpc, subnet = hands.network()
    group = hands.make(GROUP, "group", {"vpcId": vpc.id})
    made = files(hands)
    inputs = {"fileSystemId": made.id, "subnetId": subnet.id, "securityGroups": [group.id]}
    hands.make(MOUNT, "a", inputs)
    assert refused(hands, MOUNT, "b", inputs).code == "MountTargetConflict"
    with pytest.raises(RefusedError, match="FileSystemInUse"):
        hands.remove(made)


def test_a_mount_target_in_another_vpc_than_its_group_is_refused(hands: Hands) -> None:
    _, subnet = hands.network()
    other = hands.make("aws:ec2/vpc:Vpc", "other", {"cidrBlock": "10.9.0.0/16"})
    group = hands.make(GROUP, "group", {"vpcId": other.id})
    inputs = {"fileSystemId": files(hands).id, "subnetId": subnet.id, "securityGroups": [group.id]}
    assert refused(hands, MOUNT, "a", inputs).code == "SecurityGroupNotFound"


def test_an_access_point_of_files_that_arent_there_is_refused(hands: Hands) -> None:
    error = refused(hands, ACCESS_POINT, "point", {"fileSystemId": "fs-0123456789abcdef0"})
    assert error.code == "FileSystemNotFound"


def test_what_is_written_at_creation_makes_another_file_system(hands: Hands) -> None:
    north, _ = keys(hands)
    made = files(hands, kmsKeyId=north.arn)
    assert hands.diff(made, {"encrypted": True}).replaces == ("kmsKeyId",)
    assert (
        hands.diff(made, {"encrypted": True, "kmsKeyId": north.arn, "throughputMode": "elastic"}).replaces
        == ()
    )
