"""Pod security: the Pod Security Standard of a namespace, security contexts, and network policies of pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi_kubernetes as k8s

from components.compute.service_args import ServiceArgs
from components.security_group_rules import ANYWHERE, PRIVATE_RANGES
from components.service_conventions import CONTAINER_USER

# From which pods get the credentials of their role, by HTTP on port 80.
# https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
POD_IDENTITY_AGENT = "169.254.170.23/32"
_DNS_PORT = 53


def restricted_labels(version: str) -> dict[str, str]:
    """Labels that put a namespace under the Pod Security Standard `restricted` of a Kubernetes version.

    https://kubernetes.io/docs/concepts/security/pod-security-admission/
    """
    labels: dict[str, str] = {}
    for mode in ("enforce", "audit", "warn"):
        labels[f"pod-security.kubernetes.io/{mode}"] = "restricted"
        labels[f"pod-security.kubernetes.io/{mode}-version"] = f"v{version}"
    return labels


def pod_security_context() -> k8s.core.v1.PodSecurityContextArgs:
    """Security context of a service's pods: no root, and the runtime's default seccomp profile."""
    return k8s.core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=CONTAINER_USER,
        run_as_group=CONTAINER_USER,
        seccomp_profile=k8s.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security_context() -> k8s.core.v1.SecurityContextArgs:
    """Security context of a service's container: no capability, no privilege, a read-only root file system."""
    return k8s.core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        privileged=False,
        capabilities=k8s.core.v1.CapabilitiesArgs(drop=["ALL"]),
    )


def default_deny() -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Network policy of a namespace that denies all ingress and egress of its pods."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
    )


def dns_egress(resolver: str) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Network policy of a namespace that allows its pods DNS, at the cluster's resolver and at pods of CoreDNS.

    Nodes of Auto Mode resolve names themselves, at the address of the cluster's resolver; on other nodes pods of
    CoreDNS do. https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html
    """
    coredns = k8s.networking.v1.NetworkPolicyPeerArgs(
        namespace_selector=k8s.meta.v1.LabelSelectorArgs(
            match_labels={"kubernetes.io/metadata.name": "kube-system"}
        ),
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
    )
    rule = k8s.networking.v1.NetworkPolicyEgressRuleArgs(
        to=[cidr_peer(f"{resolver}/32"), coredns],
        ports=[
            k8s.networking.v1.NetworkPolicyPortArgs(protocol=protocol, port=_DNS_PORT)
            for protocol in ("UDP", "TCP")
        ],
    )
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(), policy_types=["Egress"], egress=[rule]
    )


def service_network_policy(
    args: ServiceArgs, selector: k8s.meta.v1.LabelSelectorArgs
) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Network policy of a service: ingress from its load balancers, egress to `args.egress` and to its credentials.

    A rule to anywhere leaves out private ranges: each network inside needs a rule of its own.
    """
    balancer_cidrs = {cidr for target in args.targets.values() for cidr in target.balancer_cidrs.values()}
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=selector,
        policy_types=["Ingress", "Egress"],
        ingress=[
            k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                from_=[cidr_peer(cidr) for cidr in sorted(balancer_cidrs)], ports=tcp_ports(args.port)
            )
        ],
        egress=[
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(
                to=[cidr_peer(cidr, PRIVATE_RANGES if cidr == ANYWHERE else None) for cidr in cidrs],
                ports=tcp_ports(port),
            )
            for port, cidrs in _egress_cidrs(args).items()
        ],
    )


def _egress_cidrs(args: ServiceArgs) -> Mapping[int, list[str]]:
    """Destinations of the service's egress, by port."""
    cidrs: dict[int, set[str]] = {80: {POD_IDENTITY_AGENT}}
    for rule in args.egress.values():
        cidrs.setdefault(rule.port, set()).add(rule.cidr)
    return {port: sorted(cidrs[port]) for port in sorted(cidrs)}


def cidr_peer(cidr: str, excluded: Sequence[str] | None = None) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    return k8s.networking.v1.NetworkPolicyPeerArgs(
        ip_block=k8s.networking.v1.IPBlockArgs(cidr=cidr, except_=excluded)
    )


def tcp_ports(*ports: int) -> list[k8s.networking.v1.NetworkPolicyPortArgs]:
    return [k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=port) for port in ports]
