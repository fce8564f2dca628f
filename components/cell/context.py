"""Context of a cell: its inputs and its foundation, which every part of it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.cell.cluster import ClusterAddons
from components.cell.inputs import CellInputs
from components.cell.keys import Keys
from components.data.buckets.logs import LogBucket
from components.network.network import Network
from components.security_group_rules import ANYWHERE, EgressRule
from settings import Endpoint

BACKUP_TAG = "backup"  # AWS Backup selects by it; its value is the family of the key


@dataclass(frozen=True, kw_only=True)
class CellContext(CellInputs):
    """Inputs of a cell, with its foundation: keys, logs, network, cluster and the topic of its alarms."""

    keys: Keys
    logs: LogBucket
    network: Network
    endpoints_ready: Sequence[
        pulumi.Resource
    ]  # without which AWS's services aren't reached through endpoints
    workload_groups: Mapping[
        str, pulumi.Input[str]
    ]  # security groups' ids: of the cluster, and of tasks by service
    cluster: pulumi.Input[str]  # the cluster's name, once it is there
    kubernetes: k8s.Provider
    addons: ClusterAddons
    alarm_topic_arn: pulumi.Input[str]

    def may_hold(self, dataset: str) -> bool:
        """Returns whether the cell may have a copy of a data set."""
        return self.settings.platform.may_hold(self.settings.region, dataset)

    def tags(self, dataset: str) -> dict[str, str]:
        """Tags of a resource that holds a data set, or a copy of it."""
        return {"data-set": dataset, "data-class": self.settings.platform.datasets[dataset].data_class}

    def backup_tags(self, dataset: str) -> dict[str, str]:
        """Tags of a resource that AWS Backup selects."""
        return {**self.tags(dataset), BACKUP_TAG: self.settings.platform.family_of(dataset)}

    def key_arn(self, dataset: str) -> pulumi.Input[str]:
        """Key of this region that encrypts a data set."""
        return self.keys.arns[self.settings.platform.family_of(dataset)]

    def key_arn_in(self, region: str, dataset: str) -> pulumi.Output[str]:
        """Key of the same family in another region; in the birth cell, which makes it, known once it is there."""
        made = self.keys.made.get(self.settings.platform.family_of(dataset), {})
        if region in made:
            return made[region]
        own = pulumi.Output.from_input(self.key_arn(dataset))
        return own.apply(lambda arn: arn.replace(f":{self.settings.region}:", f":{region}:"))

    def egress_to(self, service: Endpoint) -> EgressRule:
        """Egress to one of AWS's services: through the cell's own endpoint, or by NAT where the cell has none."""
        near = service in self.settings.sizes.endpoints
        return EgressRule(443, self.settings.cell.cidr if near else ANYWHERE)
