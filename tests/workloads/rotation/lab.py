"""Administrator of a real server, its secret in moto's Secrets Manager, and Secrets Manager's part in a rotation."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

import boto3
from moto.backends import get_backend
from mypy_boto3_secretsmanager import SecretsManagerClient
from pg8000.exceptions import DatabaseError
from pg8000.native import Connection, identifier, literal

from tests.workloads.postgres import Server
from workloads.rotation.credentials import RotationError
from workloads.rotation.database import scram_verifier
from workloads.rotation.handler import STEPS, handler

ACCOUNT = "123456789012"  # moto's, too
REGION = "us-east-1"
FIRST_PASSWORD = "FirstPasswordThatPulumiStillKnows"
CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"

_numbers = itertools.count(1)


def token() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Lab:
    """Administrator and the secret with its credentials, as `pulumi up` leaves them."""

    server: Server
    superuser: Connection
    client: SecretsManagerClient
    secret: str
    role: str

    @classmethod
    def new(cls, server: Server, superuser: Connection, role: str | None = None) -> Lab:
        role = role or f"platform_admin_{next(_numbers)}"
        lab = cls.empty(server, superuser, role)
        lab.write({"password": FIRST_PASSWORD})
        created = f"CREATE ROLE {identifier(role)} LOGIN CREATEROLE"
        lab.as_superuser(f"{created} PASSWORD {literal(scram_verifier(FIRST_PASSWORD))}")
        return lab

    @classmethod
    def empty(cls, server: Server, superuser: Connection, role: str) -> Lab:
        """Lab without a version of the secret, and without the administrator."""
        client = _client()
        secret = client.create_secret(Name=f"ledger-{token()}")["ARN"]
        # Before it has a value, so that moto, which runs no Lambda, doesn't rotate it at once.
        client.rotate_secret(SecretId=secret, RotationRules={"AutomaticallyAfterDays": 30})
        return cls(server, superuser, client, secret, role)

    def as_superuser(self, statement: str) -> None:
        self.superuser.run(statement)

    def set_password(self, password: str) -> None:
        """Changes the role's password, and not the secret."""
        self.as_superuser(f"ALTER ROLE {identifier(self.role)} PASSWORD {literal(scram_verifier(password))}")

    def write(self, changes: Mapping[str, object], version: str | None = None) -> None:
        """Writes right credentials but for the changes, as a new current version, or as the pending one."""
        login = {
            "engine": "postgres",
            "host": self.server.host,
            "port": self.server.port,
            "dbname": self.server.database,
            "username": self.role,
        }
        self.client.put_secret_value(
            SecretId=self.secret,
            ClientRequestToken=version or token(),
            SecretString=json.dumps({**login, **changes}),
            VersionStages=[PENDING if version else CURRENT],
        )

    def start(self, version: str) -> str:
        """Does as RotateSecret: gives an empty version the stage AWSPENDING, unless another has it.

        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
        """
        versions = self._versions()
        for stages in (kept["version_stages"] for kept in versions.values()):
            if PENDING in stages:
                assert CURRENT in stages, "a previous rotation isn't complete"
                stages.remove(PENDING)
        versions[version] = {
            "version_id": version,
            "version_stages": [PENDING],
            "createdate": int(time.time()),
        }
        return version

    def step(self, step: str, version: str) -> None:
        handler({"SecretId": self.secret, "ClientRequestToken": version, "Step": step}, None)

    def attempt(self, version: str) -> None:
        """Invokes all steps, as Secrets Manager does after RotateSecret, and again after a failure."""
        for step in STEPS:
            self.step(step, version)

    def rotate(self) -> str:
        version = self.start(token())
        self.attempt(version)
        return version

    def version(self, stage: str) -> str | None:
        """Version that has a stage."""
        staged = [version for version, stages in self.stages().items() if stage in stages]
        assert len(staged) <= 1, f"{stage} is at {len(staged)} versions"
        return staged[0] if staged else None

    def stages(self) -> dict[str, list[str]]:
        """Stages of each version."""
        return {version: list(kept["version_stages"]) for version, kept in self._versions().items()}

    def login(self, stage: str) -> dict[str, str]:
        """Credentials at a stage; empty if no version has it, or that has no value."""
        version = self.version(stage)
        return json.loads(self._versions()[version].get("secret_string", "{}")) if version else {}

    def password(self, stage: str) -> str | None:
        return self.login(stage).get("password")

    def opens(self, password: str | None) -> bool:
        """Returns whether the server accepts the password."""
        if password is None:
            return False
        try:
            self.server.connect(self.role, password).close()
        except DatabaseError as error:
            assert error.args[0]["C"] == "28P01"
            return False
        return True

    def _versions(self) -> dict[str, dict]:
        return get_backend("secretsmanager")[ACCOUNT][REGION].secrets[self.secret].versions


@cache
def _client() -> SecretsManagerClient:
    return cast("SecretsManagerClient", boto3.client("secretsmanager", REGION))


def succeeds(attempt: Callable[[], None]) -> bool:
    """Returns whether an attempt succeeds. Secrets Manager retries if it doesn't."""
    try:
        attempt()
    except RotationError:
        return False
    return True
