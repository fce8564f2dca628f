"""Every IAM document in the graph of all stacks: nothing for everything, nothing for everybody, no role unbounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.engine.records import Resource
from rehearsal.values import parts
from tests.stacks.access.iam_documents import (
    KINDS,
    SILENT,
    UNLIMITED,
    Document,
    Kind,
    allowed_actions,
    faults,
    read,
    within,
)
from tests.stacks.platform import Platform

ROLE = "aws:iam/role:Role"
# The exception: the most that a role can do, which allows nothing by itself. It has tests of its own.
BOUNDARY = "cell-boundary-policy"
ACCOUNT = "123456789012"


def documents(platform: Platform) -> Iterator[tuple[str, Resource, Kind, Document]]:
    """Each with the stack and the resource that it is of."""
    for stack, resource in platform.resources():
        for text in parts(resource.inputs):
            document = read(text) if isinstance(text, str) else None
            if document is not None:
                yield stack, resource, KINDS.get(resource.type, "resource"), document


def boundary(platform: Platform) -> Document:
    (found,) = [document for _, it, _, document in documents(platform) if it.name == BOUNDARY]
    return found


def test_every_document_is_narrow_and_scoped(platform: Platform) -> None:
    walked = list(documents(platform))
    assert {kind for _, _, kind, _ in walked} == {
        "identity",
        "trust",
        "key",
        "endpoint",
        "service",
        "resource",
    }
    assert {
        f"{stack} {resource.name}: {fault}"
        for stack, resource, kind, document in walked
        if resource.name != BOUNDARY
        for fault in faults(kind, document)
    } == set()


def test_no_exception_is_left_that_nobody_needs(platform: Platform) -> None:
    asked = {
        action
        for _, _, kind, it in documents(platform)
        if kind == "identity"
        for action in allowed_actions(it)
    }
    trusted = {
        str(service)
        for _, _, kind, it in documents(platform)
        if kind == "trust"
        for statement in it["Statement"]
        for service in [statement["Principal"].get("Service")]
    }
    assert set(UNLIMITED) - asked <= {"ecr:GetAuthorizationToken"}
    assert set(SILENT) <= trusted


def test_no_role_is_without_the_boundary(platform: Platform) -> None:
    (policy,) = platform.of("aws:iam/policy:Policy")
    roles = platform.of(ROLE)
    assert len(roles) > 20
    assert {role.inputs.get("permissionsBoundary") for role in roles} == {policy.outputs["arn"]}


def test_a_role_of_the_birth_cell_waits_for_the_boundary(platform: Platform) -> None:
    (policy,) = platform.of("aws:iam/policy:Policy")
    roles = [it for stack, it in platform.resources() if stack == "us-east-1" and it.type == ROLE]
    assert not [role.name for role in roles if policy.urn not in role.dependencies]


def test_what_a_roles_own_policies_allow_is_within_the_boundary(platform: Platform) -> None:
    most = boundary(platform)
    asked = {
        (resource.name, action)
        for _, resource, _, document in documents(platform)
        if resource.type == "aws:iam/rolePolicy:RolePolicy"
        for action in allowed_actions(document)
    }
    assert len(asked) > 50
    assert {it for it in asked if not within(most, it[1])} == set()


def statement(**changes: Any) -> Document:
    allowed = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:1:q"}
    return {"Version": "2012-10-17", "Statement": [{**allowed, **changes}]}


SERVICE = {"Service": "events.amazonaws.com"}
OWN = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


@pytest.mark.parametrize(
    ("kind", "document", "says"),
    [
        ("identity", statement(Action="*"), "action *"),
        ("identity", statement(Action=["sqs:Get*"]), "action sqs:Get*"),
        ("identity", statement(Resource="*"), "sqs:SendMessage on every resource"),
        ("identity", statement(Resource=["arn:x", "*"]), "sqs:SendMessage on every resource"),
        ("resource", statement(Principal=SERVICE, Condition=OWN, Action="sqs:*"), "action sqs:*"),
        ("resource", statement(Principal=SERVICE, Condition=OWN, Resource="*"), "its resource is *"),
        ("resource", statement(Principal="*"), "it is for everybody"),
        ("resource", statement(Principal={"AWS": "*"}), "it is for every account"),
        ("trust", statement(Principal=SERVICE, Action="sts:AssumeRole"), "events.amazonaws.com may come"),
        ("trust", statement(Principal={"Federated": "arn:x"}, Action="sts:AssumeRole"), "Federated arn:x"),
        (
            "key",
            statement(Principal=SERVICE, Action="kms:Decrypt", Resource="*"),
            "events.amazonaws.com may come",
        ),
        ("identity", {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}, "all but"),
    ],
)
def test_what_is_too_wide_is_found(kind: Kind, document: Document, says: str) -> None:
    (fault,) = faults(kind, document)
    assert says in fault


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("identity", statement(Action="xray:PutTraceSegments", Resource="*")),
        ("identity", statement(Effect="Deny", Action="*", Resource="*")),
        ("trust", statement(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")),
        ("resource", statement(Principal=SERVICE, Condition=OWN)),
        ("key", statement(Principal=SERVICE, Condition=OWN, Action="kms:GenerateDataKey*", Resource="*")),
    ],
)
def test_what_is_narrow_is_no_fault(kind: Kind, document: Document) -> None:
    assert faults(kind, document) == []
