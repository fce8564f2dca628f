"""Service-linked roles: an account has none until its service, a program or a person has made it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.cloud.account.linked_roles import LINKED_ROLE, linked_role_uses
from rehearsal.cloud.types.formats import path_steps
from rehearsal.cloud.types.schema import Schemas
from rehearsal.cloud.types.type_table import type_row
from tests.rehearsal.cloud.cloud_driver import KEY, ROLE_POLICY, CloudDriver, refused
from tests.root import SCHEMAS

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ATTACHED = "castle-deployer/arn:aws:iam::aws:policy/AdministratorAccess"
BROKER = "aws:mq/broker:Broker"
CLUSTER = "aws:ecs/cluster:Cluster"
CONNECTOR = "aws:apprunner/vpcConnector:VpcConnector"
DOMAIN = "aws:opensearch/domain:Domain"
FLEET = "aws:ec2/spotFleetRequest:SpotFleetRequest"
GRANT = "aws:kms/grant:Grant"
SCALER = "aws:autoscaling/group:Group"


def made(driver: CloudDriver) -> set[str]:
    """Names of the account's service-linked roles."""
    return {it.id.rpartition("/")[2] for it in driver.resources.values() if it.type == LINKED_ROLE}


def may_only(driver: CloudDriver, *statements: dict[str, Any]) -> None:
    """The deployer's rights from now on."""
    for key in [key for key in driver.resources if key.endswith(ATTACHED)]:
        del driver.resources[key]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Resource": "*", **it} for it in statements],
    }
    driver.make(ROLE_POLICY, "rights", {"role": "castle-deployer", "policy": json.dumps(policy)})


def broker(name: str) -> dict[str, Any]:
    user = {"username": "somebody", "password": "0123456789abcdef"}
    engine = {"engineType": "RabbitMQ", "engineVersion": "3.13", "hostInstanceType": "mq.m5.large"}
    return {"brokerName": name, **engine, "users": [user]}


def test_an_account_begins_without_any(driver: CloudDriver) -> None:
    assert made(driver) == set()


def test_a_service_makes_its_role_with_the_first_resource(driver: CloudDriver) -> None:
    driver.make(BROKER, "first", broker("first"))
    assert made(driver) == {"AWSServiceRoleForAmazonMQ"}
    before = dict(driver.resources)
    driver.make(BROKER, "second", broker("second"))
    assert [it.type for key, it in driver.resources.items() if key not in before] == [BROKER]


def test_it_belongs_to_no_stack_and_stays(driver: CloudDriver) -> None:
    driver.remove(driver.make(BROKER, "first", broker("first")))
    assert driver.cloud.living() == [] == driver.cloud.retained()
    assert made(driver) == {"AWSServiceRoleForAmazonMQ"}


def test_what_does_not_need_it_has_none_made(driver: CloudDriver) -> None:
    driver.make(KEY, "here", {})
    assert made(driver) == set()
    driver.make(KEY, "everywhere", {"multiRegion": True})
    assert made(driver) == {"AWSServiceRoleForKeyManagementServiceMultiRegionKeys"}


def test_who_calls_must_be_allowed_to_make_it(driver: CloudDriver) -> None:
    elsewhere = {"StringEquals": {"iam:AWSServiceName": "rds.amazonaws.com"}}
    create = {"Action": "iam:CreateServiceLinkedRole", "Condition": elsewhere}
    may_only(driver, {"Action": ["mq:*", "ec2:*"]}, create)
    error = refused(driver, BROKER, "first", broker("first"))
    assert (error.code, error.message) == (
        "AccessDenied",
        "User: arn:aws:sts::123456789012:assumed-role/castle-deployer/rehearsal is not authorized to perform: "
        "iam:CreateServiceLinkedRole on resource: "
        "arn:aws:iam::123456789012:role/aws-service-role/mq.amazonaws.com/*: "
        "none of its policies allows it (nor has it AdministratorAccess or IAMFullAccess or PowerUserAccess)",
    )
    elsewhere["StringEquals"]["iam:AWSServiceName"] = "mq.amazonaws.com"
    driver.make(ROLE_POLICY, "more", {"role": "castle-deployer", "policy": document(create)})
    assert driver.make(BROKER, "first", broker("first")).id


def document(*statements: dict[str, Any]) -> str:
    full = [{"Effect": "Allow", "Resource": "*", **it} for it in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": full})


def test_rds_has_words_of_its_own_for_that(driver: CloudDriver) -> None:
    may_only(driver, {"Action": "rds:*"})
    inputs = {"engine": "aurora-postgresql", "masterUsername": "somebody", "masterPassword": "0123456789"}
    error = refused(driver, "aws:rds/cluster:Cluster", "other", inputs)
    assert error.code == "InvalidParameterValue"
    assert error.message.startswith(
        "Unable to create the resource. Verify that you have permission to create"
    )


def test_a_cluster_of_ecs_goes_on_without_and_its_service_does_not(driver: CloudDriver) -> None:
    may_only(driver, {"Action": "ecs:*"})
    cluster = driver.make(CLUSTER, "other", {})
    assert made(driver) == set()
    _, subnet = driver.network()
    inputs = {"cluster": cluster.arn, "networkConfiguration": {"subnets": [subnet.id]}}
    error = refused(driver, "aws:ecs/service:Service", "other", inputs)
    assert error.code == "InvalidParameterException"
    assert error.message.startswith("Unable to assume the service linked role. Please verify that")


# ---- roles that no service makes


def domain(subnet: str) -> dict[str, Any]:
    return {"domainName": "other", "vpcOptions": {"subnetIds": [subnet]}}


def test_a_domain_in_a_vpc_has_a_role_that_nobody_makes_for_it(driver: CloudDriver) -> None:
    _, subnet = driver.network()
    error = refused(driver, DOMAIN, "other", domain(subnet.id))
    assert error.code == "ValidationException"
    assert error.message.startswith("Before you can proceed, you must enable a service-linked role")
    assert "--aws-service-name opensearchservice.amazonaws.com" in error.message
    role = driver.make(LINKED_ROLE, "search", {"awsServiceName": "opensearchservice.amazonaws.com"})
    assert role.outputs["name"] == "AWSServiceRoleForAmazonOpenSearchService"
    assert driver.make(DOMAIN, "other", domain(subnet.id)).id


def test_a_domain_outside_of_a_vpc_needs_none(driver: CloudDriver) -> None:
    assert driver.make(DOMAIN, "other", {"domainName": "other"}).id


def test_a_fleet_needs_two(driver: CloudDriver) -> None:
    template = driver.make("aws:ec2/launchTemplate:LaunchTemplate", "other", {})
    fleet = driver.role("fleet", "spotfleet")
    launch = {"launchTemplateSpecification": {"id": template.id, "version": "1"}}
    inputs = {"iamFleetRole": fleet.arn, "targetCapacity": 1, "launchTemplateConfigs": [launch]}
    for service in ("spotfleet.amazonaws.com", "spot.amazonaws.com"):
        assert service in refused(driver, FLEET, "other", inputs).message
        driver.make(LINKED_ROLE, service, {"awsServiceName": service})
    assert driver.make(FLEET, "other", inputs).id


# ---- roles that a program makes or names


def test_a_second_one_needs_a_suffix(driver: CloudDriver) -> None:
    driver.make(BROKER, "first", broker("first"))
    error = refused(driver, LINKED_ROLE, "own", {"awsServiceName": "mq.amazonaws.com"})
    assert error.code == "InvalidInput"
    service = "autoscaling.amazonaws.com"
    own = driver.make(LINKED_ROLE, "own", {"awsServiceName": service, "customSuffix": "disks"})
    assert own.arn == (
        f"arn:aws:iam::123456789012:role/aws-service-role/{service}/AWSServiceRoleForAutoScaling_disks"
    )


def test_one_of_a_service_that_no_type_needs_can_be_made(driver: CloudDriver) -> None:
    own = driver.make(LINKED_ROLE, "own", {"awsServiceName": "other.amazonaws.com"})
    assert own.arn.endswith("/aws-service-role/other.amazonaws.com/AWSServiceRoleFor_other")


def test_a_key_and_a_grant_name_only_one_that_is_there(driver: CloudDriver) -> None:
    arn = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    policy = document({"Action": "kms:*", "Principal": {"AWS": [arn, "arn:aws:iam::123456789012:root"]}})
    key = driver.make(KEY, "plain", {})
    grant = {"keyId": key.id, "granteePrincipal": arn, "operations": ["Decrypt"]}
    assert refused(driver, KEY, "disks", {"policy": policy}).code == "MalformedPolicyDocumentException"
    assert refused(driver, GRANT, "disks", grant).code == "InvalidArnException"
    driver.make(LINKED_ROLE, "scales", {"awsServiceName": "autoscaling.amazonaws.com"})
    assert driver.make(KEY, "disks", {"policy": policy}).id
    assert driver.make(GRANT, "disks", grant).id


# ---- the table


@pytest.mark.parametrize("token", linked_role_uses())
def test_every_line_is_about_a_type_its_inputs_and_a_role_whose_name_is_known(token: str) -> None:
    schema = Schemas(SCHEMAS).of(token)
    assert schema is not None
    known = type_row(LINKED_ROLE, Schemas(SCHEMAS).of(LINKED_ROLE)).id["in"]
    for use in linked_role_uses()[token]:
        named = {str(path_steps(path)[0]) for path in (use.given, *use.matching) if path}
        assert named <= schema.inputs.properties.keys()
        assert use.service in known
        assert use.source.startswith("https://docs.aws.amazon.com/")
        assert use.made or use.code != "AccessDenied"


def test_no_role_has_a_name_that_no_type_needs() -> None:
    known = type_row(LINKED_ROLE, Schemas(SCHEMAS).of(LINKED_ROLE)).id["in"]
    assert known.keys() == {use.service for uses in linked_role_uses().values() for use in uses}
