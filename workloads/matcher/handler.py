"""The Lambda's answers to the queue: which messages have to come again."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TypedDict

from pg8000.exceptions import DatabaseError

from workloads.matcher.database import LOST
from workloads.matcher.ledger import FencedError
from workloads.matcher.orders import Order, OrderError
from workloads.matcher.transaction import Matcher, refusal

LOG = logging.getLogger(__name__)
FAILURES = (DatabaseError, FencedError, *LOST)
DEAD = "it failed too often; send it as a new order"


class Failure(TypedDict):
    itemIdentifier: str  # a message's id


class Answer(TypedDict):
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""

    batchItemFailures: list[Failure]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its id, what it is about by the queue's own attributes, and what it asks."""

    id: str
    group: str  # the instrument
    deduplication: str  # the order's id
    order: Order | OrderError

    @classmethod
    def read(cls, record: Mapping) -> Message:
        attributes = record["attributes"]
        group, deduplication = attributes["MessageGroupId"], attributes["MessageDeduplicationId"]
        order: Order | OrderError
        try:
            order = Order.parse(record["body"])
            if (order.instrument, order.order) != (group, deduplication):
                order = OrderError("instrument and order must be the message's group and deduplication id")
        except OrderError as error:
            order = error
        return cls(record["messageId"], group, deduplication, order)

    def refusal(self, reason: str) -> dict[str, object]:
        """What the ledger keeps of an order that is rejected, even of one that can't be read."""
        if isinstance(self.order, Order):
            return refusal(self.order, reason)
        return {
            "instrument": self.group,
            "id": self.deduplication,
            "account": "",
            "kind": "unreadable",
            "quantity": 0,
            "reason": f"{reason}: {self.order}",
        }


class Handler:
    """Answers events of the queue of orders, and of the queue of those that failed too often."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def orders(self, event: Mapping) -> Answer:
        """Matches a batch. Messages that come again are those of the answer: in each group, a failure and all later.

        The batch is one transaction. If that fails, each group is one of its own, and then each order, so that what
        fails alone keeps back only its own group. A message that can't be read is rejected at once.
        """
        messages = [Message.read(record) for record in event["Records"]]
        failed = self._batch(messages)
        return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}

    def dead(self, event: Mapping) -> Answer:
        """Rejects orders for good. They are never matched, unless the ledger has them from an earlier try."""
        messages = [Message.read(record) for record in event["Records"]]
        rejected = self._matcher.reject([message.refusal(DEAD) for message in messages])
        LOG.warning("%d dead letters, of which %d rejected", len(messages), len(rejected))
        return {"batchItemFailures": []}

    def _batch(self, messages: Sequence[Message]) -> list[Message]:
        failure = self._tried(messages)
        if isinstance(failure, LOST):
            failure = self._tried(messages)  # the session may have been of a server that is gone
        if not failure:
            return []
        if isinstance(failure, LOST):
            LOG.error("the ledger can't be reached: %s", failure)
            return list(messages)
        groups = _groups(messages)
        failed: list[Message] = []
        for group in groups:
            if len(groups) > 1 and not self._tried(group):
                continue
            failed += self._one_by_one(group)
        return failed

    def _one_by_one(self, group: Sequence[Message]) -> Sequence[Message]:
        for number, message in enumerate(group):
            if failure := self._tried([message]):
                LOG.error(
                    "order %s of %s failed, and all after it: %s",
                    message.deduplication,
                    message.group,
                    failure,
                )
                return group[number:]
        return []

    def _tried(self, messages: Sequence[Message]) -> Exception | None:
        """Why nothing of it was done, if so."""
        try:
            unreadable = [message for message in messages if isinstance(message.order, OrderError)]
            if unreadable:
                self._matcher.reject([message.refusal("it can't be read") for message in unreadable])
            orders = [message.order for message in messages if isinstance(message.order, Order)]
            if orders:
                self._matcher.commit(orders)
        except FAILURES as failure:
            return failure
        return None


def _groups(messages: Sequence[Message]) -> list[list[Message]]:
    """By group, in each in the order in which they came."""
    ordered = sorted(messages, key=attrgetter("group"))
    return [list(group) for _, group in groupby(ordered, key=attrgetter("group"))]
