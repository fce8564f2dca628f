"""Findings that fail a drill."""

from __future__ import annotations

import pytest

from rehearsal.drills.drill import Expected
from rehearsal.drills.judge import operation_findings, preview_findings
from rehearsal.engine.events import Diagnostic, Step
from rehearsal.engine.operations import Result
from rehearsal.engine.records import Resource

CLUSTER = "aws:rds/cluster:Cluster"
VPC = "aws:ec2/vpc:Vpc"


def urn(type_: str, name: str = "it") -> str:
    return f"urn:pulumi:dev::castle::{type_}::{name}"


def preview(*steps: Step, protect: bool = True, failed: bool = False) -> Result:
    resource = Resource(urn=urn(CLUSTER), type=CLUSTER, custom=True, protect=protect)
    return Result("preview", "dev", events=list(steps), resources=[resource], failed=failed)


def kinds(result: Result, *expected: Expected) -> list[str]:
    return [finding.kind for finding in preview_findings(result, expected, {CLUSTER})]


def test_a_plan_without_steps_is_harmless() -> None:
    assert kinds(preview(Step("same", urn(VPC)), Step("read", urn(VPC)))) == []


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Step("replace", urn(VPC), ("cidrBlock",), ("cidrBlock",)), "replaces"),
        (Step("create-replacement", urn(VPC)), "replaces"),
        (Step("delete-replaced", urn(VPC)), "replaces"),
        (Step("delete", urn(VPC)), "deletes"),
        (Step("update", urn(CLUSTER), ("globalClusterIdentifier",)), "detaches"),
        (Step("update", urn(CLUSTER), ("replicationSourceIdentifier",)), "detaches"),
        (Step("update", urn(CLUSTER), ("engineVersion",)), "changes"),
        (Step("create", urn(VPC)), "changes"),
    ],
)
def test_a_step_that_nobody_expects_is_named_for_its_harm(step: Step, kind: str) -> None:
    assert kinds(preview(step)) == [kind]


def test_an_expected_step_has_to_be_exactly_so() -> None:
    want = Expected("update", urn(VPC), ("tags",))
    assert kinds(preview(Step("update", urn(VPC), ("tags",))), want) == []
    assert kinds(preview(Step("update", urn(VPC), ("tags", "cidrBlock"))), want) == ["changes"]
    assert kinds(preview(Step("replace", urn(VPC), ("tags",))), want) == ["replaces", "misses"]
    assert kinds(preview(), want) == ["misses"]


def test_what_holds_data_has_to_be_protected() -> None:
    assert kinds(preview(protect=False)) == ["unprotected"]


def test_a_failed_preview_is_a_finding_for_each_error() -> None:
    told = preview(failed=True)
    told.events.append(Diagnostic("error", "no"))
    assert [(f.kind, f.detail) for f in preview_findings(told, (), ())] == [("fails", "no")]
    assert kinds(preview(failed=True)) == ["fails"]


def test_an_operation_may_change_what_it_is_allowed_to_but_replace_nothing() -> None:
    result = preview(
        Step("delete", urn(VPC, "a")), Step("delete", urn(VPC, "b")), Step("replace", urn(VPC, "a"))
    )
    found = [(f.kind, f.urn) for f in operation_findings(result, {urn(VPC, "a")})]
    assert found == [("deletes", urn(VPC, "b")), ("replaces", urn(VPC, "a"))]
