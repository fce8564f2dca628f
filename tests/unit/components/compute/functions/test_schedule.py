from __future__ import annotations

import json

import pytest

from components.compute.functions.schedule import EveryMinute, EveryMinuteArgs
from tests.unit.harness import Run, run

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:castle-eu-west-1-relay"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1a2b"
ARGS = EveryMinuteArgs(
    account="123456789012",
    region="eu-west-1",
    schedules="castle-eu-west-1-relay",
    description="Runs the relay",
    function_arn=FUNCTION,
    function_name="castle-eu-west-1-relay",
    key_arn=KEY,
)


@pytest.fixture(scope="module")
def made() -> Run:
    return run(lambda: EveryMinute("runs", ARGS) and None)


def test_the_function_is_called_every_minute_in_a_group_of_its_own(made: Run) -> None:
    schedule = made.one("runs-schedule").inputs
    assert (schedule["scheduleExpression"], schedule["groupName"]) == (
        "rate(1 minutes)",
        "castle-eu-west-1-relay",
    )
    assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}
    assert (schedule["target"]["arn"], schedule["target"]["roleArn"]) == (FUNCTION, "arn:runs-role")


def test_the_schedule_is_encrypted_with_the_key(made: Run) -> None:
    assert made.one("runs-schedule").inputs["kmsKeyArn"] == KEY


def test_a_call_that_fails_or_is_late_isnt_made_again(made: Run) -> None:
    retries = made.one("runs-schedule").inputs["target"]["retryPolicy"]
    calls = made.one("runs-calls").inputs
    assert (retries["maximumRetryAttempts"], calls["maximumRetryAttempts"]) == (0, 0)
    assert (retries["maximumEventAgeInSeconds"], calls["maximumEventAgeInSeconds"]) == (60, 60)


def test_its_role_calls_the_one_function_for_the_one_group(made: Run) -> None:
    (allowed, read) = json.loads(made.one("runs-policy").inputs["policy"])["Statement"]
    assert (allowed["Action"], allowed["Resource"]) == ("lambda:InvokeFunction", FUNCTION)
    assert (read["Action"], read["Resource"]) == ("kms:Decrypt", KEY)
    assert read["Condition"]["StringEquals"] == {"kms:ViaService": "scheduler.eu-west-1.amazonaws.com"}
    (trust,) = json.loads(made.one("runs-role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/castle-eu-west-1-relay",
    }
    assert made.one("runs-policy").urn in made.one("runs-schedule").depends_on
