from __future__ import annotations

import json

import pulumi
import pytest

from components.compute.function import Function, FunctionArgs, Way
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        args = FunctionArgs(
            function="castle-eu-west-1-rotation",
            role="castle-eu-west-1-rotation-role",
            description="Rotates",
            archive=pulumi.AssetArchive({"handler.py": pulumi.StringAsset("")}),
            handler="handler.handler",
            memory=256,
            timeout=60,
            concurrency=1,
            vpc_id="vpc-1",
            subnet_ids={"a": "subnet-a", "b": "subnet-b"},
            ways={"ledger": Way(5432, "10.1.0.0/16")},
            key_arn=KEY,
            log_days=400,
            alarm_topic_arn="arn:topic",
        )
        pulumi.export("group", Function("function", args).group_id)

    return run(program)


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
    attached = {each.urn: each.inputs["policyArn"] for each in made.of("RolePolicyAttachment")}
    assert set(attached) <= made.one("function-function").depends_on
    assert {arn.rsplit("/", 1)[-1] for arn in attached.values()} == {
        "AWSLambdaVPCAccessExecutionRole",
        "AWSXRayDaemonWriteAccess",
    }


def test_only_lambda_takes_its_role(made: Run) -> None:
    (trust,) = json.loads(made.one("function-role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_its_calls_are_traced_and_its_errors_told(made: Run) -> None:
    assert made.one("function-function").inputs["tracingConfig"] == {"mode": "Active"}
    alarm = made.one("function-alarm-errors").inputs
    assert (alarm["metricName"], alarm["threshold"], alarm["evaluationPeriods"]) == ("Errors", 0, 1)
    assert alarm["dimensions"] == {"FunctionName": "castle-eu-west-1-rotation"}
