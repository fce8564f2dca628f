"""Priority classes and the default storage class of a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s


@dataclass(frozen=True, kw_only=True)
class Priority:
    value: int  # pods of a higher value are scheduled first
    preemption: Literal["PreemptLowerPriority", "Never"]
    description: str


# Below those of Kubernetes itself, which begin at 2,000,000,000; a pod that names none has 0.
PRIORITIES: Mapping[str, Priority] = {
    "platform": Priority(
        value=1_000_000, preemption="PreemptLowerPriority", description="What the services need to scale."
    ),
    "services": Priority(
        value=100_000,
        preemption="PreemptLowerPriority",
        description="What answers clients and matches orders.",
    ),
    "batch": Priority(value=-100, preemption="Never", description="What may wait, and goes first."),
}


@dataclass(frozen=True, kw_only=True)
class ClusterClassesArgs:
    kubernetes: k8s.Provider
    disk_key_arn: pulumi.Input[str]  # of this region


class ClusterClasses(pulumi.ComponentResource):
    """Priority classes, and the default storage class: gp3 disks under the platform's key.

    Auto Mode has no storage class of its own.
    https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
    """

    priorities: Mapping[str, pulumi.Output[str]]  # names of the priority classes, by key of `PRIORITIES`

    def __init__(
        self, name: str, args: ClusterClassesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:compute:ClusterClasses", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=args.kubernetes)
        k8s.storage.v1.StorageClass(
            f"{name}-disk",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name="disk", annotations={"storageclass.kubernetes.io/is-default-class": "true"}
            ),
            provisioner="ebs.csi.eks.amazonaws.com",
            volume_binding_mode="WaitForFirstConsumer",  # in the zone of its pod
            reclaim_policy="Delete",
            allow_volume_expansion=True,
            parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": args.disk_key_arn},
            opts=child,
        )
        self.priorities = {
            key: k8s.scheduling.v1.PriorityClass(
                f"{name}-priority-{key}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=key),
                value=priority.value,
                preemption_policy=priority.preemption,
                global_default=False,
                description=priority.description,
                opts=child,
            ).metadata.name
            for key, priority in PRIORITIES.items()
        }
        self.register_outputs({})
