"""Handler of the Lambda that rotates a signing key: `workloads.signing_key.handler.handler`.

The secret's value is JSON with `key`, 32 random bytes in base64url. Signatures are verified by the key at AWSCURRENT
and the one at AWSPREVIOUS, so that services needn't change keys at the same moment.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
KEY_BYTES = 32


class RotationError(Exception):
    """Failure of a rotation's step. The text never holds a key."""


def handler(event: Mapping[str, str], _context: object) -> None:
    """Does one step of a rotation; the event is Secrets Manager's. Each step is idempotent.

    Raises RotationError for an event that isn't of a rotation in progress.
    """
    secret, token, step = (event.get(name, "") for name in ("SecretId", "ClientRequestToken", "Step"))
    # Where Secrets Manager can't be reached, the function fails with an error that says so before its own timeout.
    client = cast(
        "SecretsManagerClient",
        boto3.client("secretsmanager", config=Config(connect_timeout=3, read_timeout=5)),
    )
    stages = client.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    if CURRENT in stages.get(token, []):
        return  # was finished before
    if PENDING not in stages.get(token, []):
        raise RotationError(
            f"{secret}: version {token} isn't {PENDING}; rotations are started by RotateSecret"
        )
    if step == "createSecret":
        _create(client, secret, token)
    elif step == "finishSecret":
        _finish(client, secret, token, stages)
    elif step not in ("setSecret", "testSecret"):  # no other system stores the key
        raise RotationError(f"the event's Step is {step}; it must be one of Secrets Manager's four")


def _create(client: SecretsManagerClient, secret: str, token: str) -> None:
    try:
        client.get_secret_value(SecretId=secret, VersionId=token, VersionStage=PENDING)
    except client.exceptions.ResourceNotFoundException:
        client.put_secret_value(
            SecretId=secret,
            ClientRequestToken=token,
            SecretString=json.dumps({"key": secrets.token_urlsafe(KEY_BYTES)}),
            VersionStages=[PENDING],
        )


def _finish(client: SecretsManagerClient, secret: str, token: str, stages: Mapping[str, list[str]]) -> None:
    before = next((version for version, labels in stages.items() if CURRENT in labels), None)
    if before is None:  # the first key of the secret
        client.update_secret_version_stage(SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token)
    else:
        client.update_secret_version_stage(
            SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token, RemoveFromVersionId=before
        )
