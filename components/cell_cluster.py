"""What a cell's cluster has before any service runs in it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.compute.cluster import RESOLVER, VERSION, Cluster
from components.compute.namespace import Namespace, NamespaceArgs, Quota

# Enough for every service at its largest, and too little for a loop that makes pods without end.
QUOTAS = {
    "trading": Quota(pods=500, cpu=500, memory_gib=1000),
    "payments": Quota(pods=100, cpu=100, memory_gib=200),
    "keda": Quota(pods=12, cpu=4, memory_gib=8),
}


def namespaces(
    name: str, cluster: Cluster, child: pulumi.ResourceOptions
) -> Mapping[str, pulumi.Output[str]]:
    """The namespaces' names, by name, each known once what confines its pods is there."""
    return {
        namespace: Namespace(
            f"{name}-{namespace}",
            NamespaceArgs(
                kubernetes=cluster.kubernetes,
                namespace=namespace,
                version=VERSION,
                resolver=RESOLVER,
                quota=quota,
            ),
            child,
        ).ready
        for namespace, quota in QUOTAS.items()
    }
