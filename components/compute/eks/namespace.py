"""A namespace of a cluster, with what confines the pods in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

_PORT_OF_NAMES = 53


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What all pods of a namespace may ask for together: a bound on mistakes, not on growth."""

    pods: int
    cpu: int  # whole ones
    memory_gib: int


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    kubernetes: k8s.Provider
    namespace: str
    version: (
        str  # of Kubernetes, whose Pod Security standard holds: a newer cluster must not refuse what runs
    )
    resolver: str  # the address at which the cluster answers for names
    quota: Quota


class Namespace(pulumi.ComponentResource):
    """A namespace under Pod Security `restricted`, in which pods reach nobody and nobody reaches them.

    They may look up names; every other way is a NetworkPolicy of whoever runs there.
    """

    ready: pulumi.Output[str]  # the namespace's name, once what confines its pods is there

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Namespace", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=args.kubernetes)
        made = k8s.core.v1.Namespace(
            f"{name}-namespace",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args.namespace, labels=security_labels(args.version)),
            opts=child,
        )
        inside = made.metadata.name
        confined = [
            k8s.core.v1.ResourceQuota(
                f"{name}-quota",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="quota", namespace=inside),
                spec=k8s.core.v1.ResourceQuotaSpecArgs(hard=quota(args.quota)),
                opts=child,
            ),
            k8s.core.v1.LimitRange(
                f"{name}-limits",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="limits", namespace=inside),
                spec=k8s.core.v1.LimitRangeSpecArgs(
                    limits=[
                        k8s.core.v1.LimitRangeItemArgs(
                            type="Container",
                            default_request={"cpu": "100m", "memory": "128Mi"},
                            default={"memory": "256Mi"},  # of CPU none: a limit only slows a pod down
                            max={"cpu": "16", "memory": "64Gi"},
                        )
                    ]
                ),
                opts=child,
            ),
            k8s.networking.v1.NetworkPolicy(
                f"{name}-default-deny",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="default-deny", namespace=inside),
                spec=k8s.networking.v1.NetworkPolicySpecArgs(
                    pod_selector=k8s.meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
                ),
                opts=child,
            ),
            k8s.networking.v1.NetworkPolicy(
                f"{name}-names",
                metadata=k8s.meta.v1.ObjectMetaArgs(name="names", namespace=inside),
                spec=k8s.networking.v1.NetworkPolicySpecArgs(
                    pod_selector=k8s.meta.v1.LabelSelectorArgs(),
                    policy_types=["Egress"],
                    egress=[_names(args.resolver)],
                ),
                opts=child,
            ),
        ]
        self.ready = pulumi.Output.all(inside, *(each.id for each in confined)).apply(lambda known: known[0])
        self.register_outputs({"ready": self.ready})


def security_labels(version: str) -> dict[str, str]:
    """https://kubernetes.io/docs/concepts/security/pod-security-admission/"""
    labels: dict[str, str] = {}
    for mode in ("enforce", "audit", "warn"):
        labels[f"pod-security.kubernetes.io/{mode}"] = "restricted"
        labels[f"pod-security.kubernetes.io/{mode}-version"] = f"v{version}"
    return labels


def quota(of: Quota) -> Mapping[str, str]:
    """Balancers are the program's own, so no Service may make one or open a port of the nodes."""
    return {
        "pods": str(of.pods),
        "requests.cpu": str(of.cpu),
        "requests.memory": f"{of.memory_gib}Gi",
        "limits.memory": f"{2 * of.memory_gib}Gi",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }


def _names(resolver: str) -> k8s.networking.v1.NetworkPolicyEgressRuleArgs:
    # Nodes of Auto Mode answer for names themselves, at the address of the cluster's resolver; on other nodes pods of
    # CoreDNS do. https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html
    return k8s.networking.v1.NetworkPolicyEgressRuleArgs(
        to=[
            k8s.networking.v1.NetworkPolicyPeerArgs(
                ip_block=k8s.networking.v1.IPBlockArgs(cidr=f"{resolver}/32")
            ),
            k8s.networking.v1.NetworkPolicyPeerArgs(
                namespace_selector=k8s.meta.v1.LabelSelectorArgs(
                    match_labels={"kubernetes.io/metadata.name": "kube-system"}
                ),
                pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
            ),
        ],
        ports=[
            k8s.networking.v1.NetworkPolicyPortArgs(protocol=protocol, port=_PORT_OF_NAMES)
            for protocol in ("UDP", "TCP")
        ],
    )
