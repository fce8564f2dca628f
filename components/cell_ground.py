"""What every part of a cell stands on, made before any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.cell_keys import Keys
from components.cell_peerings import client_cidrs
from components.data.log_bucket import LogBucket
from components.data.store_group import StorePlace
from components.network.network import Network
from contracts import CellContract
from naming import Names
from settings import CellSettings

BACKUP_TAG = "backup"  # AWS Backup selects by it; its value is the family of the key


@dataclass(frozen=True, kw_only=True)
class Ground:
    name: str  # the cell's logical name, with which those of its children begin
    settings: CellSettings
    names: Names
    earlier: Mapping[str, CellContract]  # of the cells before this one, by name
    child: pulumi.ResourceOptions

    keys: Keys
    logs: LogBucket
    network: Network
    workload_groups: Mapping[str, pulumi.Input[str]]  # ids of the security groups of what runs in the cell
    alarm_topic_arn: pulumi.Input[str]

    def holds(self, dataset: str) -> bool:
        """Whether the cell may have a copy of a data set."""
        return self.settings.platform.holds(self.settings.region, dataset)

    def backup_tags(self, dataset: str) -> dict[str, str]:
        """What AWS Backup selects the stores of a data set by."""
        return {BACKUP_TAG: self.settings.platform.family_of(dataset)}

    def key_arn(self, dataset: str) -> pulumi.Input[str]:
        """The key of this region that encrypts a data set."""
        return self.keys.arns[self.settings.platform.family_of(dataset)]

    def key_arn_in(self, region: str, dataset: str) -> pulumi.Output[str]:
        """The same family's key in another region, which the birth cell made, and there waits for it."""
        made = self.keys.made.get(self.settings.platform.family_of(dataset), {})
        if region in made:
            return made[region]
        own = pulumi.Output.from_input(self.key_arn(dataset))
        return own.apply(lambda arn: arn.replace(f":{self.settings.region}:", f":{region}:"))

    def place(self, *, from_other_cells: bool) -> StorePlace:
        """The data subnets, open to what runs in the cell and, if asked, to the other cells' app subnets."""
        return StorePlace(
            vpc_id=self.network.vpc_id,
            data_subnet_ids=self.network.data_subnet_ids,
            client_groups=self.workload_groups,
            client_cidrs=client_cidrs(self.settings) if from_other_cells else {},
        )
