"""API Gateway: what a REST API is made of, and in which order."""

from __future__ import annotations

import pytest

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import Values
from tests.rehearsal.cloud.cloud_driver import (
    BALANCER,
    GROUP,
    NORTH,
    ROLE,
    SOUTH,
    TRUST,
    Hands,
    Made,
    refused,
)

API = "aws:apigateway/restApi:RestApi"
RESOURCE = "aws:apigateway/resource:Resource"
METHOD = "aws:apigateway/method:Method"
INTEGRATION = "aws:apigateway/integration:Integration"
DEPLOYMENT = "aws:apigateway/deployment:Deployment"
STAGE = "aws:apigateway/stage:Stage"
SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
ACCOUNT = "aws:apigateway/account:Account"
DOMAIN = "aws:apigateway/domainName:DomainName"
MAPPING = "aws:apigateway/basePathMapping:BasePathMapping"
PLAN = "aws:apigateway/usagePlan:UsagePlan"
KEY = "aws:apigateway/apiKey:ApiKey"
LINK = "aws:apigatewayv2/vpcLink:VpcLink"
LOG = "aws:cloudwatch/logGroup:LogGroup"
CERTIFICATE = "aws:acm/certificate:Certificate"


def api(hands: Hands) -> Made:
    return hands.make(API, "api", {"endpointConfiguration": {"types": "REGIONAL"}}, NORTH)


def method_inputs(made: Made) -> Values:
    return {
        "restApi": made.id,
        "resourceId": made.outputs["rootResourceId"],
        "httpMethod": "GET",
        "authorization": "NONE",
    }


def deployed(hands: Hands) -> tuple[Made, Made]:
    made = api(hands)
    hands.make(METHOD, "get", method_inputs(made), NORTH)
    return made, hands.make(DEPLOYMENT, "deployment", {"restApi": made.id, "triggers": {"x": "1"}}, NORTH)


def staged(hands: Hands) -> tuple[Made, Made, Made]:
    made, deployment = deployed(hands)
    inputs = {"restApi": made.id, "deployment": deployment.id, "stageName": "live"}
    return made, deployment, hands.make(STAGE, "stage", inputs, NORTH)


def test_arns_are_as_aws_writes_them(hands: Hands) -> None:
    made, _, stage = staged(hands)
    assert made.outputs["executionArn"] == f"arn:aws:execute-api:us-east-1:123456789012:{made.id}"
    assert stage.arn == f"arn:aws:apigateway:us-east-1::/restapis/{made.id}/stages/live"
    assert stage.outputs["executionArn"].endswith(f":{made.id}/live")


def test_a_path_is_that_of_its_parent_and_its_own(hands: Hands) -> None:
    made = api(hands)
    version = {"restApi": made.id, "parentId": made.outputs["rootResourceId"], "pathPart": "v1"}
    first = hands.make(RESOURCE, "v1", version, NORTH)
    orders = {"restApi": made.id, "parentId": first.id, "pathPart": "orders"}
    assert hands.make(RESOURCE, "orders", orders, NORTH).outputs["path"] == "/v1/orders"
    assert refused(hands, RESOURCE, "again", orders, NORTH).code == "ConflictException"


def test_a_method_with_an_authorizer_names_it(hands: Hands) -> None:
    inputs = {**method_inputs(api(hands)), "authorization": "CUSTOM"}
    assert refused(hands, METHOD, "get", inputs, NORTH).code == "BadRequestException"


def test_what_a_method_does_needs_the_method(hands: Hands) -> None:
    inputs = method_inputs(api(hands))
    integration = {name: inputs[name] for name in ("restApi", "resourceId", "httpMethod")} | {"type": "MOCK"}
    assert refused(hands, INTEGRATION, "get", integration, NORTH).code == "NotFoundException"
    hands.make(METHOD, "get", inputs, NORTH)
    hands.make(INTEGRATION, "get", integration, NORTH)


def test_a_private_integration_names_the_link_and_the_load_balancer_behind_it(hands: Hands) -> None:
    inputs = method_inputs(api(hands))
    hands.make(METHOD, "get", inputs, NORTH)
    vpc, subnet = hands.network(NORTH)
    group = hands.make(GROUP, "group", {"vpcId": vpc.id}, NORTH)
    link = hands.make(LINK, "link", {"subnetIds": [subnet.id], "securityGroupIds": [group.id]}, NORTH)
    balancer = hands.make(BALANCER, "alb", {"subnets": [subnet.id], "internal": True}, NORTH)
    integration: Values = {
        **{name: inputs[name] for name in ("restApi", "resourceId", "httpMethod")},
        "type": "HTTP_PROXY",
        "integrationHttpMethod": "GET",
        "connectionType": "VPC_LINK",
        "connectionId": link.id,
        "uri": "https://api.castle.example/",
    }
    assert "IntegrationTarget is required" in str(refused(hands, INTEGRATION, "get", integration, NORTH))
    made = hands.make(INTEGRATION, "get", {**integration, "integrationTarget": balancer.arn}, NORTH)
    assert made.outputs["cacheNamespace"] == inputs["resourceId"]
    with pytest.raises(RefusedError):
        hands.remove(link)


def test_nothing_is_deployed_of_an_api_without_methods(hands: Hands) -> None:
    assert refused(hands, DEPLOYMENT, "deployment", {"restApi": api(hands).id}, NORTH).code == (
        "BadRequestException"
    )


def test_a_deployment_is_another_one_for_another_trigger_and_stays_for_another_description(
    hands: Hands,
) -> None:
    made, deployment = deployed(hands)
    same = {"restApi": made.id, "triggers": {"x": "1"}}
    assert hands.diff(deployment, {**same, "triggers": {"x": "2"}}).replaces
    assert not hands.diff(deployment, {**same, "description": "said"}).replaces


def test_a_deployment_stays_while_a_stage_has_it_and_a_stage_takes_another_in_place(hands: Hands) -> None:
    made, deployment, stage = staged(hands)
    with pytest.raises(RefusedError):
        hands.remove(deployment)
    other = hands.make(DEPLOYMENT, "other", {"restApi": made.id, "triggers": {"x": "2"}}, NORTH)
    moved = {**stage.inputs, "deployment": other.id}
    assert not hands.diff(stage, moved).replaces
    hands.change(stage, moved)
    hands.remove(deployment)


def test_a_stage_logs_once_the_region_lets_api_gateway_log(hands: Hands) -> None:
    made, deployment = deployed(hands)
    log = hands.make(LOG, "log", {"name": "/aws/apigateway/x"}, NORTH)
    inputs: Values = {
        "restApi": made.id,
        "deployment": deployment.id,
        "stageName": "live",
        "accessLogSettings": {"destinationArn": log.arn, "format": "$context.requestId"},
    }
    role = hands.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    hands.make(ACCOUNT, "elsewhere", {"cloudwatchRoleArn": role.arn}, SOUTH)
    assert "CloudWatch Logs role ARN must be set" in str(refused(hands, STAGE, "stage", inputs, NORTH))
    hands.make(ACCOUNT, "here", {"cloudwatchRoleArn": role.arn}, NORTH)
    hands.make(STAGE, "stage", inputs, NORTH)


def test_settings_mappings_and_plans_are_of_a_stage_that_is_there(hands: Hands) -> None:
    made, deployment = deployed(hands)
    certificate = hands.make(CERTIFICATE, "c", {"domainName": "api.castle.example"}, NORTH)
    domain = {"domainName": "api.castle.example", "regionalCertificateArn": certificate.arn}
    hands.make(DOMAIN, "domain", domain, NORTH)
    asked: dict[str, Values] = {
        SETTINGS: {"restApi": made.id, "stageName": "live", "methodPath": "*/*", "settings": {}},
        MAPPING: {"restApi": made.id, "stageName": "live", "domainName": "api.castle.example"},
        PLAN: {"apiStages": [{"apiId": made.id, "stage": "live"}]},
    }
    for type_, inputs in asked.items():
        refused(hands, type_, "it", inputs, NORTH)
    stage = {"restApi": made.id, "deployment": deployment.id, "stageName": "live"}
    hands.make(STAGE, "stage", stage, NORTH)
    for type_, inputs in asked.items():
        hands.make(type_, "it", inputs, NORTH)


def test_a_regional_name_is_each_regions_own_and_leads_to_api_gateway_there(hands: Hands) -> None:
    found: dict[str, str] = {}
    for provider in (NORTH, SOUTH):
        certificate = hands.make(
            CERTIFICATE, f"c-{provider['region']}", {"domainName": "api.castle.example"}, provider
        )
        domain = {"domainName": "api.castle.example", "regionalCertificateArn": certificate.arn}
        made = hands.make(DOMAIN, f"d-{provider['region']}", domain, provider)
        found[made.outputs["regionalDomainName"]] = made.outputs["regionalZoneId"]
    assert sorted(found.values()) == ["Z1UJRXOUMOOFQ8", "ZLY8HYME6SFDD"]


def test_a_keys_value_is_unique_in_its_region_alone_and_never_changes(hands: Hands) -> None:
    made = hands.make(KEY, "key", {"value": "a" * 20}, NORTH)
    assert refused(hands, KEY, "other", {"value": "a" * 20}, NORTH).code == "ConflictException"
    hands.make(KEY, "elsewhere", {"value": "a" * 20}, SOUTH)
    assert hands.diff(made, {"value": "b" * 20}).replaces
