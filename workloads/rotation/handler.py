"""Handler of the Lambda that rotates the ledger's password: `workloads.rotation.handler.handler`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config

from workloads.ledger_login.endpoint import certificate_authorities
from workloads.rotation.credentials import RotationError
from workloads.rotation.database import Database
from workloads.rotation.steps import Rotation
from workloads.rotation.versions import SecretVersions

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

STEPS: Mapping[str, Callable[[Rotation], None]] = {
    "createSecret": Rotation.create,
    "setSecret": Rotation.set,
    "testSecret": Rotation.test,
    "finishSecret": Rotation.finish,
}

LOG = logging.getLogger(__name__)


def handler(event: Mapping[str, str], _context: object) -> None:
    """Does one step of a rotation: the event holds `SecretId`, `ClientRequestToken` and `Step`.

    `DATABASE_CA` in the environment names the file of certificate authorities that the server's certificate is
    verified by; without it those of Lambda's runtime. Raises RotationError, upon which Secrets Manager retries.
    """
    missing = [key for key in ("SecretId", "ClientRequestToken", "Step") if not event.get(key)]
    if missing:
        raise RotationError(
            f"the event lacks {', '.join(missing)}; it must be one of Secrets Manager's rotations"
        )
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    if step not in STEPS:
        raise RotationError(f"the event's Step is {step}; it must be one of {', '.join(STEPS)}")

    versions = SecretVersions(_secrets_manager(), secret)
    if versions.in_progress(token):
        STEPS[step](Rotation(versions, Database(certificate_authorities(os.environ)), token))
    LOG.info("%s of %s, version %s: done", step, secret, token)


@cache
def _secrets_manager() -> SecretsManagerClient:
    # At DEBUG, botocore logs requests and responses, secrets included.
    logging.getLogger("botocore").setLevel(logging.INFO)
    # Where Secrets Manager can't be reached, the function fails with an error that says so before its own timeout.
    timeouts = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
    return cast("SecretsManagerClient", boto3.client("secretsmanager", config=timeouts))
