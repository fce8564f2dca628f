"""How images come from the birth cell, where they are pushed, to the others. A registry says it once for all."""

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
    """Whatever is pushed under the prefix from then on goes to every region; what was there before doesn't.

    So a cell that joins later has no image until the next push of each: push what runs once more, under another tag.
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
