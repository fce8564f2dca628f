from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.messaging.matcher_function import MatcherFunction, MatcherFunctionArgs
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

OWN = {"Sid": "Publish", "Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:topic"}
ARGS = MatcherFunctionArgs(
    function="castle-eu-west-1-matcher",
    role="castle-eu-west-1-matcher",
    account="123456789012",
    region="eu-west-1",
    key_arn="arn:key",
    code=pulumi.AssetArchive({"matcher.py": pulumi.StringAsset("")}),
    handler="workloads.matcher.handler.handler",
    environment={"LEDGER": "ledger.example.com"},
    own_statements=[OWN],
    permissions_boundary_arn="arn:boundary",
    signing_profiles=[],
    subnet_ids={"a": "subnet-a", "b": "subnet-b", "c": "subnet-c"},
    group_ids=["sg-matcher"],
    queue_arn="arn:orders",
    queue_key_arn="arn:queue-key",
    memory_mb=1024,
    timeout_seconds=10,
    reserved_concurrency=50,
    maximum_concurrency=40,
    log_days=30,
    alarm_topic_arn="arn:alarms",
)


def made_of(args: MatcherFunctionArgs) -> Run:
    return run(lambda: MatcherFunction("matcher", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return made_of(ARGS)


def function(made: Run) -> dict[str, Any]:
    return made.one("matcher-function").inputs


def policy(made: Run) -> dict[str, Any]:
    return dict(statements(json.loads(made.one("matcher-policy").inputs["policy"])))


def test_a_batch_may_fail_in_part(made: Run) -> None:
    mapping = made.one("matcher-orders").inputs
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["batchSize"] == 10
    assert (mapping["eventSourceArn"], mapping["functionName"]) == ("arn:orders", "arn:matcher-function")


def test_the_queue_asks_for_no_more_than_is_reserved(made: Run) -> None:
    asked = made.one("matcher-orders").inputs["scalingConfig"]["maximumConcurrency"]
    assert (asked, function(made)["reservedConcurrentExecutions"]) == (40, 50)


@pytest.mark.parametrize("concurrency", [0, 1, 51])
def test_more_than_is_reserved_is_refused_and_so_is_less_than_aws_takes(concurrency: int) -> None:
    with pytest.raises(ValueError, match=f"maximum concurrency {concurrency}; it must be at least 2"):
        replace(ARGS, maximum_concurrency=concurrency)


def test_it_is_in_the_subnets_that_it_was_given(made: Run) -> None:
    assert function(made)["vpcConfig"] == {
        "subnetIds": ["subnet-a", "subnet-b", "subnet-c"],
        "securityGroupIds": ["sg-matcher"],
    }


def test_its_environment_and_its_log_are_encrypted(made: Run) -> None:
    log = made.one("matcher-log").inputs
    assert function(made)["kmsKeyArn"] == log["kmsKeyId"] == "arn:key"
    assert (log["name"], log["retentionInDays"]) == ("/aws/lambda/castle-eu-west-1-matcher", 30)
    assert function(made)["loggingConfig"]["logGroup"] == log["name"]


def test_it_is_traced_and_limited_in_time(made: Run) -> None:
    assert function(made)["tracingConfig"] == {"mode": "Active"}
    assert function(made)["timeout"] == 10


def test_it_waits_for_what_its_role_may_do(made: Run) -> None:
    assert made.one("matcher-policy").urn in made.one("matcher-function").depends_on


def test_its_role_is_its_own_within_the_boundary(made: Run) -> None:
    role = made.one("matcher-role").inputs
    assert (role["name"], role["permissionsBoundary"]) == ("castle-eu-west-1-matcher", "arn:boundary")
    (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_it_takes_from_its_queue_and_decrypts_with_its_keys_alone(made: Run) -> None:
    assert policy(made)["Take"]["Resource"] == "arn:orders"
    assert policy(made)["Decrypt"]["Resource"] == ["arn:key", "arn:queue-key"]


def test_only_what_aws_cant_limit_is_for_every_resource(made: Run) -> None:
    open_ = [each for each in policy(made).values() if each["Effect"] == "Allow" and each["Resource"] == "*"]
    assert {action for each in open_ for action in actions(each)} == {
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


def test_lambda_makes_interfaces_in_its_subnets_and_the_code_makes_none(made: Run) -> None:
    network = "arn:aws:ec2:eu-west-1:123456789012"
    interfaces = policy(made)["Interfaces"]
    assert f"{network}:subnet/subnet-a" in interfaces["Resource"]
    assert f"{network}:security-group/sg-matcher" in interfaces["Resource"]
    assert f"{network}:subnet/*" not in interfaces["Resource"]
    denied = policy(made)["NoInterfacesForTheCode"]
    assert set(actions(interfaces)) <= set(actions(denied))
    assert denied["Effect"] == "Deny"
    assert denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"].endswith(
        "function:castle-eu-west-1-matcher"
    )


def test_what_the_code_does_is_added(made: Run) -> None:
    assert policy(made)["Publish"] == OWN


def test_code_is_signed_if_profiles_are_named(made: Run) -> None:
    assert not made.of("CodeSigningConfig")
    assert "codeSigningConfigArn" not in function(made)
    profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/castle/abcdefghij"
    signed = made_of(replace(ARGS, signing_profiles=[profile]))
    config = signed.one("matcher-signing").inputs
    assert config["allowedPublishers"] == {"signingProfileVersionArns": [profile]}
    assert config["policies"] == {"untrustedArtifactOnDeployment": "Enforce"}
    assert function(signed)["codeSigningConfigArn"] == "arn:matcher-signing"


def test_failing_and_being_throttled_are_alarming(made: Run) -> None:
    watched = {
        each.inputs["metricName"]: each.inputs["dimensions"]["FunctionName"]
        for each in made.of("MetricAlarm")
    }
    assert watched == dict.fromkeys(("Errors", "Throttles"), "castle-eu-west-1-matcher")
