"""API Gateway: what a REST API is made of, and in which order."""

from __future__ import annotations

import pytest

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import Values
from tests.rehearsal.cloud.cloud_driver import (
    BALANCER,
    GROUP,
    NORTH,
    SOUTH,
    SUBNET,
    CloudDriver,
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


def api(driver: CloudDriver) -> Made:
    return driver.make(API, "api", {"endpointConfiguration": {"types": "REGIONAL"}}, NORTH)


def method_inputs(made: Made) -> Values:
    return {
        "restApi": made.id,
        "resourceId": made.outputs["rootResourceId"],
        "httpMethod": "GET",
        "authorization": "NONE",
    }


def deployed(driver: CloudDriver) -> tuple[Made, Made]:
    made = api(driver)
    driver.make(METHOD, "get", method_inputs(made), NORTH)
    return made, driver.make(DEPLOYMENT, "deployment", {"restApi": made.id, "triggers": {"x": "1"}}, NORTH)


def test_a_model_that_a_method_names_is_not_deleted(driver: CloudDriver) -> None:
    made = api(driver)
    inputs = {"restApi": made.id, "name": "Order", "contentType": "application/json", "schema": "{}"}
    model = driver.make("aws:apigateway/model:Model", "model", inputs, NORTH)
    method = driver.make(
        METHOD, "get", {**method_inputs(made), "requestModels": {"application/json": "Order"}}, NORTH
    )
    with pytest.raises(RefusedError, match="ConflictException: Cannot delete model 'Order'"):
        driver.remove(model)
    driver.remove(method)
    driver.remove(model)


def staged(driver: CloudDriver) -> tuple[Made, Made, Made]:
    made, deployment = deployed(driver)
    inputs = {"restApi": made.id, "deployment": deployment.id, "stageName": "live"}
    return made, deployment, driver.make(STAGE, "stage", inputs, NORTH)


def test_arns_are_as_aws_writes_them(driver: CloudDriver) -> None:
    made, _, stage = staged(driver)
    assert made.outputs["executionArn"] == f"arn:aws:execute-api:us-east-1:123456789012:{made.id}"
    assert stage.arn == f"arn:aws:apigateway:us-east-1::/restapis/{made.id}/stages/live"
    assert stage.outputs["executionArn"].endswith(f":{made.id}/live")


def test_a_path_is_that_of_its_parent_and_its_own(driver: CloudDriver) -> None:
    made = api(driver)
    version = {"restApi": made.id, "parentId": made.outputs["rootResourceId"], "pathPart": "v1"}
    first = driver.make(RESOURCE, "v1", version, NORTH)
    orders = {"restApi": made.id, "parentId": first.id, "pathPart": "orders"}
    assert driver.make(RESOURCE, "orders", orders, NORTH).outputs["path"] == "/v1/orders"
    assert refused(driver, RESOURCE, "again", orders, NORTH).code == "ConflictException"


def test_a_method_with_an_authorizer_names_it(driver: CloudDriver) -> None:
    inputs = {**method_inputs(api(driver)), "authorization": "CUSTOM"}
    assert refused(driver, METHOD, "get", inputs, NORTH).code == "BadRequestException"


def test_what_a_method_does_needs_the_method(driver: CloudDriver) -> None:
    inputs = method_inputs(api(driver))
    integration = {name: inputs[name] for name in ("restApi", "resourceId", "httpMethod")} | {"type": "MOCK"}
    assert refused(driver, INTEGRATION, "get", integration, NORTH).code == "NotFoundException"
    driver.make(METHOD, "get", inputs, NORTH)
    driver.make(INTEGRATION, "get", integration, NORTH)


def test_a_private_integration_names_the_link_and_the_load_balancer_behind_it(driver: CloudDriver) -> None:
    inputs = method_inputs(api(driver))
    driver.make(METHOD, "get", inputs, NORTH)
    vpc, subnet = driver.network(NORTH)
    other = driver.make(SUBNET, "other", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"}, NORTH)
    group = driver.make(GROUP, "group", {"vpcId": vpc.id}, NORTH)
    link = driver.make(LINK, "link", {"subnetIds": [subnet.id], "securityGroupIds": [group.id]}, NORTH)
    balancer = driver.make(BALANCER, "alb", {"subnets": [subnet.id, other.id], "internal": True}, NORTH)
    integration: Values = {
        **{name: inputs[name] for name in ("restApi", "resourceId", "httpMethod")},
        "type": "HTTP_PROXY",
        "integrationHttpMethod": "GET",
        "connectionType": "VPC_LINK",
        "connectionId": link.id,
        "uri": "https://api.castle.example/",
    }
    assert "IntegrationTarget is required" in str(refused(driver, INTEGRATION, "get", integration, NORTH))
    made = driver.make(INTEGRATION, "get", {**integration, "integrationTarget": balancer.arn}, NORTH)
    assert made.outputs["cacheNamespace"] == inputs["resourceId"]
    with pytest.raises(RefusedError):
        driver.remove(link)


def test_nothing_is_deployed_of_an_api_without_methods(driver: CloudDriver) -> None:
    assert refused(driver, DEPLOYMENT, "deployment", {"restApi": api(driver).id}, NORTH).code == (
        "BadRequestException"
    )


def test_a_deployment_is_another_one_for_another_trigger_and_stays_for_another_description(
    driver: CloudDriver,
) -> None:
    made, deployment = deployed(driver)
    same = {"restApi": made.id, "triggers": {"x": "1"}}
    assert driver.diff(deployment, {**same, "triggers": {"x": "2"}}).replaces
    assert not driver.diff(deployment, {**same, "description": "said"}).replaces


def test_a_deployment_stays_while_a_stage_has_it_and_a_stage_takes_another_in_place(
    driver: CloudDriver,
) -> None:
    made, deployment, stage = staged(driver)
    with pytest.raises(RefusedError):
        driver.remove(deployment)
    other = driver.make(DEPLOYMENT, "other", {"restApi": made.id, "triggers": {"x": "2"}}, NORTH)
    moved = {**stage.inputs, "deployment": other.id}
    assert not driver.diff(stage, moved).replaces
    driver.change(stage, moved)
    driver.remove(deployment)


def test_a_stage_logs_once_the_region_lets_api_gateway_log(driver: CloudDriver) -> None:
    made, deployment = deployed(driver)
    log = driver.make(LOG, "log", {"name": "/aws/apigateway/x"}, NORTH)
    inputs: Values = {
        "restApi": made.id,
        "deployment": deployment.id,
        "stageName": "live",
        "accessLogSettings": {"destinationArn": log.arn, "format": "$context.requestId"},
    }
    role = driver.role("role", "apigateway")
    driver.make(ACCOUNT, "elsewhere", {"cloudwatchRoleArn": role.arn}, SOUTH)
    assert "CloudWatch Logs role ARN must be set" in str(refused(driver, STAGE, "stage", inputs, NORTH))
    driver.make(ACCOUNT, "here", {"cloudwatchRoleArn": role.arn}, NORTH)
    driver.make(STAGE, "stage", inputs, NORTH)


def test_settings_mappings_and_plans_are_of_a_stage_that_is_there(driver: CloudDriver) -> None:
    made, deployment = deployed(driver)
    certificate = driver.make(CERTIFICATE, "c", {"domainName": "api.castle.example"}, NORTH)
    domain = {"domainName": "api.castle.example", "regionalCertificateArn": certificate.arn}
    driver.make(DOMAIN, "domain", domain, NORTH)
    asked: dict[str, Values] = {
        SETTINGS: {"restApi": made.id, "stageName": "live", "methodPath": "*/*", "settings": {}},
        MAPPING: {"restApi": made.id, "stageName": "live", "domainName": "api.castle.example"},
        PLAN: {"apiStages": [{"apiId": made.id, "stage": "live"}]},
    }
    for type_, inputs in asked.items():
        refused(driver, type_, "it", inputs, NORTH)
    stage = {"restApi": made.id, "deployment": deployment.id, "stageName": "live"}
    driver.make(STAGE, "stage", stage, NORTH)
    for type_, inputs in asked.items():
        driver.make(type_, "it", inputs, NORTH)


def test_a_regional_name_is_each_regions_own_and_leads_to_api_gateway_there(driver: CloudDriver) -> None:
    found: dict[str, str] = {}
    for provider in (NORTH, SOUTH):
        certificate = driver.make(
            CERTIFICATE, f"c-{provider['region']}", {"domainName": "api.castle.example"}, provider
        )
        domain = {"domainName": "api.castle.example", "regionalCertificateArn": certificate.arn}
        made = driver.make(DOMAIN, f"d-{provider['region']}", domain, provider)
        found[made.outputs["regionalDomainName"]] = made.outputs["regionalZoneId"]
    assert sorted(found.values()) == ["Z1UJRXOUMOOFQ8", "ZLY8HYME6SFDD"]


def test_a_keys_value_is_unique_in_its_region_alone_and_never_changes(driver: CloudDriver) -> None:
    made = driver.make(KEY, "key", {"value": "a" * 20}, NORTH)
    assert refused(driver, KEY, "other", {"value": "a" * 20}, NORTH).code == "ConflictException"
    driver.make(KEY, "elsewhere", {"value": "a" * 20}, SOUTH)
    assert driver.diff(made, {"value": "b" * 20}).replaces
