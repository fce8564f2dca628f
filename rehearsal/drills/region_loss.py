"""Drill of a lost region: its outage, and its return."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import baseline, external_changes
from rehearsal.cloud.external_changes import CACHE, CLUSTER, DATASTORE, GLOBAL_CLUSTER, REPLICA, TABLE
from rehearsal.drills.drill import Drill, Scene, Stage
from rehearsal.engine.events import FailedError


def lose_region(stage: Stage) -> Iterator[Scene]:
    """Loses the region that the command line names, and restores it."""
    region = stage.argument
    known = sorted({place for stack in stage.stacks for place in stage.regions(stack)})
    if region not in known:
        raise FailedError(f"no stack that is up works from {region}; name one of {', '.join(known)}")
    waiting = [stack for stack in stage.chosen if region in stage.regions(stack)]
    others = tuple(stack for stack in stage.chosen if stack not in waiting)
    managed = [service for service, home in baseline.home_regions().items() if home == region]
    also = f", nor does what is managed from there ({', '.join(managed)})" if managed else ""
    wait = f"; {' and '.join(waiting)} can only wait" if waiting else ""

    stage.change_cloud(external_changes.region_lost(region))
    yield Scene(f"{region} doesn't answer{also}{wait}", stacks=others, refreshed=False)
    yield Scene("the other stacks are refreshed, without what needs it", stacks=others)
    stage.change_cloud(external_changes.region_restored(region))
    yield Scene(f"{region} answers again")


DRILLS = (
    Drill(
        "lose-region",
        "A region no longer answers, nor does what is managed from there; later it does again.",
        lose_region,
        parameter="region",
        protected_types=(
            GLOBAL_CLUSTER,
            CLUSTER,
            DATASTORE,
            CACHE,
            TABLE,
            REPLICA,
            "aws:efs/fileSystem:FileSystem",
            "aws:backup/vault:Vault",
            "aws:kms/key:Key",
            "aws:redshiftserverless/namespace:Namespace",
            "aws:s3/bucket:Bucket",
            "aws:secretsmanager/secret:Secret",
            "aws:ecr/repository:Repository",
            "aws:sqs/queue:Queue",
        ),
        traffic_classes=("web", "orders", "sockets", "ledger", "cache"),
    ),
)
