"""What the relay tells: items in DynamoDB that follow the ledger, and messages on SNS."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef

T = TypeVar("T")
Item = Mapping[str, str | int]

WRITERS = 16  # at once; as many connections as the DynamoDB client must be allowed
MESSAGES = 10  # in one call: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
KEPT_SECONDS = 24 * 3600  # how long an order's outcome is projected, and so can be missed after a failover

REFUSED = "ConditionalCheckFailedException"


class PublishError(Exception):
    """SNS took a part of the messages only. All are published again."""


@dataclass(frozen=True)
class Tables:
    """Names of DynamoDB tables, and their keys: balances by account and asset, outcomes by instrument and id,
    instruments by instrument. Outcomes expire by `expires`."""

    balances: str
    outcomes: str
    instruments: str


@dataclass(frozen=True)
class Topics:
    """ARNs of SNS topics."""

    trades: str
    alerts: str


class Projections:
    """Writes items by condition, so that writing twice, or late, changes nothing."""

    def __init__(self, client: DynamoDBClient, tables: Tables) -> None:
        self._client, self._tables = client, tables
        self._writers = ThreadPoolExecutor(WRITERS)

    def balances(self, relay: int, balances: Iterable[Item]) -> None:
        """Applies the newest of each balance, if its entry is newer than the item's.

        What the relay of an older epoch wrote is older whatever its entry, and what it still writes is refused.
        """
        newest: dict[tuple[object, object], Item] = {}
        for balance in balances:
            key = (balance["account"], balance["asset"])
            if key not in newest or int(balance["entry"]) > int(newest[key]["entry"]):
                newest[key] = balance
        self._each(
            lambda item: self._put(
                self._tables.balances,
                {**item, "relay": relay},
                "attribute_not_exists(#relay) OR #relay < :relay OR (#relay = :relay AND #entry < :entry)",
                ("relay", "entry"),
            ),
            newest.values(),
        )

    def outcomes(self, outcomes: Iterable[Item]) -> None:
        """Applies the newest outcome of each order, by its epoch and sequence."""
        newest: dict[tuple[object, object], Item] = {}
        for outcome in outcomes:
            key = (outcome["instrument"], outcome["id"])
            if key not in newest or _place(outcome) >= _place(newest[key]):
                newest[key] = outcome
        expires = int(time.time()) + KEPT_SECONDS
        self._each(
            lambda item: self._put(
                self._tables.outcomes,
                {**item, "expires": expires},
                "attribute_not_exists(#epoch) OR #epoch < :epoch OR (#epoch = :epoch AND #sequence < :sequence)",
                ("epoch", "sequence"),
            ),
            newest.values(),
        )

    def homes(self, homes: Iterable[Item]) -> None:
        """Applies moves: for routing only, since whoever reads it may read an older one."""
        for home in homes:
            self._put(
                self._tables.instruments, home, "attribute_not_exists(#epoch) OR #epoch < :epoch", ("epoch",)
            )

    def set_back(self, relay: int, outcomes: Iterable[Mapping[str, Any]]) -> None:
        """Gives orders the status that they have `now`; those that are gone are `lost`. `relay` marks them."""
        expires = int(time.time()) + KEPT_SECONDS
        for outcome in outcomes:
            item = {
                name: outcome[name] for name in ("instrument", "id", "batch", "epoch", "sequence", "unfilled")
            }
            if outcome["now"] is not None:
                item["unfilled"] = outcome["unfilled_now"]
            self._put(
                self._tables.outcomes,
                {**item, "status": outcome["now"] or "lost", "relay": relay, "expires": expires},
                "#epoch = :epoch AND #sequence = :sequence",
                ("epoch", "sequence"),
            )

    def all_balances(self) -> Iterator[Item]:
        return self._scan(self._tables.balances)

    def all_outcomes(self) -> Iterator[Item]:
        return self._scan(self._tables.outcomes)

    def _each(self, write: Callable[[Item], None], items: Iterable[Item]) -> None:
        for _ in self._writers.map(write, items):
            pass  # raises what a write raised

    def _put(self, table: str, item: Item, condition: str, compared: Sequence[str]) -> None:
        try:
            self._client.put_item(
                TableName=table,
                Item={name: _typed(value) for name, value in item.items()},
                ConditionExpression=condition,
                ExpressionAttributeValues={f":{name}": _typed(item[name]) for name in compared},
                ExpressionAttributeNames={f"#{name}": name for name in compared},
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != REFUSED:
                raise

    def _scan(self, table: str) -> Iterator[Item]:
        for page in self._client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                yield {
                    name: int(value["N"]) if "N" in value else value.get("S", "")
                    for name, value in item.items()
                }


class Publisher:
    """Publishes messages, at least once each: whoever gets them knows them by their `id`."""

    def __init__(self, client: SNSClient) -> None:
        self._client = client

    def publish(self, topic: str, messages: Iterable[Item]) -> None:
        """Raises PublishError."""
        for chunk in chunks(messages, MESSAGES):
            entries: list[PublishBatchRequestEntryTypeDef] = [
                {
                    "Id": str(number),
                    "Message": json.dumps(message),
                    # What a subscription's filter may ask for.
                    "MessageAttributes": {
                        name: {"DataType": "String", "StringValue": str(message[name])}
                        for name in ("kind", "instrument", "account")
                        if message.get(name)
                    },
                }
                for number, message in enumerate(chunk)
            ]
            answer = self._client.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
            if failed := answer.get("Failed"):
                raise PublishError(
                    f"{topic}: {len(failed)} of {len(chunk)} weren't taken: {failed[0].get('Message')}"
                )


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of so many, and what is left."""
    each = iter(items)
    while chunk := list(itertools.islice(each, size)):
        yield chunk


def _place(outcome: Item) -> tuple[int, int]:
    return int(outcome["epoch"]), int(outcome["sequence"])


def _typed(value: str | int) -> AttributeValueTypeDef:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}
