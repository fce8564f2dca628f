"""What people may do in a cluster beyond AWS's own access policies, which know no custom resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

READ = ("get", "list", "watch")

# API group: resources. What the scaling and the nodes of a cluster are seen by.
_SEEN: Mapping[str, Sequence[str]] = {
    "": ["nodes"],
    "eks.amazonaws.com": ["nodeclasses", "targetgroupbindings"],
    "karpenter.sh": ["nodeclaims", "nodepools"],
    "keda.sh": ["scaledobjects", "triggerauthentications"],
    "metrics.k8s.io": ["nodes", "pods"],
    "scheduling.k8s.io": ["priorityclasses"],
    "storage.k8s.io": ["storageclasses"],
}
# A node is emptied and let go; a service is held at the replicas that it has.
_OPERATED: Sequence[tuple[str, Sequence[str], Sequence[str]]] = [
    ("", ["nodes"], ["patch"]),
    ("", ["pods/eviction"], ["create"]),
    ("karpenter.sh", ["nodeclaims"], ["delete"]),
    ("keda.sh", ["scaledobjects"], ["patch"]),
]
_ADMINISTERED: Sequence[tuple[str, Sequence[str], Sequence[str]]] = [
    ("eks.amazonaws.com", ["nodeclasses", "targetgroupbindings"], ["create", "delete", "patch", "update"]),
    ("karpenter.sh", ["nodepools"], ["create", "delete", "patch", "update"]),
    ("keda.sh", ["scaledobjects", "triggerauthentications"], ["create", "delete", "patch", "update"]),
]

_READ_RULES = [(group, resources, READ) for group, resources in _SEEN.items()]
RIGHTS: Mapping[str, Sequence[tuple[str, Sequence[str], Sequence[str]]]] = {
    "viewer": _READ_RULES,
    "operator": [*_READ_RULES, *_OPERATED],
    "admin": [*_READ_RULES, *_OPERATED, *_ADMINISTERED],
}


def group(who: str) -> str:
    """The group in which a person's access entry puts them."""
    return f"castle:{who}"


class PeopleRights(pulumi.ComponentResource):
    """A ClusterRole for each of `viewer`, `operator` and `admin`, bound to the group of that access entry."""

    def __init__(
        self, name: str, kubernetes: k8s.Provider, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:compute:PeopleRights", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=kubernetes)
        for who, rules in RIGHTS.items():
            role = k8s.rbac.v1.ClusterRole(
                f"{name}-{who}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=group(who)),
                rules=[
                    k8s.rbac.v1.PolicyRuleArgs(api_groups=[api], resources=list(resources), verbs=list(verbs))
                    for api, resources, verbs in rules
                ],
                opts=child,
            )
            k8s.rbac.v1.ClusterRoleBinding(
                f"{name}-{who}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=group(who)),
                role_ref=k8s.rbac.v1.RoleRefArgs(
                    api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=role.metadata.name
                ),
                subjects=[
                    k8s.rbac.v1.SubjectArgs(
                        api_group="rbac.authorization.k8s.io", kind="Group", name=group(who)
                    )
                ],
                opts=child,
            )
        self.register_outputs({})
