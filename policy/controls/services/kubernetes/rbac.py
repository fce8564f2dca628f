"""Rules on Kubernetes RBAC: roles and their bindings."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, Unpack

from pulumi_policy import Severity

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of, as_list
from controls.language.rules import (
    CRITICAL,
    HIGH,
    Check,
    Config,
    Meta,
    Param,
    Rule,
    check_value,
    require_value,
)
from controls.language.tokens import CLUSTER_ROLE, RBAC_BINDING, RBAC_ROLE, Tokens
from controls.language.verdicts import Fail, Undecided, Verdicts

_WRITES: Final = ("create", "update", "patch", "delete", "deletecollection")
_ROLES: Final = ("roles", "clusterroles", "rolebindings", "clusterrolebindings")
_PEOPLE: Final = ("users", "groups", "serviceaccounts", "userextras", "uids")

# Groups into which Kubernetes puts cluster administrators, every user, or unauthenticated ones.
_EVERYBODY: Final = ("system:masters", "system:anonymous", "system:unauthenticated", "system:authenticated")


@dataclass(frozen=True)
class Permission:
    """Permission that a role must not grant: one of the verbs on one of the resources of an API group."""

    group: str
    resources: Collection[str]
    verbs: Collection[str]


def _includes(listed: Value, wanted: Collection[str]) -> Truth:
    if listed is UNKNOWN:
        return UNKNOWN
    return any_of(*(UNKNOWN if it is UNKNOWN else it == "*" or it in wanted for it in as_list(listed)))


def grants(rule: dict[str, Any], permission: Permission) -> Truth:
    """Returns whether a rule of a role grants a permission; a wildcard grants all."""
    return all_of(
        _includes(rule.get("apiGroups", MISSING), (permission.group,)),
        _includes(rule.get("resources", MISSING), permission.resources),
        _includes(rule.get("verbs", MISSING), permission.verbs),
    )


def _rules(node: Node) -> Iterator[tuple[str, Value]]:
    yield from node.find("rules.*")


def grants_none_of(*permissions: Permission, message: str, named: bool = True) -> Check:
    """Check that a role grants none of these permissions; `named` counts those on named objects too."""

    def check(node: Node) -> Verdicts:
        for where, rule in _rules(node):
            if not isinstance(rule, dict):
                if rule is UNKNOWN:
                    yield Undecided(where)
                continue
            exempt = not named and as_list(rule.get("resourceNames", MISSING)) != []
            granted = any_of(*(grants(rule, it) for it in permissions))
            if granted is UNKNOWN:
                yield Undecided(where)
            elif granted is True and not exempt:
                yield Fail(f"`{where}` {message}")

    return check


def no_pod_creation(node: Node, config: Config) -> Verdicts:
    """Roles don't start or enter pods: who does has all permissions of the pod's service account."""
    name = node.get("metadata.name")
    if isinstance(name, str) and any(fnmatchcase(name, it) for it in config["controllers"]):
        return
    yield from _PODS(node)


_PODS: Final = grants_none_of(
    Permission("", ("pods", "pods/exec", "pods/attach"), ("create",)),
    Permission("", ("pods/exec", "pods/attach"), ("get",)),
    Permission("", ("nodes/proxy",), ("get", "create")),
    message="starts or enters pods: leave it to controllers, or list the role in the rule's configuration",
)


def no_wildcards(node: Node) -> Verdicts:
    for name in ("verbs", "apiGroups", "resources", "nonResourceURLs"):
        yield from check_value(
            node, f"rules.*.{name}.*", lambda it: it != "*", "name what is needed", missing_ok=True
        )


def _role_rule(
    name: str, severity: Severity, check: Check, types: Tokens = RBAC_ROLE, **meta: Unpack[Meta]
) -> Rule:
    return Rule(name, severity, types, check, reads="rules", **meta)


RULES: Final = (
    _role_rule(
        "k8s-rbac-no-wildcards",
        HIGH,
        no_wildcards,
        asks="Roles name verbs, groups and resources",
        fix="Name what is needed",
        ids="EKS-1.8:4.1.3 CKV_K8S_49",
    ),
    require_value(
        "k8s-rbac-no-cluster-admin",
        CRITICAL,
        RBAC_BINDING,
        "roleRef.name",
        lambda it: it != "cluster-admin",
        message="bind a role with what is needed",
        missing_ok=True,
        asks="Nobody is bound to cluster-admin",
        fix="Bind a role with what is needed",
        ids="EKS-1.8:4.1.1",
    ),
    _role_rule(
        "k8s-rbac-no-broad-secret-read",
        HIGH,
        grants_none_of(
            Permission("", ("secrets",), ("list", "watch")),
            message="reads all secrets of the cluster: use a Role in a namespace, or resourceNames",
            named=False,
        ),
        types=CLUSTER_ROLE,
        asks="Secrets aren't listed or watched over all namespaces",
        fix="Use a Role in the namespace that needs it, or name the secrets",
        ids="EKS-1.8:4.1.2 CKV2_K8S_5",
        narrowed="A Role reaches no further than its namespace, which the control doesn't ask about.",
    ),
    _role_rule(
        "k8s-rbac-no-escalate-bind-impersonate",
        CRITICAL,
        grants_none_of(
            Permission("rbac.authorization.k8s.io", _ROLES, ("escalate", "bind")),
            Permission("", _PEOPLE, ("impersonate",)),
            Permission("authentication.k8s.io", _PEOPLE, ("impersonate",)),
            message="lets its holder become more: leave escalate, bind and impersonate out",
        ),
        asks="Roles let nobody become more than they are",
        fix="Leave the verbs escalate, bind and impersonate out",
        ids="EKS-1.8:4.1.8 CKV_K8S_157 CKV_K8S_158 CKV2_K8S_1 CKV2_K8S_3",
    ),
    Rule(
        "k8s-rbac-no-pod-create-or-exec",
        HIGH,
        RBAC_ROLE,
        no_pod_creation,
        asks="Pods are started and entered by controllers only",
        fix="Leave pods, pods/exec, pods/attach and nodes/proxy out, or list the role as a controller's",
        ids="EKS-1.8:4.1.4,4.1.10 CKV2_K8S_2",
        reads="rules",
        config={"controllers": Param([], "Patterns of names of roles that controllers have")},
    ),
    _role_rule(
        "k8s-rbac-no-webhook-control",
        HIGH,
        grants_none_of(
            Permission(
                "admissionregistration.k8s.io",
                ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
                _WRITES,
            ),
            message="changes admission webhooks, which see and change every object: leave it out",
        ),
        asks="Roles don't change admission webhooks",
        fix="Leave the verbs that write webhook configurations out",
        ids="EKS-1.8:4.1.11 CKV_K8S_155",
    ),
    _role_rule(
        "k8s-rbac-no-csr-approval",
        HIGH,
        grants_none_of(
            Permission("certificates.k8s.io", ("certificatesigningrequests/approval",), ("update", "patch")),
            Permission("certificates.k8s.io", ("signers",), ("approve",)),
            message="approves certificates, with which one can be anybody: leave it out",
        ),
        asks="Roles don't approve certificate requests",
        fix="Leave certificatesigningrequests/approval and signers out",
        ids="CKV_K8S_156",
    ),
    _role_rule(
        "k8s-rbac-no-token-creation",
        HIGH,
        grants_none_of(
            Permission("", ("serviceaccounts/token",), ("create",)),
            message="makes tokens of service accounts, with which one is any of them: leave it out",
        ),
        asks="Roles don't make tokens of service accounts",
        fix="Leave serviceaccounts/token out",
        ids="EKS-1.8:4.1.12",
    ),
    require_value(
        "k8s-no-system-masters",
        CRITICAL,
        RBAC_BINDING,
        "subjects.*.name",
        lambda it: it not in _EVERYBODY,
        message="name a group of yours",
        missing_ok=True,
        asks="Roles are bound neither to system:masters nor to everybody",
        fix="Name a group that access entries carry, or a service account",
    ),
)
