from __future__ import annotations

import pytest

from components.data.files.files import Files, FilesArgs, ReplicaRegion, file_system_policy
from components.data.store_security_group import StoreNetwork
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
THERE = ReplicaRegion("eu-central-1", "arn:aws:kms:eu-central-1:123456789012:key/mrk-1")
NETWORK = StoreNetwork(
    vpc_id="vpc-1",
    data_subnet_ids={"a": "subnet-a", "b": "subnet-b", "c": "subnet-c"},
    client_groups={"cluster": "sg-1"},
    client_cidrs={},
)


def files(*, copy: ReplicaRegion | None = THERE, retire: bool = False) -> Run:
    args = FilesArgs(
        network=NETWORK,
        key_arn=KEY,
        replica=copy,
        tags={"backup": "customer-eu"},
        alarm_topic_arn="arn:topic",
        retire=retire,
    )
    return run(lambda: Files("files", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return files()


def test_files_are_encrypted_by_their_regions_key_and_in_all_zones(made: Run) -> None:
    system = made.one("files-files").inputs
    assert (system["encrypted"], system["kmsKeyId"]) == (True, KEY)
    assert "availabilityZoneName" not in system


def test_every_zone_has_a_mount_target_in_its_data_subnet(made: Run) -> None:
    targets = {each.name: each.inputs for each in made.of("MountTarget")}
    assert {name: each["subnetId"] for name, each in targets.items()} == {
        "files-mount-a": "subnet-a",
        "files-mount-b": "subnet-b",
        "files-mount-c": "subnet-c",
    }
    assert all(each["securityGroups"] == ["files-group-id"] for each in targets.values())


def test_what_runs_in_the_cell_reaches_the_files_and_nobody_else(made: Run) -> None:
    (rule,) = made.of("SecurityGroupIngressRule")
    assert rule.inputs["referencedSecurityGroupId"] == "sg-1"
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (2049, 2049)


def test_each_service_has_a_directory_and_a_user_of_its_own(made: Run) -> None:
    points = [each.inputs for each in made.of("AccessPoint")]
    paths = [each["rootDirectory"]["path"] for each in points]
    users = [each["posixUser"]["uid"] for each in points]
    assert sorted(paths) == ["/accounts", "/market-data", "/payments", "/trading-api"]
    assert len(set(users)) == len(points) and 0 not in users
    for each in points:
        assert each["rootDirectory"]["creationInfo"]["ownerUid"] == each["posixUser"]["uid"]
        assert each["rootDirectory"]["creationInfo"]["permissions"] == "0750"


def test_nobody_mounts_without_tls_past_an_access_point_or_as_root() -> None:
    found = statements(file_system_policy())
    assert {each["Effect"] for each in found.values()} == {"Deny"}
    assert {str(each["Principal"]) for each in found.values()} == {"{'AWS': '*'}"}
    assert found["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert found["ThroughAccessPoints"]["Condition"] == {"Null": {"elasticfilesystem:AccessPointArn": "true"}}
    for sid in ("TlsOnly", "ThroughAccessPoints"):
        assert {"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"} <= set(actions(found[sid]))
    assert actions(found["NobodyIsRoot"]) == ["elasticfilesystem:ClientRootAccess"]


def test_files_are_backed_up_and_found_by_their_tag(made: Run) -> None:
    # by the cell's plans, which select it by the tag; AWS's own daily backup would be a second one
    assert made.one("files-backup").inputs["backupPolicy"] == {"status": "DISABLED"}
    assert made.one("files-files").inputs["tags"]["backup"] == "customer-eu"


def test_what_nobody_reads_gets_cheaper_and_comes_back_when_it_is_read(made: Run) -> None:
    policies = made.one("files-files").inputs["lifecyclePolicies"]
    assert {name for each in policies for name in each} == {
        "transitionToIa",
        "transitionToArchive",
        "transitionToPrimaryStorageClass",
    }


def test_the_copy_is_in_the_other_region_under_its_key(made: Run) -> None:
    copy = made.one("files-copy").inputs
    assert copy["destination"] == {"region": "eu-central-1", "kmsKeyId": THERE.key_arn}
    assert copy["sourceFileSystemId"] == "files-files-id"
    assert "region" not in copy


def test_a_copy_that_is_late_or_silent_is_told(made: Run) -> None:
    late = made.one("files-copy-late").inputs
    assert late["metricName"] == "TimeSinceLastSync"
    assert late["treatMissingData"] == "breaching"
    assert set(late["dimensions"]) == {"FileSystemId", "DestinationFileSystemId"}


def test_files_near_their_limit_are_told(made: Run) -> None:
    busy = made.one("files-busy").inputs
    assert (busy["metricName"], busy["alarmActions"]) == ("PercentIOLimit", ["arn:topic"])


def test_a_platform_of_one_home_has_no_copy_and_no_alarm_for_it() -> None:
    alone = files(copy=None)
    assert alone.of("ReplicationConfiguration") == []
    assert {each.name for each in alone.of("MetricAlarm")} == {"files-busy"}


def test_files_are_protected_until_they_retire(made: Run) -> None:
    assert made.one("files-files").protect
    assert not any(each.protect for each in files(retire=True).resources)
