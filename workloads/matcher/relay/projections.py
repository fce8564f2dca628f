"""Projections of the ledger in DynamoDB: balances, outcomes of orders, and homes of instruments."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

T = TypeVar("T")
Item = Mapping[str, str | int]

CONCURRENT_WRITES = 16  # at once; as many connections as the DynamoDB client must be allowed
OUTCOME_RETENTION_SECONDS = 24 * 3600  # after which DynamoDB expires an outcome

CONDITION_FAILED = "ConditionalCheckFailedException"


@dataclass(frozen=True)
class Tables:
    """Names of the DynamoDB tables.

    Keys: account and asset of balances, instrument and id of outcomes, instrument of instruments. The time to live of
    outcomes is `expires`.
    """

    balances: str
    outcomes: str
    instruments: str


class Projections:
    """Writes items under conditions, so that a write that is repeated, or late, changes nothing."""

    def __init__(self, client: DynamoDBClient, tables: Tables) -> None:
        self._client, self._tables = client, tables
        self._writers = ThreadPoolExecutor(CONCURRENT_WRITES)

    def write_balances(self, relay_epoch: int, balances: Iterable[Item]) -> None:
        """Writes the newest of each balance, if its entry is newer than the item's.

        Items of an older `relay_epoch` are older whatever their entry, and later writes of that epoch are refused.
        """
        newest: dict[tuple[object, object], Item] = {}
        for balance in balances:
            key = (balance["account"], balance["asset"])
            if key not in newest or int(balance["entry"]) > int(newest[key]["entry"]):
                newest[key] = balance
        self._write_all(
            lambda item: self._put(
                self._tables.balances,
                {**item, "relay": relay_epoch},
                "attribute_not_exists(#relay) OR #relay < :relay OR (#relay = :relay AND #entry < :entry)",
                ("relay", "entry"),
            ),
            newest.values(),
        )

    def write_outcomes(self, outcomes: Iterable[Item]) -> None:
        """Writes the newest outcome of each order, by its epoch and sequence."""
        newest: dict[tuple[object, object], Item] = {}
        for outcome in outcomes:
            key = (outcome["instrument"], outcome["id"])
            if key not in newest or _version(outcome) >= _version(newest[key]):
                newest[key] = outcome
        expires = int(time.time()) + OUTCOME_RETENTION_SECONDS
        self._write_all(
            lambda item: self._put(
                self._tables.outcomes,
                {**item, "expires": expires},
                "attribute_not_exists(#epoch) OR #epoch < :epoch OR (#epoch = :epoch AND #sequence < :sequence)",
                ("epoch", "sequence"),
            ),
            newest.values(),
        )

    def write_homes(self, homes: Iterable[Item]) -> None:
        """Writes homes by their epoch: for routing only, since a read may return an older one."""
        for home in homes:
            self._put(
                self._tables.instruments, home, "attribute_not_exists(#epoch) OR #epoch < :epoch", ("epoch",)
            )

    def correct_outcomes(self, relay_epoch: int, outcomes: Iterable[Mapping[str, Any]]) -> None:
        """Corrects outcomes to the status that orders have `now`, or `lost`; marks them by the attribute `relay`."""
        expires = int(time.time()) + OUTCOME_RETENTION_SECONDS
        for outcome in outcomes:
            item = {
                name: outcome[name] for name in ("instrument", "id", "batch", "epoch", "sequence", "unfilled")
            }
            if outcome["now"] is not None:
                item["unfilled"] = outcome["unfilled_now"]
            self._put(
                self._tables.outcomes,
                {**item, "status": outcome["now"] or "lost", "relay": relay_epoch, "expires": expires},
                "#epoch = :epoch AND #sequence = :sequence",
                ("epoch", "sequence"),
            )

    def all_balances(self) -> Iterator[Item]:
        return self._scan(self._tables.balances)

    def all_outcomes(self) -> Iterator[Item]:
        return self._scan(self._tables.outcomes)

    def _write_all(self, write: Callable[[Item], None], items: Iterable[Item]) -> None:
        for _ in self._writers.map(write, items):
            pass  # raises the error of a write

    def _put(self, table: str, item: Item, condition: str, compared: Sequence[str]) -> None:
        try:
            self._client.put_item(
                TableName=table,
                Item={name: _attribute_value(value) for name, value in item.items()},
                ConditionExpression=condition,
                ExpressionAttributeValues={f":{name}": _attribute_value(item[name]) for name in compared},
                ExpressionAttributeNames={f"#{name}": name for name in compared},
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != CONDITION_FAILED:
                raise

    def _scan(self, table: str) -> Iterator[Item]:
        for page in self._client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                yield {
                    name: int(value["N"]) if "N" in value else value.get("S", "")
                    for name, value in item.items()
                }


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items; the last may be shorter."""
    each = iter(items)
    while chunk := list(itertools.islice(each, size)):
        yield chunk


def _version(outcome: Item) -> tuple[int, int]:
    return int(outcome["epoch"]), int(outcome["sequence"])


def _attribute_value(value: str | int) -> AttributeValueTypeDef:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}
