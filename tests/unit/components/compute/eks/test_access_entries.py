from __future__ import annotations

import json

import pulumi_aws as aws
import pytest

from components.compute.eks.access_entries import Access, AccessArgs
from components.data.buckets.drains import write_drains
from tests.unit.documents import actions, each_of, statements
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
PEOPLE = "arn:aws:iam::123456789012:role/people"
ROLES = {who: f"castle-eu-west-1-{who}" for who in ("viewer", "operator", "admin")}


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        cluster = aws.eks.Cluster("cluster", role_arn="arn:role", vpc_config={"subnet_ids": []})
        Access(
            "access",
            AccessArgs(
                account="123456789012",
                region="eu-west-1",
                cluster="castle-eu-west-1",
                existing_cluster_name=cluster.arn.apply(lambda _: "castle-eu-west-1"),
                roles=ROLES,
                people=[PEOPLE],
                operated=["trading"],
                operator_statements=write_drains("castle-eu-west-1-drains-123456789012", KEY),
            ),
        )

    return run(program)


def test_each_role_has_its_entry_and_one_policy(made: Run) -> None:
    policies = {}
    for who in ROLES:
        entry = made.one(f"access-{who}", "AccessEntry").inputs
        assert entry == {
            "clusterName": "castle-eu-west-1",
            "principalArn": f"arn:access-{who}",
            "kubernetesGroups": [f"castle:{who}"],
        }
        association = made.one(f"access-{who}", "AccessPolicyAssociation").inputs
        assert association["principalArn"] == entry["principalArn"]
        policies[who] = association["policyArn"].rsplit("/", 1)[-1]
    assert policies == {
        "viewer": "AmazonEKSViewPolicy",
        "operator": "AmazonEKSEditPolicy",
        "admin": "AmazonEKSClusterAdminPolicy",
    }


def test_an_operator_changes_workloads_only_where_no_role_moves_money(made: Run) -> None:
    """Edit rights are by namespace: to run a pod as a service account is to have its role."""
    scopes = {
        who: made.one(f"access-{who}", "AccessPolicyAssociation").inputs["accessScope"] for who in ROLES
    }
    assert scopes == {
        "viewer": {"type": "cluster"},
        "operator": {"type": "namespace", "namespaces": ["trading"]},
        "admin": {"type": "cluster"},
    }


def test_a_policy_waits_for_its_entry_and_both_for_the_cluster(made: Run) -> None:
    cluster = made.one("cluster").urn
    for who in ROLES:
        entry = made.one(f"access-{who}", "AccessEntry")
        assert cluster in entry.depends_on
        assert entry.urn in made.one(f"access-{who}", "AccessPolicyAssociation").depends_on


def test_only_the_platforms_people_take_the_roles(made: Run) -> None:
    for who, name in ROLES.items():
        role = made.one(f"access-{who}", "Role").inputs
        assert role["name"] == name
        (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"AWS": [PEOPLE]}


def test_of_aws_the_roles_may_find_the_cluster(made: Run) -> None:
    found = [each for each in made.of("RolePolicy") if each.name.endswith("-find")]
    assert len(found) == 3
    for each in found:
        (only,) = statements(json.loads(each.inputs["policy"])).values()
        assert actions(only) == ["eks:DescribeCluster"]
        assert only["Resource"] == "arn:aws:eks:eu-west-1:123456789012:cluster/castle-eu-west-1"


def test_only_an_operator_may_more_of_aws_which_is_to_drain_cells(made: Run) -> None:
    (more,) = [each for each in made.of("RolePolicy") if not each.name.endswith("-find")]
    assert (more.name, more.inputs["role"]) == ("access-operator-may", "castle-eu-west-1-operator")
    objects, key = each_of(json.loads(more.inputs["policy"]))
    assert actions(objects) == ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    assert objects["Resource"] == "arn:aws:s3:::castle-eu-west-1-drains-123456789012/drained/*"
    assert (actions(key), key["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], KEY)
