"""Cluster of a cell: EKS in Auto Mode, the roles of people in it, and the add-ons that services need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.cell.inputs import CellInputs
from components.cell.keys import Keys
from components.compute.eks.access_entries import ACCESS_POLICIES, Access, AccessArgs
from components.compute.eks.cluster import DNS_RESOLVER, VERSION, Cluster, ClusterArgs
from components.compute.eks.cluster_classes import ClusterClasses, ClusterClassesArgs
from components.compute.eks.keda import Scaling, ScalingArgs
from components.compute.eks.matching_nodes import MatchingNodes, MatchingNodesArgs
from components.compute.eks.namespace import Namespace, NamespaceArgs, Quota
from components.compute.eks.node_pools import NodePools, NodePoolsArgs
from components.compute.eks.rbac import PeopleRights
from components.data.buckets.drains import write_drains
from components.network.network import Network
from components.network.peering import Peering
from components.network.subnet_cidrs import cidrs_by_zone

# Resource quotas by namespace: enough for every service at its largest, and too little for a loop that makes pods
# without end.
QUOTAS = {
    "trading": Quota(pods=500, cpu=500, memory_gib=1000),
    "payments": Quota(pods=100, cpu=100, memory_gib=200),
    "keda": Quota(pods=12, cpu=4, memory_gib=8),
}
OPERATED = ("trading",)  # not payments, whose role moves money, nor keda, which scales all


@dataclass(frozen=True, kw_only=True)
class ClusterAddons:
    namespaces: Mapping[str, Namespace]  # by name
    node_pools: pulumi.Resource
    priorities: Mapping[str, pulumi.Output[str]]  # names of priority classes, each known once it is there
    keda: pulumi.Resource  # with its kinds, such as ScaledObject


def build_cluster(cell: CellInputs, network: Network, runner: Peering, keys: Keys) -> Cluster:
    """Builds the cluster. `runner` is the peering by which its API is reached, so its objects wait for that."""
    platform, settings = cell.platform, cell.settings
    return Cluster(
        f"{cell.name}-cluster",
        ClusterArgs(
            account=platform.account,
            region=settings.region,
            cluster=cell.names.cluster(),
            vpc_id=network.vpc_id,
            app_subnet_ids=network.app_subnet_ids,
            runner_cidr=platform.runner.cidr,
            runner_connectivity=[runner],
            secrets_key_arn=keys.arns[platform.family_of("secrets")],
            disk_key_arn=_disk_key_arn(cell, keys),
            log_key_arn=keys.arns[platform.family_of("logs")],
            log_days=settings.sizes.log_days,
            retire=settings.retire,
        ),
        cell.child,
    )


def build_people_access(cell: CellInputs, cluster: Cluster, keys: Keys) -> None:
    """Builds the IAM roles of viewers, operators and admins, with their access entries in the cluster."""
    Access(
        f"{cell.name}-access",
        AccessArgs(
            account=cell.platform.account,
            region=cell.settings.region,
            cluster=cell.names.cluster(),
            existing_cluster_name=cluster.name,
            roles={who: cell.names.role(who) for who in ACCESS_POLICIES},
            people=cell.platform.people,
            operated=OPERATED,
            operator_statements=write_drains(
                cell.names.bucket("drains"), keys.arns[cell.platform.family_of("drains")]
            ),
        ),
        cell.child,
    )


def build_cluster_addons(cell: CellInputs, network: Network, cluster: Cluster, keys: Keys) -> ClusterAddons:
    """Builds node pools, priority and storage classes, people's RBAC rights, namespaces and KEDA."""
    disk_key_arn = _disk_key_arn(cell, keys)
    pools = NodePools(
        f"{cell.name}-nodes",
        NodePoolsArgs(
            kubernetes=cluster.kubernetes,
            enforcement=cluster.enforcement,
            node_role=cluster.node_role,
            app_subnet_ids=network.app_subnet_ids,
            security_group_id=cluster.security_group_id,
            disk_key_arn=disk_key_arn,
        ),
        cell.child,
    )
    classes = ClusterClasses(
        f"{cell.name}-classes",
        ClusterClassesArgs(kubernetes=cluster.kubernetes, disk_key_arn=disk_key_arn),
        cell.child,
    )
    _build_matching_nodes(cell, network, cluster, disk_key_arn)
    PeopleRights(f"{cell.name}-rights", cluster.kubernetes, cell.child)
    namespaces = {namespace: _build_namespace(cell, namespace, cluster) for namespace in QUOTAS}
    scaling = Scaling(
        f"{cell.name}-scaling",
        ScalingArgs(
            account=cell.platform.account,
            region=cell.settings.region,
            cluster=cell.names.cluster(),
            existing_cluster_name=cluster.name,
            kubernetes=cluster.kubernetes,
            namespace=namespaces["keda"].name,
            confined_namespace=namespaces["keda"].ready,
            priority_class=classes.priorities["platform"],
            api_cidrs=[
                each.app
                for each in cidrs_by_zone(cell.settings.cell.cidr, cell.settings.sizes.zones).values()
            ],
        ),
        cell.child,
    )
    return ClusterAddons(
        namespaces=namespaces, node_pools=pools, priorities=classes.priorities, keda=scaling.keda
    )


def _build_matching_nodes(
    cell: CellInputs, network: Network, cluster: Cluster, disk_key_arn: pulumi.Input[str]
) -> None:
    """Builds the node group for the matcher as a pod, where `castle:sizes.matching` asks for it."""
    matching = cell.settings.sizes.matching
    if matching is None:
        return
    MatchingNodes(
        f"{cell.name}-matching",
        MatchingNodesArgs(
            account=cell.platform.account,
            region=cell.settings.region,
            cluster=cell.names.cluster(),
            existing_cluster_name=cluster.name,
            subnet_id=network.app_subnet_ids[matching.zone],
            security_group_id=cluster.security_group_id,
            disk_key_arn=disk_key_arn,
            instance_type=matching.instance_type,
            nodes=matching.nodes,
        ),
        cell.child,
    )


def _build_namespace(cell: CellInputs, namespace: str, cluster: Cluster) -> Namespace:
    return Namespace(
        f"{cell.name}-namespace-{namespace}",
        NamespaceArgs(
            kubernetes=cluster.kubernetes,
            namespace=namespace,
            version=VERSION,
            resolver=DNS_RESOLVER,
            quota=QUOTAS[namespace],
        ),
        cell.child,
    )


def _disk_key_arn(cell: CellInputs, keys: Keys) -> pulumi.Input[str]:
    """Key of the nodes' disks: the cluster's secrets pass over them."""
    return keys.arns[cell.platform.family_of("secrets")]
