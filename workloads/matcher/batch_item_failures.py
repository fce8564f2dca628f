"""Batch item failures of the queue of orders: messages that SQS delivers again. Dead letters, which are rejected."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TypedDict

from pg8000.exceptions import DatabaseError

from workloads.ledger_login.endpoint import CONNECTION_LOST
from workloads.matcher.ledger import FencedError
from workloads.matcher.orders import Order, OrderError
from workloads.matcher.transaction import Matcher, rejection

LOG = logging.getLogger(__name__)
RETRYABLE_ERRORS = (DatabaseError, FencedError, *CONNECTION_LOST)
DEAD_LETTERED = "it failed too often; send it as a new order"


class BatchItemFailure(TypedDict):
    itemIdentifier: str  # the id of a message


class BatchResponse(TypedDict):
    """Partial batch response: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""

    batchItemFailures: list[BatchItemFailure]


@dataclass(frozen=True, slots=True)
class Message:
    """SQS message: its id, message group and deduplication id, and the order in its body."""

    id: str
    group: str  # the instrument
    deduplication: str  # the order's id
    order: Order | OrderError

    @classmethod
    def parse(cls, record: Mapping) -> Message:
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

    def rejection(self, reason: str) -> dict[str, object]:
        """Rejected order as the ledger stores it, even of a body that can't be parsed."""
        if isinstance(self.order, Order):
            return rejection(self.order, reason)
        return {
            "instrument": self.group,
            "id": self.deduplication,
            "account": "",
            "kind": "unreadable",
            "quantity": 0,
            "reason": f"{reason}: {self.order}",
        }


class QueueConsumer:
    """Consumes events of the queue of orders and of its dead-letter queue."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def orders(self, event: Mapping) -> BatchResponse:
        """Matches a batch. Item failures are, in each message group, the first order that fails and all later ones.

        The batch is one transaction. If that fails, each group is tried in one of its own, and then each order, so
        that a failure blocks its own group only. A message that can't be parsed is rejected at once.
        """
        messages = [Message.parse(record) for record in event["Records"]]
        failed = self._process(messages)
        return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}

    def dead_letters(self, event: Mapping) -> BatchResponse:
        """Rejects dead letters, which are never matched, unless the ledger has them from an earlier attempt."""
        messages = [Message.parse(record) for record in event["Records"]]
        rejected = self._matcher.reject([message.rejection(DEAD_LETTERED) for message in messages])
        LOG.warning("%d dead letters, of which %d rejected", len(messages), len(rejected))
        return {"batchItemFailures": []}

    def _process(self, messages: Sequence[Message]) -> list[Message]:
        failure = self._attempt(messages)
        if isinstance(failure, CONNECTION_LOST):
            failure = self._attempt(messages)  # the session may have been with a server that is gone
        if not failure:
            return []
        if isinstance(failure, CONNECTION_LOST):
            LOG.error("the ledger can't be reached: %s", failure)
            return list(messages)
        groups = _groups(messages)
        failed: list[Message] = []
        for group in groups:
            if len(groups) > 1 and not self._attempt(group):
                continue
            failed += self._one_by_one(group)
        return failed

    def _one_by_one(self, group: Sequence[Message]) -> Sequence[Message]:
        for number, message in enumerate(group):
            if failure := self._attempt([message]):
                LOG.error(
                    "order %s of %s failed, and all after it: %s",
                    message.deduplication,
                    message.group,
                    failure,
                )
                return group[number:]
        return []

    def _attempt(self, messages: Sequence[Message]) -> Exception | None:
        """Commits messages in one transaction; returns the error if that failed, and nothing is committed."""
        try:
            unreadable = [message for message in messages if isinstance(message.order, OrderError)]
            if unreadable:
                self._matcher.reject([message.rejection("it can't be read") for message in unreadable])
            orders = [message.order for message in messages if isinstance(message.order, Order)]
            if orders:
                self._matcher.commit(orders)
        except RETRYABLE_ERRORS as failure:
            return failure
        return None


def _groups(messages: Sequence[Message]) -> list[list[Message]]:
    """Messages by group, in the order of the queue."""
    ordered = sorted(messages, key=attrgetter("group"))
    return [list(group) for _, group in groupby(ordered, key=attrgetter("group"))]
