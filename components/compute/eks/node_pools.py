"""The nodes that AWS runs for a cluster: what they are like, and how many of which kind there may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s

LABEL = "castle/pool"  # by which pods choose their nodes, and which a taint repeats

Capacity = Literal["on-demand", "spot"]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One Karpenter node pool. Of several with one label the heaviest is tried first."""

    label: str
    capacity: Sequence[Capacity]
    tainted: bool  # whether only pods that tolerate the label come here
    weight: int  # 1 to 100
    cpu: int  # of all its nodes together; whole ones
    memory_gib: int
    disrupted: str  # how many nodes, or per cent of them, may go at a time
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
        disrupted="10%",
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
        disrupted="10%",
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
        disrupted="1",
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
        disrupted="50%",
        consolidation="WhenEmptyOrUnderutilized",
        consolidate_after="1m",
    ),
}

_EXPIRES = "336h"  # a fortnight; AWS lets no node of Auto Mode live for more than 21 days
_DRAINS = "1h"  # after which a node goes, whatever budgets its pods have


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    kubernetes: k8s.Provider
    enforcement: pulumi.Resource  # of network policies, which a node learns of when it starts
    node_role: pulumi.Input[str]  # the name of the nodes' role
    app_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    security_group_id: pulumi.Input[str]  # of everything that runs in the cluster
    disk_key_arn: pulumi.Input[str]  # of this region


class NodePools(pulumi.ComponentResource):
    """Graviton nodes in the app subnets, on disks under the platform's key, on which pods are isolated by default.

    The nodes' role is the one that the cluster was made with, so that EKS has let it in: an access entry of our own
    would be its second. https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
    """

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:NodePools", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=args.kubernetes)
        node_class = k8s.apiextensions.CustomResource(
            f"{name}-class",
            api_version="eks.amazonaws.com/v1",
            kind="NodeClass",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="castle"),
            spec=node_class_spec(args),
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[args.enforcement])),
        )
        for key, pool in POOLS.items():
            k8s.apiextensions.CustomResource(
                f"{name}-{key}",
                api_version="karpenter.sh/v1",
                kind="NodePool",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=key),
                spec=pool_spec(pool, "castle"),
                opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[node_class])),
            )
        self.register_outputs({})


def node_class_spec(args: NodePoolsArgs) -> dict[str, pulumi.Input[object]]:
    """What a node is made of. IMDSv2 with one hop and encrypted disks are AWS's own; the key is ours."""
    return {
        "role": args.node_role,
        "subnetSelectorTerms": [{"id": args.app_subnet_ids[zone]} for zone in sorted(args.app_subnet_ids)],
        "securityGroupSelectorTerms": [{"id": args.security_group_id}],
        "networkPolicy": "DefaultDeny",
        "networkPolicyEventLogs": "Enabled",
        "ephemeralStorage": {
            "size": "80Gi",
            "iops": 3000,
            "throughput": 125,  # MiB/s
            "kmsKeyID": args.disk_key_arn,
        },
    }


def pool_spec(pool: Pool, node_class: str) -> dict[str, object]:
    """https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html"""
    taints = [{"key": LABEL, "value": pool.label, "effect": "NoSchedule"}] if pool.tainted else []
    return {
        "weight": pool.weight,
        "template": {
            "metadata": {"labels": {LABEL: pool.label}},
            "spec": {
                "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": node_class},
                "taints": taints,
                "expireAfter": _EXPIRES,
                "terminationGracePeriod": _DRAINS,
                "requirements": [
                    _among("karpenter.sh/capacity-type", pool.capacity),
                    _among("kubernetes.io/arch", ["arm64"]),
                    _among("eks.amazonaws.com/instance-category", ["c", "m", "r"]),
                    {"key": "eks.amazonaws.com/instance-generation", "operator": "Gt", "values": ["6"]},
                ],
            },
        },
        "limits": {"cpu": str(pool.cpu), "memory": f"{pool.memory_gib}Gi"},
        "disruption": {
            "consolidationPolicy": pool.consolidation,
            "consolidateAfter": pool.consolidate_after,
            "budgets": [{"nodes": pool.disrupted}],
        },
    }


def _among(key: str, values: Sequence[str]) -> dict[str, object]:
    return {"key": key, "operator": "In", "values": list(values)}
