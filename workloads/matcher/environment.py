"""Environment variables of the functions, and the clients that are made from them."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config

from workloads.ledger_login.endpoint import Endpoint, certificate_authorities
from workloads.ledger_login.login import WriterLogin
from workloads.ledger_login.writer import Writer
from workloads.matcher.relay.projections import CONCURRENT_WRITES, Projections, Tables
from workloads.matcher.relay.publisher import Publisher, Topics

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient

# Where a service can't be reached, a function fails with an error that says so before its own timeout.
CLIENT_TIMEOUTS = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=CONCURRENT_WRITES,
)


class VariableError(Exception):
    """Missing or wrong environment variable; the text says which, and what to write."""


@dataclass(frozen=True)
class Environment:
    """Environment variables of one function, and the clients that they configure."""

    variables: Mapping[str, str]

    @classmethod
    def read(cls) -> Environment:
        # At DEBUG, botocore logs requests and responses, secrets included.
        logging.getLogger("botocore").setLevel(logging.INFO)
        return cls(os.environ)

    def __getitem__(self, name: str) -> str:
        value = self.variables.get(name)
        if not value:
            raise VariableError(f"{name}: missing; workloads/matcher/README.md says what it holds")
        return value

    def endpoint(self) -> Endpoint:
        port = self["LEDGER_PORT"]
        if not port.isdecimal():
            raise VariableError(f"LEDGER_PORT: {port} is no port; write a number, for example 5432")
        return Endpoint(self["LEDGER_HOST"], int(port), self["LEDGER_DATABASE"])

    def certificate_authorities(self) -> str:
        return certificate_authorities(self.variables)

    def writer(self) -> Writer:
        """Login of the function's own user, LEDGER_USER, to the ledger's writer."""
        endpoint, user = self.endpoint(), self["LEDGER_USER"]
        regions = [region for region in self["LEDGER_REGIONS"].split(",") if region]
        login = WriterLogin(host=endpoint.host, port=endpoint.port, user=user, regions=regions)
        return Writer(endpoint, user, login, self.certificate_authorities())

    def projections(self) -> Projections:
        client = cast("DynamoDBClient", boto3.client("dynamodb", config=CLIENT_TIMEOUTS))
        return Projections(
            client, Tables(self["TABLE_BALANCES"], self["TABLE_OUTCOMES"], self["TABLE_INSTRUMENTS"])
        )

    def publisher(self) -> Publisher:
        return Publisher(cast("SNSClient", boto3.client("sns", config=CLIENT_TIMEOUTS)))

    def topics(self) -> Topics:
        return Topics(self["TOPIC_TRADES"], self["TOPIC_ALERTS"])

    def secret(self) -> str:
        """Current value of the administrator's secret."""
        client = cast("SecretsManagerClient", boto3.client("secretsmanager", config=CLIENT_TIMEOUTS))
        return client.get_secret_value(SecretId=self["LEDGER_SECRET"])["SecretString"]
