"""Secrets: their copies, their versions, and what it takes to rotate one."""

from __future__ import annotations

import pytest

from rehearsal.values import Secret, Values
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, KEY, NORTH, ROLE, SOUTH, TRUST, Hands, Made, refused

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"


def copied_to(region: str, key: Made) -> Values:
    return {"name": "login", "replicas": [{"region": region, "kmsKeyId": key.arn}]}


def function(hands: Hands) -> Made:
    role = hands.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    inputs = {"name": "rotation", "role": role.arn, "handler": "a.b", "runtime": "python3.13"}
    return hands.make(FUNCTION, "function", inputs, NORTH)


def rotation(secret: Made, by: Made) -> Values:
    rules = {"automaticallyAfterDays": 30}
    return {"secretId": secret.id, "rotationLambdaArn": by.arn, "rotationRules": rules}


def test_a_copy_is_encrypted_by_a_key_of_its_own_region(hands: Hands) -> None:
    north, south = hands.make(KEY, "north", {}, NORTH), hands.make(KEY, "south", {}, SOUTH)
    error = refused(hands, SECRET, "secret", copied_to("eu-west-1", north), NORTH)
    assert (error.code, error.message.split(": ")[0]) == ("NotFoundException", "replicas[0].kmsKeyId")
    assert "is in us-east-1, not in eu-west-1" in error.message
    assert hands.make(SECRET, "secret", copied_to("eu-west-1", south), NORTH).id


def test_a_key_of_a_copy_is_in_use(hands: Hands) -> None:
    south = hands.make(KEY, "south", {}, SOUTH)
    hands.make(SECRET, "secret", copied_to("eu-west-1", south), NORTH)
    with pytest.raises(Exception, match="is in use"):
        hands.remove(south)


def test_a_version_tells_its_secret_and_its_id(hands: Hands) -> None:
    secret = hands.make(SECRET, "secret", {"name": "login"}, NORTH)
    version = hands.make(VERSION, "first", {"secretId": secret.id, "secretString": Secret("x")}, NORTH)
    assert version.outputs["secretArn"] == secret.arn
    assert version.id == f"{secret.id}|{version.outputs['versionId']}"
    assert version.outputs["secretString"] == Secret("x")


def test_a_function_that_secrets_manager_may_not_call_rotates_nothing(hands: Hands) -> None:
    secret, by = hands.make(SECRET, "secret", {"name": "login"}, NORTH), function(hands)
    assert refused(hands, ROTATION, "schedule", rotation(secret, by), NORTH).code == "AccessDeniedException"
    allow = {"action": "lambda:InvokeFunction", "principal": "secretsmanager.amazonaws.com"}
    hands.make(PERMISSION, "allow", {**allow, "function": by.id, "sourceAccount": ACCOUNT}, NORTH)
    assert hands.make(ROTATION, "schedule", rotation(secret, by), NORTH).outputs["rotationEnabled"] is True


def test_a_rotation_by_a_function_of_another_region_is_refused(hands: Hands) -> None:
    by = function(hands)
    secret = hands.make(SECRET, "secret", {"name": "login"}, SOUTH)
    error = refused(hands, ROTATION, "schedule", rotation(secret, by), SOUTH)
    assert "is in us-east-1, not in eu-west-1" in error.message


def test_a_secret_that_is_deleted_stays_in_recovery(hands: Hands) -> None:
    hands.remove(hands.make(SECRET, "secret", {"name": "login"}, NORTH))
    (kept,) = hands.cloud.kept()
    assert kept.outputs["why"] == "in recovery for 30 days"
