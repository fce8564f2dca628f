"""Node pools of a cluster in Auto Mode: instance types, limits, disruption budgets, and the node class of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s

POOL_LABEL = "castle/pool"  # label of nodes, by which pods select them; the key of their taint, too

Capacity = Literal["on-demand", "spot"]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Karpenter node pool. Of several with one label, that with the highest weight is tried first."""

    label: str
    capacity: Sequence[Capacity]
    tainted: bool  # whether only pods that tolerate the label come here
    weight: int  # 1 to 100
    cpu: int  # vCPU of all its nodes together
    memory_gib: int
    disruption_budget: str  # nodes, or per cent of them, that Karpenter may remove at a time
    consolidation: Literal["WhenEmpty", "WhenEmptyOrUnderutilized"]
    consolidate_after: str


# Where a pool allows both, Karpenter takes Spot first: on-demand first is two pools.
# https://karpenter.sh/docs/concepts/nodepools/#capacity-type
POOLS: Mapping[str, Pool] = {
    "services": Pool(
        label="services",
        capacity=["on-demand"],
        tainted=False,
        weight=100,
        cpu=1000,
        memory_gib=2000,
        disruption_budget="10%",
        consolidation="WhenEmptyOrUnderutilized",
        consolidate_after="5m",
    ),
    "services-spot": Pool(
        label="services",
        capacity=["spot"],
        tainted=False,
        weight=1,
        cpu=200,
        memory_gib=400,
        disruption_budget="10%",
        consolidation="WhenEmptyOrUnderutilized",
        consolidate_after="5m",
    ),
    "payments": Pool(
        label="payments",
        capacity=["on-demand"],
        tainted=True,
        weight=100,
        cpu=100,
        memory_gib=200,
        disruption_budget="1",
        consolidation="WhenEmpty",
        consolidate_after="10m",
    ),
    "batch": Pool(
        label="batch",
        capacity=["spot"],
        tainted=True,
        weight=1,
        cpu=500,
        memory_gib=1000,
        disruption_budget="50%",
        consolidation="WhenEmptyOrUnderutilized",
        consolidate_after="1m",
    ),
}

EXPIRE_AFTER = "336h"  # a fortnight; AWS lets no node of Auto Mode live for more than 21 days
TERMINATION_GRACE_PERIOD = "1h"  # after which a draining node is removed, whatever budgets its pods have
# Ephemeral storage of a node: the least that gp3 has.
DISK_SIZE = "80Gi"
DISK_IOPS = 3000
DISK_THROUGHPUT = 125  # MiB/s
OLDEST_GENERATION = 7  # of instances: Graviton3


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    kubernetes: k8s.Provider
    enforcement: pulumi.Resource  # of network policies, which a node reads when it starts
    node_role: pulumi.Input[str]  # the name of the nodes' role
    app_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    security_group_id: pulumi.Input[str]  # of everything that runs in the cluster
    disk_key_arn: pulumi.Input[str]  # of this region


class NodePools(pulumi.ComponentResource):
    """Node class and node pools: Graviton instances in the app subnets, with disks under the platform's key.

    The nodes' role is the one with which the cluster was created. EKS made its access entry, and a second one would
    fail. https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
    """

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:NodePools", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=args.kubernetes)
        node_class = k8s.apiextensions.CustomResource(
            f"{name}-class",
            api_version="eks.amazonaws.com/v1",
            kind="NodeClass",
            # Without a name of ours, so that a successor can stand beside it: one is deleted when the last of its
            # nodes is gone. https://github.com/aws/karpenter-provider-aws (`WaitingOnNodeClaimTermination`)
            spec=node_class_spec(args),
            opts=child,
        )
        # A pool is what starts nodes.
        before_nodes = pulumi.ResourceOptions(depends_on=[node_class, args.enforcement])
        for key, pool in POOLS.items():
            k8s.apiextensions.CustomResource(
                f"{name}-{key}",
                api_version="karpenter.sh/v1",
                kind="NodePool",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=key),
                spec=pool_spec(pool, node_class.id),
                opts=pulumi.ResourceOptions.merge(child, before_nodes),
            )
        self.register_outputs({})


def node_class_spec(args: NodePoolsArgs) -> dict[str, pulumi.Input[object]]:
    """Spec of a NodeClass. Auto Mode itself requires IMDSv2 with one hop and encrypts disks; only the key is ours."""
    return {
        "role": args.node_role,
        "subnetSelectorTerms": [{"id": args.app_subnet_ids[zone]} for zone in sorted(args.app_subnet_ids)],
        "securityGroupSelectorTerms": [{"id": args.security_group_id}],
        "networkPolicy": "DefaultDeny",
        "networkPolicyEventLogs": "Enabled",
        "ephemeralStorage": {
            "size": DISK_SIZE,
            "iops": DISK_IOPS,
            "throughput": DISK_THROUGHPUT,
            "kmsKeyID": args.disk_key_arn,
        },
    }


def pool_spec(pool: Pool, node_class: pulumi.Input[str]) -> dict[str, object]:
    """Spec of a NodePool. https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html"""
    taints = [{"key": POOL_LABEL, "value": pool.label, "effect": "NoSchedule"}] if pool.tainted else []
    return {
        "weight": pool.weight,
        "template": {
            "metadata": {"labels": {POOL_LABEL: pool.label}},
            "spec": {
                "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": node_class},
                "taints": taints,
                "expireAfter": EXPIRE_AFTER,
                "terminationGracePeriod": TERMINATION_GRACE_PERIOD,
                "requirements": [
                    _one_of("karpenter.sh/capacity-type", pool.capacity),
                    _one_of("kubernetes.io/arch", ["arm64"]),
                    _one_of("eks.amazonaws.com/instance-category", ["c", "m", "r"]),
                    {
                        "key": "eks.amazonaws.com/instance-generation",
                        "operator": "Gt",
                        "values": [str(OLDEST_GENERATION - 1)],
                    },
                ],
            },
        },
        "limits": {"cpu": str(pool.cpu), "memory": f"{pool.memory_gib}Gi"},
        "disruption": {
            "consolidationPolicy": pool.consolidation,
            "consolidateAfter": pool.consolidate_after,
            "budgets": [{"nodes": pool.disruption_budget}],
        },
    }


def _one_of(key: str, values: Sequence[str]) -> dict[str, object]:
    return {"key": key, "operator": "In", "values": list(values)}
