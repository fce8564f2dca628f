"""What a cell's cluster has before any service runs in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.compute.eks.cluster import RESOLVER, VERSION, Cluster
from components.compute.eks.cluster_classes import ClusterClasses, ClusterClassesArgs
from components.compute.eks.keda import Scaling, ScalingArgs
from components.compute.eks.matching_nodes import MatchingNodes, MatchingNodesArgs
from components.compute.eks.namespace import Namespace, NamespaceArgs, Quota
from components.compute.eks.node_pools import NodePools, NodePoolsArgs
from components.compute.eks.rbac import PeopleRights
from components.network.network import Network
from components.network.subnet_cidrs import layout
from settings import CellSettings

# Enough for every service at its largest, and too little for a loop that makes pods without end.
QUOTAS = {
    "trading": Quota(pods=500, cpu=500, memory_gib=1000),
    "payments": Quota(pods=100, cpu=100, memory_gib=200),
    "keda": Quota(pods=12, cpu=4, memory_gib=8),
}


@dataclass(frozen=True, kw_only=True)
class Equipment:
    # The names of namespaces, by name: each is known once what confines its pods is there.
    namespaces: Mapping[str, pulumi.Output[str]]
    needs: Sequence[pulumi.Resource]  # what has to be there besides, before a service runs and scales


def equipped(
    name: str,
    settings: CellSettings,
    child: pulumi.ResourceOptions,
    *,
    cluster: Cluster,
    cluster_name: str,
    network: Network,
    disk_key_arn: pulumi.Input[str],
) -> Equipment:
    """Nodes, priorities, disks, rights, namespaces and scaling."""
    pools = NodePools(
        f"{name}-nodes",
        NodePoolsArgs(
            kubernetes=cluster.kubernetes,
            enforcement=cluster.enforcement,
            node_role=cluster.node_role,
            app_subnet_ids=network.app_subnet_ids,
            security_group_id=cluster.security_group_id,
            disk_key_arn=disk_key_arn,
        ),
        child,
    )
    classes = ClusterClasses(
        f"{name}-classes",
        ClusterClassesArgs(kubernetes=cluster.kubernetes, disk_key_arn=disk_key_arn),
        child,
    )
    matching = settings.sizes.matching
    if matching is not None:
        MatchingNodes(
            f"{name}-matching",
            MatchingNodesArgs(
                account=settings.platform.account,
                region=settings.region,
                cluster=cluster_name,
                made=cluster.name,
                subnet_id=network.app_subnet_ids[matching.zone],
                security_group_id=cluster.security_group_id,
                disk_key_arn=disk_key_arn,
                instance_type=matching.instance_type,
                nodes=matching.nodes,
            ),
            child,
        )
    PeopleRights(f"{name}-rights", cluster.kubernetes, child)
    namespaces = {namespace: _namespace(name, namespace, cluster, child) for namespace in QUOTAS}
    scaling = Scaling(
        f"{name}-scaling",
        ScalingArgs(
            account=settings.platform.account,
            region=settings.region,
            cluster=cluster_name,
            made=cluster.name,
            kubernetes=cluster.kubernetes,
            namespace=namespaces["keda"],
            priority_class=classes.priorities["platform"],
            api_cidrs=[each.app for each in layout(settings.cell.cidr, settings.sizes.zones).values()],
        ),
        child,
    )
    return Equipment(namespaces=namespaces, needs=[pools, classes, scaling])


def _namespace(
    name: str, namespace: str, cluster: Cluster, child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    return Namespace(
        f"{name}-namespace-{namespace}",
        NamespaceArgs(
            kubernetes=cluster.kubernetes,
            namespace=namespace,
            version=VERSION,
            resolver=RESOLVER,
            quota=QUOTAS[namespace],
        ),
        child,
    ).ready
