from __future__ import annotations

import json
from typing import Any

import pytest

from components.data.buckets.replication import (
    BucketReplication,
    BucketReplicationArgs,
    ReplicatedBucket,
    ReplicationDestination,
)
from tests.unit.harness import Run, run


def side(cell: str) -> ReplicatedBucket:
    return ReplicatedBucket(
        bucket=f"castle-{cell}-reports-123456789012",
        region=cell,
        key_arn=f"arn:aws:kms:{cell}:123456789012:key/mrk-1",
        alarm_topic_arn=f"arn:topic:{cell}",
    )


def replication(*, locked: bool = False) -> Run:
    args = BucketReplicationArgs(
        account="123456789012",
        source=side("eu-west-1"),
        destinations={
            "us-east-1": ReplicationDestination(bucket=side("us-east-1"), priority=1),
            "us-west-2": ReplicationDestination(bucket=side("us-west-2"), priority=3),
        },
        object_lock=locked,
    )
    return run(lambda: BucketReplication("copied", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return replication()


def rules(made: Run) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in made.one("copied-config").inputs["rules"]}


def granted(made: Run) -> list[dict[str, Any]]:
    return json.loads(made.one("copied-rights").inputs["policy"])["Statement"]


def test_the_configuration_is_made_in_the_region_of_the_bucket(made: Run) -> None:
    config = made.one("copied-config").inputs
    assert (config["region"], config["bucket"]) == ("eu-west-1", "castle-eu-west-1-reports-123456789012")


def test_each_other_cell_has_a_rule_with_a_priority_of_its_own(made: Run) -> None:
    assert {name: rule["priority"] for name, rule in rules(made).items()} == {
        "to-us-east-1": 1,
        "to-us-west-2": 3,
    }


def test_what_is_encrypted_is_copied_and_encrypted_with_the_key_of_the_other_region(made: Run) -> None:
    for cell in ("us-east-1", "us-west-2"):
        rule = rules(made)[f"to-{cell}"]
        assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
        assert rule["destination"]["bucket"] == f"arn:aws:s3:::castle-{cell}-reports-123456789012"
        assert rule["destination"]["encryptionConfiguration"] == {
            "replicaKmsKeyId": f"arn:aws:kms:{cell}:123456789012:key/mrk-1"
        }


def test_a_copy_has_fifteen_minutes_and_is_measured(made: Run) -> None:
    for rule in rules(made).values():
        assert rule["destination"]["replicationTime"] == {"status": "Enabled", "time": {"minutes": 15}}
        assert rule["destination"]["metrics"] == {"status": "Enabled", "eventThreshold": {"minutes": 15}}


def test_deletions_go_along_except_those_of_locked_records(made: Run) -> None:
    def markers(made: Run) -> set[str]:
        return {rule["deleteMarkerReplication"]["status"] for rule in rules(made).values()}

    assert markers(made) == {"Enabled"}
    assert markers(replication(locked=True)) == {"Disabled"}


def test_s3_takes_the_role_for_this_bucket_alone(made: Run) -> None:
    (statement,) = json.loads(made.one("copied-role").inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::castle-eu-west-1-reports-123456789012"},
    }


def test_the_role_reads_the_source_and_writes_the_destinations_and_no_star_is_in_it(made: Run) -> None:
    for statement in granted(made):
        assert not [action for action in statement["Action"] if "*" in action]
        assert statement["Resource"] != "*"
    (writes,) = [each for each in granted(made) if "s3:ReplicateObject" in each["Action"]]
    assert writes["Resource"] == [
        "arn:aws:s3:::castle-us-east-1-reports-123456789012/*",
        "arn:aws:s3:::castle-us-west-2-reports-123456789012/*",
    ]


def test_the_role_uses_each_key_through_s3_of_its_region_and_for_its_bucket(made: Run) -> None:
    keys = {each["Resource"]: each for each in granted(made) if each["Action"][0].startswith("kms:")}
    assert {arn: each["Action"] for arn, each in keys.items()} == {
        "arn:aws:kms:eu-west-1:123456789012:key/mrk-1": ["kms:Decrypt"],
        "arn:aws:kms:us-east-1:123456789012:key/mrk-1": ["kms:Encrypt", "kms:GenerateDataKey"],
        "arn:aws:kms:us-west-2:123456789012:key/mrk-1": ["kms:Encrypt", "kms:GenerateDataKey"],
    }
    condition = keys["arn:aws:kms:us-east-1:123456789012:key/mrk-1"]["Condition"]
    assert condition["StringEquals"] == {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    bucket = "arn:aws:s3:::castle-us-east-1-reports-123456789012"
    assert condition["StringLike"] == {"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/*"]}


def test_only_for_locked_records_the_role_reads_their_locks(made: Run) -> None:
    def reads_locks(made: Run) -> bool:
        return any("s3:GetObjectRetention" in each["Action"] for each in granted(made))

    assert not reads_locks(made)
    assert reads_locks(replication(locked=True))


def test_the_configuration_waits_for_the_rights(made: Run) -> None:
    assert made.one("copied-rights").urn in made.one("copied-config").depends_on


def test_failures_are_watched_where_the_bucket_is_and_delays_where_the_copy_is(made: Run) -> None:
    failed, late = made.one("copied-us-east-1-failed").inputs, made.one("copied-us-east-1-late").inputs
    assert (failed["metricName"], failed["region"]) == ("OperationsFailedReplication", "eu-west-1")
    assert failed["alarmActions"] == ["arn:topic:eu-west-1"]
    assert (late["metricName"], late["region"]) == ("ReplicationLatency", "us-east-1")
    assert late["alarmActions"] == ["arn:topic:us-east-1"]
    assert late["threshold"] == 15 * 60
    assert failed["dimensions"] == late["dimensions"]
    assert failed["dimensions"]["RuleId"] in rules(made)
