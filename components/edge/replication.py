"""Which cell's buckets are replicated to which: written here, since a bucket has one configuration."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.data.buckets.replication import (
    BucketReplication,
    BucketReplicationArgs,
    Destination,
    ReplicatedBucket,
)
from components.edge.keys import family_key_arn
from contracts import CellContract
from naming import Names
from settings import CellFacts, EdgeSettings, replicas
from settings.placement import REPLICATED_BUCKETS


def replication(
    name: str,
    settings: EdgeSettings,
    contracts: Mapping[str, CellContract],
    child: pulumi.ResourceOptions,
) -> None:
    """Every replicated data set, from each cell that has it to those that get a copy; never out of its residency."""
    platform = settings.platform
    order = [cell.name for cell in platform.cells]  # append-only, so that no rule's priority moves

    def side(dataset: str, cell: CellFacts) -> ReplicatedBucket:
        return ReplicatedBucket(
            bucket=Names(platform.name, cell.name, platform.account).bucket(dataset),
            region=cell.region,
            key_arn=family_key_arn(settings, contracts, platform.family_of(dataset), cell.region),
            alarm_topic_arn=contracts[cell.name].alarm_topic_arn,
        )

    for dataset in sorted(REPLICATED_BUCKETS):
        pairs = replicas(platform, dataset, settings.stack)
        for source in dict.fromkeys(source for source, _ in pairs):
            BucketReplication(
                f"{name}-replication-{dataset}-{source.name}",
                BucketReplicationArgs(
                    account=platform.account,
                    source=side(dataset, source),
                    destinations={
                        to.name: Destination(to=side(dataset, to), priority=1 + order.index(to.name))
                        for each, to in pairs
                        if each == source
                    },
                    locked=dataset == "audit",
                ),
                child,
            )
