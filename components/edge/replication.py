"""Replication of buckets between cells, whole for each bucket, since S3 keeps one configuration of a bucket."""

from __future__ import annotations

from components.data.buckets.replication import (
    BucketReplication,
    BucketReplicationArgs,
    ReplicatedBucket,
    ReplicationDestination,
)
from components.edge.inputs import EdgeInputs
from settings import CellFacts, replicas
from settings.placement import REPLICATED_BUCKETS


def build_bucket_replication(edge: EdgeInputs) -> None:
    """Builds the replication of every replicated data set, from each cell to those that get a copy.

    None leaves the data set's residency.
    """
    order = [cell.name for cell in edge.platform.cells]  # append-only, so that no rule's priority moves
    for dataset in sorted(REPLICATED_BUCKETS):
        pairs = replicas(edge.platform, dataset, edge.settings.stack)
        for source in dict.fromkeys(source for source, _ in pairs):
            destinations = [destination for each, destination in pairs if each == source]
            BucketReplication(
                f"{edge.name}-replication-{dataset}-{source.name}",
                BucketReplicationArgs(
                    account=edge.platform.account,
                    source=_bucket(edge, dataset, source),
                    destinations={
                        cell.name: ReplicationDestination(
                            bucket=_bucket(edge, dataset, cell), priority=1 + order.index(cell.name)
                        )
                        for cell in destinations
                    },
                    object_lock=dataset == "audit",
                ),
                edge.child,
            )


def _bucket(edge: EdgeInputs, dataset: str, cell: CellFacts) -> ReplicatedBucket:
    return ReplicatedBucket(
        bucket=edge.names_of(cell).bucket(dataset),
        region=cell.region,
        key_arn=edge.key_arn(dataset, cell.region),
        alarm_topic_arn=edge.contracts[cell.name].alarm_topic_arn,
    )
