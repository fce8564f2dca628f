"""Drill of the buckets: a replication is paused."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.drills.drill import Drill, Expected, Scene, Stage
from rehearsal.values import reveal

BUCKET = "aws:s3/bucket:Bucket"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"


def replication_paused(stage: Stage) -> Iterator[Scene]:
    """Pauses a bucket's replication."""
    paused = stage.only_resource(REPLICATION)
    rules = [{**rule, "status": "Disabled"} for rule in reveal(paused.outputs["rules"])]
    stage.change_cloud(external_changes.edited(paused, rules=rules))
    yield Scene(
        f"the replication of {paused.id} was paused",
        expected=(Expected("update", paused.urn, ("rules",)),),
    )


DRILLS = (
    Drill(
        "bucket-replication-paused",
        "Somebody pauses the replication of a bucket: its stack resumes it, and nothing else changes.",
        replication_paused,
        needs=(BUCKET, REPLICATION),
        protected_types=(BUCKET,),
    ),
)
