"""Messages on SNS topics, published at least once: trades and alerts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workloads.matcher.relay.projections import Item, chunks

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef

MESSAGES_PER_CALL = 10  # in one call: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html


class PublishError(Exception):
    """SNS has accepted only a part of the messages; all of them are to be published again."""


@dataclass(frozen=True)
class Topics:
    """ARNs of the SNS topics."""

    trades: str
    alerts: str


class Publisher:
    """Publishes messages, each at least once: subscribers recognise duplicates by `id`."""

    def __init__(self, client: SNSClient) -> None:
        self._client = client

    def publish(self, topic: str, messages: Iterable[Item]) -> None:
        """Publishes messages in their order. Raises PublishError."""
        for chunk in chunks(messages, MESSAGES_PER_CALL):
            entries: list[PublishBatchRequestEntryTypeDef] = [
                {
                    "Id": str(number),
                    "Message": json.dumps(message),
                    # Attributes for the filter policies of subscriptions.
                    "MessageAttributes": {
                        name: {"DataType": "String", "StringValue": str(message[name])}
                        for name in ("kind", "instrument", "account")
                        if message.get(name)
                    },
                }
                for number, message in enumerate(chunk)
            ]
            response = self._client.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
            if failed := response.get("Failed"):
                raise PublishError(
                    f"{topic}: {len(failed)} of {len(chunk)} weren't taken: {failed[0].get('Message')}"
                )
