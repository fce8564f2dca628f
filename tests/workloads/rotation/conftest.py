from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.secretsmanager.exceptions import ResourceExistsException
from moto.secretsmanager.models import SecretsManagerBackend

from tests.workloads.postgres import Server
from tests.workloads.rotation.lab import REGION, Lab


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Secrets Manager in this process, with a rule that moto leaves out: a version's value never changes.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    """
    put = SecretsManagerBackend.put_secret_value

    def put_secret_value(self: SecretsManagerBackend, **asked: str) -> str:
        version = self.secrets[asked["secret_id"]].versions.get(asked["client_request_token"], {})
        if version.get("secret_string") not in (None, asked["secret_string"]):
            raise ResourceExistsException("the token is already in use")
        return put(self, **asked)

    monkeypatch.setattr(SecretsManagerBackend, "put_secret_value", put_secret_value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def lab(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("DATABASE_CA", str(postgres.authority))
    return Lab.new(postgres)
