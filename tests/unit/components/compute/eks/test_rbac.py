from __future__ import annotations

import pulumi_kubernetes as k8s
import pytest

from components.compute.eks.rbac import PeopleRights
from tests.unit.harness import Run, run

PEOPLE = ("viewer", "operator", "admin")


@pytest.fixture(scope="module")
def made() -> Run:
    return run(lambda: PeopleRights("rights", k8s.Provider("inside", kubeconfig="{}")))


def rights(made: Run, who: str) -> set[tuple[str, str, str]]:
    """Group, resource and verb of everything that a person may do."""
    return {
        (group, resource, verb)
        for rule in made.one(f"rights-{who}", "ClusterRole").inputs["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_each_role_is_bound_to_the_group_of_its_access_entry_alone(made: Run) -> None:
    for who in PEOPLE:
        binding = made.one(f"rights-{who}", "ClusterRoleBinding").inputs
        (subject,) = binding["subjects"]
        assert (subject["kind"], subject["name"]) == ("Group", f"castle:{who}")
        assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("ClusterRole", f"castle:{who}")


def test_who_may_more_may_all_that_the_others_may(made: Run) -> None:
    viewer, operator, admin = (rights(made, who) for who in PEOPLE)
    assert viewer < operator < admin


def test_a_viewer_only_looks(made: Run) -> None:
    assert {verb for _, _, verb in rights(made, "viewer")} == {"get", "list", "watch"}


def test_nobody_gets_everything_of_anything_nor_secrets_nor_rights(made: Run) -> None:
    for who in PEOPLE:
        for group, resource, verb in rights(made, who):
            assert "*" not in (group, resource, verb)
            assert resource not in ("secrets", "pods/exec", "serviceaccounts/token")
            assert group != "rbac.authorization.k8s.io"
            assert verb not in ("bind", "escalate", "impersonate")


def test_an_operator_sees_workloads_beyond_the_namespaces_that_it_changes(made: Run) -> None:
    seen = rights(made, "operator") - rights(made, "viewer")
    assert {("", "pods", "list"), ("", "pods/log", "get"), ("apps", "deployments", "watch")} <= seen


def test_an_operator_empties_nodes_and_holds_a_service_at_its_replicas(made: Run) -> None:
    more = rights(made, "operator") - rights(made, "viewer")
    assert {one for one in more if one[2] not in ("get", "list", "watch")} == {
        ("", "nodes", "patch"),
        ("", "pods/eviction", "create"),
        ("karpenter.sh", "nodeclaims", "delete"),
        ("keda.sh", "scaledobjects", "patch"),
    }
