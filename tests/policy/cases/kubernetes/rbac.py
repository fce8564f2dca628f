"""Cases of the rules on Kubernetes' roles and bindings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.case import Case, Cases, broken, kept, undecided

NONE: Mapping[str, Case] = MappingProxyType({})
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"
CLUSTER_ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"


def rules(verbs: Any, resources: Any, group: Any = "", **more: Any) -> dict[str, Any]:
    return {"rules": [{"apiGroups": [group], "resources": resources, "verbs": verbs, **more}]}


def withholding(
    verb: str, resource: str, group: str = "", *, harmless: str = "get", more: Mapping[str, Case] = NONE
) -> Cases:
    """The cases of a rule that withholds a verb on a resource of a group."""
    return Cases(
        CLUSTER_ROLE,
        compliant=rules([harmless], ["pods"]),
        violating=rules([harmless, verb], [resource], group),
        missing=kept({}),
        unknown=rules([UNKNOWN], [resource], group),
        more={
            "every verb": broken(rules(["*"], [resource], group)),
            "every resource": broken(rules([verb], ["*"], group)),
            "every group": broken(rules([verb], [resource], "*")),
            "another group": kept(rules([verb], [resource], "example.org")),
            "verbs that aren't known": undecided(rules(UNKNOWN, [resource], group)),
            "rules that aren't known": undecided({"rules": UNKNOWN}),
            **more,
        },
    )


CASES = {
    "k8s-rbac-no-wildcards": Cases(
        ROLE,
        compliant=rules(["get"], ["pods"]),
        violating=rules(["*"], ["pods"]),
        missing=kept({}),
        unknown=rules([UNKNOWN], ["pods"]),
        more={
            "every resource": broken(rules(["get"], ["*"])),
            "every group": broken(rules(["get"], ["pods"], "*")),
            "every address": broken({"rules": [{"nonResourceURLs": ["*"], "verbs": ["get"]}]}),
        },
    ),
    "k8s-rbac-no-cluster-admin": Cases(
        BINDING,
        compliant={"roleRef": {"kind": "ClusterRole", "name": "castle-viewer"}},
        violating={"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}},
        missing=kept({}),
        unknown={"roleRef": {"name": UNKNOWN}},
    ),
    "k8s-rbac-no-broad-secret-read": withholding(
        "list",
        "secrets",
        more={
            "to watch them": broken(rules(["watch"], ["secrets"])),
            "named ones": kept(rules(["list"], ["secrets"], resourceNames=["one"])),
        },
    ),
    "k8s-rbac-no-escalate-bind-impersonate": withholding(
        "escalate",
        "clusterroles",
        "rbac.authorization.k8s.io",
        more={
            **{
                f"to bind {it}": broken(rules(["bind"], [it], "rbac.authorization.k8s.io"))
                for it in ("roles", "clusterroles", "rolebindings", "clusterrolebindings")
            },
            **{
                f"to be one of {it}": broken(rules(["impersonate"], [it]))
                for it in ("users", "groups", "serviceaccounts", "uids")
            },
            "to be somebody else with more": broken(
                rules(["impersonate"], ["userextras"], "authentication.k8s.io")
            ),
            "one that is named": broken(rules(["impersonate"], ["users"], resourceNames=["root"])),
        },
    ),
    "k8s-rbac-no-pod-create-or-exec": withholding(
        "create",
        "pods",
        harmless="list",
        more={
            **{
                f"to {verb} {it}": broken(rules([verb], [it]))
                for verb in ("create", "get")
                for it in ("pods/exec", "pods/attach", "nodes/proxy")
            },
            "a role whose name isn't known": broken(
                {"metadata": {"name": UNKNOWN}, **rules(["create"], ["pods"])}, controllers=["keda-*"]
            ),
            "to read pods": kept(rules(["get", "list"], ["pods", "pods/log"])),
            "a controller's": kept(
                {"metadata": {"name": "keda-operator"}, **rules(["create"], ["pods"])}, controllers=["keda-*"]
            ),
            "no controller's": broken(
                {"metadata": {"name": "operator"}, **rules(["create"], ["pods"])}, controllers=["keda-*"]
            ),
        },
    ),
    "k8s-rbac-no-webhook-control": withholding(
        "patch",
        "validatingwebhookconfigurations",
        "admissionregistration.k8s.io",
        more={
            **{
                f"to {it}": broken(
                    rules([it], ["mutatingwebhookconfigurations"], "admissionregistration.k8s.io")
                )
                for it in ("create", "update", "delete", "deletecollection")
            },
            "to read them": kept(
                rules(["get", "list"], ["mutatingwebhookconfigurations"], "admissionregistration.k8s.io")
            ),
        },
    ),
    "k8s-rbac-no-csr-approval": withholding(
        "update",
        "certificatesigningrequests/approval",
        "certificates.k8s.io",
        more={
            "by a patch": broken(
                rules(["patch"], ["certificatesigningrequests/approval"], "certificates.k8s.io")
            ),
            "as a signer": broken(rules(["approve"], ["signers"], "certificates.k8s.io")),
        },
    ),
    "k8s-rbac-no-token-creation": withholding("create", "serviceaccounts/token"),
    "k8s-no-system-masters": Cases(
        BINDING,
        compliant={"subjects": [{"kind": "Group", "name": "castle:viewers"}]},
        violating={"subjects": [{"kind": "Group", "name": "system:masters"}]},
        missing=kept({}),
        unknown={"subjects": [{"kind": "Group", "name": UNKNOWN}]},
        more={
            "everybody who signed in": broken({"subjects": [{"name": "system:authenticated"}]}),
            "everybody who didn't": broken({"subjects": [{"name": "system:unauthenticated"}]}),
            "nobody": kept({"subjects": [{"kind": "Group"}]}),
            "anybody": broken({"subjects": [{"name": "castle"}, {"name": "system:anonymous"}]}),
        },
    ),
}
