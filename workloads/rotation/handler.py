"""The Lambda: `workloads.rotation.handler.handler`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config

from workloads.rotation.database import AUTHORITIES, Database
from workloads.rotation.login import RotationError
from workloads.rotation.steps import Rotation
from workloads.rotation.versions import Versions

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
    """One step, as Secrets Manager asks for it by `SecretId`, `ClientRequestToken` and `Step`.

    `DATABASE_CA` in the environment names the file of authorities that the server's certificate is checked against;
    without it those of Lambda's runtime. Raises RotationError, upon which Secrets Manager tries again.
    """
    missing = [key for key in ("SecretId", "ClientRequestToken", "Step") if not event.get(key)]
    if missing:
        raise RotationError(
            f"the event lacks {', '.join(missing)}; it must be one of Secrets Manager's rotations"
        )
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    if step not in STEPS:
        raise RotationError(f"the event's Step is {step}; it must be one of {', '.join(STEPS)}")

    versions = Versions(_secrets_manager(), secret)
    if versions.under_way(token):
        STEPS[step](Rotation(versions, Database(os.environ.get("DATABASE_CA", AUTHORITIES)), token))
    LOG.info("%s of %s, version %s: done", step, secret, token)


@cache
def _secrets_manager() -> SecretsManagerClient:
    # At DEBUG, botocore logs what is sent and received, secrets included.
    logging.getLogger("botocore").setLevel(logging.INFO)
    # Without a way to Secrets Manager the function ends by an error that says so, and not by its own timeout.
    patience = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
    return cast("SecretsManagerClient", boto3.client("secretsmanager", config=patience))
