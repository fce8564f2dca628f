"""The ways into a cell, as the committed stacks have them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from settings.catalogue import SERVICES
from tests.unit.conftest import CELLS
from tests.unit.harness import Run, run_stack
from workloads.authorizer.methods import Methods


@pytest.fixture(scope="module")
def environment(joining: Run) -> Mapping[str, str]:
    return joining.one("cell-authorizer-function").inputs["environment"]["variables"]


def resource_paths(made: Run) -> dict[str, str]:
    """By a resource's id, as the API says them."""
    resources = {f"{each.name}-id": each.inputs for each in made.of("Resource")}

    def path(resource_id: str) -> str:
        own = resources.get(resource_id)
        return f"{path(own['parentId'])}/{own['pathPart']}" if own else ""

    return {resource_id: path(resource_id) for resource_id in resources}


def test_the_authorizer_knows_each_method_that_asks_it_and_no_other(
    joining: Run, environment: Mapping[str, str]
) -> None:
    paths = resource_paths(joining)
    asking = {
        f"{each.inputs['httpMethod']} {paths[each.inputs['resourceId']]}"
        for each in joining.of("Method")
        if each.inputs["authorization"] == "CUSTOM"
    }
    assert set(Methods.parse(environment["METHODS"]).scopes) == asking


def test_who_has_no_plan_of_its_own_is_counted_in_the_one_for_everyone(
    joining: Run, environment: Mapping[str, str]
) -> None:
    assert environment["USAGE_KEY"] == joining.one("cell-plans-everyone", "ApiKey").inputs["value"]["value"]


def test_the_authorizer_reads_the_keys_that_the_birth_cell_makes_and_nothing_else(
    birth: Run, joining: Run, environment: Mapping[str, str]
) -> None:
    aliases = environment["TOKEN_KEYS"].split()
    made = {
        each.inputs["name"]
        for each in birth.of("Alias")
        if each.inputs["region"] == "eu-west-1" and each.name.startswith("cell-tokens")
    }
    assert aliases == ["alias/castle-token-signing-first"]
    assert made == {*aliases, "alias/castle-token-signing"}
    statements = json.loads(joining.one("cell-authorizer-policy").inputs["policy"])["Statement"]
    (statement,) = [each for each in statements if "kms" in json.dumps(each["Action"])]
    assert statement["Action"] == "kms:GetPublicKey"
    assert statement["Resource"] == "arn:aws:kms:eu-west-1:123456789012:key/*"
    assert statement["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}


def test_a_key_that_leaves_is_no_longer_read() -> None:
    turned = run_stack(
        "us-east-1", tokenKeys=[{"name": "first", "leaving": True}, {"name": "second"}], tokenSigner="second"
    )
    variables = turned.one("cell-authorizer-function").inputs["environment"]["variables"]
    assert variables["TOKEN_KEYS"] == "alias/castle-token-signing-second"


def test_the_birth_cell_makes_the_keys_of_tokens_for_every_region_and_no_other_cell_does(
    birth: Run, joining: Run
) -> None:
    regions = {
        each.inputs["region"]
        for each in (*birth.of("Key"), *birth.of("ReplicaKey"))
        if each.name.startswith("cell-tokens")
    }
    assert regions == {"us-east-1", "eu-west-1", "us-west-2"}
    assert not joining.of("SigningKey")


def test_a_token_of_one_cell_is_good_in_all(stacks: dict[str, Run]) -> None:
    assert (
        len(
            {
                json.dumps(stacks[cell].one("cell-authorizer-function").inputs["environment"], sort_keys=True)
                for cell in CELLS
            }
        )
        == 1
    )


def test_tokens_that_arent_good_are_errors_of_which_nobody_is_told(joining: Run) -> None:
    assert joining.one("cell-authorizer-alarm-errors").inputs["threshold"] > 0
    assert joining.one("cell-rotation-alarm-errors").inputs["threshold"] == 0


def test_both_ways_in_are_behind_the_firewall(joining: Run) -> None:
    guarded = {each.inputs["resourceArn"] for each in joining.of("WebAclAssociation")}
    assert guarded == {"arn:cell-endpoint-alb", "arn:cell-api-stage-stage"}


def test_the_firewall_counts_handshakes_for_themselves_after_all_else(joining: Run) -> None:
    rules = joining.one("cell-firewall-acl").inputs["rules"]
    (rule,) = (each for each in rules if each["name"] == "rate-handshakes")
    assert rule["priority"] == max(each["priority"] for each in rules) == 5
    counted = rule["statement"]["rateBasedStatement"]
    assert counted["limit"] == 300
    match = counted["scopeDownStatement"]["byteMatchStatement"]
    path = next(
        condition["pathPattern"]["values"]
        for condition in joining.one("cell-endpoint-to-stream").inputs["conditions"]
        if "pathPattern" in condition
    )
    assert ([match["searchString"]], match["positionalConstraint"]) == (path, "EXACTLY")


def test_the_name_that_the_api_expects_is_on_the_internal_load_balancers_certificate(joining: Run) -> None:
    certificate = joining.one("cell-endpoint-certificate").inputs
    names = {certificate["domainName"], *certificate["subjectAlternativeNames"]}
    forwarded = [each.inputs for each in joining.of("Integration") if each.inputs["type"] == "HTTP_PROXY"]
    hosts = {inputs["uri"].split("/")[2] for inputs in forwarded}
    assert len(hosts) == 1
    assert hosts <= names


def test_every_service_has_a_place_behind_the_api_and_one_behind_the_public_load_balancer(
    joining: Run,
) -> None:
    groups = joining.names("TargetGroup")
    assert groups == {"stream-targets", *(f"{service}-targets" for service in SERVICES)}


def test_api_gateway_may_write_logs_before_the_stage_does(joining: Run) -> None:
    assert joining.one("cell-baseline-apis").urn in joining.one("cell-api-stage-stage").depends_on


def test_a_service_is_checked_behind_each_host_and_only_counts_with_an_image(joining: Run) -> None:
    checks = {
        each.name.removeprefix("cell-serving-"): each.inputs
        for each in joining.of("HealthCheck")
        if each.name.startswith("cell-serving-")
    }
    assert set(checks) == {*(f"api-{service}" for service in SERVICES), "stream-market-data"}
    pods = joining.names("Deployment")
    for name, inputs in checks.items():
        service = name.partition("-")[2]
        assert inputs["disabled"] is (f"cell-{service}-deployment" not in pods), name
    exported = joining.outputs["servingCheckIds"]
    assert exported["stream"] == ["cell-serving-stream-market-data-id"]
    assert exported["api"] == [f"cell-serving-api-{service}-id" for service in SERVICES]
