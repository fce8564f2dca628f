"""The page about whom people can act as is what the graph says; `make access-page` writes it anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rehearsal.engine.records import Resource
from rehearsal.iam.documents import Principal, Statement, statements
from rehearsal.iam.evaluation import Decision, Request, decide
from rehearsal.values import reveal
from tests.stacks.access.access_page import ROLE, Cell, cells, page
from tests.stacks.access.effective_access import ENTRY, POLICY_ASSOCIATION, Access
from tests.stacks.access.rbac_rules import READ_KINDS
from tests.stacks.platform import ROOT, Platform
from tests.stacks.test_reach_page import changed, with_inputs

PAGE = ROOT / "docs" / "access.md"
CELLS = ("us-east-1", "eu-west-1", "us-west-2")
PEOPLE = ("viewer", "operator", "admin")
OPERATED = {"trading"}
# What an admin alone may, but for an operator in the namespaces that are operated.
ADMINS = {
    "reads secrets",
    "mints tokens",
    "impersonates service accounts",
    "grants rights",
    "loosens pod security",
}
# By which a role could give itself, or somebody, more of the cluster or of AWS.
WAYS = (
    "eks:CreateAccessEntry",
    "eks:AssociateAccessPolicy",
    "eks:CreatePodIdentityAssociation",
    "iam:PassRole",
)


def of_people(cell: Cell) -> Iterator[tuple[str, str, Access]]:
    """Name and ARN of each role of people, with its access."""
    for entry in cell.cluster.entries():
        yield entry.role.rpartition("-")[2], entry.role, cell.cluster.access(entry)


def access(platform: Platform, cell: str, right: str) -> Access:
    (found,) = [it for name, _, it in of_people(cells(platform)[cell]) if name == right]
    return found


def with_more(platform: Platform, *more: Resource) -> Platform:
    """The platform with more resources in every cell."""
    return replace(
        platform,
        results={
            stack: replace(result, resources=[*result.resources, *more]) if stack in CELLS else result
            for stack, result in platform.results.items()
        },
    )


def rows(text: str) -> set[str]:
    return {line for line in text.splitlines() if line.startswith("|")}


def test_the_page_is_current(platform: Platform) -> None:
    now = page(platform)
    if os.environ.get("RECORD") == "access-page":
        PAGE.write_text(now)
    assert PAGE.read_text() == now, (
        "docs/access.md isn't what the stacks say; look at it, then `make access-page`"
    )


def test_every_cell_has_the_same_roles_of_people(platform: Platform) -> None:
    assert set(cells(platform)) == set(CELLS)
    for cell in cells(platform).values():
        assert sorted(name for name, _, _ in of_people(cell)) == sorted(PEOPLE)


def test_every_rbac_object_is_of_a_kind_that_is_read(platform: Platform) -> None:
    kinds = {it.type for _, it in platform.resources() if "rbac.authorization" in it.type}
    assert kinds
    assert kinds <= set(READ_KINDS)


@pytest.mark.parametrize("cell", CELLS)
def test_a_viewer_acts_as_no_pod(platform: Platform, cell: str) -> None:
    viewer = access(platform, cell, "viewer")
    assert not viewer.accounts
    assert not viewer.nodes
    assert {right for it in ("trading", "payments", "kube-system") for right in viewer.rights(it)} == {
        "reads workloads"
    }
    assert viewer.rights(None) == ()


@pytest.mark.parametrize("cell", CELLS)
def test_an_operator_acts_as_pods_of_the_operated_namespaces_alone(platform: Platform, cell: str) -> None:
    operator = access(platform, cell, "operator")
    assert {it.namespace for it in operator.accounts} == OPERATED
    assert not any("payments" in role or "keda" in role for role in operator.roles)
    assert not operator.nodes


@pytest.mark.parametrize("cell", CELLS)
def test_an_admin_acts_as_every_pod(platform: Platform, cell: str) -> None:
    assert access(platform, cell, "admin").accounts == cells(platform)[cell].cluster.accounts


@pytest.mark.parametrize("cell", CELLS)
def test_none_but_admins_read_secrets_mint_tokens_or_impersonate_where_operators_dont_operate(
    platform: Platform, cell: str
) -> None:
    for name, _, found in of_people(cells(platform)[cell]):
        for namespace in cells(platform)[cell].cluster.namespaces:
            if name != "admin" and not (name == "operator" and namespace in OPERATED):
                assert not ADMINS & {*found.rights(namespace)}, (name, namespace)
        assert ("impersonates anybody" in found.rights(None)) == (name == "admin")
        assert ("grants all rights" in found.rights(None)) == (name == "admin")


@pytest.mark.parametrize("cell", CELLS)
def test_operators_neither_grant_rights_nor_loosen_pod_security_anywhere(
    platform: Platform, cell: str
) -> None:
    operator = access(platform, cell, "operator")
    for namespace in cells(platform)[cell].cluster.namespaces:
        assert not {"grants rights", "loosens pod security"} & {*operator.rights(namespace)}
    assert operator.rights(None) == ("changes nodes",)


def test_no_secret_of_the_program_is_kept_in_kubernetes(platform: Platform) -> None:
    assert not platform.of("kubernetes:core/v1:Secret")


@pytest.mark.parametrize("cell", CELLS)
def test_roles_of_people_have_no_other_way_to_more(platform: Platform, cell: str) -> None:
    found = cells(platform)[cell]
    pods = [role for account in found.cluster.accounts for role in account.roles]
    for _, arn, _ in of_people(found):
        own = found.allowed(arn)
        asked = [*(Request(it) for it in WAYS), *(Request("sts:AssumeRole", it) for it in pods)]
        assert {decide(it, own)[0] for it in asked} == {Decision.NOT_ALLOWED}
        me = frozenset([Principal("AWS", arn), Principal("AWS", "arn:aws:iam::123456789012:root")])
        for role in pods:
            assert (
                decide(Request("sts:AssumeRole", "*", principals=me), _trust(found, role))[0]
                is Decision.NOT_ALLOWED
            )


def _trust(cell: Cell, role: str) -> list[Statement]:
    return [
        replace(it, resources=("*",)) for it in statements(reveal(cell.role(role).inputs["assumeRolePolicy"]))
    ]


def test_a_binding_in_payments_is_another_page(platform: Platform) -> None:
    bound = Resource(
        urn="urn:pulumi:cell::castle::kubernetes:rbac.authorization.k8s.io/v1:RoleBinding::more",
        type="kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        custom=True,
        inputs={
            "metadata": {"name": "more", "namespace": "payments"},
            "roleRef": {"kind": "ClusterRole", "name": "edit"},
            "subjects": [{"kind": "Group", "name": "castle:viewer"}],
        },
    )
    new = rows(page(with_more(platform, bound))) - rows(page(platform))
    assert any("viewer` | payments | reads workloads, " in row for row in new)
    assert any("payments/payments" in row and "viewer`" in row for row in new)


def test_a_wider_scope_is_another_page(platform: Platform) -> None:
    def widened(it: Resource) -> Resource:
        if it.type == POLICY_ASSOCIATION and it.inputs["principalArn"].endswith("-operator"):
            return with_inputs(it, accessScope={"type": "cluster"})
        return it

    wide = changed(platform, widened)
    assert access(wide, "eu-west-1", "operator").nodes
    assert any("keda/keda-operator" in row and "operator`" in row.split("|")[4] for row in rows(page(wide)))


def test_an_entry_in_another_group_is_another_page(platform: Platform) -> None:
    def raised(it: Resource) -> Resource:
        if it.type == ENTRY and it.inputs["principalArn"].endswith("-viewer"):
            return with_inputs(it, kubernetesGroups=["castle:operator"])
        return it

    new = rows(page(changed(platform, raised))) - rows(page(platform))
    assert any("viewer`" in row and "evicts pods" in row for row in new)


def test_who_may_take_all_roles_is_told_and_is_nobody_once_one_role_has_other_takers(
    platform: Platform,
) -> None:
    def guarded(it: Resource) -> Resource:
        if it.type == ROLE and it.inputs["name"].endswith("-admin"):
            return with_inputs(
                it, assumeRolePolicy=it.inputs["assumeRolePolicy"].replace("role/people", "role/few")
            )
        return it

    told = "every one of the roles: "
    assert f"{told}`arn:aws:iam::123456789012:role/people`." in page(platform)
    assert f"{told}-." in page(changed(platform, guarded))
