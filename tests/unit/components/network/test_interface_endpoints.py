from __future__ import annotations

import json
from typing import get_args

import pytest

from components.network.endpoint_policy import interface_policy
from components.network.interface_endpoints import InterfaceEndpoints, InterfaceEndpointsArgs
from settings import Endpoint
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

SERVICES: tuple[Endpoint, ...] = get_args(Endpoint)


@pytest.fixture(scope="module")
def made() -> Run:
    args = InterfaceEndpointsArgs(
        account="123456789012",
        region="eu-west-1",
        services=["kms", "ecr.api"],
        vpc_id="vpc-1",
        subnet_ids={"a": "subnet-a", "b": "subnet-b"},
        client_cidrs={"a": "10.1.0.0/19", "b": "10.1.64.0/19"},
    )
    return run(lambda: InterfaceEndpoints("doors", args) and None)


def test_each_service_has_a_door_in_each_zone_under_its_own_name(made: Run) -> None:
    assert made.names("VpcEndpoint") == {"doors-kms", "doors-ecr.api"}
    door = made.one("doors-ecr.api").inputs
    assert door["serviceName"] == "com.amazonaws.eu-west-1.ecr.api"
    assert (door["vpcEndpointType"], door["privateDnsEnabled"]) == ("Interface", True)
    assert door["subnetIds"] == ["subnet-a", "subnet-b"]
    assert door["securityGroupIds"] == ["doors-group-id"]


def test_only_app_subnets_come_in_and_only_by_tls(made: Run) -> None:
    rules = [each.inputs for each in made.of("SecurityGroupIngressRule")]
    assert {rule["cidrIpv4"] for rule in rules} == {"10.1.0.0/19", "10.1.64.0/19"}
    assert {(rule["fromPort"], rule["toPort"]) for rule in rules} == {(443, 443)}


def test_a_door_carries_its_services_policy(made: Run) -> None:
    assert json.loads(made.one("doors-kms").inputs["policy"]) == interface_policy("kms", "123456789012")


@pytest.mark.parametrize("service", SERVICES)
def test_a_policy_admits_this_accounts_principals_for_named_actions_of_its_service(service: Endpoint) -> None:
    (only,) = statements(interface_policy(service, "123456789012")).values()
    assert only["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}
    prefixes = {action.split(":")[0] for action in actions(only)}
    assert prefixes == {
        {"ecr.api": "ecr", "ecr.dkr": "ecr", "monitoring": "cloudwatch"}.get(service, service)
    }
    assert not [action for action in actions(only) if action.endswith(":*")]
