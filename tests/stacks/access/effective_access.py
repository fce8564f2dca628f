"""Effective access of people: from an access entry through RBAC and EKS's access policies to the IAM roles of pods.

Where Kubernetes leaves doubt, somebody counts as having the right: names of single resources in a rule are passed
over, and whoever may grant rights somewhere counts as having all of them there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Final

from rehearsal.engine.records import Resource
from tests.stacks.access.rbac_rules import EVERYTHING, KNOWN, RBAC, Roles, Rule, policy_rules

RIGHTS: Final[tuple[str, ...]] = tuple(KNOWN["rights"])
RIGHTS_IN_CLUSTER: Final[tuple[str, ...]] = tuple(KNOWN["rights_in_cluster"])

ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY_ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE_ACCOUNT = "kubernetes:core/v1:ServiceAccount"

BUILT_IN_NAMESPACES = ("default", "kube-system")  # which no stack makes, and which enforce no pod security
ENFORCED = "pod-security.kubernetes.io/enforce"
# Standards that keep pods from their node. https://kubernetes.io/docs/concepts/security/pod-security-standards/
CONFINING = ("baseline", "restricted")
ROLE_OF_ACCOUNT = "eks.amazonaws.com/role-arn"
MASTERS = "system:masters"

# Rights by which somebody runs code in a pod of a namespace, or has the token that a pod would have.
_PODS_OF_OTHERS = ("changes workloads", "enters pods", "mints tokens")


@dataclass(frozen=True)
class Grant:
    """Rule in a scope: a pattern of namespaces, or None for the whole cluster."""

    rule: Rule
    scope: str | None

    def reaches(self, namespace: str | None) -> bool:
        """Returns whether it is in force in a namespace; for None, on what is in no namespace."""
        return self.scope is None or (namespace is not None and fnmatchcase(namespace, self.scope))


@dataclass(frozen=True)
class Identity:
    """Name and groups by which the cluster knows somebody. A name may end in `{{SessionName}}`."""

    user: str
    groups: frozenset[str]

    def is_named(self, subject: Mapping[str, Any]) -> bool:
        """Returns whether a subject of a binding is this one."""
        if subject["kind"] == "Group":
            return subject["name"] in self.groups
        if subject["kind"] == "ServiceAccount":
            return self.user == f"system:serviceaccount:{subject['namespace']}:{subject['name']}"
        prefix, session, _ = self.user.partition("{{")
        return subject["name"].startswith(prefix) if session else subject["name"] == self.user


@dataclass(frozen=True)
class Account:
    """Service account of pods, with the ARNs of the IAM roles that pods have by it."""

    namespace: str
    name: str
    roles: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        groups = (
            "system:authenticated",
            "system:serviceaccounts",
            f"system:serviceaccounts:{self.namespace}",
        )
        return Identity(f"system:serviceaccount:{self.namespace}:{self.name}", frozenset(groups))


@dataclass(frozen=True)
class Entry:
    """Access entry of people: the ARN of the role, who it is in the cluster, and its access policies by scope."""

    role: str
    identity: Identity
    groups: tuple[str, ...]
    policies: tuple[tuple[str, tuple[str, ...] | None], ...]  # no namespaces are all of the cluster


@dataclass(frozen=True)
class Access:
    """Effective access: all grants that somebody has or can get, and the service accounts whose pods are theirs."""

    grants: tuple[Grant, ...]
    accounts: frozenset[Account]
    nodes: bool  # whether their pods can leave their container for the node

    def rights(self, namespace: str | None) -> tuple[str, ...]:
        """Rights in a namespace, of `RIGHTS`; for None, those on what is in no namespace, of `RIGHTS_IN_CLUSTER`."""
        words = RIGHTS_IN_CLUSTER if namespace is None else RIGHTS
        return tuple(right for right in words if _may(self.grants, right, namespace))

    @property
    def roles(self) -> frozenset[str]:
        """ARNs of the IAM roles of pods that they can act as."""
        return frozenset(role for account in self.accounts for role in account.roles)


@dataclass(frozen=True)
class Cluster:
    """Cluster of one cell, as the resources of its stack make it."""

    resources: Sequence[Resource]

    def entries(self) -> list[Entry]:
        """Access entries of people. Those of other types than STANDARD are of nodes."""
        entries = [it.inputs for it in self._of(ENTRY) if it.inputs.get("type", "STANDARD") == "STANDARD"]
        return [self._entry(it) for it in entries]

    def access(self, entry: Entry) -> Access:
        """Effective access by an entry. Whatever one right brings is looked at again, until nothing is new."""
        grants = {*self._bound(entry.identity), *_of_policies(entry.policies)}
        taken: set[Account] = set()
        while True:
            nodes = any(self._leads_to_nodes(grants, it) for it in self.namespaces)
            more = set(_granted(grants, self.namespaces))
            new = {it for it in self.accounts - taken if nodes or _becomes(grants, it.namespace)}
            for account in new:
                more.update(self._bound(account.identity))
            if new <= taken and more <= grants:
                theirs = {it for it in taken if nodes or _runs_pods(grants, it.namespace)}
                return Access(tuple(grants), frozenset(theirs), nodes)
            taken |= new
            grants |= more

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """Namespaces that the program names, and those that every cluster has."""
        made = {it.inputs["metadata"]["name"] for it in self._of(NAMESPACE)}
        bound = {it.inputs["metadata"]["namespace"] for it in self._of(f"{RBAC}RoleBinding")}
        return tuple(sorted({*made, *bound, *BUILT_IN_NAMESPACES, *(it.namespace for it in self.accounts)}))

    @cached_property
    def accounts(self) -> frozenset[Account]:
        """Service accounts that the program makes, binds a role to, or gives an IAM role."""
        roles: dict[tuple[str, str], set[str]] = {}
        for it in self._of(SERVICE_ACCOUNT):
            metadata = it.inputs["metadata"]
            role = metadata.get("annotations", {}).get(ROLE_OF_ACCOUNT)
            roles.setdefault((metadata["namespace"], metadata["name"]), set()).update([role] if role else [])
        for it in self._of(POD_IDENTITY):
            whose = it.inputs["namespace"], it.inputs["serviceAccount"]
            roles.setdefault(whose, set()).add(it.inputs["roleArn"])
        for it in self._of(f"{RBAC}RoleBinding", f"{RBAC}ClusterRoleBinding"):
            for subject in it.inputs.get("subjects", ()):
                if subject["kind"] == "ServiceAccount":
                    roles.setdefault((subject["namespace"], subject["name"]), set())
        return frozenset(Account(*whose, tuple(sorted(arns))) for whose, arns in roles.items())

    def _of(self, *types: str) -> list[Resource]:
        return [it for it in self.resources if it.type in types]

    def _entry(self, inputs: Mapping[str, Any]) -> Entry:
        role = inputs["principalArn"]
        policies: list[tuple[str, tuple[str, ...] | None]] = []
        for it in self._of(POLICY_ASSOCIATION):
            if it.inputs["principalArn"] == role:
                scope = it.inputs["accessScope"]
                namespaces = tuple(scope["namespaces"]) if scope["type"] == "namespace" else None
                policies.append((it.inputs["policyArn"].rpartition("/")[2], namespaces))
        # https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
        session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/{{SessionName}}"
        groups = tuple(inputs.get("kubernetesGroups", ()))
        identity = Identity(inputs.get("userName", session), frozenset([*groups, "system:authenticated"]))
        return Entry(role, identity, groups, tuple(sorted(policies, key=lambda it: it[0])))

    def _bound(self, identity: Identity) -> Iterator[Grant]:
        """Grants of the bindings that name somebody."""
        if MASTERS in identity.groups:
            yield Grant(EVERYTHING, None)
        for it in self._of(f"{RBAC}RoleBinding", f"{RBAC}ClusterRoleBinding"):
            if any(identity.is_named(subject) for subject in it.inputs.get("subjects", ())):
                scope = it.inputs["metadata"]["namespace"] if it.type.endswith(":RoleBinding") else None
                yield from (
                    Grant(rule, scope) for rule in Roles(self.resources).rules(it.inputs["roleRef"], scope)
                )

    def _leads_to_nodes(self, grants: Iterable[Grant], namespace: str) -> bool:
        """Returns whether somebody can run a pod there that leaves its container, since nothing keeps it in."""
        confined = any(
            it.inputs["metadata"].get("labels", {}).get(ENFORCED) in CONFINING
            for it in self._of(NAMESPACE)
            if it.inputs["metadata"]["name"] == namespace
        )
        return _may(grants, "changes workloads", namespace) and (
            not confined or _may(grants, "loosens pod security", namespace)
        )


def _of_policies(policies: Iterable[tuple[str, tuple[str, ...] | None]]) -> Iterator[Grant]:
    for name, namespaces in policies:
        for rule in policy_rules(name):
            yield from (Grant(rule, scope) for scope in ([None] if namespaces is None else namespaces))


def _may(grants: Iterable[Grant], right: str, namespace: str | None) -> bool:
    """Returns whether somebody has a right in a namespace, by any one of the rules that bring it."""
    grants = [*grants]
    if right == "mints tokens" and all(
        _asks(grants, namespace, verb, "", "secrets") for verb in ("create", "get")
    ):
        # Kubernetes writes a token into a secret that asks for one.
        # https://kubernetes.io/docs/concepts/security/service-accounts/#get-a-token
        return True
    return any(
        _asks(grants, None if asked.get("cluster") else namespace, verb, group, resource)
        for asked in (KNOWN["rights"] | KNOWN["rights_in_cluster"])[right]
        for group in asked["groups"]
        for resource in asked["resources"]
        for verb in asked["verbs"]
    )


def _asks(grants: Iterable[Grant], namespace: str | None, verb: str, group: str, resource: str) -> bool:
    return any(it.reaches(namespace) and it.rule.allows(verb, group, resource) for it in grants)


def _runs_pods(grants: Iterable[Grant], namespace: str) -> bool:
    return any(_may(grants, right, namespace) for right in _PODS_OF_OTHERS)


def _becomes(grants: Iterable[Grant], namespace: str) -> bool:
    """Returns whether somebody can act in the cluster as the service accounts of a namespace."""
    return _runs_pods(grants, namespace) or _may(grants, "impersonates service accounts", namespace)


def _granted(grants: Iterable[Grant], namespaces: Sequence[str]) -> Iterator[Grant]:
    """Grants that somebody can give to themselves."""
    if _may(grants, "grants all rights", None) or _may(grants, "impersonates anybody", None):
        yield Grant(EVERYTHING, None)
    for namespace in namespaces:
        if _may(grants, "grants rights", namespace):
            yield Grant(EVERYTHING, namespace)
