"""Effective access on small clusters: whatever brings more than it says at first sight is found."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.engine.records import Resource
from tests.stacks.access.effective_access import (
    ENFORCED,
    ENTRY,
    NAMESPACE,
    POD_IDENTITY,
    POLICY_ASSOCIATION,
    SERVICE_ACCOUNT,
    Access,
    Cluster,
)
from tests.stacks.access.rbac_rules import KNOWN, RBAC, Rule, policy_rules

READ = ("get", "list", "watch")
EVERYONE = "system:authenticated"
BOTH = {"trading", "payments"}


def made(type_: str, **inputs: Any) -> Resource:
    return Resource(urn=f"urn:pulumi:cell::castle::{type_}::one", type=type_, custom=True, inputs=inputs)


def policy(name: str, *namespaces: str) -> Resource:
    """Access policy of the viewer, in the whole cluster or in namespaces."""
    scope = {"type": "namespace", "namespaces": [*namespaces]} if namespaces else {"type": "cluster"}
    arn = f"arn:aws:eks::aws:cluster-access-policy/{name}"
    return made(POLICY_ASSOCIATION, principalArn=ROLE, policyArn=arn, accessScope=scope)


def namespace(name: str, enforced: str = "restricted") -> Resource:
    return made(NAMESPACE, metadata={"name": name, "labels": {ENFORCED: enforced}})


def role(rules: list[dict], name: str = "more", in_: str | None = None, **rest: Any) -> Resource:
    """Role in a namespace, or ClusterRole."""
    metadata = {"name": name, "labels": rest.pop("labels", {})} | ({"namespace": in_} if in_ else {})
    return made(RBAC + ("Role" if in_ else "ClusterRole"), metadata=metadata, rules=rules, **rest)


def binding(
    to: str = "more", in_: str | None = None, kind: str = "ClusterRole", who: dict | None = None
) -> Resource:
    """Binding of a role to the viewer's group, or to another subject, in a namespace or in the whole cluster."""
    return made(
        RBAC + ("RoleBinding" if in_ else "ClusterRoleBinding"),
        metadata={"name": "more"} | ({"namespace": in_} if in_ else {}),
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": to},
        subjects=[who or {"kind": "Group", "name": "castle:viewer"}],
    )


def rule(resources: str, verbs: str, group: str = "", **rest: Any) -> dict:
    return {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split(), **rest}


ROLE = "arn:aws:iam::123456789012:role/castle-cell-viewer"
CELL = (
    made(ENTRY, principalArn=ROLE, kubernetesGroups=["castle:viewer"], type="STANDARD"),
    *(namespace(it) for it in ("trading", "payments")),
    *(
        made(POD_IDENTITY, namespace=it, serviceAccount=it, roleArn=f"arn:aws:iam::123456789012:role/{it}")
        for it in ("trading", "payments")
    ),
)


def access(*more: Resource) -> Access:
    """The viewer's access in a cluster with two namespaces, a service account with a role in each, and more."""
    cluster = Cluster([*CELL, *more])
    (entry,) = cluster.entries()
    return cluster.access(entry)


def acts_in(*more: Resource) -> set[str]:
    """Namespaces of the service accounts that the viewer can act as."""
    return {it.namespace for it in access(*more).accounts}


def test_without_grants_nobody_may_anything() -> None:
    assert access().rights("trading") == access().rights(None) == ()
    assert acts_in() == set()


def test_viewing_lets_nobody_act_as_a_pod_or_read_secrets() -> None:
    viewer = access(policy("AmazonEKSViewPolicy"))
    assert viewer.rights("payments") == ("reads workloads",)
    assert not viewer.accounts


def test_a_policy_in_a_namespace_is_of_no_other() -> None:
    operator = access(policy("AmazonEKSEditPolicy", "trading"))
    assert {it.namespace for it in operator.accounts} == {"trading"}
    assert operator.rights("payments") == operator.rights(None) == ()


def test_a_policys_namespace_may_have_a_star() -> None:
    assert acts_in(policy("AmazonEKSEditPolicy", "pay*")) == {"payments"}


def test_seeing_as_administrators_do_shows_secrets() -> None:
    viewer = access(policy("AmazonEKSAdminViewPolicy"))
    assert "reads secrets" in viewer.rights("payments")
    assert "mints tokens" not in viewer.rights("payments")


def test_the_administrator_of_the_cluster_may_everything() -> None:
    admin = access(policy("AmazonEKSClusterAdminPolicy"))
    assert admin.rights("payments") == tuple(KNOWN["rights"])
    assert admin.rights(None) == tuple(KNOWN["rights_in_cluster"])
    assert admin.nodes


def test_administering_a_namespace_grants_nothing_that_one_hasnt() -> None:
    assert "grants rights" not in access(policy("AmazonEKSAdminPolicy", "trading")).rights("trading")


def test_an_unknown_policy_stops_the_analysis() -> None:
    with pytest.raises(KeyError, match="AmazonEKSNewPolicy"):
        access(policy("AmazonEKSNewPolicy"))


def test_a_binding_to_a_role_that_nobody_knows_stops_the_analysis() -> None:
    with pytest.raises(AssertionError, match=r"system:node.* aren't known"):
        access(binding("system:node"))


def test_a_binding_to_edit_makes_its_namespaces_pods_ones_own() -> None:
    bound = access(policy("AmazonEKSViewPolicy"), binding("edit", "payments"))
    assert {it.namespace for it in bound.accounts} == {"payments"}
    assert {"mints tokens", "reads secrets", "impersonates service accounts"} <= {*bound.rights("payments")}
    assert bound.rights("trading") == ("reads workloads",)


@pytest.mark.parametrize(
    "escalation",
    [
        rule("pods/exec", "create"),
        rule("pods/exec", "get"),
        rule("pods/attach", "create"),
        rule("pods/ephemeralcontainers", "patch"),
        rule("pods", "create"),
        rule("pods", "patch"),
        rule("pods/exec", "create", resourceNames=["payments-1"]),
        rule("*/exec", "create"),
        rule("deployments", "patch", "apps"),
        rule("cronjobs", "create", "batch"),
        rule("serviceaccounts/token", "create"),
        rule("secrets", "create get"),
        rule("pods", "*"),
        rule("*", "create"),
    ],
    ids=str,
)
@pytest.mark.parametrize("where", ["payments", None])
def test_a_right_that_leads_to_pods_is_found(escalation: dict, where: str | None) -> None:
    assert acts_in(role([escalation]), binding(in_=where)) == ({where} if where else BOTH)
    assert acts_in(role([escalation], in_="payments"), binding(in_="payments", kind="Role")) == {"payments"}


@pytest.mark.parametrize(
    "escalation",
    [
        rule("*", "*", "*"),
        rule("roles", "escalate", "rbac.authorization.k8s.io"),
        rule("clusterroles", "bind", "rbac.authorization.k8s.io"),
    ],
    ids=str,
)
def test_all_rights_in_one_namespace_lead_by_its_pod_security_to_the_nodes(escalation: dict) -> None:
    found = access(role([escalation], in_="payments"), binding(in_="payments", kind="Role"))
    assert found.rights("payments") == tuple(KNOWN["rights"])
    assert found.rights("trading") == ()
    assert found.nodes
    assert {it.namespace for it in found.accounts} == BOTH


@pytest.mark.parametrize(
    "escalation",
    [
        rule("nodes/proxy", "get"),
        rule("users groups", "impersonate"),
        rule("mutatingwebhookconfigurations", "patch", "admissionregistration.k8s.io"),
    ],
    ids=str,
)
def test_a_right_outside_of_namespaces_leads_to_all_pods_but_not_from_a_namespace(escalation: dict) -> None:
    assert acts_in(role([escalation]), binding()) == BOTH
    assert acts_in(role([escalation]), binding(in_="payments")) == set()


@pytest.mark.parametrize(
    "harmless",
    [
        rule("pods pods/log", "get list watch"),
        rule("pods/eviction", "create"),
        rule("pods", "delete"),
        rule("secrets", "create"),
        rule("nodes", "patch"),
        rule("pods", "create", "metrics.k8s.io"),
        rule("roles rolebindings", "create patch", "rbac.authorization.k8s.io"),
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
    ids=str,
)
def test_other_rights_lead_to_no_pods(harmless: dict) -> None:
    assert acts_in(role([harmless]), binding()) == set()


def test_a_role_has_what_it_aggregates_and_not_what_it_says_itself() -> None:
    selectors = [
        {"matchLabels": {"adds-to": "more"}},
        {"matchExpressions": [{"key": "adds-to", "operator": "In", "values": ["most"]}]},
    ]
    aggregating = role([rule("*", "*", "*")], aggregationRule={"clusterRoleSelectors": selectors})
    assert acts_in(aggregating, binding()) == set()
    for label in ("more", "most"):
        part = role([rule("pods/exec", "create")], "part", labels={"adds-to": label})
        assert acts_in(aggregating, part, binding()) == BOTH
    other = role([rule("pods/exec", "create")], "part", labels={"adds-to": "other"})
    assert acts_in(aggregating, other, binding()) == set()


@pytest.mark.parametrize("to", ["view", "edit", "admin"])
def test_a_role_for_people_has_what_is_aggregated_to_it_or_to_a_lesser_one(to: str) -> None:
    label = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    part = role([rule("nodes/proxy", "get")], "part", labels=label)
    assert "payments" not in acts_in(binding(to, "trading"))
    assert acts_in(part, binding(to)) == BOTH


def test_whoever_becomes_a_service_account_has_its_rights() -> None:
    of_account = binding(who={"kind": "ServiceAccount", "namespace": "trading", "name": "trading"})
    of_accounts = binding(who={"kind": "Group", "name": "system:serviceaccounts:trading"})
    runs = role([rule("pods", "create")])
    for bound in (of_account, of_accounts):
        assert acts_in(runs, bound) == set()
        assert acts_in(runs, bound, policy("AmazonEKSEditPolicy", "trading")) == BOTH
        impersonates = role([rule("serviceaccounts", "impersonate")], "as", "trading")
        assert acts_in(runs, bound, impersonates, binding("as", "trading", "Role")) == BOTH


def test_impersonating_a_service_account_alone_gives_no_role_of_its_pods() -> None:
    found = access(
        role([rule("serviceaccounts", "impersonate")], in_="trading"), binding(in_="trading", kind="Role")
    )
    assert found.rights("trading") == ("impersonates service accounts",)
    assert not found.accounts


@pytest.mark.parametrize(
    ("who", "named"),
    [
        ({"kind": "Group", "name": EVERYONE}, True),
        ({"kind": "Group", "name": "castle:operator"}, False),
        ({"kind": "User", "name": "arn:aws:sts::123456789012:assumed-role/castle-cell-viewer/ann"}, True),
        ({"kind": "User", "name": "arn:aws:sts::123456789012:assumed-role/castle-cell-admin/ann"}, False),
    ],
)
def test_a_binding_is_of_whom_it_names(who: dict, named: bool) -> None:
    assert acts_in(binding("edit", "trading", who=who)) == ({"trading"} if named else set())


@pytest.mark.parametrize(
    ("enforced", "nodes"), [("restricted", False), ("baseline", False), ("privileged", True)]
)
def test_pods_that_nothing_keeps_from_their_node_reach_all_others(enforced: str, nodes: bool) -> None:
    tools = (namespace("tools", enforced), policy("AmazonEKSEditPolicy", "tools"))
    assert access(*tools).nodes is nodes
    assert acts_in(*tools) == (BOTH if nodes else set())


def test_whoever_may_loosen_pod_security_reaches_the_nodes() -> None:
    edit = policy("AmazonEKSEditPolicy", "trading")
    loosens = role([rule("namespaces", "patch")])
    assert acts_in(edit) == {"trading"}
    assert acts_in(edit, loosens, binding(in_="trading")) == BOTH


def test_a_namespace_that_no_stack_makes_has_no_pod_security() -> None:
    assert acts_in(policy("AmazonEKSEditPolicy", "kube-system")) == BOTH


def test_a_role_in_an_annotation_is_a_role_of_pods_too() -> None:
    arn = "arn:aws:iam::123456789012:role/tools"
    annotated = {"name": "it", "namespace": "trading", "annotations": {"eks.amazonaws.com/role-arn": arn}}
    found = access(made(SERVICE_ACCOUNT, metadata=annotated), policy("AmazonEKSEditPolicy", "trading"))
    assert arn in found.roles


def test_each_policy_allows_what_the_lesser_one_does() -> None:
    view, edit, admin = ({*policy_rules(f"AmazonEKS{it}Policy")} for it in ("View", "Edit", "Admin"))
    assert view < edit < admin
    assert all(it.verbs == {*READ} for it in view)
    assert not any(it.allows("get", "", "secrets") for it in view)
    assert {*policy_rules("AmazonEKSClusterAdminPolicy")} == {Rule.of("*", "*", "*")}
