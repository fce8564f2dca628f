"""Drill of the market data cache: its primary moves."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import CACHE, DATASTORE
from rehearsal.drills.drill import Drill, Scene, Stage
from rehearsal.engine.events import FailedError


def promotion(stage: Stage) -> Iterator[Scene]:
    """Promotes another member of the global datastore."""
    datastore = stage.only_resource(DATASTORE)
    primary = datastore.outputs.get("primaryReplicationGroupId")
    secondaries = [
        group for group in external_changes.cache_members(stage.resources, datastore) if group.id != primary
    ]
    if not secondaries:
        raise FailedError(
            f"{datastore.id} has one member in the stacks that are up; bring up another cell that has one"
        )
    stage.change_cloud(external_changes.cache_primary_moved(stage.resources, datastore, secondaries[0]))
    yield Scene(f"{secondaries[0].id} is the primary of {datastore.id}, and {primary} copies it")


DRILLS = (
    Drill(
        "cache-promotion",
        "Another cell's member becomes the primary of the global cache.",
        promotion,
        needs=(DATASTORE, CACHE),
        protected_types=(DATASTORE, CACHE),
        traffic_classes=("cache",),
    ),
)
