"""ECR replication of images from the birth cell, to which they are pushed, to the other cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class ImageReplicationArgs:
    account: str
    prefix: str  # of the repositories' names
    regions: Sequence[str]  # of the other cells; at most 25


class ImageReplication(pulumi.ComponentResource):
    """Replication configuration of the registry: images pushed under the prefix are copied to every region.

    Images pushed before aren't copied, so a cell that joins later has none until the next push of each: push the
    images that run once more, under another tag.
    """

    def __init__(
        self, name: str, args: ImageReplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:compute:ImageReplication", name, None, opts)
        rule = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
            destinations=[
                aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs(
                    region=region, registry_id=args.account
                )
                for region in args.regions
            ],
            repository_filters=[
                aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
                    filter=f"{args.prefix}/", filter_type="PREFIX_MATCH"
                )
            ],
        )
        aws.ecr.ReplicationConfiguration(
            f"{name}-registry",
            replication_configuration=aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(
                rules=[rule]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
