from __future__ import annotations

import pytest

from components.data.secrets.application_secret import (
    ApplicationSecret,
    ApplicationSecretArgs,
    RotationFunction,
)
from components.data.secrets.replicated_secret import SecretRegions
from tests.unit.harness import Run, run

HOME = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
AWAY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
FUNCTION = RotationFunction(
    function_arn="arn:aws:lambda:us-east-1:123456789012:function:f",
    function_name="f",
    role_name="f",
    reached_after=[],
)


def secret(rotated_by: RotationFunction | None) -> Run:
    args = ApplicationSecretArgs(
        description="A key",
        regions=SecretRegions(
            account="123456789012", tags={"data-set": "secrets"}, key_arn=HOME, replicas={"eu-west-1": AWAY}
        ),
        readers=["arn:aws:iam::123456789012:role/castle-*-payments"],
        rotation_function=rotated_by,
        retire=False,
    )
    return run(lambda: ApplicationSecret("key", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return secret(FUNCTION)


def test_the_program_knows_no_value_of_it(made: Run) -> None:
    assert made.of("SecretVersion") == []
    assert made.invokes == []


def test_it_is_copied_under_the_key_of_each_region(made: Run) -> None:
    assert made.one("key-secret").inputs["replicas"] == [{"region": "eu-west-1", "kmsKeyId": AWAY}]


def test_its_function_gives_it_the_first_value_at_once(made: Run) -> None:
    schedule = made.one("key-rotation-schedule").inputs
    assert schedule["rotateImmediately"] is True
    assert schedule["rotationLambdaArn"] == FUNCTION.function_arn


def test_what_others_issue_is_rotated_by_nobody_here() -> None:
    issued = secret(None)
    assert issued.of("SecretRotation") + issued.of("Permission") == []
    assert issued.of("SecretPolicy")
