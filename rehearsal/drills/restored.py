"""Drills of what somebody switches off, and its stack on again: a bucket's replication, a key's replica."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.drills.drill import Drill, Expected, Scene, Stage
from rehearsal.values import reveal

BUCKET = "aws:s3/bucket:Bucket"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
KEY = "aws:kms/key:Key"
REPLICA = "aws:kms/replicaKey:ReplicaKey"


def replication_paused(stage: Stage) -> Iterator[Scene]:
    """Pauses a bucket's replication."""
    paused = stage.only_resource(REPLICATION)
    rules = [{**rule, "status": "Disabled"} for rule in reveal(paused.outputs["rules"])]
    stage.change_cloud(external_changes.edited(paused, rules=rules))
    yield Scene(
        f"the replication of {paused.id} was paused",
        expected=(Expected("update", paused.urn, ("rules",)),),
    )


def replica_disabled(stage: Stage) -> Iterator[Scene]:
    """Disables a multi-region key's replica."""
    replica = stage.only_resource(REPLICA)
    stage.change_cloud(external_changes.edited(replica, enabled=False))
    yield Scene(
        f"the replica of {replica.id} in {replica.region} was disabled",
        expected=(Expected("update", replica.urn, ("enabled",)),),
    )


DRILLS = (
    Drill(
        "bucket-replication-paused",
        "Somebody pauses the replication of a bucket: its stack resumes it, and nothing else changes.",
        replication_paused,
        needs=(BUCKET, REPLICATION),
        protected_types=(BUCKET,),
    ),
    Drill(
        "key-replica-disabled",
        "Somebody disables the replica of a key: its stack enables it again, and nothing else changes.",
        replica_disabled,
        needs=(KEY, REPLICA),
        protected_types=(KEY,),
    ),
)
