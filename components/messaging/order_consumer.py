"""Event source mappings of the matching function: the order queue, and its dead letters, which it rejects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

BATCH_SIZE = (
    10  # orders; https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, of a FIFO queue
)
DEAD_LETTER_CONCURRENCY = 2  # batches at a time; the least that AWS takes


@dataclass(frozen=True, kw_only=True)
class OrderConsumerArgs:
    function_name: pulumi.Input[str]
    function_concurrency: int  # the reserved concurrency, of which the dead letters have their share

    queue_arn: pulumi.Input[str]
    dead_letter_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if self.function_concurrency < DEAD_LETTER_CONCURRENCY + 2:
            raise ValueError(
                f"order consumer: function_concurrency {self.function_concurrency}; it must be at least "
                f"{DEAD_LETTER_CONCURRENCY + 2}, since AWS asks for two at least for each of the two queues"
            )


class OrderConsumer(pulumi.ComponentResource):
    """One function for both queues, which it distinguishes by `eventSourceARN`.

    Orders of an instrument are in one batch at a time. Together the queues ask for no more than is reserved for the
    function, or batches would be throttled, and a throttled batch counts as received.
    """

    def __init__(
        self, name: str, args: OrderConsumerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:messaging:OrderConsumer", name, None, opts)
        self._name, self._args = name, args
        self._event_source("orders", args.queue_arn, args.function_concurrency - DEAD_LETTER_CONCURRENCY)
        self._event_source("dead", args.dead_letter_arn, DEAD_LETTER_CONCURRENCY)
        self.register_outputs({})

    def _event_source(self, thing: str, queue_arn: pulumi.Input[str], concurrency: int) -> None:
        aws.lambda_.EventSourceMapping(
            f"{self._name}-{thing}",
            event_source_arn=queue_arn,
            function_name=self._args.function_name,
            batch_size=BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=concurrency),
            opts=pulumi.ResourceOptions(parent=self),
        )


def receive_statements(
    queue_arns: Sequence[pulumi.Input[str]], key_arn: pulumi.Input[str], region: str
) -> list[dict[str, object]]:
    """Receive from queues, as Lambda does by its function's role, and decrypt by their key through SQS alone."""
    return [
        {
            "Sid": "Take",
            "Effect": "Allow",
            "Action": [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            "Resource": list(queue_arns),
        },
        {
            "Sid": "ReadMessages",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": key_arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"sqs.{region}.amazonaws.com"}},
        },
    ]
