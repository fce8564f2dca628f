from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
import pytest

from components.data.secrets.rotation import SecretRotation, SecretRotationArgs, rotation_policy
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:cell-ledger-secret-a1b2c3"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:castle-eu-west-1-ledger-rotation"


def rotation(*, rotates: bool) -> Run:
    def program() -> None:
        instance = aws.sns.Topic("instance")  # anything that the rotation needs
        args = SecretRotationArgs(
            account="123456789012",
            secret_arn=pulumi.Output.from_input(ARN),
            key_arn=KEY,
            function_arn=FUNCTION,
            function_name="castle-eu-west-1-ledger-rotation",
            role_name="castle-eu-west-1-ledger-rotation",
            rotates=rotates,
            rotate_after=[instance],
        )
        SecretRotation("rotation", args)

    return run(program)


@pytest.fixture(scope="module")
def home() -> Run:
    return rotation(rotates=True)


def test_the_first_rotation_comes_at_once_and_others_monthly(home: Run) -> None:
    schedule = home.one("rotation-schedule").inputs
    assert schedule["rotateImmediately"] is True
    assert schedule["rotationRules"] == {"automaticallyAfterDays": 30}
    assert (schedule["secretId"], schedule["rotationLambdaArn"]) == (ARN, FUNCTION)


def test_nothing_rotates_before_the_login_opens_and_the_function_may_be_called(home: Run) -> None:
    needs = {home.one(name).urn for name in ("instance", "rotation-policy", "rotation-permission")}
    assert needs <= home.one("rotation-schedule").depends_on


def test_a_replica_isnt_rotated_and_the_function_beside_it_is_ready_to() -> None:
    away = rotation(rotates=False)
    assert [each.name for each in away.resources if each.type.startswith("aws:secretsmanager")] == []
    assert away.one("rotation-permission").inputs["sourceArn"] == ARN
    assert json.loads(away.one("rotation-policy").inputs["policy"]) == rotation_policy(ARN, KEY)


def test_only_secrets_manager_calls_the_function_and_only_for_this_secret(home: Run) -> None:
    permission = home.one("rotation-permission").inputs
    assert permission["principal"] == "secretsmanager.amazonaws.com"
    assert (permission["sourceAccount"], permission["sourceArn"]) == ("123456789012", ARN)


def test_the_function_changes_one_secret_and_uses_one_key_through_secrets_manager() -> None:
    found = statements(rotation_policy(ARN, KEY))
    assert found["Rotate"]["Resource"] == ARN
    assert "secretsmanager:PutSecretValue" in actions(found["Rotate"])
    assert not [action for action in actions(found["Rotate"]) if "*" in action or "Delete" in action]
    assert found["Decrypt"]["Resource"] == KEY
    via = found["Decrypt"]["Condition"]["StringEquals"]
    assert via == {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}
