"""The relay's DynamoDB tables and SNS topics in moto, and what relays have published there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto import mock_aws
from moto.backends import get_backend

from workloads.matcher.relay.projections import Projections, Tables
from workloads.matcher.relay.publisher import Publisher, Topics
from workloads.matcher.relay.relay import Relay
from workloads.matcher.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient

ACCOUNT, REGION = "123456789012", "us-east-1"
TABLES = Tables("balances", "outcomes", "instruments")
KEYS = {
    TABLES.balances: ("account", "asset"),
    TABLES.outcomes: ("instrument", "id"),
    TABLES.instruments: ("instrument",),
}


@dataclass(frozen=True)
class Published:
    """Items that relays have projected, and messages that they have published."""

    projections: Projections
    publisher: Publisher
    topics: Topics

    @classmethod
    @contextmanager
    def new(cls) -> Iterator[Published]:
        with mock_aws():
            dynamodb = cast("DynamoDBClient", boto3.client("dynamodb", REGION))
            sns = cast("SNSClient", boto3.client("sns", REGION))
            for table, keys in KEYS.items():
                dynamodb.create_table(
                    TableName=table,
                    KeySchema=[
                        {"AttributeName": key, "KeyType": "RANGE" if number else "HASH"}
                        for number, key in enumerate(keys)
                    ],
                    AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                    BillingMode="PAY_PER_REQUEST",
                )
            topics = Topics(*(sns.create_topic(Name=name)["TopicArn"] for name in ("trades", "order-alerts")))
            yield cls(Projections(dynamodb, TABLES), Publisher(sns), topics)

    def relay(self, session: Session, cell: str, holder: str = "one") -> Relay:
        return Relay(
            cell=cell,
            holder=holder,
            session=session,
            projections=self.projections,
            publisher=self.publisher,
            topics=self.topics,
        )

    def balances(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Available, held and entry."""
        return {
            (item["account"], item["asset"]): (item["available"], item["held"], item["entry"])
            for item in self._items(TABLES.balances)
        }

    def outcomes(self) -> dict[str, tuple[str, int]]:
        return {item["id"]: (item["status"], item["unfilled"]) for item in self._items(TABLES.outcomes)}

    def homes(self) -> dict[str, tuple[str, int]]:
        return {item["instrument"]: (item["cell"], item["epoch"]) for item in self._items(TABLES.instruments)}

    def trades(self) -> list[dict[str, Any]]:
        return self._published(self.topics.trades)

    def alerts(self) -> list[dict[str, Any]]:
        return self._published(self.topics.alerts)

    def _items(self, table: str) -> Iterator[Mapping[str, Any]]:
        return self.projections._scan(table)

    def _published(self, topic: str) -> list[dict[str, Any]]:
        sent = get_backend("sns")[ACCOUNT][REGION].topics[topic].sent_notifications
        return [json.loads(message) for _, message, *_ in sent]


def ledger_balances(ledger: Session) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Balances of the ledger, in the form of `Published.balances`."""
    return {
        (account, asset): (available, kept, entry)
        for account, asset, available, kept, entry in ledger.run(
            "SELECT account, asset, available, held, entry FROM ledger.funds"
        )
    }
