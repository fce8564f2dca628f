"""Rotations of a signing key against moto's Secrets Manager, whose own part in them is played here."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend
from mypy_boto3_secretsmanager import SecretsManagerClient

from workloads.signing_key.handler import RotationError, handler

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
SECRET = "payments"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsManagerClient]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        made = cast("SecretsManagerClient", boto3.client("secretsmanager"))
        made.create_secret(Name=SECRET, SecretString=json.dumps({"key": "first"}))
        yield made


def started() -> str:
    """Does as RotateSecret: gives an empty version the stage AWSPENDING."""
    token = str(uuid.uuid4())
    secret = get_backend("secretsmanager")["123456789012"]["us-east-1"].secrets[SECRET]
    pending = {"version_id": token, "version_stages": ["AWSPENDING"], "createdate": int(time.time())}
    secret.versions[token] = pending
    return token


def step(name: str, token: str) -> None:
    handler({"SecretId": SECRET, "ClientRequestToken": token, "Step": name}, None)


def rotated() -> str:
    token = started()
    for name in STEPS:
        step(name, token)
    return token


def key(client: SecretsManagerClient, stage: str) -> str:
    return json.loads(client.get_secret_value(SecretId=SECRET, VersionStage=stage)["SecretString"])["key"]


def test_a_rotation_makes_another_key_and_keeps_the_one_before_for_what_it_signed(
    client: SecretsManagerClient,
) -> None:
    rotated()
    assert key(client, "AWSPREVIOUS") == "first"
    assert len(key(client, "AWSCURRENT")) == 43  # 32 bytes in base64url


class Empty:
    """A secret that never had a value, with a rotation begun: moto can't finish the rotation of one."""

    exceptions = SimpleNamespace(ResourceNotFoundException=KeyError)

    def __init__(self) -> None:
        self.stages = {"token": ["AWSPENDING"]}
        self.values: dict[str, str] = {}

    def describe_secret(self, **_: str) -> dict[str, object]:
        return {"VersionIdsToStages": self.stages}

    def get_secret_value(self, **asked: str) -> str:
        return self.values[asked["VersionId"]]

    def put_secret_value(self, **asked: str) -> None:
        self.values[asked["ClientRequestToken"]] = asked["SecretString"]

    def update_secret_version_stage(self, **asked: str) -> None:
        assert asked == {"SecretId": SECRET, "VersionStage": "AWSCURRENT", "MoveToVersionId": "token"}
        self.stages["token"].append("AWSCURRENT")


def test_the_first_rotation_gives_an_empty_secret_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Empty()
    monkeypatch.setattr(boto3, "client", lambda *_, **__: empty)
    for name in STEPS:
        step(name, "token")
    assert empty.stages == {"token": ["AWSPENDING", "AWSCURRENT"]}
    assert len(json.loads(empty.values["token"])["key"]) == 43


@pytest.mark.parametrize("again", STEPS)
def test_each_step_may_come_twice(client: SecretsManagerClient, again: str) -> None:
    token = started()
    made: set[str] = set()
    for name in STEPS:
        step(name, token)
        if name == again:
            step(name, token)
        stage = "AWSCURRENT" if name == "finishSecret" else "AWSPENDING"
        made.add(key(client, stage))
    assert len(made) == 1


def test_a_rotation_that_nobody_started_changes_nothing(client: SecretsManagerClient) -> None:
    rotated()
    before = key(client, "AWSCURRENT")
    with pytest.raises(RotationError, match="isn't AWSPENDING"):
        step("createSecret", str(uuid.uuid4()))
    assert key(client, "AWSCURRENT") == before


def test_a_step_that_secrets_manager_doesnt_have_is_refused(client: SecretsManagerClient) -> None:
    with pytest.raises(RotationError, match="the event's Step is cleanUp"):
        step("cleanUp", started())
