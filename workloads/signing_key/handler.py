"""The Lambda: `workloads.signing_key.handler.handler`. The value is JSON with `key`, 32 random bytes in base64url.

Whoever checks a signature takes the current key and the one before it, so that nothing has to change at one moment.
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
    """What stops a rotation; it never tells a key."""


def handler(event: Mapping[str, str], _context: object) -> None:
    """One step, as Secrets Manager asks for it. Each may be called again and then ends the same.

    Raises RotationError for an event that isn't one of a rotation under way.
    """
    secret, token, step = (event.get(name, "") for name in ("SecretId", "ClientRequestToken", "Step"))
    # Without a way to Secrets Manager the function ends by an error that says so, and not by its own timeout.
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
    elif step not in ("setSecret", "testSecret"):  # there is nobody to tell it to, and nothing to try
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
    before = next((version for version, its in stages.items() if CURRENT in its), None)
    if before is None:  # the first key of all
        client.update_secret_version_stage(SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token)
    else:
        client.update_secret_version_stage(
            SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token, RemoveFromVersionId=before
        )
