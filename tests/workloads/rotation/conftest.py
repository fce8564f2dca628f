from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, Unpack

import pytest
from moto import mock_aws
from moto.secretsmanager.exceptions import ResourceExistsException
from moto.secretsmanager.models import SecretsManagerBackend
from pg8000.native import Connection

from tests.workloads.postgres import Server
from tests.workloads.rotation.lab import REGION, Lab


class Asked(TypedDict):
    """Other arguments of PutSecretValue."""

    secret_binary: str
    version_stages: list[str]


@pytest.fixture(autouse=True, scope="module")
def aws() -> Iterator[None]:
    """Secrets Manager in this process, with a rule that moto leaves out: a version's value never changes.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    """
    put = SecretsManagerBackend.put_secret_value

    def put_secret_value(
        self: SecretsManagerBackend,
        *,
        secret_id: str,
        secret_string: str,
        client_request_token: str,
        **asked: Unpack[Asked],
    ) -> str:
        version = self.secrets[secret_id].versions.get(client_request_token, {})
        if version.get("secret_string") not in (None, secret_string):
            raise ResourceExistsException("the token is already in use")
        return put(
            self,
            secret_id=secret_id,
            secret_string=secret_string,
            client_request_token=client_request_token,
            **asked,
        )

    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(SecretsManagerBackend, "put_secret_value", put_secret_value)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield


@pytest.fixture
def lab(postgres: Server, superuser: Connection, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("DATABASE_CA", str(postgres.authority))
    return Lab.new(postgres, superuser)
