"""RBAC of people in a cluster, beyond EKS's access policies, which have no custom resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

READ = ("get", "list", "watch")

# Resources by API group that show the scaling and the nodes of a cluster.
_READABLE: Mapping[str, Sequence[str]] = {
    "": ["nodes"],
    "eks.amazonaws.com": ["nodeclasses", "targetgroupbindings"],
    "karpenter.sh": ["nodeclaims", "nodepools"],
    "keda.sh": ["scaledobjects", "triggerauthentications"],
    "metrics.k8s.io": ["nodes", "pods"],
    "scheduling.k8s.io": ["priorityclasses"],
    "storage.k8s.io": ["storageclasses"],
}
# Workloads in all namespaces, without secrets. EKS's policies show them to viewers and admins, but to operators only
# in the namespaces that they operate.
_WORKLOADS: Mapping[str, Sequence[str]] = {
    "": ["configmaps", "endpoints", "events", "namespaces", "pods", "pods/log", "resourcequotas", "services"],
    "apps": ["daemonsets", "deployments", "replicasets", "statefulsets"],
    "autoscaling": ["horizontalpodautoscalers"],
    "batch": ["cronjobs", "jobs"],
    "networking.k8s.io": ["networkpolicies"],
    "policy": ["poddisruptionbudgets"],
}
# To drain and remove a node, and to pause the scaling of a service.
_OPERATOR_RULES: Sequence[tuple[str, Sequence[str], Sequence[str]]] = [
    ("", ["nodes"], ["patch"]),
    ("", ["pods/eviction"], ["create"]),
    ("karpenter.sh", ["nodeclaims"], ["delete"]),
    ("keda.sh", ["scaledobjects"], ["patch"]),
]
_ADMIN_RULES: Sequence[tuple[str, Sequence[str], Sequence[str]]] = [
    ("eks.amazonaws.com", ["nodeclasses", "targetgroupbindings"], ["create", "delete", "patch", "update"]),
    ("karpenter.sh", ["nodepools"], ["create", "delete", "patch", "update"]),
    ("keda.sh", ["scaledobjects", "triggerauthentications"], ["create", "delete", "patch", "update"]),
]

_READ_RULES = [(group, resources, READ) for group, resources in _READABLE.items()]
_WORKLOAD_RULES = [(group, resources, READ) for group, resources in _WORKLOADS.items()]
RIGHTS: Mapping[str, Sequence[tuple[str, Sequence[str], Sequence[str]]]] = {
    "viewer": _READ_RULES,
    "operator": [*_READ_RULES, *_WORKLOAD_RULES, *_OPERATOR_RULES],
    "admin": [*_READ_RULES, *_WORKLOAD_RULES, *_OPERATOR_RULES, *_ADMIN_RULES],
}


def rbac_group(right: str) -> str:
    """Kubernetes group of the access entry of a right: viewer, operator or admin."""
    return f"castle:{right}"


class PeopleRights(pulumi.ComponentResource):
    """ClusterRole for each of `viewer`, `operator` and `admin`, bound to the group of that access entry."""

    def __init__(
        self, name: str, kubernetes: k8s.Provider, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:compute:PeopleRights", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=kubernetes)
        for right, rules in RIGHTS.items():
            role = k8s.rbac.v1.ClusterRole(
                f"{name}-{right}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=rbac_group(right)),
                rules=[
                    k8s.rbac.v1.PolicyRuleArgs(api_groups=[api], resources=list(resources), verbs=list(verbs))
                    for api, resources, verbs in rules
                ],
                opts=child,
            )
            k8s.rbac.v1.ClusterRoleBinding(
                f"{name}-{right}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=rbac_group(right)),
                role_ref=k8s.rbac.v1.RoleRefArgs(
                    api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=role.metadata.name
                ),
                subjects=[
                    k8s.rbac.v1.SubjectArgs(
                        api_group="rbac.authorization.k8s.io", kind="Group", name=rbac_group(right)
                    )
                ],
                opts=child,
            )
        self.register_outputs({})
