"""Kubernetes namespace with its quota, limits, Pod Security Standard and default-deny network policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.compute.eks.pod_security import default_deny, dns_egress, restricted_labels

# Requests and limits of a container that names none. Of CPU there is no limit: it would only throttle the pod.
DEFAULT_REQUEST = {"cpu": "100m", "memory": "128Mi"}
DEFAULT_LIMIT = {"memory": "256Mi"}
# Without CPU: a largest one would become the limit of every container that names none.
# https://kubernetes.io/docs/concepts/policy/limit-range/
LARGEST_CONTAINER = {"memory": "64Gi"}


@dataclass(frozen=True, kw_only=True)
class Quota:
    """Quota of all pods of a namespace together: a bound on mistakes, not on growth."""

    pods: int
    cpu: int  # vCPU
    memory_gib: int


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    kubernetes: k8s.Provider
    namespace: str
    # Of Kubernetes, whose Pod Security Standard holds: a newer cluster must not refuse what runs.
    version: str
    resolver: str  # the address of the cluster's DNS
    quota: Quota


class Namespace(pulumi.ComponentResource):
    """Namespace under the Pod Security Standard `restricted`, whose pods may use DNS and have no other traffic.

    Everything else is allowed by a NetworkPolicy of the service that needs it.
    """

    name: pulumi.Output[str]
    ready: pulumi.Output[str]  # the same, known once its quota, limits and policies exist: for pods

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Namespace", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=args.kubernetes)
        namespace = k8s.core.v1.Namespace(
            f"{name}-namespace",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args.namespace, labels=restricted_labels(args.version)),
            opts=child,
        )
        self.name = namespace.metadata.name
        policies = [
            k8s.core.v1.ResourceQuota(
                f"{name}-quota",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="quota", namespace=self.name),
                spec=k8s.core.v1.ResourceQuotaSpecArgs(hard=hard_limits(args.quota)),
                opts=child,
            ),
            k8s.core.v1.LimitRange(
                f"{name}-limits",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="limits", namespace=self.name),
                spec=k8s.core.v1.LimitRangeSpecArgs(
                    limits=[
                        k8s.core.v1.LimitRangeItemArgs(
                            type="Container",
                            default_request=DEFAULT_REQUEST,
                            default=DEFAULT_LIMIT,
                            max=LARGEST_CONTAINER,
                        )
                    ]
                ),
                opts=child,
            ),
            k8s.networking.v1.NetworkPolicy(
                f"{name}-default-deny",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="default-deny", namespace=self.name),
                spec=default_deny(),
                opts=child,
            ),
            k8s.networking.v1.NetworkPolicy(
                f"{name}-names",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="names", namespace=self.name),
                spec=dns_egress(args.resolver),
                opts=child,
            ),
        ]
        self.ready = pulumi.Output.all(self.name, *(each.id for each in policies)).apply(
            lambda resolved: resolved[0]
        )
        self.register_outputs({"ready": self.ready})


def hard_limits(quota: Quota) -> Mapping[str, str]:
    """Hard limits of a ResourceQuota. Load balancers are the program's: no Service may make one."""
    return {
        "pods": str(quota.pods),
        "requests.cpu": str(quota.cpu),
        "requests.memory": f"{quota.memory_gib}Gi",
        "limits.memory": f"{2 * quota.memory_gib}Gi",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }
