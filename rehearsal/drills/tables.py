"""Drill of the DynamoDB tables: a replica is deleted."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import REPLICA, TABLE
from rehearsal.drills.drill import Drill, Expected, Scene, Stage


def replica_removed(stage: Stage) -> Iterator[Scene]:
    """Deletes a table's replica."""
    replica = stage.only_resource(REPLICA)
    stage.change_cloud(external_changes.deleted(stage.resources, replica))
    yield Scene(
        f"the replica {replica.id} in {replica.region} was removed",
        expected=(Expected("create", replica.urn),),
    )


DRILLS = (
    Drill(
        "table-replica-removed",
        "Somebody removes a table's replica: its cell makes it anew, and the table leaves the other replicas alone.",
        replica_removed,
        needs=(TABLE, REPLICA),
        protected_types=(TABLE, REPLICA),
    ),
)
