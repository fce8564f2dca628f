"""Secrets: their copies, their versions, and what it takes to rotate one."""

from __future__ import annotations

import pytest

from rehearsal.values import Secret, Values
from tests.rehearsal.cloud.cloud_driver import (
    ACCOUNT,
    KEY,
    NORTH,
    SOUTH,
    CloudDriver,
    Made,
    refused,
)

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"


def copied_to(region: str, key: Made) -> Values:
    return {"name": "login", "replicas": [{"region": region, "kmsKeyId": key.arn}]}


def function(driver: CloudDriver) -> Made:
    role = driver.role("role", "lambda")
    inputs = {"name": "rotation", "role": role.arn, "handler": "a.b", "runtime": "python3.13"}
    return driver.make(FUNCTION, "function", inputs, NORTH)


def rotation(secret: Made, by: Made) -> Values:
    rules = {"automaticallyAfterDays": 30}
    return {"secretId": secret.id, "rotationLambdaArn": by.arn, "rotationRules": rules}


def test_a_copy_is_encrypted_by_a_key_of_its_own_region(driver: CloudDriver) -> None:
    north, south = driver.make(KEY, "north", {}, NORTH), driver.make(KEY, "south", {}, SOUTH)
    error = refused(driver, SECRET, "secret", copied_to("eu-west-1", north), NORTH)
    assert (error.code, error.message.split(": ")[0]) == ("NotFoundException", "replicas[0].kmsKeyId")
    assert "is in us-east-1, not in eu-west-1" in error.message
    assert driver.make(SECRET, "secret", copied_to("eu-west-1", south), NORTH).id


def test_a_key_of_a_copy_is_in_use(driver: CloudDriver) -> None:
    south = driver.make(KEY, "south", {}, SOUTH)
    driver.make(SECRET, "secret", copied_to("eu-west-1", south), NORTH)
    with pytest.raises(Exception, match="is in use"):
        driver.remove(south)


def test_a_version_tells_its_secret_and_its_id(driver: CloudDriver) -> None:
    secret = driver.make(SECRET, "secret", {"name": "login"}, NORTH)
    version = driver.make(VERSION, "first", {"secretId": secret.id, "secretString": Secret("x")}, NORTH)
    assert version.outputs["secretArn"] == secret.arn
    assert version.id == f"{secret.id}|{version.outputs['versionId']}"
    assert version.outputs["secretString"] == Secret("x")


def test_a_function_that_secrets_manager_may_not_call_rotates_nothing(driver: CloudDriver) -> None:
    secret, by = driver.make(SECRET, "secret", {"name": "login"}, NORTH), function(driver)
    assert refused(driver, ROTATION, "schedule", rotation(secret, by), NORTH).code == "AccessDeniedException"
    allow = {"action": "lambda:InvokeFunction", "principal": "secretsmanager.amazonaws.com"}
    driver.make(PERMISSION, "allow", {**allow, "function": by.id, "sourceAccount": ACCOUNT}, NORTH)
    assert driver.make(ROTATION, "schedule", rotation(secret, by), NORTH).outputs["rotationEnabled"] is True


def test_a_rotation_by_a_function_of_another_region_is_refused(driver: CloudDriver) -> None:
    by = function(driver)
    secret = driver.make(SECRET, "secret", {"name": "login"}, SOUTH)
    error = refused(driver, ROTATION, "schedule", rotation(secret, by), SOUTH)
    assert "is in us-east-1, not in eu-west-1" in error.message


def test_a_secret_that_is_deleted_stays_in_recovery(driver: CloudDriver) -> None:
    driver.remove(driver.make(SECRET, "secret", {"name": "login"}, NORTH))
    (kept,) = driver.cloud.retained()
    assert kept.outputs["why"] == "in recovery for 30 days"
