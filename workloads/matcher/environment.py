"""What the functions are told by their environment, and the clients that they make from it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config

from workloads.ledger_login.connection import AUTHORITIES, Place, Writer
from workloads.ledger_login.login import WriterLogin
from workloads.matcher.projections import WRITERS, Projections, Publisher, Tables, Topics

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient

# Without a way to a service a function ends by an error that says so, and not by its own timeout.
PATIENCE = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=WRITERS,
)


class UnsetError(Exception):
    """A variable is missing or wrong; the text says which, and what to write."""


@dataclass(frozen=True)
class Environment:
    """One function's variables."""

    variables: Mapping[str, str]

    @classmethod
    def read(cls) -> Environment:
        # At DEBUG, botocore logs what is sent and received, secrets included.
        logging.getLogger("botocore").setLevel(logging.INFO)
        return cls(os.environ)

    def __getitem__(self, name: str) -> str:
        value = self.variables.get(name)
        if not value:
            raise UnsetError(f"{name}: missing; workloads/matcher/README.md says what it holds")
        return value

    def place(self) -> Place:
        port = self["LEDGER_PORT"]
        if not port.isdecimal():
            raise UnsetError(f"LEDGER_PORT: {port} is no port; write a number, for example 5432")
        authorities = self.variables.get("DATABASE_CA", AUTHORITIES)
        return Place(self["LEDGER_HOST"], int(port), self["LEDGER_DATABASE"], authorities)

    def writer(self) -> Writer:
        """Of the user that the function signs in as."""
        place, user = self.place(), self["LEDGER_USER"]
        regions = [region for region in self["LEDGER_REGIONS"].split(",") if region]
        return Writer(place, user, WriterLogin(host=place.host, port=place.port, user=user, regions=regions))

    def projections(self) -> Projections:
        client = cast("DynamoDBClient", boto3.client("dynamodb", config=PATIENCE))
        return Projections(
            client, Tables(self["TABLE_BALANCES"], self["TABLE_OUTCOMES"], self["TABLE_INSTRUMENTS"])
        )

    def publisher(self) -> Publisher:
        return Publisher(cast("SNSClient", boto3.client("sns", config=PATIENCE)))

    def topics(self) -> Topics:
        return Topics(self["TOPIC_TRADES"], self["TOPIC_ALERTS"])

    def secret(self) -> str:
        """The text of the administrator's login, as it is now."""
        client = cast("SecretsManagerClient", boto3.client("secretsmanager", config=PATIENCE))
        return client.get_secret_value(SecretId=self["LEDGER_SECRET"])["SecretString"]
