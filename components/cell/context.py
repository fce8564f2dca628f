"""What every part of a cell stands on, made before any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.cell.keys import Keys
from components.cell.peerings import client_cidrs
from components.compute.functions.function import EgressRule
from components.data.buckets.logs import LogBucket
from components.data.store_security_group import StorePlace
from components.network.network import ANYWHERE, Network
from contracts import CellContract
from naming import Names
from settings import CellSettings, Endpoint

BACKUP_TAG = "backup"  # AWS Backup selects by it; its value is the family of the key


@dataclass(frozen=True, kw_only=True)
class CellContext:
    name: str  # the cell's logical name, with which those of its children begin
    settings: CellSettings
    names: Names
    earlier: Mapping[str, CellContract]  # of the cells before this one, by name
    child: pulumi.ResourceOptions

    keys: Keys
    logs: LogBucket
    network: Network
    workload_groups: Mapping[str, pulumi.Input[str]]  # ids of the security groups of what runs in the cell
    cluster: pulumi.Input[str]  # the name of the cell's cluster, once it is there
    kubernetes: k8s.Provider  # of the same
    # The names of the cluster's namespaces, by name: known once what confines their pods is there.
    namespaces: Mapping[str, pulumi.Input[str]]
    services_need: Sequence[pulumi.Resource]  # nodes, priorities and what scales, before any service is there
    alarm_topic_arn: pulumi.Input[str]

    def may_hold(self, dataset: str) -> bool:
        """Whether the cell may have a copy of a data set."""
        return self.settings.platform.may_hold(self.settings.region, dataset)

    def tags(self, dataset: str) -> dict[str, str]:
        """The tags of what holds a data set, or a copy of it."""
        return {"data-set": dataset, "data-class": self.settings.platform.datasets[dataset].data_class}

    def backup_tags(self, dataset: str) -> dict[str, str]:
        """The same, with the one by which AWS Backup selects."""
        return {**self.tags(dataset), BACKUP_TAG: self.settings.platform.family_of(dataset)}

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

    def egress_to_secrets(self) -> EgressRule:
        return self.egress_to("secretsmanager")

    def egress_to(self, service: Endpoint) -> EgressRule:
        """One of AWS's services: through the cell's own endpoint, or by NAT where the cell has none."""
        near = service in self.settings.sizes.endpoints
        return EgressRule(443, self.settings.cell.cidr if near else ANYWHERE)

    def place(self, *, from_other_cells: bool) -> StorePlace:
        """The data subnets, open to what runs in the cell and, if asked, to the other cells' app subnets."""
        return StorePlace(
            vpc_id=self.network.vpc_id,
            data_subnet_ids=self.network.data_subnet_ids,
            client_groups=self.workload_groups,
            client_cidrs=client_cidrs(self.settings) if from_other_cells else {},
        )
