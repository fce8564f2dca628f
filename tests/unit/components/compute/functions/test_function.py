from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.compute.functions.function import Function, FunctionArgs
from components.security_group_rules import EgressRule
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


OWN = {"Sid": "Publish", "Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:topic"}
ARGS = FunctionArgs(
    function="castle-eu-west-1-rotation",
    role="castle-eu-west-1-rotation-role",
    description="Rotates",
    account="123456789012",
    region="eu-west-1",
    archive=pulumi.AssetArchive({"handler.py": pulumi.StringAsset("")}),
    handler="handler.handler",
    memory=256,
    timeout=60,
    concurrency=1,
    environment={"LEDGER": "ledger.example.com"},
    environment_key_arn=KEY,
    statements=[OWN],
    vpc_id="vpc-1",
    subnet_ids={"a": "subnet-a", "b": "subnet-b"},
    egress={"ledger": EgressRule(5432, "10.1.0.0/16")},
    key_arn=KEY,
    log_days=400,
    alarm_topic_arn="arn:topic",
)


def made_of(args: FunctionArgs) -> Run:
    return run(lambda: Function("function", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return made_of(ARGS)


def policy(made: Run) -> dict[str, Any]:
    return dict(statements(json.loads(made.one("function-policy").inputs["policy"])))


def test_a_function_is_in_every_zone_of_the_network_and_of_a_runtime_that_aws_keeps(made: Run) -> None:
    inputs = made.one("function-function").inputs
    assert inputs["vpcConfig"] == {
        "subnetIds": ["subnet-a", "subnet-b"],
        "securityGroupIds": ["function-group-id"],
    }
    assert inputs["runtime"] == "python3.13"


def test_only_so_many_run_at_once(made: Run) -> None:
    assert made.one("function-function").inputs["reservedConcurrentExecutions"] == 1


def test_nothing_connects_to_it_and_it_connects_only_where_it_is_told(made: Run) -> None:
    assert made.of("SecurityGroupIngressRule") == []
    (way,) = made.of("SecurityGroupEgressRule")
    assert (way.inputs["cidrIpv4"], way.inputs["fromPort"], way.inputs["toPort"]) == (
        "10.1.0.0/16",
        5432,
        5432,
    )


def test_its_log_is_made_first_with_key_and_retention(made: Run) -> None:
    assert made.one("function-log").inputs == {
        "name": "/aws/lambda/castle-eu-west-1-rotation",
        "retentionInDays": 400,
        "kmsKeyId": KEY,
    }
    assert (
        made.one("function-function").inputs["loggingConfig"]["logGroup"]
        == "/aws/lambda/castle-eu-west-1-rotation"
    )
    assert made.one("function-log").urn in made.one("function-function").depends_on


def test_it_is_made_when_its_role_lets_it_into_the_network(made: Run) -> None:
    assert made.one("function-policy").urn in made.one("function-function").depends_on


def test_only_what_aws_cant_limit_is_for_every_resource(made: Run) -> None:
    open_ = [each for each in policy(made).values() if each["Effect"] == "Allow" and each["Resource"] == "*"]
    assert (
        {action for each in open_ for action in actions(each)}
        == {
            "ec2:AssignPrivateIpAddresses",  # these three are tried without a resource when the function is created
            "ec2:DeleteNetworkInterface",
            "ec2:UnassignPrivateIpAddresses",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        }
    )


def test_lambda_makes_interfaces_in_its_subnets_and_the_code_makes_none(made: Run) -> None:
    network = "arn:aws:ec2:eu-west-1:123456789012"
    interfaces = policy(made)["Interfaces"]
    assert set(interfaces["Resource"]) == {
        f"{network}:network-interface/*",
        f"{network}:subnet/subnet-a",
        f"{network}:subnet/subnet-b",
        f"{network}:security-group/function-group-id",
    }
    denied = policy(made)["NoInterfacesForTheCode"]
    assert {*actions(interfaces), *actions(policy(made)["EveryInterface"])} == set(actions(denied))
    assert denied["Effect"] == "Deny"
    assert denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"].endswith(
        "function:castle-eu-west-1-rotation"
    )


def test_it_writes_to_its_own_log_alone(made: Run) -> None:
    log = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/castle-eu-west-1-rotation:*"
    assert policy(made)["Log"]["Resource"] == log


def test_what_the_code_does_is_added_once_it_is_known() -> None:
    made = made_of(replace(ARGS, statements=[{**OWN, "Resource": pulumi.Output.from_input("arn:made")}]))
    assert policy(made)["Publish"] == {**OWN, "Resource": "arn:made"}


def test_its_environment_is_encrypted_and_may_be_empty(made: Run) -> None:
    inputs = made.one("function-function").inputs
    assert inputs["environment"] == {"variables": {"LEDGER": "ledger.example.com"}}
    assert inputs["kmsKeyArn"] == KEY
    bare = made_of(replace(ARGS, environment=None, environment_key_arn=None)).one("function-function").inputs
    assert not {"environment", "kmsKeyArn"} & set(bare)


def test_code_is_signed_if_profiles_are_named(made: Run) -> None:
    assert not made.of("CodeSigningConfig")
    assert "codeSigningConfigArn" not in made.one("function-function").inputs
    profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/castle/abcdefghij"
    signed = made_of(replace(ARGS, signing_profiles=[profile]))
    config = signed.one("function-signing").inputs
    assert config["allowedPublishers"] == {"signingProfileVersionArns": [profile]}
    assert config["policies"] == {"untrustedArtifactOnDeployment": "Enforce"}
    assert signed.one("function-function").inputs["codeSigningConfigArn"] == "arn:function-signing"


def test_only_lambda_takes_its_role(made: Run) -> None:
    (trust,) = json.loads(made.one("function-role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_its_calls_are_traced_and_its_errors_and_throttles_told(made: Run) -> None:
    assert made.one("function-function").inputs["tracingConfig"] == {"mode": "Active"}
    alarms = {each.inputs["metricName"]: each.inputs for each in made.of("MetricAlarm")}
    assert set(alarms) == {"Errors", "Throttles"}
    for inputs in alarms.values():
        assert (inputs["threshold"], inputs["evaluationPeriods"]) == (0, 1)
        assert inputs["dimensions"] == {"FunctionName": "castle-eu-west-1-rotation"}
