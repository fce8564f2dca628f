"""Drill of the KMS keys: a replica is disabled."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.drills.drill import Drill, Expected, Scene, Stage

KEY = "aws:kms/key:Key"
REPLICA = "aws:kms/replicaKey:ReplicaKey"


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
        "key-replica-disabled",
        "Somebody disables the replica of a key: its stack enables it again, and nothing else changes.",
        replica_disabled,
        needs=(KEY, REPLICA),
        protected_types=(KEY,),
    ),
)
